"""Start, pause, resume, meet, cancel, recompute, merge, acknowledge.

The caller holds the subject's row lock; `at` is an aware instant. Each action writes its events in the caller's
transaction and tells the wing. `silent_before` is for imports: what lies before it alarms nobody.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from portal.audit.actions import Acts
from sla.actions.ledger import Ledger, RuleOf, pauses_of, set_next, set_plan
from sla.choices import FIRED_KINDS, OPEN_STATES, ClockState, EventKind
from sla.models import Clock, ClockEvent
from sla.queries.calendars import calendars_for
from sla.queries.rulebook import on_calendar, rulebook, rules_of
from sla.rules import FIXED_WARN, Rule, Rulebook, fixed_plan, plan


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
    silent_before: datetime | None = None,
) -> Clock:
    """Start a clock towards an instant that nothing moves and no state pauses, such as a statutory deadline.

    `warn` are percents of the elapsed time. Raises ValueError if it is due before it starts or runs already.
    """
    if due_at < at:
        raise ValueError("due before it starts")
    if metric in _taken(subject_kind, subject_id, cycle):
        raise ValueError(f"{metric} has a clock already")
    ledger = Ledger(actor, subject_kind, silent_before)
    made = fixed_plan(at, due_at, warn)
    clock = ledger.start(subject_id=subject_id, metric=metric, cycle=cycle, at=at, made=made, rule=None)
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
    clocks = _open(subject_kind, subject_id)
    rule_of = terms(clocks)
    ledger = Ledger(actor, subject_kind, silent_before)
    for clock in clocks:
        _follow(ledger, clock, rule_of(clock), state, at)
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
    clocks = _open(subject_kind, subject_id, [metric])
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
    clocks = _open(subject_kind, subject_id, metrics)
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
        _open(subject_kind, subject_id),
        {subject_id: dimensions},
        {subject_id: state},
        at,
    )


def recompute_many(
    ledger: Ledger,
    book: Rulebook,
    clocks: Sequence[Clock],
    dimensions: Mapping[int, Mapping[str, str]],
    states: Mapping[int, str],
    at: datetime,
) -> int:
    """As `recompute`, for the open clocks of many subjects at once. How many due instants moved."""
    moving = [clock for clock in clocks if not clock.is_fixed]
    rule_of, fired, moved = terms(moving), _fired_codes(moving), 0
    for clock in moving:
        rule = book.rule_for(dimensions.get(clock.subject_id, {}))
        if rule is None or clock.metric not in rule.targets:
            ledger.finish(clock, ClockState.CANCELLED, at, rule_of(clock))
            continue
        before = clock.due_at
        if _differs(clock, rule):
            ledger.settle(clock, at)
            ledger.replan(clock, rule, at, fired[clock.pk] | set(clock.plan_code[: clock.plan_pos]), {})
        _follow(ledger, clock, rule, states.get(clock.subject_id, ""), at)
        moved += clock.due_at != before
    ledger.write()
    return moved


def merge_due(*, actor: Acts, subject_kind: str, source_id: int, target_id: int, at: datetime) -> None:
    """Cancel the source's clocks; per metric the target takes over the source's terms where they are due earlier.

    A promise of the source for which the target has no open clock goes on as a new cycle of the target's.
    The caller holds both subjects' locks.
    """
    sources, targets = _open(subject_kind, source_id), _open(subject_kind, target_id)
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


def terms(clocks: Sequence[Clock]) -> RuleOf:
    """The rule under which each clock stands, on the version of the calendar that it started with."""
    rules = rules_of({clock.policy_version_id for clock in clocks})
    calendars = calendars_for({clock.calendar_version_id for clock in clocks})

    def rule_of(clock: Clock) -> Rule | None:
        if clock.policy_version_id is None or clock.calendar_version_id is None:
            return None
        version = clock.calendar_version_id
        return on_calendar(rules[clock.policy_version_id], clock.metric, version, calendars[version])

    return rule_of


def _open(subject_kind: str, subject_id: int, metrics: Sequence[str] | None = None) -> list[Clock]:
    found = Clock.objects.filter(subject_kind=subject_kind, subject_id=subject_id, state__in=OPEN_STATES)
    if metrics is not None:
        found = found.filter(metric__in=metrics)
    return list(found.order_by("pk").select_for_update(no_key=True))


def _taken(subject_kind: str, subject_id: int, cycle: int) -> set[str]:
    rows = Clock.objects.filter(subject_kind=subject_kind, subject_id=subject_id).values_list("metric", "cycle", "state")
    return {metric for metric, found, state in rows if found == cycle or state in OPEN_STATES}


def _follow(ledger: Ledger, clock: Clock, rule: Rule | None, state: str, at: datetime) -> None:
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


def _fired_codes(clocks: Sequence[Clock]) -> Mapping[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    rows = ClockEvent.objects.filter(clock__in=[clock.pk for clock in clocks], kind__in=FIRED_KINDS)
    for clock_id, kind, threshold in rows.values_list("clock_id", "kind", "threshold"):
        found[clock_id].add(f"{kind}:{threshold}")
    return found


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
    fired = _fired_codes([heir])[heir.pk] | set(heir.plan_code[: heir.plan_pos])
    heir.started_at, heir.pauses = source.started_at, list(source.pauses)
    if rule is None:
        before, heir.revision = heir.due_at, heir.revision + 1
        made = fixed_plan(source.started_at, source.due_at)
        set_plan(heir, made, made.codes_before(at) & fired)
        ledger.note(heir, EventKind.RECOMPUTED, at, params={"merged": source.subject_id, "due_before": before.isoformat()})
    else:
        ledger.replan(heir, rule, at, fired, {"merged": source.subject_id})


def _new_cycle(ledger: Ledger, source: Clock, target_id: int, rule: Rule | None) -> Clock:
    """Go on with the source's promise as the target's next cycle, including what was fired already."""
    same = Clock.objects.filter(subject_kind=source.subject_kind, subject_id=target_id, metric=source.metric)
    cycle = 1 + max(same.values_list("cycle", flat=True), default=0)
    made = (
        fixed_plan(source.started_at, source.due_at)
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
