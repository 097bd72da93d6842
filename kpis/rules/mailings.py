"""When a mailing is due: daily, on a weekday, or on a day of the month, at a time of the owner's clock."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

DAY, WEEK, MONTH = "day", "week", "month"
# For monthly ones: every month has a 28th, and a last day.
LATEST, LAST = 28, 31
# A month has at most so many days, so some day of these is due.
_AHEAD: Final = 32


def next_due(every: str, weekday: int, monthday: int, at: time, zone: ZoneInfo, after: datetime) -> datetime:
    """The first instant after another (UTC) at which it is due. `weekday`: 0 is Monday, for weekly ones; `monthday`: 1 to 28, or 31 for
    the last one, for monthly ones.

    An hour that the clock passes twice counts the first time; one that it leaves out counts as much later as the clock jumps.
    Raises ValueError for an unknown `every`.
    """
    today = after.astimezone(zone).date()
    for step in range(_AHEAD):
        day = today + timedelta(days=step)
        instant = datetime.combine(day, at, tzinfo=zone).astimezone(UTC)
        if _falls_on(every, weekday, monthday, day) and instant > after:
            return instant
    raise ValueError(f"no such mailing: {every} on {weekday} or {monthday}")


def _falls_on(every: str, weekday: int, monthday: int, day: date) -> bool:
    if every == WEEK:
        return day.weekday() == weekday
    if every == MONTH:
        return (day + timedelta(days=1)).day == 1 if monthday == LAST else day.day == monthday
    return every == DAY
