"""How a due instant came about, line by line, as codes with parameters; the words are made for the reader."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from portal.accounts.rules import Actor
from portal.ui.times import duration_text
from sla import registry
from sla.business_time import Interval
from sla.choices import ClockState
from sla.models import CalendarVersion, Clock, ClockEvent, PolicyVersion
from sla.models.calendars import in_language
from sla.queries.calendars import content_of
from sla.queries.clocks import ClockView
from sla.queries.spans import span_text

MOST_LINES = 300

_REASONS = {
    "open": gettext_lazy("Open: counts"),
    "closed": pgettext_lazy("opening hours", "Closed"),
    "holiday": gettext_lazy("Holiday: %(name)s"),
    "special": gettext_lazy("Other hours on this date"),
    "paused": gettext_lazy("Paused: the subject waited"),
    "more": gettext_lazy("And so on until the due time"),
}
_EVENTS = {
    "started": gettext_lazy("Started"),
    "paused": gettext_lazy("Paused"),
    "resumed": gettext_lazy("Resumed"),
    "warned": gettext_lazy("Warned at %(threshold)s%% of the target"),
    "breached": gettext_lazy("Breached"),
    "escalated": gettext_lazy("Escalated to level %(threshold)s"),
    "acknowledged": gettext_lazy("Acknowledged"),
    "met": gettext_lazy("Met"),
    "cancelled": gettext_lazy("Cancelled"),
    "recomputed": gettext_lazy("Recomputed: policy, calendar or case changed"),
}
_AHEAD = {
    "warned": gettext_lazy("Will warn at %(threshold)s%% of the target"),
    "breached": gettext_lazy("Will be breached"),
    "escalated": gettext_lazy("Will escalate to level %(threshold)s"),
}


@dataclass(frozen=True, slots=True)
class ExplainLine:
    """One stretch of time: whether it counts, why, and how many seconds are used after it."""

    code: str
    start: datetime
    end: datetime
    counted: bool = False
    used: float = 0.0
    params: Mapping[str, str] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """Elapsed seconds of the stretch."""
        return (self.end - self.start).total_seconds()

    @property
    def text(self) -> str:
        """The reason in the reader's language."""
        return str(_REASONS[self.code]) % self.params if self.params else str(_REASONS[self.code])


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One thing that happened to the clock, or will."""

    code: str
    threshold: int
    at: datetime
    ahead: bool = False
    silent: bool = False

    @property
    def text(self) -> str:
        """What happened, in the reader's language."""
        words = _AHEAD if self.ahead else _EVENTS
        return str(words[self.code]) % {"threshold": self.threshold}


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything about one clock: the terms in words, the stretches of time, the history."""

    clock: ClockView
    terms: Sequence[tuple[str, str]]
    time_zone: str
    lines: Sequence[ExplainLine]
    history: Sequence[HistoryLine]


def explain(clock: ClockView, reader: Actor) -> list[ExplainLine]:
    """The stretches of time from the clock's start to its due instant (to the pause, if it is paused)."""
    return list(explanation(clock, reader).lines)


def explanation(clock: ClockView, reader: Actor) -> Explanation:
    """The whole explanation, for somebody who may know of the clock. Four queries."""
    row = Clock.objects.select_related("policy_version__policy", "calendar_version__calendar").get(pk=clock.id)
    version = row.calendar_version
    return Explanation(
        clock=clock,
        terms=list(_terms(clock, reader, row.policy_version, version)),
        time_zone=version.time_zone if version else _zone_of(clock, reader),
        lines=_lines(row, version) if version else [],
        history=[*_happened(clock), *_ahead(row)],
    )


def _zone_of(clock: ClockView, reader: Actor) -> str:
    """By whose clocks a fixed due instant is told: those it was counted by, else the reader's."""
    zone = registry.kind_of(clock.subject_kind).zone
    return (zone(reader, clock.subject_id, clock.id) if zone else "") or timezone.get_current_timezone_name()


def _terms(
    clock: ClockView, reader: Actor, policy: PolicyVersion | None, calendar: CalendarVersion | None
) -> Iterator[tuple[str, str]]:
    if policy is None or calendar is None or clock.target_seconds is None:
        counted = registry.kind_of(clock.subject_kind).counted
        lines = counted(reader, clock.subject_id, clock.id) if counted else ()
        yield from lines or [(_("Target"), _("A fixed time, set when the clock started. Nothing pauses or moves it."))]
        return
    yield _("Policy"), _("%(name)s, version %(n)d") % {"name": policy.policy.label, "n": policy.number}
    yield from matched(clock.subject_kind, policy.match)
    yield _("Target"), _("%(time)s of business time") % {"time": span_text(clock.target_seconds // 60)}
    yield _("Calendar"), _("%(name)s, version %(n)d") % {"name": calendar.calendar.label, "n": calendar.number}
    if clock.paused_seconds:
        yield _("Paused in all"), duration_text(clock.paused_seconds)


def matched(subject_kind: str, match: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
    """What a policy asks of a subject, in words."""
    dimensions = registry.kind_of(subject_kind).dimensions
    for name, values in match.items():
        if name in dimensions:
            known = dict(dimensions[name].choices())
            yield str(dimensions[name].label), _(", ").join(str(known.get(value, value)) for value in values)


def _lines(row: Clock, version: CalendarVersion) -> list[ExplainLine]:
    content = content_of(version)
    stops = [(pause.lower, pause.upper) for pause in row.pauses]
    end = max(row.started_at, min(row.due_at, row.paused_at)) if row.paused_at else row.due_at
    intervals = content.business_calendar().explain(row.started_at, end, stops)
    merged = list(_merged(intervals, content.holidays))
    if len(merged) > MOST_LINES:
        rest = ExplainLine("more", merged[MOST_LINES].start, end)
        merged = [*merged[:MOST_LINES], rest]
    return merged


def _merged(intervals: Sequence[Interval], holidays: Mapping[str, Sequence[str]]) -> Iterator[ExplainLine]:
    """Stretches of the same kind that follow one another become one line; a running sum is kept."""
    used, last = 0.0, None
    for interval in intervals:
        used += interval.seconds if interval.counted else 0.0
        line = _line(interval, used, holidays)
        if last is not None and (last.code, last.params) == (line.code, line.params):
            last = replace(last, end=line.end, used=used)
        else:
            if last is not None:
                yield last
            last = line
    if last is not None:
        yield last


def _line(interval: Interval, used: float, holidays: Mapping[str, Sequence[str]]) -> ExplainLine:
    code, params = str(interval.reason), {}
    if code in ("hours", "weekday"):
        code = "closed"
    if code == "holiday":
        english, chinese = [*holidays.get(interval.day.isoformat(), ("", "")), ""][:2]
        params = {"name": in_language(english, chinese)}
    return ExplainLine(code, interval.start, interval.end, interval.counted, used, params)


def _happened(clock: ClockView) -> Iterator[HistoryLine]:
    rows = ClockEvent.objects.filter(clock=clock.id).order_by("at", "pk")
    for kind, threshold, at, silent in rows.values_list("kind", "threshold", "at", "silent"):
        yield HistoryLine(kind, threshold, at, silent=silent)


def _ahead(row: Clock) -> Iterator[HistoryLine]:
    if row.state == ClockState.RUNNING:
        steps = zip(row.plan_at[row.plan_pos :], row.plan_code[row.plan_pos :], strict=True)
        for at, code in sorted(steps):
            kind, _colon, threshold = code.partition(":")
            yield HistoryLine(kind, int(threshold), at, ahead=True)
