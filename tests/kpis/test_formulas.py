"""Formulas and intervals against the reference values, and what must hold for any sums."""

import json
import math
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpis.rules.formulas import Formula, Sums, evaluate, evaluate_parts, evaluate_rows
from kpis.rules.intervals import adjusted_wald, wald, wilson

CASES = json.loads((Path(__file__).parents[1] / "cases" / "kpi_formulas.json").read_text())["cases"]


def terms(**factors: int | str) -> dict[str, Decimal]:
    return {code: Decimal(factor) for code, factor in factors.items()}


def sums(**values: float | None) -> Sums:
    return {code: None if value is None else Decimal(value) for code, value in values.items()}


OFFERED = terms(answered=1, abandoned=1)
VARIANTS = {
    "f1_credit_abandons_in_T": Formula(terms(answered_in_t=1, abandoned_in_t=1), OFFERED),
    "f2_answered_only": Formula(terms(answered_in_t=1), terms(answered=1)),
    "f3_all_offered": Formula(terms(answered_in_t=1), OFFERED),
    "f4_drop_abandons_in_T": Formula(terms(answered_in_t=1), terms(answered=1, abandoned=1, abandoned_in_t=-1)),
    "f5_credit_short_abandons": Formula(terms(answered_in_t=1, short_abandoned=1), OFFERED),
}
OCCUPANCY = Formula(terms(handle=1), terms(handle=1, available=1))


def check(case: dict[str, Any]) -> None:
    inputs, expected, near = case["inputs"], case["expected"], case["tolerance"]
    match case["metric"]:
        case "csat_wilson95":
            found = dict(zip(("lo", "hi"), wilson(inputs["satisfied"], inputs["responses"]), strict=True))
        case "nps_ci95":
            n = sum(inputs.values())
            plain = wald(inputs["promoters"], inputs["detractors"], n)
            adjusted = adjusted_wald(inputs["promoters"], inputs["detractors"], n)
            found = dict(
                zip(("nps", "wald_lo", "wald_hi", "adj_nps", "adj_lo", "adj_hi"), (*plain, *adjusted), strict=True)
            )
        case "rollup_occupancy":
            added = sums(handle=sum(inputs["handle_s"]), available=sum(inputs["avail_s"]))
            found = {"correct": float(evaluate(OCCUPANCY, added).value or 0)}
        case "rollup_service_level":
            parts = inputs["intervals"]
            renamed = {"answered_in_t": "answered_in_T", "answered": "answered", "abandoned": "abandoned"}
            added = sums(**{code: sum(one[key] for one in parts) for code, key in renamed.items()})
            found = {"correct": float(evaluate(VARIANTS["f3_all_offered"], added).value or 0)}
            expected = {"correct": expected["correct"]}
        case "service_level_variant":
            given_ = sums(
                answered=inputs["answered"], abandoned=inputs["abandoned"], answered_in_t=inputs["answered_in_T"],
                abandoned_in_t=inputs["abandoned_in_T"], short_abandoned=inputs["abandoned_lt5s"],
            )  # fmt: skip
            found = {"value": float(evaluate(VARIANTS[inputs["formula"]], given_).value or 0)}
        case unknown:
            raise AssertionError(f"no check for {unknown}")
    assert found == pytest.approx(expected, abs=near)


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_reference_values(case: dict[str, Any]) -> None:
    check(case)


def test_the_five_variants_of_the_service_level() -> None:
    day = sums(answered=1000, abandoned=60, answered_in_t=860, abandoned_in_t=20, short_abandoned=10)
    values = [evaluate(formula, day).value for formula in VARIANTS.values()]
    assert [round(float(value or 0) * 100) for value in values] == [83, 86, 81, 83, 82]


def test_what_was_not_measured_is_not_zero() -> None:
    assert evaluate(OCCUPANCY, sums(handle=None, available=None)).why == "no_data"
    assert evaluate(OCCUPANCY, sums(handle=10, available=None)).why == "not_measured"
    nothing = evaluate(OCCUPANCY, sums(handle=0, available=0))
    assert (nothing.value, nothing.why, nothing.n) == (None, "zero_denominator", 0)


