"""Start, pause, resume, meet, cancel, recompute, acknowledge.

The caller holds the subject's row lock; `at` is an aware instant. Each action writes its events in the caller's
transaction and tells the wing. `silent_before` is for imports: what lies before it alarms nobody.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from portal.audit.actions import Acts
from sla.actions.ledger import Ledger, set_next, set_plan
from sla.actions.loading import fired_codes, open_clocks, terms
from sla.choices import OPEN_STATES, ClockState, EventKind
from sla.models import Clock
from sla.queries.rulebook import rulebook
from sla.rules import FIXED_WARN, Levels, Rule, Rulebook, fixed_levels, fixed_plan, plan


def start(
    *,
    actor: Acts,
    subject_kind: str,
    subject_id: int,
    dimensions: Mapping[str, str],
    metrics: Sequence[str],
    at: datetime,
    cycle: int = 1,
    state: str = "",
    silent_before: datetime | None = None,
) -> list[Clock]:
    """Start a clock for each metric that the first matching policy has a target for.

    A metric that has a clock under way, or had one in this cycle, is left alone, so calling twice starts once.
    """
    rule = rulebook(subject_kind).rule_for(dimensions)
    if rule is None:
        return []
    taken = _taken(subject_kind, subject_id, cycle)
    ledger = Ledger(actor, subject_kind, silent_before)
    for metric in metrics:
        if metric in rule.targets and metric not in taken:
            made = plan(rule, metric, at)
            clock = ledger.start(subject_id=subject_id, metric=metric, cycle=cycle, at=at, made=made, rule=rule)
            if state in rule.targets[metric].pause_states:
                ledger.pause(clock, at)
    ledger.write()
    return ledger.created


def start_fixed(
    *,
    actor: Acts,
    subject_kind: str,
    subject_id: int,
    metric: str,
    at: datetime,
    due_at: datetime,
    cycle: int = 1,
    warn: Sequence[int] = FIXED_WARN,
    levels: Levels = (),
    silent_before: datetime | None = None,
) -> Clock:
    """Start a clock towards an instant that nothing moves and no state pauses, such as a statutory deadline.

    `warn` are percents of the elapsed time, `levels` alarm after the breach, in elapsed seconds. Raises ValueError if it is
    due before it starts or runs already.
    """
    if due_at < at:
        raise ValueError("due before it starts")
    if metric in _taken(subject_kind, subject_id, cycle):
        raise ValueError(f"{metric} has a clock already")
    ledger = Ledger(actor, subject_kind, silent_before)
    made = fixed_plan(at, due_at, warn, levels)
    clock = ledger.start(subject_id=subject_id, metric=metric, cycle=cycle, at=at, made=made, rule=None)
    ledger.write()
    return clock


def move_fixed(
    *,
    actor: Acts,
    subject_kind: str,
    subject_id: int,
    metric: str,
    started_at: datetime,
    due_at: datetime,
    at: datetime,
    levels: Levels = (),
) -> None:
    """Give the metric's open clock with a fixed due instant another start and due, and these levels after a breach. What was
    fired and lies behind on the new way stays fired; a breach that the new due does not know is taken back."""
    ledger = Ledger(actor, subject_kind)
    for clock in open_clocks(subject_kind, subject_id, [metric]):
        ledger.settle(clock, at)
        made = fixed_plan(started_at, due_at, levels=levels)
        done = made.codes_before(at) & (fired_codes([clock])[clock.pk] | set(clock.plan_code[: clock.plan_pos]))
        before, clock.started_at, clock.revision = clock.due_at, started_at, clock.revision + 1
        clock.breached_at = due_at if "breached:0" in done else None
        clock.acknowledged_at = clock.acknowledged_at if clock.breached_at else None
        set_plan(clock, made, done)
        ledger.note(clock, EventKind.RECOMPUTED, at, params={"due_before": before.isoformat()})
    ledger.write()


def run_again(
    *,
    actor: Acts,
    clock_id: int,
    subject_id: int,
    started_at: datetime,
    due_at: datetime,
    at: datetime,
    levels: Levels = (),
) -> Clock:
    """What met a clock with a fixed due instant did not count: the promise runs on as the subject's next cycle, and the clock
    that was met stays as it is. What it fired and lies behind stays fired, and so does an acknowledgement of its breach; the rest
    fires at its instants, gone by or not. Its own levels go along; `levels` are for one without. Raises ValueError if the
    metric runs already."""
    source = Clock.objects.get(pk=clock_id)
    same = Clock.objects.filter(subject_kind=source.subject_kind, subject_id=subject_id, metric=source.metric)
    cycle = 1 + max(same.values_list("cycle", flat=True), default=0)
    if source.metric in _taken(source.subject_kind, subject_id, cycle):
        raise ValueError(f"{source.metric} runs already")
    own = fixed_levels(source.due_at, source.plan_at, source.plan_code)
    made = fixed_plan(started_at, due_at, levels=own or levels)
    done = made.codes_before(at) & (fired_codes([source])[source.pk] | set(source.plan_code[: source.plan_pos]))
    ledger = Ledger(actor, source.subject_kind)
    clock = ledger.start(subject_id=subject_id, metric=source.metric, cycle=cycle, at=started_at, made=made, rule=None)
    clock.breached_at = due_at if "breached:0" in done else None
    clock.acknowledged_at = source.acknowledged_at if clock.breached_at else None
    set_plan(clock, made, done)
    ledger.write()
    return clock


def state_changed(
    *,
    actor: Acts,
    subject_kind: str,
    subject_id: int,
    state: str,
    at: datetime,
    silent_before: datetime | None = None,
) -> None:
    """Pause and resume the subject's clocks as their policies say of its new state."""
    clocks = open_clocks(subject_kind, subject_id)
    rule_of = terms(clocks)
    ledger = Ledger(actor, subject_kind, silent_before)
    for clock in clocks:
        follow(ledger, clock, rule_of(clock), state, at)
    ledger.write()


