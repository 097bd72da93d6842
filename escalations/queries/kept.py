"""Statements that are kept, since making one costs more than asking it: made for one instant, asked for another."""

from datetime import UTC, datetime
from typing import Any, Final

from django.db import connection
from django.utils import timezone

Statement = tuple[str, tuple[Any, ...]]

#: The instants that stand for now and for today's midnight in a statement that is kept; no value of another kind is an instant.
THEN: Final = datetime(2000, 1, 1, tzinfo=UTC)
THAT_DAY: Final = datetime(1990, 1, 1, tzinfo=UTC)


def asked(statement: Statement) -> tuple[int, ...]:
    """The one row that a kept statement answers now."""
    sql, params = statement
    now = timezone.now()
    today = start_of_day(now)
    with connection.cursor() as cursor:
        cursor.execute(sql, [_moved(value, now, today) for value in params])
        row: tuple[int, ...] = cursor.fetchone()
    return row


def start_of_day(now: datetime) -> datetime:
    """Midnight of the viewer's day."""
    return timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)


def _moved(value: Any, now: datetime, today: datetime) -> Any:
    """A parameter of a statement made for `THEN`, as it is now."""
    if not isinstance(value, datetime):
        return value
    return today if value == THAT_DAY else now + (value - THEN)
