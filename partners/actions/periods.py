"""Days and ranges: people speak of a last day, the database of the day after it."""

from datetime import date, timedelta

from django.db.backends.postgresql.psycopg_any import DateRange

from portal.refusals import RefusedError

from ..models import Engagement, Placement

FIRST = date(1970, 1, 1)
LAST = date(2199, 12, 31)


def half_open(lower: date, upper: date | None) -> DateRange:
    """From a day up to, but without, another; None is open."""
    return DateRange(lower, upper, "[)")


def days(first: date, last: date | None) -> DateRange:
    """From the first to the last day, both included. Raises RefusedError for a last day before the first, or a far one."""
    if not FIRST <= first <= LAST:
        raise RefusedError("day_out_of_range", "first_day")
    if last is None:
        return half_open(first, None)
    if last < first:
        raise RefusedError("ends_before_start", "last_day", {"first_day": first})
    if last > LAST:
        raise RefusedError("day_out_of_range", "last_day")
    return half_open(first, last + timedelta(days=1))


def name_other(refused: RefusedError, other: Engagement | Placement | None, label: str) -> RefusedError:
    """The refusal with the row that stands in the way: its label and its days."""
    if other is not None:
        refused.params.update(other=label, first_day=other.first_day, last_day=other.last_day)
    return refused
