"""Clocks of many subjects at once, in a few statements. The caller holds the subjects' row locks."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import F

from portal.audit.actions import Acts
from sla.actions.clocks import follow
from sla.actions.ledger import Ledger
from sla.actions.loading import terms
from sla.choices import OPEN_STATES, ClockState
from sla.models import Clock
from sla.queries.rulebook import rulebook
from sla.rules import FIXED_WARN, fixed_plan, plan


@dataclass(frozen=True, slots=True)
class NewClock:
    """A clock to start. With `due_at` it runs to that instant; else the first policy that matches `dimensions` sets it."""

    subject_id: int
    metric: str
    dimensions: Mapping[str, str] = field(default_factory=dict)
    due_at: datetime | None = None
    cycle: int = 1


def start_many(*, actor: Acts, subject_kind: str, rows: Iterable[NewClock], at: datetime) -> list[Clock]:
    """Start these clocks at one instant; the created ones. Running twice starts once.

    A metric that has a clock under way, or had one in this cycle, is left alone, and so is one without a target. A due
    instant that lies behind is due at once.
    """
    wanted, book, ledger = list(rows), rulebook(subject_kind), Ledger(actor, subject_kind)
    taken = _taken(subject_kind, {row.subject_id for row in wanted})
    for row in wanted:
        if (row.subject_id, row.metric, row.cycle) in taken or (row.subject_id, row.metric, None) in taken:
            continue
        taken.add((row.subject_id, row.metric, row.cycle))
        rule = None if row.due_at else book.rule_for(row.dimensions)
        if row.due_at is not None:
            made = fixed_plan(at, max(at, row.due_at), FIXED_WARN)
        elif rule is not None and row.metric in rule.targets:
            made = plan(rule, row.metric, at)
        else:
            continue
        ledger.start(subject_id=row.subject_id, metric=row.metric, cycle=row.cycle, at=at, made=made, rule=rule)
    ledger.write()
    return ledger.created


def meet_many(*, actor: Acts, subject_kind: str, subject_ids: Collection[int], metric: str, at: datetime) -> int:
    """Stop the metric's open clocks of these subjects as met; how many."""
    return _finish_many(actor, subject_kind, subject_ids, [metric], ClockState.MET, at)


def cancel_many(
    *,
    actor: Acts,
    subject_kind: str,
    subject_ids: Collection[int],
    at: datetime,
    metrics: Collection[str] | None = None,
) -> int:
    """Stop the open clocks (of these metrics) of these subjects without a verdict; how many."""
    return _finish_many(actor, subject_kind, subject_ids, metrics, ClockState.CANCELLED, at)


def states_changed(*, actor: Acts, subject_kind: str, states: Mapping[int, str], at: datetime) -> int:
    """Pause and resume the clocks of these subjects as their policies say of their new states; how many were looked at.

    Clocks that no state pauses are not read.
    """
    found = Clock.objects.filter(
        subject_kind=subject_kind,
        subject_id__in=list(states),
        state__in=OPEN_STATES,
        policy_version__targets__metric=F("metric"),
        policy_version__targets__pause_states__len__gt=0,
    )
    clocks = list(found.order_by("pk").select_for_update(of=("self",), no_key=True))
    ledger, rule_of = Ledger(actor, subject_kind), terms(clocks)
    for clock in clocks:
        follow(ledger, clock, rule_of(clock), states[clock.subject_id], at)
    ledger.write()
    return len(clocks)


def _finish_many(
    actor: Acts,
    subject_kind: str,
    subject_ids: Collection[int],
    metrics: Collection[str] | None,
    state: ClockState,
    at: datetime,
) -> int:
    found = Clock.objects.filter(subject_kind=subject_kind, subject_id__in=subject_ids, state__in=OPEN_STATES)
    if metrics is not None:
        found = found.filter(metric__in=metrics)
    clocks = list(found.order_by("pk").select_for_update(no_key=True))
    ledger, rule_of = Ledger(actor, subject_kind), terms(clocks)
    for clock in clocks:
        ledger.finish(clock, state, at, rule_of(clock))
    ledger.write()
    return len(clocks)


def _taken(subject_kind: str, subject_ids: Collection[int]) -> set[tuple[int, str, int | None]]:
    """(subject, metric, cycle) of every clock, and (subject, metric, None) of the open ones."""
    rows = Clock.objects.filter(subject_kind=subject_kind, subject_id__in=subject_ids)
    found: set[tuple[int, str, int | None]] = set()
    for subject, metric, cycle, state in rows.values_list("subject_id", "metric", "cycle", "state"):
        found.add((subject, metric, cycle))
        if state in OPEN_STATES:
            found.add((subject, metric, None))
    return found
