"""Days of work in the reader's own zone. Pure: no database."""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final

#: Monday to Friday, for whoever has no hours of their own.
WEEK: Final = frozenset(range(5))


def last_day(today: date, weekdays: Collection[int] = WEEK) -> date:
    """The latest day before today on which somebody with these weekdays (Monday is 0) works; yesterday if they have none."""
    days = (today - timedelta(days=back) for back in range(1, 8))
    return next((day for day in days if day.weekday() in weekdays), today - timedelta(days=1))


def since_last_day(now: datetime, zone: tzinfo, weekdays: Collection[int] = WEEK) -> datetime:
    """The first instant of that day in this zone; where a clock change skips midnight, the first that there is."""
    return datetime.combine(last_day(now.astimezone(zone).date(), weekdays), time(), tzinfo=zone)


def bounds_of_day(now: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
    """The midnights between which an instant lies in this zone; a day in which clocks change has 23 or 25 hours."""
    today = now.astimezone(zone).date()
    return datetime.combine(today, time(), tzinfo=zone), datetime.combine(
        today + timedelta(days=1), time(), tzinfo=zone
    )
