"""What falls due next, beside the first of what is overdue."""

from typing import Final

from django.utils import timezone

from portal.accounts.rules import Actor

from .queue import QueueRow, queue_rows

#: Rows in all, and how many of them may be overdue where enough is ahead.
NEXT_ROWS: Final = 8
OVERDUE_ROWS: Final = 3


def next_due(actor: Actor) -> list[QueueRow]:
    """Open cases with a running or broken promise: the most overdue, then what falls due next, so that a heap of the one does not hide
    the other. Twice the queries of a page of the queue at most."""
    now = timezone.now()
    first = [row for row in queue_rows(actor, size=NEXT_ROWS).items if row.case.next_due_at is not None]
    over = [row for row in first if row.case.next_due_at and row.case.next_due_at <= now]
    if len(over) <= OVERDUE_ROWS or len(first) < NEXT_ROWS:
        return first
    ahead = queue_rows(actor, size=NEXT_ROWS - OVERDUE_ROWS, after=now).items
    return [*over[: NEXT_ROWS - len(ahead)], *ahead]
