"""Clocks of many subjects at once, in a few statements. The caller holds the subjects' row locks."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.db import connection
from django.db.models import F

from portal.audit.actions import Acts
from sla import registry
from sla.actions.clocks import follow
from sla.actions.ledger import Ledger
from sla.actions.loading import terms
from sla.choices import OPEN_STATES, ClockState
from sla.models import Clock
from sla.queries.rulebook import rulebook
from sla.rules import FIXED_WARN, Rule, fixed_plan, plan

# What clocks started together have in common.
_SAME: Final = (
    "subject_kind", "metric", "cycle", "revision", "policy_version_id", "calendar_version_id", "target_seconds",
    "state", "started_at", "due_at", "plan_pos", "next_event_at",
)  # fmt: skip
_START: Final = f"""
WITH made AS (
  INSERT INTO sla_clock ({", ".join(_SAME)}, plan_at, plan_code, subject_id, pauses, error_count, last_error)
  SELECT {", ".join(["%s"] * len(_SAME))}, %s::timestamptz[], %s::text[], subject, '{{}}', 0, ''
    FROM unnest(%s::bigint[]) AS subject
  RETURNING id
)
INSERT INTO sla_clockevent (clock_id, kind, threshold, revision, at, due_at, silent, actor_id, params)
SELECT id, %s, 0, 0, %s, %s, false, %s, %s::jsonb FROM made
"""  # noqa: S608  names of our own columns
_FINISH: Final = """
WITH gone AS (
  UPDATE sla_clock
     SET state = %(state)s, next_event_at = NULL,
         met_at = CASE WHEN %(state)s = 'met' THEN %(at)s::timestamptz END,
         breached_at = CASE WHEN %(state)s <> 'met' OR %(at)s > due_at THEN breached_at END
   WHERE id = ANY (%(ids)s)
  RETURNING id, subject_id, revision, due_at
), noted AS (
  INSERT INTO sla_clockevent (clock_id, kind, threshold, revision, at, due_at, silent, actor_id)
  SELECT id, %(state)s, 0, revision, %(at)s, due_at, false, %(actor)s::bigint FROM gone
)
SELECT subject_id FROM gone
"""


@dataclass(frozen=True, slots=True)
class NewClock:
    """A clock to start. With `due_at` it runs to that instant; else the first policy that matches `dimensions` sets it."""

    subject_id: int
    metric: str
    dimensions: Mapping[str, str] = field(default_factory=dict)
    due_at: datetime | None = None
    cycle: int = 1


def start_many(*, actor: Acts, subject_kind: str, rows: Iterable[NewClock], at: datetime) -> int:
    """Start these clocks at one instant; how many began. Running twice starts once.

    A metric that has a clock under way, or had one in this cycle, is left alone, and so is one without a target. A due
    instant that lies behind is due at once. Clocks with the same terms have the same plan and are written together.
    """
    wanted, book = list(rows), rulebook(subject_kind)
    taken = _taken(subject_kind, {row.subject_id for row in wanted})
    alike: dict[tuple[str, int, datetime | None, int], tuple[Rule | None, list[int]]] = {}
    for row in wanted:
        if (row.subject_id, row.metric, row.cycle) in taken or (row.subject_id, row.metric, None) in taken:
            continue
        rule = None if row.due_at else book.rule_for(row.dimensions)
        if row.due_at is not None or (rule is not None and row.metric in rule.targets):
            taken |= {(row.subject_id, row.metric, row.cycle), (row.subject_id, row.metric, None)}
            terms_of = (row.metric, row.cycle, row.due_at, rule.policy_version_id if rule else 0)
            alike.setdefault(terms_of, (rule, []))[1].append(row.subject_id)
    for (metric, cycle, due_at, _version), (rule, subjects) in alike.items():
        made = plan(rule, metric, at) if rule is not None else fixed_plan(at, max(at, due_at or at), FIXED_WARN)
        pattern = Ledger(actor, subject_kind)
        pattern.start(subject_id=0, metric=metric, cycle=cycle, at=at, made=made, rule=rule)
        _write_alike(pattern, subjects)
    return sum(len(subjects) for _rule, subjects in alike.values())


def _write_alike(pattern: Ledger, subjects: list[int]) -> None:
    """Write a clock and its start for each of these subjects, as the pattern has them, in one statement."""
    [clock], [event] = pattern.created, pattern.events
    with connection.cursor() as cursor:
        cursor.execute(
            _START,
            [
                *(getattr(clock, name) for name in _SAME), clock.plan_at, list(clock.plan_code), sorted(subjects),
                event.kind, event.at, event.due_at, event.actor_id, json.dumps(event.params),
            ],
        )  # fmt: skip
    registry.kind_of(pattern.subject_kind).on_due_changed(sorted(subjects))


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
    locked = list(found.order_by("pk").select_for_update(no_key=True).values_list("pk", "state", "next_event_at"))
    plain = [pk for pk, now, step in locked if now == ClockState.RUNNING and (step is None or step >= at)]
    _finish_plain(actor, subject_kind, plain, state, at)
    rest = list(Clock.objects.filter(pk__in=[pk for pk, _now, _step in locked]).exclude(pk__in=plain).order_by("pk"))
    if rest:
        ledger, rule_of = Ledger(actor, subject_kind), terms(rest)
        for clock in rest:
            ledger.finish(clock, state, at, rule_of(clock))
        ledger.write()
    return len(locked)


def _finish_plain(actor: Acts, subject_kind: str, ids: list[int], state: ClockState, at: datetime) -> None:
    """End running clocks that passed no step since the worker looked, as `Ledger.finish` would, in one statement."""
    if not ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(_FINISH, {"ids": ids, "state": state.value, "at": at, "actor": actor.user_id})
        subjects = sorted({subject for (subject,) in cursor.fetchall()})
    registry.kind_of(subject_kind).on_due_changed(subjects)


def _taken(subject_kind: str, subject_ids: Collection[int]) -> set[tuple[int, str, int | None]]:
    """(subject, metric, cycle) of every clock, and (subject, metric, None) of the open ones."""
    rows = Clock.objects.filter(subject_kind=subject_kind, subject_id__in=subject_ids)
    found: set[tuple[int, str, int | None]] = set()
    for subject, metric, cycle, state in rows.values_list("subject_id", "metric", "cycle", "state"):
        found.add((subject, metric, cycle))
        if state in OPEN_STATES:
            found.add((subject, metric, None))
    return found
