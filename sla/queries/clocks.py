"""Clocks as pages show them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from django.db.models import Min, OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext

from portal.ui.times import duration_text
from sla import registry
from sla.choices import OPEN_STATES, ClockState
from sla.models import Clock

_LATE = timedelta(minutes=10)
# The fields of a ClockView in their order; the finished pauses stand for its seconds, the last two are its steps.
_COLUMNS: Final = (
    "id",
    "subject_kind",
    "subject_id",
    "metric",
    "cycle",
    "state",
    "started_at",
    "due_at",
    "paused_at",
    "pauses",
    "met_at",
    "breached_at",
    "acknowledged_at",
    "target_seconds",
    "policy_version_id",
    "plan_at",
    "plan_code",
)


@dataclass(frozen=True, slots=True)
class ClockView:
    """One clock, read only. `steps` are the instants of its plan with their codes, in order."""

    id: int
    subject_kind: str
    subject_id: int
    metric: str
    cycle: int
    state: str
    started_at: datetime
    due_at: datetime
    paused_at: datetime | None
    paused_seconds: float
    met_at: datetime | None
    breached_at: datetime | None
    acknowledged_at: datetime | None
    target_seconds: int | None
    policy_version_id: int | None
    steps: tuple[tuple[datetime, str], ...]

    @property
    def label(self) -> str:
        """The metric's name in the reader's language."""
        return str(registry.kind_of(self.subject_kind).metric_label(self.metric))

    @property
    def is_open(self) -> bool:
        """True while the promise stands."""
        return self.state in OPEN_STATES

    @property
    def in_time(self) -> bool | None:
        """Whether the promise was kept; None while it is open or when it was cancelled."""
        return None if self.met_at is None else self.met_at <= self.due_at

    @property
    def can_be_acknowledged(self) -> bool:
        """True for a breach that nobody has taken on."""
        return self.is_open and self.breached_at is not None and self.acknowledged_at is None


@dataclass(frozen=True, slots=True)
class Pill:
    """What the design's pill needs: state, percent of the target left, and the instants at which it changes colour."""

    state: str
    due: datetime
    pct: float
    start: datetime
    warn_at: datetime | None
    late_at: datetime | None
    text: str = ""


def clocks_of(subject_kind: str, ids: Collection[int]) -> dict[int, list[ClockView]]:
    """Each subject's clocks, oldest cycle first. One query."""
    found: dict[int, list[ClockView]] = {pk: [] for pk in ids}
    rows = Clock.objects.filter(subject_kind=subject_kind, subject_id__in=ids).order_by("subject_id", "cycle", "metric")
    for clock in rows if ids else ():
        found[clock.subject_id].append(view_of(clock))
    return found


def open_clocks_of(subject_kind: str, ids: Collection[int]) -> dict[int, list[ClockView]]:
    """Each subject's running and paused clocks, as lists show them. One query, and no model instance per clock."""
    found: dict[int, list[ClockView]] = {}
    rows = Clock.objects.filter(subject_kind=subject_kind, subject_id__in=ids, state__in=OPEN_STATES)
    for row in rows.order_by("subject_id", "cycle", "metric").values_list(*_COLUMNS) if ids else ():
        facts: tuple[Any, ...] = (*row[:9], _seconds(row[9]), *row[10:15], _steps(*row[15:]))
        view = ClockView(*facts)
        found.setdefault(view.subject_id, []).append(view)
    return found


def _seconds(pauses: Iterable[Any]) -> float:
    lengths: Iterable[timedelta] = (pause.upper - pause.lower for pause in pauses)
    return sum(length.total_seconds() for length in lengths)


def _steps(plan_at: Iterable[datetime], plan_code: Iterable[str]) -> tuple[tuple[datetime, str], ...]:
    return tuple(sorted(zip(plan_at, plan_code, strict=True)))


def clock_view(clock_id: int) -> ClockView | None:
    """One clock, or None."""
    clock = Clock.objects.filter(pk=clock_id).first()
    return view_of(clock) if clock else None


def view_of(clock: Clock) -> ClockView:
    """The read-only view of a loaded clock."""
    return ClockView(
        id=clock.pk,
        subject_kind=clock.subject_kind,
        subject_id=clock.subject_id,
        metric=clock.metric,
        cycle=clock.cycle,
        state=clock.state,
        started_at=clock.started_at,
        due_at=clock.due_at,
        paused_at=clock.paused_at,
        paused_seconds=_seconds(clock.pauses),
        met_at=clock.met_at,
        breached_at=clock.breached_at,
        acknowledged_at=clock.acknowledged_at,
        target_seconds=clock.target_seconds,
        policy_version_id=clock.policy_version_id,
        steps=_steps(clock.plan_at, clock.plan_code),
    )


