"""Which period a pack is about, and when it is due on the clock of its site. Pure: no Django, no database."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from kpis.rules.periods import Period, containing

WEEK, MONTH, QUARTER = "week", "month", "quarter"
# The longest after the end of a period that a pack is due; no period with a later end is looked at for an instant.
_LATEST: Final = timedelta(days=62)


def period_of(rhythm: str, day: date) -> Period:
    """The week (ISO), month or quarter with the day in it. Raises ValueError for an unknown rhythm."""
    return containing(rhythm, day)


def next_period(rhythm: str, first: date) -> Period:
    """The period after the one with this day in it."""
    return period_of(rhythm, first).previous(-1)


def due_at(rhythm: str, last_day: date, weekday: int, days_after: int, at: time, zone: ZoneInfo) -> datetime:
    """When the pack of the period that ends with `last_day` is due (UTC).

    Weekly on `weekday` (0 Monday) of the week after, others `days_after` days after the end. An hour that the clock passes twice counts
    the first time; one that it leaves out counts as much later as the clock jumps.
    """
    day = last_day + timedelta(days=1 + weekday if rhythm == WEEK else days_after)
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


def first_due_after(
    rhythm: str, weekday: int, days_after: int, at: time, zone: ZoneInfo, after: datetime
) -> tuple[Period, datetime]:
    """The earliest period whose pack is due after an instant, and when: what a new job begins with."""
    period = period_of(rhythm, after.astimezone(zone).date() - _LATEST)
    while True:
        due = due_at(rhythm, period.last, weekday, days_after, at, zone)
        if due > after:
            return period, due
        period = period.previous(-1)
