"""Clocks that come with a history: imports and the demo."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from portal.audit.actions import Acts
from sla.actions.ledger import Ledger, Noted
from sla.choices import ClockState
from sla.models import Clock
from sla.queries.rulebook import rulebook
from sla.rules import Rule, Rulebook, plan

_CLOCK = tuple(field.attname for field in Clock._meta.concrete_fields if not field.primary_key)
_EVENT = ("kind", "threshold", "revision", "at", "due_at", "silent", "actor_id")


@dataclass(frozen=True, slots=True)
class BulkClock:
    """One clock as it went: when it started, the subject's states since then, and how it ended, if it did.

    `states` are (instant, state) in order; the policy says which of them pause. At most one of `met_at` and
    `cancelled_at` is given.
    """

    subject_id: int
    metric: str
    dimensions: Mapping[str, str]
    started_at: datetime
    cycle: int = 1
    states: Sequence[tuple[datetime, str]] = ()
    met_at: datetime | None = None
    cancelled_at: datetime | None = None


@transaction.atomic
def bulk_start(
    *,
    actor: Acts,
    subject_kind: str,
    rows: Iterable[BulkClock],
    silent_before: datetime,
    book: Rulebook | None = None,
) -> list[Clock]:
    """Create clocks with everything that happened to them, in a few statements; the created clocks.

    What lies before `silent_before` is written as silent events; the wing is told nothing, so the caller keeps its own
    due columns (`queries.earliest_due`). Rows whose metric no policy has a target for make no clock. `book` saves
    loading the policies for each of many calls. The subjects are new or locked by the caller, and have no such clocks.
    """
    policies, ledger = book or rulebook(subject_kind), Ledger(actor, subject_kind, silent_before)
    for row in rows:
        rule = policies.rule_for(row.dimensions)
        if rule is not None and row.metric in rule.targets:
            _replay(ledger, row, rule)
    ledger.settle_past()
    _copy(ledger)
    return ledger.created


def _replay(ledger: Ledger, row: BulkClock, rule: Rule) -> None:
    made = plan(rule, row.metric, row.started_at)
    clock = ledger.start(
        subject_id=row.subject_id, metric=row.metric, cycle=row.cycle, at=row.started_at, made=made, rule=rule
    )
    ended_at = row.met_at or row.cancelled_at
    pausing = rule.targets[row.metric].pause_states
    for at, state in row.states:
        if ended_at is not None and at >= ended_at:
            break
        moment = max(at, row.started_at)
        if state in pausing and clock.state == ClockState.RUNNING:
            ledger.pause(clock, moment)
        elif state not in pausing and clock.state == ClockState.PAUSED:
            ledger.resume(clock, moment, rule)
    if ended_at is not None:
        ledger.finish(clock, ClockState.MET if row.met_at else ClockState.CANCELLED, ended_at, rule)


def _copy(ledger: Ledger) -> None:
    """Write the created clocks and their events with COPY, several times as fast as statements with parameters."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('sla_clock', 'id')) FROM generate_series(1, %s)",
            [len(ledger.created)],
        )
        for clock, (pk,) in zip(ledger.created, cursor.fetchall(), strict=True):
            clock.pk = pk
        _copy_rows(cursor, "sla_clock", ("id", *_CLOCK), ([c.pk, *_values(c, _CLOCK)] for c in ledger.created))
        rows = ([e.clock.pk, *_values(e, _EVENT), json.dumps(e.params) if e.params else None] for e in ledger.events)
        _copy_rows(cursor, "sla_clockevent", ("clock_id", *_EVENT, "params"), rows)


def _copy_rows(cursor: CursorWrapper, table: str, columns: Sequence[str], rows: Iterable[list[Any]]) -> None:
    with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _values(row: Clock | Noted, columns: Sequence[str]) -> list[Any]:
    return [getattr(row, name) for name in columns]
