"""Clocks that come with a history: imports and the demo."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from portal.audit.actions import Acts
from sla.actions.ledger import Ledger
from sla.choices import ClockState
from sla.models import Clock
from sla.queries.rulebook import rulebook
from sla.rules import Rule, Rulebook, plan


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
    ledger.write(tell=False)
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
