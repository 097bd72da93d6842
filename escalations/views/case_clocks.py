"""A case's clocks as the rail shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from escalations.choices import Metric
from escalations.choices.statutory import Duty
from escalations.queries.statutory import zones_by_clock
from portal.ui.times import duration_text, placed_text, target_text, time_text
from sla import queries as clocks

if TYPE_CHECKING:
    from escalations.models import Case
    from escalations.queries import CaseRights, ClockView
    from portal.accounts.rules import Actor

_ORDER: Final = {"breached": 0, "late": 1, "warn": 2, "ok": 3, "paused": 4, "missed": 5, "met": 6}


@dataclass(frozen=True, slots=True)
class ClockLine:
    """One clock: its pill, how much is used, and a line of words."""

    pk: int
    label: str
    pill: Any
    state: str
    used: float
    note: str
    explain_url: str
    acknowledge_url: str
    # Where an answer by law is recorded; empty for other clocks.
    answer_url: str = ""


@dataclass(frozen=True, slots=True)
class Breach:
    """What the banner says of the clock that is longest over."""

    label: str
    over: str
    hint: str
    pill: Any


def clock_lines(actor: Actor, case: Case, views: Sequence[ClockView], rights: CaseRights) -> list[ClockLine]:
    """The newest clock of each metric that the reader may know of, the most pressing first and among those alike the first to
    fall due; cancelled ones are left out."""
    now = timezone.now()
    shown = [view for view in clocks.by_metric(views).values() if view.state != "cancelled"]
    zones = zones_by_clock(actor, case.pk, shown)
    shown.sort(key=lambda view: (view.due_at, view.metric))
    lines = [_line(case, view, rights, now, zones.get(view.id, "")) for view in shown]
    return sorted(lines, key=lambda line: _ORDER.get(line.state, 9))


def _line(case: Case, view: ClockView, rights: CaseRights, now: datetime, zone: str) -> ClockLine:
    pill = clocks.pill(view, now)
    return ClockLine(
        pk=view.id,
        label=view.label,
        pill=pill,
        state=pill.state,
        used=100 - pill.pct if view.is_open else 100,
        note=_note(view, zone),
        explain_url=reverse("sla:clock", args=[view.id]),
        acknowledge_url=reverse("escalations:case-acknowledge", args=[case.ref, view.id])
        if view.can_be_acknowledged and rights.work
        else "",
        answer_url=reverse("escalations:case-deadlines", args=[case.ref]) if view.metric in Duty.values else "",
    )


def _note(view: ClockView, zone: str) -> str:
    by_law = view.metric in Duty.values
    due = {"time": placed_text(view.due_at, zone) if by_law else time_text(view.due_at, "full")}
    parts = [_("Stands still; was due %(time)s") % due if view.state == "paused" else _("Due %(time)s") % due]
    if view.target_seconds:
        parts.append(_("target %(time)s of business time") % {"time": target_text(view.target_seconds)})
    if by_law:
        parts.append(_("cannot be paused"))
    if view.cycle > 1:
        parts.append(_("round %(n)d") % {"n": view.cycle})
    if view.acknowledged_at:
        parts.append(_("acknowledged"))
    return " · ".join(parts)


def worst_breach(views: Sequence[ClockView], rights: CaseRights) -> Breach | None:
    """The running clock that is longest over; what stops it, to those who may do that."""
    now = timezone.now()
    late = [view for view in views if view.state == "running" and view.due_at < now]
    if not late:
        return None
    worst = min(late, key=lambda view: view.due_at)
    hints = {
        Metric.FIRST_RESPONSE: _("Log a contact with the customer to stop this clock; a short holding reply will do."),
        Metric.NEXT_REPLY: _("The customer waits for an answer; a short holding reply stops this clock."),
        Metric.RESOLUTION: _("Say when it will be settled, and what stands in the way."),
    }
    hint = hints.get(Metric(worst.metric), "") if worst.metric in Metric.values and rights.contact else ""
    return Breach(worst.label, duration_text((now - worst.due_at).total_seconds()), hint, clocks.pill(worst, now))
