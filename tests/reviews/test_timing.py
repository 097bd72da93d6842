"""When packs are due: every period once, in order, whatever the clocks of a place do."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpis.rules.periods import parse
from reviews.rules.timing import due_at, first_due_after, next_period, period_of

# Clocks that jump by an hour, half an hour, at midnight, not at all, and one that left out a day.
ZONES = ["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Havana", "Asia/Beirut",
         "Africa/Casablanca", "Pacific/Apia", "UTC"]  # fmt: skip
LENGTHS = {"week": range(7, 8), "month": range(28, 32), "quarter": range(90, 93)}
unhurried = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
rhythms = st.sampled_from(["week", "month", "quarter"])
zones = st.sampled_from([ZoneInfo(name) for name in ZONES])
times = st.integers(0, 24 * 60 - 1).map(lambda minute: time(minute // 60, minute % 60))
days = st.integers(0, 23 * 365).map(lambda day: date(2009, 1, 1) + timedelta(days=day))


@unhurried
@given(rhythms, days, st.integers(0, 6), st.integers(0, 60), times, zones)
def test_every_period_is_due_once_and_in_order(
    rhythm: str, start: date, weekday: int, after: int, at: time, zone: ZoneInfo
) -> None:
    period, seen = period_of(rhythm, start), []
    for _step in range(60):
        seen.append((period, due_at(rhythm, period.last, weekday, after, at, zone)))
        following = next_period(rhythm, period.first)
        assert following.first == period.last + timedelta(days=1)
        assert following.days in LENGTHS[rhythm]
        period = following
    dues = [due for _period, due in seen]
    assert dues == sorted(set(dues))


@unhurried
@given(rhythms, days, st.integers(0, 6), st.integers(0, 60), times, zones)
def test_a_new_job_begins_with_the_earliest_that_is_still_to_come(
    rhythm: str, day: date, weekday: int, after: int, at: time, zone: ZoneInfo
) -> None:
    now = datetime.combine(day, time(12), UTC)
    period, due = first_due_after(rhythm, weekday, after, at, zone, now)
    before = period.previous()
    assert due_at(rhythm, before.last, weekday, after, at, zone) <= now < due


@unhurried
@given(days, times, zones)
def test_due_on_its_day_at_its_time_where_the_clock_shows_it(day: date, at: time, zone: ZoneInfo) -> None:
    period = period_of("week", day)
    due = due_at("week", period.last, 2, 0, at, zone).astimezone(zone)
    wanted = datetime.combine(period.last + timedelta(days=3), at)
    assert timedelta(0) <= due.replace(tzinfo=None) - wanted <= timedelta(days=1)
    there = wanted.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) == wanted
    assert not there or due.replace(tzinfo=None) == wanted


@pytest.mark.parametrize(
    ("zone", "week", "weekday", "at", "due"),
    [
        # Ahead at 2:00 on Sunday 29 March 2026: 2:30 is not there, and counts as 3:30.
        ("Europe/Berlin", "2026-W12", 6, "02:30", "2026-03-29T01:30"),
        # Back at 3:00 on 25 October: 2:30 comes twice, and counts the first time.
        ("Europe/Berlin", "2026-W42", 6, "02:30", "2026-10-25T00:30"),
        ("America/Havana", "2026-W09", 6, "00:30", "2026-03-08T05:30"),
        ("Asia/Shanghai", "2026-W46", 0, "08:00", "2026-11-16T00:00"),
    ],
)
def test_hours_that_are_left_out_or_come_twice(zone: str, week: str, weekday: int, at: str, due: str) -> None:
    period = parse(week)
    assert period is not None
    found = due_at("week", period.last, weekday, 0, time.fromisoformat(at), ZoneInfo(zone))
    assert found == datetime.fromisoformat(due).replace(tzinfo=UTC)


def test_months_and_quarters_are_due_days_after_their_end() -> None:
    zone, at = ZoneInfo("Asia/Shanghai"), time(9)
    assert due_at("month", date(2026, 2, 28), 4, 3, at, zone) == datetime(2026, 3, 3, 1, tzinfo=UTC)
    assert due_at("quarter", date(2026, 12, 31), 4, 10, at, zone) == datetime(2027, 1, 10, 1, tzinfo=UTC)
    assert next_period("quarter", date(2026, 11, 3)).key == "2027-Q1"
