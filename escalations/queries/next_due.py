"""What falls due next, beside the first of what is overdue."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from django.db.models import F
from django.utils import timezone

from escalations.choices.queue import Tab
from portal.accounts.rules import Actor

from .due import due_column, inner_scope
from .queue import NO_FILTERS, QueueRow, queue_cases, queue_rows

#: Rows in all, and how many of them may be overdue where enough is ahead.
NEXT_ROWS: Final = 8
OVERDUE_ROWS: Final = 3


def next_due(actor: Actor) -> list[QueueRow]:
    """Open cases with a running or broken promise: the most overdue, then what falls due next, so that a heap of the one does not hide
    the other. Twice the queries of a page of the queue at most."""

    def read(size: int, after: datetime | None) -> list[tuple[datetime | None, QueueRow]]:
        return [(row.case.next_due_at, row) for row in queue_rows(actor, size=size, after=after).items]

    return _next(read)


def next_due_ids(actor: Actor) -> list[int]:
    """Which cases `next_due` has. Two queries at most besides those of the scope."""
    return _next(lambda size, after: _first(actor, Tab.OPEN, size, after))


def first_ids(actor: Actor, tab: Tab, size: int) -> list[int]:
    """The cases of the first rows of a tab. One query besides those of the scope."""
    return [pk for _due, pk in _first(actor, tab, size, None)]


def _next[Row](read: Callable[[int, datetime | None], list[tuple[datetime | None, Row]]]) -> list[Row]:
    """The rule of `next_due`. `read` gives so many rows that are due first, after an instant if there is one, each with when it is."""
    now = timezone.now()
    first = [(at, row) for at, row in read(NEXT_ROWS, None) if at is not None]
    over = [row for at, row in first if at <= now]
    if len(over) <= OVERDUE_ROWS or len(first) < NEXT_ROWS:
        return [row for _at, row in first]
    ahead = [row for _at, row in read(NEXT_ROWS - OVERDUE_ROWS, now)]
    return [*over[: NEXT_ROWS - len(ahead)], *ahead]


def _first(actor: Actor, tab: Tab, size: int, after: datetime | None) -> list[tuple[datetime | None, int]]:
    """When the first cases of a tab are due for their reader, and which these are: in the order of `queue_rows`."""
    due = due_column(inner_scope(actor))
    rows = queue_cases(actor, tab, NO_FILTERS)
    rows = rows.filter(**{f"{due}__gt": after}) if after else rows
    return list(rows.order_by(F(due).asc(nulls_last=True), "id").values_list(due, "pk")[:size])