def test_a_period_with_two_formulas_adds_their_parts_and_names_both() -> None:
    old = Formula(terms(answered_in_t=1), terms(answered=1), version=1)
    new = Formula(terms(answered_in_t=1), OFFERED, version=2)
    reading = evaluate_parts([
        (old, sums(answered_in_t=80, answered=100)), (new, sums(answered_in_t=70, answered=90, abandoned=10)),
    ])  # fmt: skip
    assert (reading.value, reading.numerator, reading.denominator) == (Decimal("0.75"), 150, 200)
    assert reading.versions == (1, 2)


def test_of_a_stock_the_last_part_counts() -> None:
    old = Formula(terms(backlog=1), {}, version=1, stock=True)
    new = Formula(terms(backlog=1, parked=1), {}, version=2, stock=True)
    reading = evaluate_parts([(old, sums(backlog=40)), (new, sums(backlog=30, parked=5))])
    assert (reading.value, reading.versions) == (35, (2,))


counts = st.integers(0, 10**7)
tenths = st.integers(-30, 30).map(lambda number: Decimal(number) / 10)
hundredths = st.none() | st.integers(0, 10**11).map(lambda number: Decimal(number) / 100)
factors = st.dictionaries(st.sampled_from("abc"), tenths, max_size=3)
rows = st.dictionaries(st.sampled_from("abcn"), hundredths)
made = st.builds(
    Formula, factors, factors, st.sampled_from([Decimal(1), Decimal("1.0"), Decimal(100), Decimal("0.5")]),
    st.sampled_from(["none", "wilson"]), st.sampled_from(["", "n"]), stock=st.booleans(),
)  # fmt: skip


@given(made, st.lists(rows, max_size=3), st.booleans())
def test_many_rows_read_as_each_alone(formula: Formula, many: list[Sums], bounds: bool) -> None:
    found = evaluate_rows(formula, dict(enumerate(many)), bounds=bounds)
    assert found == {at: evaluate_parts([(formula, one)], bounds=bounds) for at, one in enumerate(many)}


@given(st.lists(st.tuples(counts, counts), min_size=1, max_size=20))
def test_a_ratio_of_sums_lies_between_its_parts(days: list[tuple[int, int]]) -> None:
    days = [(handle, available) for handle, available in days if handle + available]
    if not days:
        return
    parts = [evaluate(OCCUPANCY, sums(handle=h, available=a)).value for h, a in days]
    whole = evaluate(OCCUPANCY, sums(handle=sum(h for h, _ in days), available=sum(a for _, a in days))).value
    known = [part for part in parts if part is not None]
    assert whole is not None
    assert min(known) - Decimal("1e-20") <= whole <= max(known) + Decimal("1e-20")


@given(st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_holds_the_proportion_and_stays_within_0_and_1(case: tuple[int, int]) -> None:
    successes, n = case
    low, high = wilson(successes, n)
    assert 0 <= low <= successes / n + 1e-12
    assert successes / n - 1e-12 <= high <= 1
    assert not math.isnan(low + high)


@given(counts, counts, counts)
def test_nps_mirrors_when_promoters_and_detractors_change_places(p: int, q: int, d: int) -> None:
    if not p + q + d:
        return
    centre, low, high = adjusted_wald(p, d, p + q + d)
    mirrored = adjusted_wald(d, p, p + q + d)
    assert (centre, low, high) == pytest.approx((-mirrored[0], -mirrored[2], -mirrored[1]), abs=1e-9)
    assert low <= centre <= high


@pytest.mark.parametrize(("successes", "n"), [(1, 0), (2, 1), (-1, 5)])
def test_what_is_no_proportion_is_refused(successes: int, n: int) -> None:
    with pytest.raises(ValueError, match="no proportion"):
        wilson(successes, n)
