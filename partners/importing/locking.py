"""One roster of a site at a time: whoever comes second waits a moment, then hears who is at it and since when."""

from datetime import datetime
from typing import Final

from django.db import connection, transaction
from django.db.utils import OperationalError

from portal.accounts.queries import names_of
from portal.accounts.rules import Actor
from portal.refusals import RefusedError

LOCK_SECONDS: Final = 5
# Any number that nobody else uses as the first half of an advisory lock's key.
LOCK_SPACE: Final = 0x526F73
LOCK_NOT_AVAILABLE: Final = "55P03"
# What the transaction that holds a site is called, so that others can say whose it is. It goes with the transaction, and
# so with a process that was killed.
MARK: Final = "roster:"
HOLDER: Final = """
SELECT a.application_name, a.xact_start FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.classid = %s AND l.objid = %s AND l.objsubid = 2 AND l.granted
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def lock_site(site_id: int, actor: Actor) -> None:
    """Wait until no other roster of the site is being read or applied, in the caller's transaction.

    Raises RefusedError if that takes too long, with the name of whoever is at it and since when.
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{LOCK_SECONDS}s"])
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK_SPACE, site_id])
            cursor.execute("SELECT set_config('lock_timeout', '0', true)")
            cursor.execute("SELECT set_config('application_name', %s, true)", [f"{MARK}{actor.user_id or ''}"])
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) != LOCK_NOT_AVAILABLE:
            raise
        raise RefusedError("roster_busy", params=_holder(site_id)) from error


def _holder(site_id: int) -> dict[str, str | datetime]:
    """Who is at it and since when; nothing if they are done by now. No name for a command."""
    with connection.cursor() as cursor:
        cursor.execute(HOLDER, [LOCK_SPACE, site_id])
        row = cursor.fetchone()
    if row is None or not str(row[0]).startswith(MARK):
        return {}
    user_id = str(row[0]).removeprefix(MARK)
    named = names_of([int(user_id)]) if user_id else {}
    return {"name": next((one.text for one in named.values()), ""), "since": row[1]}
