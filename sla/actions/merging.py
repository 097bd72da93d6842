"""Merge the promises of two subjects."""

from datetime import datetime

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from portal.audit.actions import Acts
from sla.actions.ledger import Ledger, RuleOf, pauses_of, set_plan
from sla.actions.loading import fired_codes, open_clocks, terms
from sla.choices import ClockState, EventKind
from sla.models import Clock
from sla.rules import Levels, Rule, fixed_levels, fixed_plan, plan


def merge_due(*, actor: Acts, subject_kind: str, source_id: int, target_id: int, at: datetime) -> None:
    """Cancel the source's clocks; per metric the target takes over the source's terms where they are due earlier.

    A promise of the source for which the target has no open clock goes on as a new cycle of the target's.
    The caller holds both subjects' locks.
    """
    sources, targets = open_clocks(subject_kind, source_id), open_clocks(subject_kind, target_id)
    rule_of, by_metric = terms([*sources, *targets]), {clock.metric: clock for clock in targets}
    ledger = Ledger(actor, subject_kind)
    for source in sources:
        due = _due_if_running(source, rule_of, at)
        heir = by_metric.get(source.metric)
        if heir is None:
            heir = _new_cycle(ledger, source, target_id, rule_of(source))
        elif due < _due_if_running(heir, rule_of, at):
            _take_over(ledger, heir, source, rule_of(source), at)
    for source in sources:
        ledger.finish(source, ClockState.CANCELLED, at, rule_of(source))
    ledger.write()


def _due_if_running(clock: Clock, rule_of: RuleOf, at: datetime) -> datetime:
    """When the clock would be due if it ran from now on."""
    rule = rule_of(clock)
    if rule is None or clock.paused_at is None:
        return clock.due_at
    stops = [*pauses_of(clock), (clock.paused_at, max(at, clock.paused_at))]
    return plan(rule, clock.metric, clock.started_at, stops).due_at


def _take_over(ledger: Ledger, heir: Clock, source: Clock, rule: Rule | None, at: datetime) -> None:
    """Give a clock the start, pauses and terms of another one."""
    ledger.settle(heir, at)
    fired = fired_codes([heir])[heir.pk] | set(heir.plan_code[: heir.plan_pos])
    heir.started_at, heir.pauses = source.started_at, list(source.pauses)
    _stand_still_like(heir, source, at)
    if rule is None:
        before, heir.revision = heir.due_at, heir.revision + 1
        # Whichever has all of them: acknowledging took those ahead out of a plan.
        levels = max(_levels_of(source), _levels_of(heir), key=len)
        made = fixed_plan(source.started_at, source.due_at, levels=levels)
        set_plan(heir, made, made.codes_before(at) & fired)
        ledger.note(
            heir, EventKind.RECOMPUTED, at, params={"merged": source.subject_id, "due_before": before.isoformat()}
        )
    else:
        ledger.replan(heir, rule, at, fired, {"merged": source.subject_id})


def _stand_still_like(heir: Clock, source: Clock, at: datetime) -> None:
    """The source's pause up to now belongs to the terms that the heir takes over; whether it stands still from now on is
    the heir's own affair."""
    if heir.paused_at is not None:
        heir.paused_at = source.paused_at or max(at, source.started_at)
    elif source.paused_at is not None and source.paused_at < at:
        heir.pauses = [*source.pauses, DateTimeTZRange(source.paused_at, at)]


def _new_cycle(ledger: Ledger, source: Clock, target_id: int, rule: Rule | None) -> Clock:
    """Go on with the source's promise as the target's next cycle, including what was fired already."""
    same = Clock.objects.filter(subject_kind=source.subject_kind, subject_id=target_id, metric=source.metric)
    cycle = 1 + max(same.values_list("cycle", flat=True), default=0)
    made = (
        fixed_plan(source.started_at, source.due_at, levels=_levels_of(source))
        if rule is None
        else plan(rule, source.metric, source.started_at, pauses_of(source))
    )
    clock = ledger.start(
        subject_id=target_id, metric=source.metric, cycle=cycle, at=source.started_at, made=made, rule=rule
    )
    clock.pauses, clock.state, clock.paused_at = list(source.pauses), source.state, source.paused_at
    clock.breached_at, clock.acknowledged_at = source.breached_at, source.acknowledged_at
    set_plan(clock, made, source.plan_code[: source.plan_pos])
    return clock


def _levels_of(clock: Clock) -> Levels:
    """After a breach of a fixed due instant; those that still stand in its plan."""
    return fixed_levels(clock.due_at, clock.plan_at, clock.plan_code)
