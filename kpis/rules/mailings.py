"""When a mailing is due: daily, on a weekday, or on the first of the month, at a time of the owner's clock."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

DAY, WEEK, MONTH = "day", "week", "month"
# A month has at most so many days, so some day of these is due.
_AHEAD: Final = 32


def next_due(every: str, weekday: int, at: time, zone: ZoneInfo, after: datetime) -> datetime:
    """The first instant after another (UTC) at which it is due. `weekday`: 0 is Monday, for weekly ones.

    An hour that the clock passes twice counts the first time; one that it leaves out counts as much later as the clock jumps.
    Raises ValueError for an unknown `every`.
    """
    today = after.astimezone(zone).date()
    for step in range(_AHEAD):
        day = today + timedelta(days=step)
        instant = datetime.combine(day, at, tzinfo=zone).astimezone(UTC)
        if _falls_on(every, weekday, day) and instant > after:
            return instant
    raise ValueError(f"no such mailing: {every} on {weekday}")


def _falls_on(every: str, weekday: int, day: date) -> bool:
    if every == WEEK:
        return day.weekday() == weekday
    return every == DAY or (every == MONTH and day.day == 1)
