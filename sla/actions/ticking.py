"""The worker's tick: fire what is due, in sets, each batch in a transaction of its own.

A batch reads due clocks without a lock, lets the wing lock their subjects (whoever is busy waits for the next tick),
then moves the clocks on and writes their events in one statement, and tells the wing. Whatever dies on the way rolls
back as a whole; whatever runs twice finds nothing left to do.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Final, NamedTuple

from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from sla import registry
from sla.models import Clock

logger = logging.getLogger(__name__)

BATCH: Final = 4000
POSTPONED: Final = timedelta(minutes=5)

# Clocks whose time has come, from where the last batch ended. Served by the index sla_clock_due.
_DUE = """
SELECT id, subject_id, next_event_at FROM sla_clock
 WHERE subject_kind = %(kind)s AND state = 'running' AND next_event_at < %(now)s
   AND (next_event_at, id) > (%(after)s, %(after_id)s)
 ORDER BY next_event_at, id LIMIT %(limit)s
"""

# Each clock moves on to its first step that does not lie before now; the steps it passed become events. The UPDATE
# locks and reads a row anew, so a clock that somebody else moved meanwhile passes nothing twice. The steps ahead are in
# the order of their instants, so a binary search finds how many of them lie before now. What comes back is one row of
# arrays as text: they go on into the wing's statements without being read here.
_FIRE: Final = """
WITH moved AS (
  UPDATE sla_clock
     SET plan_pos = {passed}, next_event_at = plan_at[{passed} + 1],
         breached_at = COALESCE(plan_at[plan_pos + array_position(plan_code[plan_pos + 1:{passed}], 'breached:0')],
                                breached_at)
   WHERE id = ANY(%(ids)s) AND state = 'running' AND next_event_at < %(now)s AND plan_at[plan_pos + 1] < %(now)s
  RETURNING id, subject_id, metric, cycle, revision, due_at, silent_before, policy_version_id,
            plan_at[OLD.plan_pos + 1:NEW.plan_pos] AS at, plan_code[OLD.plan_pos + 1:NEW.plan_pos] AS code
), passed AS (
  SELECT id, revision, due_at, silent_before, unnest(at) AS at, unnest(code) AS code FROM moved
), fired AS (
  INSERT INTO sla_clockevent (clock_id, kind, threshold, revision, at, due_at, silent)
  SELECT id, split_part(code, ':', 1), split_part(code, ':', 2)::smallint, revision, at, due_at,
         COALESCE(at < silent_before, false)
    FROM passed {skip}
  RETURNING id, clock_id, kind, threshold, at, due_at, silent
), heard AS (
  SELECT fired.id AS event_id, moved.id AS clock_id, subject_id, metric, cycle, kind, threshold, fired.at, fired.due_at,
         policy_version_id
    FROM fired JOIN moved ON moved.id = fired.clock_id WHERE NOT silent ORDER BY fired.id
)
SELECT (SELECT count(*) FROM fired), count(*), {columns} FROM heard
"""
# Within one revision nothing is written twice; whether it is there already is asked only when a batch has failed.
_PARTS: Final = {
    "passed": "(plan_pos + width_bucket(%(now)s::timestamptz - interval '1 microsecond', plan_at[plan_pos + 1:]))",
    "columns": ", ".join(f"array_agg({name})::text" for name in registry.FIRED),
}
_FRESH: Final = _FIRE.format(**_PARTS, skip="")
_MISSING: Final = _FIRE.format(**_PARTS, skip="ON CONFLICT (clock_id, kind, threshold, revision) DO NOTHING")


@dataclass(slots=True)
class Tally:
    """What a tick did."""

    events: int = 0
    postponed: int = 0
    seconds: float = 0.0


class Due(NamedTuple):
    """A clock whose time has come."""

    clock_id: int
    subject_id: int
    at: datetime


def tick(*, now: datetime | None = None, budget_seconds: float = 60.0, batch: int = BATCH) -> Tally:
    """Fire everything due before `now`, for every registered kind; stop early when the budget is used up."""
    moment, began, tally = now or timezone.now(), monotonic(), Tally()
    for kind in registry.kinds():
        last: Due | None = None
        while monotonic() - began < budget_seconds:
            due = due_clocks(kind.key, moment, last, batch)
            if not due:
                break
            _fire_or_bisect(kind, due, moment, tally)
            last = due[-1]
            if len(due) < batch:
                break
    tally.seconds = monotonic() - began
    return tally


def due_clocks(kind: str, now: datetime, after: Due | None, limit: int) -> list[Due]:
    """The next clocks that are due, oldest first, unlocked."""
    with connection.cursor() as cursor:
        cursor.execute(
            _DUE,
            {
                "kind": kind,
                "now": now,
                "after": after.at if after else datetime.min.replace(tzinfo=now.tzinfo),
                "after_id": after.clock_id if after else 0,
                "limit": limit,
            },
        )
        return list(map(Due._make, cursor.fetchall()))


def fire(kind: registry.SubjectKind, due: Sequence[Due], now: datetime, *, again: bool = False) -> int:
    """Fire one batch in one transaction; how many events it wrote. `again`: skip events that are there already."""
    with transaction.atomic():
        free = set(kind.lock(sorted({item.subject_id for item in due})))
        ids = [item.clock_id for item in due if item.subject_id in free]
        if not ids:
            return 0
        with connection.cursor() as cursor:
            cursor.execute(_MISSING if again else _FRESH, {"ids": ids, "now": now})
            [(written, heard, *columns)] = cursor.fetchall()
        if heard:
            kind.on_events(registry.Fired(heard, columns))
    return int(written)


def _fire_or_bisect(kind: registry.SubjectKind, due: Sequence[Due], now: datetime, tally: Tally) -> None:
    """Fire a batch; if it fails, once more with care."""
    try:
        tally.events += fire(kind, due, now)
    except (OperationalError, InterfaceError):
        # The server went away or chose us as a deadlock's victim: nothing is wrong with the clocks.
        raise
    except Exception:  # noqa: BLE001  the second try says what is wrong
        _bisect(kind, due, now, tally)


def _bisect(kind: registry.SubjectKind, due: Sequence[Due], now: datetime, tally: Tally) -> None:
    """Fire a batch; if it fails, its halves, down to the clock that is at fault, which is postponed."""
    try:
        tally.events += fire(kind, due, now, again=True)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # noqa: BLE001  whatever one clock raises must not stop the others
        if len(due) == 1:
            _postpone(due[0], now, error)
            tally.postponed += 1
            return
        middle = len(due) // 2
        _bisect(kind, due[:middle], now, tally)
        _bisect(kind, due[middle:], now, tally)


def _postpone(due: Due, now: datetime, error: Exception) -> None:
    """Look at this clock again in five minutes, and say why."""
    logger.error("clock %s postponed: %s", due.clock_id, error, exc_info=error)
    with transaction.atomic():
        clock = Clock.objects.select_for_update(no_key=True, skip_locked=True).filter(pk=due.clock_id).first()
        if clock is None or clock.next_event_at is None:
            return
        clock.next_event_at = now + POSTPONED
        clock.error_count += 1
        clock.last_error = f"{type(error).__name__}: {error}".replace("\0", "")[:500]
        clock.save(update_fields=["next_event_at", "error_count", "last_error"])
