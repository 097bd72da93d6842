"""Turns of runs that may have to wait for somebody else's server, so that they leave the other workers to all else."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from django.db import DatabaseError, connection

#: First halves of the advisory locks' keys: what goes to other systems, and mail.
DISPATCH: Final = 0x6F757462  # "outb"
MAIL: Final = 0x6D61696C  # "mail"


@contextmanager
def turn(kind: int, most: int = 1) -> Iterator[bool]:
    """True for at most so many runs of a kind at a time; the database lets go of a turn when its worker dies."""
    mine = next((number for number in range(most) if _held("pg_try_advisory_lock", kind, number)), None)
    try:
        yield mine is not None
    finally:
        # A connection that broke has let go of it already.
        with suppress(DatabaseError):
            if mine is not None:
                _held("pg_advisory_unlock", kind, mine)


def _held(function: str, kind: int, number: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s, %s)", [kind, number])
        return bool(cursor.fetchone()[0])
