"""Rounded parts add up to the rounded whole."""

from fractions import Fraction

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpis.rules.rounding import rounded

parts = st.lists(st.builds(Fraction, st.integers(-1_000_000, 1_000_000), st.integers(1, 10_000)), max_size=12)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(parts, st.integers(min_value=0, max_value=4))
def test_rounded_parts_add_up_and_none_is_off_by_a_unit(values: list[Fraction], decimals: int) -> None:
    unit = Fraction(1, 10**decimals)
    found = rounded(values, decimals)
    assert abs(sum(found, Fraction(0)) - sum(values, Fraction(0))) <= unit / 2
    assert all(abs(one - value) <= unit for one, value in zip(found, values, strict=True))
    assert all((one / unit).denominator == 1 for one in found)


def test_a_third_three_times_is_one() -> None:
    assert sum(rounded([Fraction(1, 3)] * 3, 1)) == 1
