"""When a mailing is due, over both changes of the clock."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from kpis.rules.mailings import LAST, next_due

BERLIN = ZoneInfo("Europe/Berlin")


def due(every: str, at: str, after: str, weekday: int = 0, monthday: int = 1) -> str:
    """The next instant in UTC."""
    since = datetime.fromisoformat(after).replace(tzinfo=UTC)
    found = next_due(every, weekday, monthday, time.fromisoformat(at), BERLIN, since)
    return found.strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("every", "at", "after", "expected"),
    [
        ("day", "08:00", "2026-11-22 05:00", "2026-11-22 07:00"),
        ("day", "08:00", "2026-11-22 07:00", "2026-11-23 07:00"),
        ("week", "08:00", "2026-11-22 05:00", "2026-11-23 07:00"),
        ("week", "08:00", "2026-11-23 07:00", "2026-11-30 07:00"),
        ("month", "00:30", "2026-11-22 05:00", "2026-11-30 23:30"),
        # 02:30 does not exist on 29 March, and is passed twice on 25 October.
        ("day", "02:30", "2026-03-28 12:00", "2026-03-29 01:30"),
        ("day", "02:30", "2026-03-29 01:30", "2026-03-30 00:30"),
        ("day", "02:30", "2026-10-24 12:00", "2026-10-25 00:30"),
        ("day", "02:30", "2026-10-25 00:30", "2026-10-26 01:30"),
    ],
)
def test_next(every: str, at: str, after: str, expected: str) -> None:
    assert due(every, at, after) == expected


@pytest.mark.parametrize(
    ("monthday", "after", "expected"),
    [
        (15, "2026-11-15 06:59", "2026-11-15 07:00"),
        (15, "2026-11-15 07:00", "2026-12-15 07:00"),
        (28, "2026-01-28 07:00", "2026-02-28 07:00"),
        (LAST, "2026-01-31 07:00", "2026-02-28 07:00"),
        (LAST, "2028-02-01 07:00", "2028-02-29 07:00"),
        (LAST, "2026-07-31 06:00", "2026-08-31 06:00"),
    ],
)
def test_monthly_on_a_chosen_day(monthday: int, after: str, expected: str) -> None:
    assert due("month", "08:00", after, monthday=monthday) == expected


@pytest.mark.parametrize("monthday", [1, 28, LAST])
@pytest.mark.parametrize("at", ["00:00", "02:00", "02:30", "03:00", "23:59"])
def test_a_year_has_a_mail_for_each_day_week_and_month(at: str, monthday: int) -> None:
    for every, count in (("day", 365), ("week", 52), ("month", 12)):
        found, moment = [], datetime(2026, 1, 1, 0, 0, tzinfo=BERLIN).astimezone(UTC) - timedelta(seconds=1)
        while moment < datetime(2027, 1, 1, tzinfo=BERLIN) - timedelta(seconds=1):
            moment = next_due(every, 6, monthday, time.fromisoformat(at), BERLIN, moment)
            found.append(moment.astimezone(BERLIN).date())
        inside = [day for day in found if day.year == 2026]
        assert len(inside) == len(set(inside)) == count


def test_an_unknown_interval_is_refused() -> None:
    with pytest.raises(ValueError, match="no such mailing"):
        next_due("quarter", 0, 1, time(8), BERLIN, datetime(2026, 1, 1, tzinfo=UTC))
