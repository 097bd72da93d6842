"""Days and instants of series, across the changes of clocks."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from reviews.rules.recurrence import days, horizon, instant, rhythm_of, rule_of

PRAGUE, NEW_YORK, SHANGHAI = ZoneInfo("Europe/Prague"), ZoneInfo("America/New_York"), ZoneInfo("Asia/Shanghai")


def test_the_hour_stays_the_same_on_the_sites_clock_through_both_changes() -> None:
    rule = rule_of("week", date(2026, 3, 24))
    spring = [instant(day, time(10), PRAGUE) for day in days(rule, date(2026, 3, 24), date(2026, 4, 7))]
    assert spring == [
        datetime(2026, 3, 24, 9, tzinfo=UTC),
        datetime(2026, 3, 31, 8, tzinfo=UTC),
        datetime(2026, 4, 7, 8, tzinfo=UTC),
    ]
    autumn = [
        instant(day, time(10), NEW_YORK).hour
        for day in days("FREQ=WEEKLY;BYDAY=WE", date(2026, 10, 28), date(2026, 11, 4))
    ]
    assert autumn == [14, 15]


@pytest.mark.parametrize(
    ("day", "at", "zone", "wanted"),
    [
        # 02:30 is left out: an hour later by the clock.
        (date(2026, 3, 29), time(2, 30), PRAGUE, datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        # 02:30 comes twice: the first one, still in summer time.
        (date(2026, 10, 25), time(2, 30), PRAGUE, datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        (date(2026, 10, 25), time(9), SHANGHAI, datetime(2026, 10, 25, 1, tzinfo=UTC)),
    ],
)
def test_hours_that_a_clock_leaves_out_or_passes_twice(day: date, at: time, zone: ZoneInfo, wanted: datetime) -> None:
    assert instant(day, at, zone) == wanted


def test_a_weekly_series_over_a_change_has_one_meeting_a_week() -> None:
    found = days(rule_of("week", date(2026, 3, 22)), date(2026, 3, 22), date(2026, 4, 5))
    assert found == [date(2026, 3, 22), date(2026, 3, 29), date(2026, 4, 5)]
    assert len({instant(day, time(2, 30), PRAGUE) for day in found}) == 3


@pytest.mark.parametrize(
    ("rhythm", "first", "wanted"),
    [
        ("two_weeks", date(2026, 11, 3), [date(2026, 11, 3), date(2026, 11, 17), date(2026, 12, 1)]),
        ("month", date(2026, 11, 10), [date(2026, 11, 10), date(2026, 12, 8)]),
        # The fifth Monday of a month is its last one elsewhere.
        ("month", date(2026, 11, 30), [date(2026, 11, 30), date(2026, 12, 28)]),
        ("quarter", date(2026, 9, 2), [date(2026, 9, 2), date(2026, 12, 2)]),
    ],
)
def test_rhythms(rhythm: str, first: date, wanted: list[date]) -> None:
    rule = rule_of(rhythm, first)
    assert days(rule, first, date(2026, 12, 31))[: len(wanted)] == wanted
    assert rhythm_of(rule, first) == rhythm


def test_days_begin_where_making_stopped_and_end_with_the_last() -> None:
    rule, first = rule_of("week", date(2026, 11, 3)), date(2026, 11, 3)
    assert days(rule, first, date(2026, 11, 24), since=date(2026, 11, 11)) == [date(2026, 11, 17), date(2026, 11, 24)]
    assert days(rule, first, date(2026, 11, 9)) == [first]


def test_meetings_are_made_eight_weeks_ahead_but_not_past_the_end() -> None:
    assert horizon(date(2026, 11, 22), date(2027, 11, 22)) == date(2027, 1, 17)
    assert horizon(date(2026, 11, 22), date(2026, 12, 1)) == date(2026, 12, 1)
