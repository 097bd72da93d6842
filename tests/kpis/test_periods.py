"""Periods: their names, their neighbours, and the year before."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpis.rules.periods import containing, parse, run_up

GRAINS = ["day", "week", "month", "quarter", "rolling"]
days = st.dates(date(2001, 6, 1), date(2098, 1, 1))


@given(st.sampled_from(GRAINS), days)
def test_a_period_is_found_again_by_its_key(grain: str, day: date) -> None:
    period = containing(grain, day)
    assert period.first <= day <= period.last
    assert parse(period.key) == period


@given(st.sampled_from(["day", "week", "month", "quarter"]), days, st.integers(2, 20))
def test_neighbours_follow_without_gap(grain: str, day: date, steps: int) -> None:
    row = run_up(containing(grain, day), steps)
    assert len(row) == steps
    assert row[-1] == containing(grain, day)
    assert all(b.first - a.last == timedelta(days=1) for a, b in pairwise(row))


@pytest.mark.parametrize(
    ("key", "first", "last"),
    [
        ("2026-W53", date(2026, 12, 28), date(2027, 1, 3)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
        ("2026-11-19~", date(2026, 10, 23), date(2026, 11, 19)),
    ],
)
def test_keys(key: str, first: date, last: date) -> None:
    period = parse(key)
    assert period is not None
    assert (period.first, period.last) == (first, last)


@pytest.mark.parametrize(
    "key", ["2025-W53", "2026-13", "2026-Q5", "2026-02-30", "9999-12", "", "2026-11\n", "²026-11", "x" * 999]
)
def test_what_is_no_period_is_none(key: str) -> None:
    assert parse(key) is None


def test_the_week_of_a_year_before_has_the_same_weekdays() -> None:
    week = containing("week", date(2026, 11, 19))
    assert week.year_before().first == date(2025, 11, 17)
    assert containing("quarter", date(2026, 1, 5)).year_before().key == "2025-Q1"
