"""What happens to clocks, first in memory, then written in a few statements.

Every change first settles the clock: steps of its plan that lie before the instant of the change and were not fired yet
(the worker may be late) are fired now. So the events are the same whenever the worker runs.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from portal.audit.actions import Acts
from portal.inserting import insert
from sla import registry
from sla.choices import FIRED_KINDS, ClockState, EventKind
from sla.models import Clock, ClockEvent
from sla.rules import Pause, Plan, Rule, plan, with_done

type RuleOf = Callable[[Clock], Rule | None]

_SHORTEST = timedelta(microseconds=1)  # an empty range has no ends
_WRITTEN = [
    "revision",
    "policy_version",
    "calendar_version",
    "target_seconds",
    "state",
    "started_at",
    "due_at",
    "pauses",
    "paused_at",
    "breached_at",
    "acknowledged_at",
    "met_at",
    "plan_at",
    "plan_code",
    "plan_pos",
    "next_event_at",
    "silent_before",
]


@dataclass(frozen=True, slots=True)
class Noted:
    """An event that is not written yet; its clock may not have an id yet either."""

    clock: Clock
    kind: EventKind
    threshold: int
    revision: int
    at: datetime
    due_at: datetime
    silent: bool
    actor_id: int | None
    params: Mapping[str, object] | None


@dataclass(slots=True)
class Ledger:
    """Changes to clocks of one kind, by one actor. `write` hands them to the database and to the wing.

    With `silent_before` the clocks keep that instant: steps before it become silent events, of which the wing does not
    hear, whoever fires them.
    """

    actor: Acts
    subject_kind: str
    silent_before: datetime | None = None
    created: list[Clock] = field(default_factory=list)
    changed: dict[int, Clock] = field(default_factory=dict)
    events: list[Noted] = field(default_factory=list)

    def start(self, *, subject_id: int, metric: str, cycle: int, at: datetime, made: Plan, rule: Rule | None) -> Clock:
        """A new running clock."""
        clock = Clock(
            subject_kind=self.subject_kind,
            subject_id=subject_id,
            metric=metric,
            cycle=cycle,
            started_at=at,
            due_at=made.due_at,
        )
        set_terms(clock, rule)
        set_plan(clock, made, ())
        self.created.append(clock)
        self.note(clock, EventKind.STARTED, at, params=terms_of(clock))
        return clock

    def settle(self, clock: Clock, before: datetime) -> None:
        """Fire the steps of a running clock that lie before an instant."""
        while clock.state == ClockState.RUNNING and clock.plan_pos < len(clock.plan_at):
            at, code = clock.plan_at[clock.plan_pos], clock.plan_code[clock.plan_pos]
            if at >= before:
                break
            kind, _, threshold = code.partition(":")
            self.note(clock, EventKind(kind), at, int(threshold))
            clock.plan_pos += 1
            clock.breached_at = at if kind == EventKind.BREACHED else clock.breached_at
            set_next(clock)

    def pause(self, clock: Clock, at: datetime) -> None:
        """Stop counting."""
        self.settle(clock, at)
        clock.state, clock.paused_at = ClockState.PAUSED, at
        self.note(clock, EventKind.PAUSED, at, len(clock.pauses) + 1)
        set_next(clock)

    def resume(self, clock: Clock, at: datetime, rule: Rule) -> None:
        """Count on: the due instant moves by the business time that the pause took."""
        self.note(clock, EventKind.RESUMED, self._end_pause(clock, at, rule), len(clock.pauses))

    def _end_pause(self, clock: Clock, at: datetime, rule: Rule) -> datetime:
        began = clock.paused_at or at
        end = max(at, began + _SHORTEST)
        clock.pauses = [*clock.pauses, DateTimeTZRange(began, end)]
        clock.state, clock.paused_at = ClockState.RUNNING, None
        made = plan(rule, clock.metric, clock.started_at, pauses_of(clock))
        set_plan(clock, made, clock.plan_code[: clock.plan_pos])
        return end

    def finish(self, clock: Clock, state: ClockState, at: datetime, rule: Rule | None) -> None:
        """Met or cancelled. What was met at or before its due instant was not breached, whatever was noticed first."""
        if clock.state == ClockState.PAUSED and rule is not None:
            self._end_pause(clock, at, rule)
        self.settle(clock, at)
        clock.state, clock.paused_at = state, None
        if state == ClockState.MET:
            clock.met_at = at
            clock.breached_at = clock.breached_at if at > clock.due_at else None
        self.note(clock, EventKind(state.value), at)
        set_next(clock)

    def replan(
        self, clock: Clock, rule: Rule, at: datetime, fired: Collection[str], params: Mapping[str, object]
    ) -> None:
        """Other terms, or another start, for a clock that goes on. Steps that lie behind and were fired stay fired."""
        made = plan(rule, clock.metric, clock.started_at, pauses_of(clock))
        now = clock.paused_at or at
        done = made.codes_before(now) & set(fired)
        before, clock.revision = clock.due_at, clock.revision + 1
        set_terms(clock, rule)
        if "breached:0" not in done:
            clock.breached_at = clock.acknowledged_at = None
        else:
            clock.breached_at = made.due_at
        set_plan(clock, made, done)
        self.note(
            clock,
            EventKind.RECOMPUTED,
            at,
            params={**terms_of(clock), "due_before": before.isoformat(), **params},
        )

    def note(
        self,
        clock: Clock,
        kind: EventKind,
        at: datetime,
        threshold: int = 0,
        params: Mapping[str, object] | None = None,
    ) -> None:
        """Write down that something happened."""
        if self.silent_before is not None:
            clock.silent_before = max(self.silent_before, clock.silent_before or self.silent_before)
        if clock.pk:
            self.changed[clock.pk] = clock
        self.events.append(
            Noted(
                clock=clock,
                kind=kind,
                threshold=threshold,
                revision=clock.revision,
                at=at,
                due_at=clock.due_at,
                silent=kind in FIRED_KINDS and clock.silent_before is not None and at < clock.silent_before,
                actor_id=None if kind in FIRED_KINDS else self.actor.user_id,
                params=params,
            )
        )

    def settle_past(self) -> None:
        """Fire, in silence, what lies before `silent_before`. Only for clocks whose whole history is known."""
        if self.silent_before is not None:
            for clock in self.created:
                self.settle(clock, self.silent_before)

    def write(self, *, due_is_known: bool = False) -> None:
        """Save clocks and events; the wing hears of fired events and of changed due instants, unless it wrote those itself."""
        insert(self.created)
        if self.changed:
            Clock.objects.bulk_update(self.changed.values(), _WRITTEN, batch_size=500)
        insert(written := [_event(noted) for noted in self.events])
        if written:
            self._tell(written, due_is_known)

    def _tell(self, written: Sequence[ClockEvent], due_is_known: bool) -> None:
        kind = registry.kind_of(self.subject_kind)
        fired = [
            _fired(event, noted.clock)
            for event, noted in zip(written, self.events, strict=True)
            if noted.kind in FIRED_KINDS and not noted.silent
        ]
        if fired:
            kind.on_events(registry.Fired.of(fired))
        if not due_is_known:
            kind.on_due_changed(sorted({noted.clock.subject_id for noted in self.events}))
        if kind.on_noted is not None and self.silent_before is None:
            pairs = zip(written, self.events, strict=True)
            kind.on_noted([_told(event, noted.clock) for event, noted in pairs if noted.kind not in FIRED_KINDS])


def _event(noted: Noted) -> ClockEvent:
    return ClockEvent(
        clock_id=noted.clock.pk,
        kind=noted.kind,
        threshold=noted.threshold,
        revision=noted.revision,
        at=noted.at,
        due_at=noted.due_at,
        silent=noted.silent,
        actor_id=noted.actor_id,
        params=noted.params,
    )


def _fired(event: ClockEvent, clock: Clock) -> registry.FiredEvent:
    return registry.FiredEvent(
        clock_id=clock.pk,
        event_id=event.pk,
        subject_id=clock.subject_id,
        metric=clock.metric,
        cycle=clock.cycle,
        kind=event.kind,
        threshold=event.threshold,
        at=event.at,
        due_at=event.due_at,
        policy_version_id=clock.policy_version_id,
    )


def _told(event: ClockEvent, clock: Clock) -> registry.Noted:
    return registry.Noted(
        event.pk, clock.subject_id, clock.metric, clock.cycle, str(event.kind), event.at, event.due_at
    )


def set_terms(clock: Clock, rule: Rule | None) -> None:
    """Put a clock under a policy; without one its due instant is fixed."""
    if rule is None:
        return
    target = rule.targets[clock.metric]
    clock.policy_version_id = rule.policy_version_id
    clock.calendar_version_id = target.calendar_version_id
    clock.target_seconds = target.seconds


def set_plan(clock: Clock, made: Plan, done: Collection[str]) -> None:
    """Give a clock a plan of which some steps are done."""
    ordered, clock.plan_pos = with_done(made, done, escalates=clock.acknowledged_at is None)
    clock.due_at, clock.plan_at, clock.plan_code = ordered.due_at, list(ordered.at), list(ordered.code)
    set_next(clock)


def set_next(clock: Clock) -> None:
    """The instant for which the worker looks: the first step that is not done, while the clock runs."""
    ahead = clock.state == ClockState.RUNNING and clock.plan_pos < len(clock.plan_at)
    clock.next_event_at = clock.plan_at[clock.plan_pos] if ahead else None


def pauses_of(clock: Clock) -> list[Pause]:
    """The finished pauses."""
    return [(pause.lower, pause.upper) for pause in clock.pauses]


def terms_of(clock: Clock) -> dict[str, object]:
    """Under which policy and calendar a clock stands, for its event."""
    if clock.policy_version_id is None:
        return {"due": clock.due_at.isoformat()}
    return {"policy": clock.policy_version_id, "calendar": clock.calendar_version_id, "seconds": clock.target_seconds}
