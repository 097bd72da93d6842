"""Why it moved: the parts add up exactly, and mean what they say."""

from decimal import Decimal as D
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from kpis.rules.decomposition import Key, largest, ratio_moved, sum_moved

amounts = st.decimals(0, 10**6, places=2)
rows = st.dictionaries(st.sampled_from("abcdef"), st.tuples(amounts, amounts), max_size=6)
scales = st.sampled_from([D(1), D(100), D(3600)])


@given(rows, rows, scales)
def test_the_parts_of_a_ratio_add_up_exactly(
    before: dict[Key, tuple[D, D]], after: dict[Key, tuple[D, D]], scale: D
) -> None:
    moved = ratio_moved(before, after, scale)
    wholes = [sum(bottom for _, bottom in side.values()) for side in (before, after)]
    assert (moved is None) == (not all(wholes))
    if moved is not None:
        assert sum(part.effect for part in moved.parts) == moved.difference
        shown, rest = largest(moved.parts, 2)
        assert sum((part.effect for part in shown), rest) == moved.difference


@given(st.dictionaries(st.sampled_from("abcdef"), amounts), st.dictionaries(st.sampled_from("abcdef"), amounts))
def test_the_parts_of_a_sum_add_up_exactly(before: dict[Key, D], after: dict[Key, D]) -> None:
    moved = sum_moved(before, after)
    assert sum(part.effect for part in moved.parts) == moved.difference
    assert moved.difference == Fraction(sum(after.values())) - Fraction(sum(before.values()))


def test_rates_that_stay_while_volume_shifts_are_mix_alone() -> None:
    moved = ratio_moved(
        {"good": (D(90), D(100)), "bad": (D(50), D(100))}, {"good": (D(45), D(50)), "bad": (D(75), D(150))}
    )
    assert moved is not None
    assert all(part.rate == 0 for part in moved.parts)
    assert {part.key: part.mix for part in moved.parts} == {"good": Fraction(-1, 16), "bad": Fraction(-3, 80)}
    assert (moved.difference, moved.volume) == (Fraction(-1, 10), 0)


def test_volume_that_stays_while_a_rate_falls_is_rate_alone() -> None:
    moved = ratio_moved({"a": (D(90), D(100)), "b": (D(50), D(100))}, {"a": (D(70), D(100)), "b": (D(50), D(100))})
    assert moved is not None
    assert [(part.key, part.mix, part.rate) for part in moved.parts] == [("a", 0, Fraction(-1, 10)), ("b", 0, 0)]


def test_doubling_everything_moves_nothing_but_volume() -> None:
    moved = ratio_moved({"a": (D(9), D(10)), "b": (D(5), D(10))}, {"a": (D(18), D(20)), "b": (D(10), D(20))})
    assert moved is not None
    assert (moved.difference, moved.volume) == (0, 1)
    assert all(part.effect == 0 for part in moved.parts)


def test_a_queue_that_is_new_does_nothing_but_mix() -> None:
    moved = ratio_moved({"a": (D(80), D(100))}, {"a": (D(80), D(100)), "new": (D(40), D(100))})
    assert moved is not None
    new = next(part for part in moved.parts if part.key == "new")
    assert (new.rate, new.mix < 0) == (0, True)
    assert sum(part.effect for part in moved.parts) == Fraction(-1, 5)
