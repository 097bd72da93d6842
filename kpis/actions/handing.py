"""How wings follow what changes: what happened since the last time, and nothing that was still being written then."""

from collections.abc import Callable
from datetime import datetime

from django.db import connection, transaction

from ..models import HandIn, HandInDue
from .facts import lock_figures_soon

# Whatever is recorded later than this belongs to a transaction that can be seen now or begins later: rows carry an instant of the
# transaction that wrote them. The clocks of two machines may be some seconds apart.
_HORIZON = """
SELECT least(now(), min(xact_start)) - interval '10 seconds' FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@transaction.atomic
def follow(source: str, work: Callable[[datetime | None], int]) -> int:
    """Call `work` with the instant up to which it has seen the wing's changes (None: never), in one transaction; what it says.

    While another worker is at it, or a file of daily figures, nothing is done: what changed and what was asked for is left to the next call.
    That begins where everything before was committed.
    """
    HandIn.objects.get_or_create(source=source)
    row = HandIn.objects.select_for_update(skip_locked=True).filter(source=source).first()
    if row is None or not lock_figures_soon():
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_HORIZON)
        (until,) = cursor.fetchone()
    done = work(row.seen_until)
    row.seen_until = max(until, row.seen_until or until)
    row.save(update_fields=["seen_until"])
    return done


def ask(source: str) -> None:
    """Have the wing's figures of all days looked at anew, in the transaction that changes what they rest on."""
    HandInDue.objects.create(source=source)


def asked(source: str) -> bool:
    """Whether somebody asked since the last time; in the transaction that hands in. What is not committed yet stays for the next time."""
    number, _by_model = HandInDue.objects.filter(source=source).delete()
    return number > 0