def meet(
    *,
    actor: Acts,
    subject_kind: str,
    subject_id: int,
    metric: str,
    at: datetime,
    silent_before: datetime | None = None,
) -> Clock | None:
    """Stop the metric's open clock as met; None if there is none. In time is at or before the due instant."""
    clocks = open_clocks(subject_kind, subject_id, [metric])
    _finish(Ledger(actor, subject_kind, silent_before), clocks, ClockState.MET, at)
    return clocks[0] if clocks else None


def cancel(
    *,
    actor: Acts,
    subject_kind: str,
    subject_id: int,
    metrics: Sequence[str] | None = None,
    at: datetime,
    silent_before: datetime | None = None,
) -> None:
    """Stop the subject's open clocks (of these metrics) without a verdict."""
    clocks = open_clocks(subject_kind, subject_id, metrics)
    _finish(Ledger(actor, subject_kind, silent_before), clocks, ClockState.CANCELLED, at)


def recompute(
    *,
    actor: Acts,
    subject_kind: str,
    subject_id: int,
    dimensions: Mapping[str, str],
    at: datetime,
    state: str = "",
    silent_before: datetime | None = None,
) -> None:
    """Put the subject's open clocks under the policy that matches now, from their original start, pauses kept.

    A metric without a target there is cancelled; nothing is written where nothing changes.
    """
    recompute_many(
        Ledger(actor, subject_kind, silent_before),
        rulebook(subject_kind),
        open_clocks(subject_kind, subject_id),
        dimensions={subject_id: dimensions},
        states={subject_id: state},
        at=at,
    )


def recompute_many(
    ledger: Ledger,
    book: Rulebook,
    clocks: Sequence[Clock],
    *,
    dimensions: Mapping[int, Mapping[str, str]],
    states: Mapping[int, str],
    at: datetime,
) -> int:
    """As `recompute`, for the open clocks of many subjects at once. How many due instants moved."""
    moving = [clock for clock in clocks if not clock.is_fixed]
    rule_of, fired, moved = terms(moving), fired_codes(moving), 0
    for clock in moving:
        rule = book.rule_for(dimensions.get(clock.subject_id, {}))
        if rule is None or clock.metric not in rule.targets:
            ledger.finish(clock, ClockState.CANCELLED, at, rule_of(clock))
            continue
        before = clock.due_at
        if _differs(clock, rule):
            ledger.settle(clock, at)
            ledger.replan(clock, rule, at, fired[clock.pk] | set(clock.plan_code[: clock.plan_pos]), {})
        follow(ledger, clock, rule, states.get(clock.subject_id, ""), at)
        moved += clock.due_at != before
    ledger.write()
    return moved


def acknowledge(*, actor: Acts, clock_id: int, at: datetime) -> Clock | None:
    """Somebody takes on a breach: no further level is alarmed. None if there is nothing to acknowledge."""
    clock = Clock.objects.select_for_update(no_key=True).filter(pk=clock_id, state__in=OPEN_STATES).first()
    if clock is None or clock.breached_at is None or clock.acknowledged_at is not None:
        return None
    ledger = Ledger(actor, clock.subject_kind)
    ledger.settle(clock, at)
    clock.acknowledged_at = at
    kept = [i for i, code in enumerate(clock.plan_code) if i < clock.plan_pos or not code.startswith("escalated")]
    clock.plan_at, clock.plan_code = [clock.plan_at[i] for i in kept], [clock.plan_code[i] for i in kept]
    set_next(clock)
    ledger.note(clock, EventKind.ACKNOWLEDGED, at)
    ledger.write()
    return clock


def _taken(subject_kind: str, subject_id: int, cycle: int) -> set[str]:
    rows = Clock.objects.filter(subject_kind=subject_kind, subject_id=subject_id).values_list(
        "metric", "cycle", "state"
    )
    return {metric for metric, found, state in rows if found == cycle or state in OPEN_STATES}


def follow(ledger: Ledger, clock: Clock, rule: Rule | None, state: str, at: datetime) -> None:
    """Pause or resume a clock as its policy says of the subject's state."""
    if rule is None:
        return
    pauses = state in rule.targets[clock.metric].pause_states
    if pauses and clock.state == ClockState.RUNNING:
        ledger.pause(clock, at)
    elif not pauses and clock.state == ClockState.PAUSED:
        ledger.resume(clock, at, rule)


def _finish(ledger: Ledger, clocks: Sequence[Clock], state: ClockState, at: datetime) -> None:
    rule_of = terms(clocks)
    for clock in clocks:
        ledger.finish(clock, state, at, rule_of(clock))
    ledger.write()


def _differs(clock: Clock, rule: Rule) -> bool:
    target = rule.targets[clock.metric]
    return (clock.policy_version_id, clock.calendar_version_id) != (rule.policy_version_id, target.calendar_version_id)
