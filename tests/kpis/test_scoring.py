"""Scores of lines, totals, gates, and what they are worth."""

from datetime import date
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpis.rules.formulas import Reading
from kpis.rules.money import Malus, Scale, amount_of, earned_back, percent_of
from kpis.rules.scoring import Terms, judge, score_of, total

SL = Terms("service-level", D(25), "up", D("0.70"), D("0.80"), D("0.90"), minimum_n=100, gate_cap=D(80))
ASA = Terms("asa", D(10), "down", D(60), D(30), D(20))
AHT = Terms("aht", D(15), "band", D(300), D(360), target_high=D(420), red_high=D(500))
CAP = D(120)


def reading(value: str | None, n: int = 1000, low: str | None = None, high: str | None = None) -> Reading:
    limits = [None if one is None else D(one) for one in (low, high)]
    return Reading(
        None if value is None else D(value), n=n, low=limits[0], high=limits[1], why="" if value else "no_data"
    )


@pytest.mark.parametrize(
    ("terms", "value", "expected"),
    [
        (SL, "0.60", 0), (SL, "0.70", 0), (SL, "0.75", 50), (SL, "0.80", 100), (SL, "0.85", 110), (SL, "0.90", 120), (SL, "1", 120),
        (ASA, "70", 0), (ASA, "60", 0), (ASA, "45", 50), (ASA, "30", 100), (ASA, "25", 110), (ASA, "20", 120), (ASA, "0", 120),
        (AHT, "290", 0), (AHT, "330", 50), (AHT, "360", 100), (AHT, "400", 100), (AHT, "460", 50), (AHT, "500", 0), (AHT, "900", 0),
    ],
)  # fmt: skip
def test_a_line_is_linear_between_its_thresholds(terms: Terms, value: str, expected: int) -> None:
    assert score_of(terms, D(value), CAP) == expected


def test_without_stretch_a_line_has_100_at_most() -> None:
    assert score_of(Terms("qa", D(1), "up", D("0.8"), D("0.9")), D(1), CAP) == 100


@pytest.mark.parametrize(
    ("terms", "given", "rag", "why"),
    [
        (SL, reading("0.85"), "g", ""),
        (SL, reading("0.75"), "a", ""),
        (SL, reading("0.70"), "a", ""),
        (SL, reading("0.69"), "r", ""),
        (SL, reading("0.10", n=99), "n", "sample"),
        (SL, reading(None), "n", "no_data"),
        (SL, reading("0.85", low="0.79", high="0.90"), "a", "interval"),
        (SL, reading("0.65", low="0.60", high="0.70"), "r", ""),
        (ASA, reading("61"), "r", ""),
        (AHT, reading("501"), "r", ""),
        (AHT, reading("430"), "a", ""),
        (AHT, reading("400", low="390", high="410"), "g", ""),
    ],
)
def test_verdicts(terms: Terms, given: Reading, rag: str, why: str) -> None:
    verdict = judge(terms, given)
    assert (verdict.rag, verdict.why) == (rag, why)


def test_the_weight_of_what_is_too_small_goes_to_the_others() -> None:
    found = total([(SL, reading("0.8")), (ASA, reading("45", n=0)), (AHT, reading(None))], CAP)
    assert [round(line.weight, 4) for line in found.lines] == [D("0.7143"), D("0.2857"), 0]
    assert found.score is not None
    assert round(found.score, 2) == D("85.71")


def test_or_it_counts_with_the_score_of_the_period_before() -> None:
    carrying = Terms("nps", D(75), "up", D(20), D(40), minimum_n=30, shortage="carry")
    lines = [(SL, reading("0.8")), (carrying, reading("10", n=5))]
    found = total(lines, CAP, {"nps": D(60)})
    assert (found.score, found.lines[1].carried, found.lines[1].verdict.rag) == (70, True, "n")
    assert total(lines, CAP).score == 100


def test_a_red_gate_caps_the_total_and_says_so() -> None:
    heavy = Terms("qa", D(75), "up", D("0.8"), D("0.9"), D(1))
    found = total([(SL, reading("0.5")), (heavy, reading("1"))], CAP)
    assert (found.score, found.gated_by) == (80, "service-level")
    free = total([(SL, reading("0.5", n=10)), (heavy, reading("1"))], CAP)
    assert (free.score, free.gated_by) == (120, None)


def test_weights_of_nothing_make_no_score() -> None:
    nothing = Terms("qa", D(0), "up", D("0.8"), D("0.9"))
    assert total([(nothing, reading("0.9"))], CAP).score is None
    assert total([], CAP).score is None


values = st.decimals(-1000, 1000, places=4)


@given(st.sampled_from([SL, ASA, AHT]), values, values)
def test_a_score_stays_within_0_and_the_cap_and_never_falls_as_things_get_better(
    terms: Terms, one: D, other: D
) -> None:
    scores = [score_of(terms, value, CAP) for value in sorted((one, other))]
    assert all(0 <= score <= CAP for score in scores)
    if terms.direction == "up":
        assert scores[0] <= scores[1]
    if terms.direction == "down":
        assert scores[0] >= scores[1]


@given(st.lists(st.tuples(st.integers(0, 100), values, st.integers(0, 300)), min_size=1, max_size=8))
def test_a_total_lies_among_its_lines_and_its_points_add_up(rows: list[tuple[int, D, int]]) -> None:
    lines = [
        (Terms(f"k{place}", D(weight), "up", D(0), D(100), D(200), minimum_n=100), Reading(value, n=n))
        for place, (weight, value, n) in enumerate(rows)
    ]
    found = total(lines, CAP)
    scores = [line.score for line in found.lines if line.score is not None and line.terms.weight]
    assert (found.score is None) == (not scores)
    if found.score is not None:
        assert min(scores) - D("1e-20") <= found.score <= max(scores) + D("1e-20")
        assert abs(sum(line.points or 0 for line in found.lines) - found.score) < D("1e-20")


SCALE = Scale(
    [(D(0), D(-8)), (D(80), D(0)), (D(90), D(2)), (D(100), D(6))], bonus_cap=D(5), malus_cap=D(5), earn_back_months=3,
    earn_back_score=D(95),
)  # fmt: skip


@pytest.mark.parametrize(
    ("score", "percent"), [("0", -5), ("79.99", -5), ("80", 0), ("90", 2), ("99.9", 2), ("100", 5), (None, 0)]
)
def test_the_highest_band_reached_counts_within_the_caps(score: str | None, percent: int) -> None:
    assert percent_of(None if score is None else D(score), SCALE) == percent


def test_money_is_rounded_to_cents_away_from_zero() -> None:
    assert amount_of(D("100.10"), D(5)) == D("5.01")
    assert amount_of(D("100.10"), D(-5)) == D("-5.01")


def test_a_good_month_earns_back_the_maluses_within_reach() -> None:
    earlier = [
        Malus(date(2026, 6, 1), D(10)),
        Malus(date(2026, 8, 1), D(20)),
        Malus(date(2026, 9, 1), D(0)),
        Malus(date(2026, 7, 1), D(5)),
    ]
    back = earned_back(date(2026, 10, 1), D(96), SCALE, earlier)
    assert [(one.month, one.open) for one in back] == [(date(2026, 7, 1), 5), (date(2026, 8, 1), 20)]
    assert not earned_back(date(2026, 10, 1), D(94), SCALE, earlier)
    assert not earned_back(date(2026, 10, 1), None, SCALE, earlier)