def earliest_due(subject_kind: str, ids: Collection[int]) -> dict[int, datetime | None]:
    """The earliest due instant among each subject's running clocks; None without one. One query."""
    found: dict[int, datetime | None] = dict.fromkeys(ids)
    rows = (
        Clock.objects.filter(subject_kind=subject_kind, subject_id__in=ids, state=ClockState.RUNNING)
        .values("subject_id")
        .annotate(due=Min("due_at"))
        .values_list("subject_id", "due")
    )
    found.update(dict(rows) if ids else {})
    return found


def earliest_due_of_each(subject_kind: str, *, without: Collection[str] = ()) -> Subquery:
    """For an annotation of subjects: the earliest due instant among the running clocks of each, but for those of some metrics;
    null without one."""
    rows = Clock.objects.filter(subject_kind=subject_kind, subject_id=OuterRef("pk"), state=ClockState.RUNNING)
    return Subquery(rows.exclude(metric__in=without).order_by("due_at").values("due_at")[:1])


def first_due_of_each(subject_kind: str, metrics: Collection[str], since: datetime, until: datetime) -> Subquery:
    """The same of some metrics alone, as far as it is due after `since` and before `until`."""
    rows = Clock.objects.filter(subject_kind=subject_kind, subject_id=OuterRef("pk"), state=ClockState.RUNNING)
    due = rows.filter(metric__in=metrics, due_at__gt=since, due_at__lt=until)
    return Subquery(due.order_by("due_at").values("due_at")[:1])


def oldest_due_age() -> float:
    """Seconds since the oldest event that is due and has not been fired; 0 when the worker keeps up."""
    # One look into the index per kind; a minimum over several kinds would read all running clocks.
    ahead = [
        Clock.objects.filter(subject_kind=kind.key, state=ClockState.RUNNING, next_event_at__isnull=False)
        .order_by("next_event_at")
        .values_list("next_event_at", flat=True)
        .first()
        for kind in registry.kinds()
    ]
    oldest = min((at for at in ahead if at is not None), default=None)
    return max(0.0, (timezone.now() - oldest).total_seconds()) if oldest else 0.0


def pill(clock: ClockView, now: datetime) -> Pill:
    """How the clock looks at an instant. Its colours follow the policy's warning percentages."""
    warn_at, late_at = colour_instants(clock)
    return Pill(
        state=_pill_state(clock, now, warn_at, late_at),
        due=clock.due_at,
        pct=percent_left(clock, clock.paused_at or now),
        start=clock.started_at,
        warn_at=warn_at,
        late_at=late_at,
        text=_ended(clock),
    )


def _ended(clock: ClockView) -> str:
    """Of a clock that ticks no more: how long it took, or how late it was; empty for one that goes on."""
    if clock.state == ClockState.CANCELLED:
        return gettext("Cancelled")
    if clock.met_at is None:
        return ""
    if clock.in_time:
        return gettext("Met in %(time)s") % {"time": duration_text((clock.met_at - clock.started_at).total_seconds())}
    return gettext("Met %(time)s late") % {"time": duration_text((clock.met_at - clock.due_at).total_seconds())}


def colour_instants(clock: ClockView) -> tuple[datetime | None, datetime | None]:
    """When the clock turns amber (first warning) and orange (last warning, else ten minutes before it is due)."""
    warnings = [at for at, code in clock.steps if code.startswith("warned:")]
    if len(warnings) > 1:
        return warnings[0], warnings[-1]
    late = max([clock.started_at, clock.due_at - _LATE, *warnings])
    return (warnings[0] if warnings else None), late


def percent_left(clock: ClockView, now: datetime) -> float:
    """Percent of the target left, 0..100: between the plan's instants, whose percents are known, in a straight line."""
    known = [(clock.started_at, 100.0)]
    known += [(at, 100.0 - int(code.partition(":")[2])) for at, code in clock.steps if code.startswith("warned:")]
    known.append((clock.due_at, 0.0))
    if now <= clock.started_at:
        return 100.0
    for (begin, high), (end, low) in pairwise(known):
        if begin < now <= end:
            return low + (high - low) * ((end - now) / (end - begin))
    return 0.0


def _pill_state(clock: ClockView, now: datetime, warn_at: datetime | None, late_at: datetime | None) -> str:
    if clock.state in (ClockState.MET, ClockState.CANCELLED):
        return "met" if clock.in_time is not False else "missed"
    if clock.state == ClockState.PAUSED:
        return "paused"
    if now > clock.due_at:
        return "breached"
    if late_at and now >= late_at:
        return "late"
    return "warn" if warn_at and now >= warn_at else "ok"


def open_views(clocks: Sequence[ClockView]) -> list[ClockView]:
    """The clocks that still count, soonest first."""
    return sorted((clock for clock in clocks if clock.is_open), key=lambda clock: clock.due_at)


def by_metric(clocks: Sequence[ClockView]) -> dict[str, ClockView]:
    """The newest clock of each metric."""
    found: dict[str, list[ClockView]] = defaultdict(list)
    for clock in clocks:
        found[clock.metric].append(clock)
    return {metric: max(group, key=lambda clock: clock.cycle) for metric, group in found.items()}
