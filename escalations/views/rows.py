"""A case as one line of the queue's table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from escalations.choices import OPEN_STATES, Metric, Sensitivity
from escalations.views.common import case_url, lang_of, seconds_since
from sla import queries as clocks

if TYPE_CHECKING:
    from escalations.models import Case
    from escalations.queries import QueueRow


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table."""

    case: Case
    clock: clocks.Pill | None
    metric: str
    service: str
    site: str
    url: str
    lang: str
    lock: str
    since: int
    badges: list[tuple[str, str]]


def line_of(row: QueueRow) -> Line:
    """A case as the table shows it."""
    case, now = row.case, timezone.now()
    ended = case.state not in OPEN_STATES
    return Line(
        case=case,
        clock=clocks.pill(row.clock, now) if row.clock and not ended else None,
        metric=_short(row.clock.metric) if row.clock and not ended else "",
        service=case.service.label,
        site=site_name(case),
        url=case_url(case),
        lang=lang_of(case.subject),
        lock=str(Sensitivity(case.sensitivity).label) if case.sensitivity != Sensitivity.STANDARD else "",
        since=seconds_since(case.updated_at),
        badges=badges_of(case),
    )


def _short(metric: str) -> str:
    """A metric's name where there is little room."""
    names = {
        Metric.FIRST_RESPONSE: _("first reply"),
        Metric.NEXT_REPLY: _("next reply"),
        Metric.RESOLUTION: _("resolution"),
    }
    return names.get(Metric(metric), "") if metric in Metric.values else ""


def site_name(case: Case) -> str:
    """Site and partner, as people call them."""
    return f"{case.site.label} · {case.site.partner.label}" if case.site else ""


def badges_of(case: Case) -> list[tuple[str, str]]:
    """What makes a case stand out beside its subject."""
    found = []
    if case.escalation_level:
        found.append((_("Level %(n)d") % {"n": case.escalation_level}, "amber"))
    if case.reopen_count:
        found.append((_("Reopened"), ""))
    return found
