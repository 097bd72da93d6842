"""Cases as lines of the queue's table.

Written in Python, one format string a row: fifty rows of template tags would be most of the page's time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from escalations.choices import OPEN_STATES, Metric, Sensitivity
from escalations.choices.statutory import Duty
from escalations.views.common import case_url, lang_of
from portal.ui import marks
from portal.ui.times import duration_text
from sla import queries as clocks

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from escalations.models import Case
    from escalations.queries import CaseLine, QueueRow

# Stands for a case's reference in the address of its page, so that the address is looked up once for all rows.
_ANY_REF: Final = "EC-0"

_ROW: Final = """<tr role="row" id="c{pk}">{pick}
<td role="cell" data-c="sev">{severity}</td>
<td role="cell" data-c="id" class="muted nowrap">{ref}</td>
<td role="cell" data-c="subj"><span class="subj">{lock}<a class="rowlink clip" id="open-{pk}" href="{url}"{lang}>{subject}</a>{badges}</span></td>
<td role="cell" data-c="x" class="soft clip c-svc" title="{service}">{service}</td>
<td role="cell" data-c="x" class="soft clip c-site" title="{site}">{site_cell}</td>
<td role="cell" data-c="st">{state}</td>
<td role="cell" data-c="sla"><span class="row nowrap">{clock}</span></td>
<td role="cell" data-c="who">{owner}</td>
<td role="cell" data-c="x" class="num muted c-upd">{since}</td></tr>
"""
_PICK: Final = """
<td role="cell" data-c="ck"><label class="pick"><input type="checkbox" id="pick-{pk}" name="case" value="{pk}" aria-label="{label}"></label></td>"""


@dataclass(frozen=True, slots=True)
class _Page:
    """What all rows of a page have in common."""

    now: datetime
    address: str
    pick: str
    metrics: Mapping[str, SafeString]


def rows_html(rows: Iterable[QueueRow], *, selectable: bool) -> SafeString:
    """The rows of the table's body; with a box to pick each, if anything can be done to what is picked."""
    page = _Page(timezone.now(), case_url(_ANY_REF), _("Select %(ref)s") if selectable else "", _metrics())
    return SafeString("".join(_row(row, page) for row in rows))


def _row(row: QueueRow, page: _Page) -> SafeString:
    case, lang = row.case, lang_of(row.case.subject)
    return format_html(
        _ROW,
        pk=case.pk,
        pick=_pick(case, page),
        severity=marks.severity(case.severity),
        ref=case.ref,
        lock=lock_of(case),
        url=page.address.replace(_ANY_REF, case.ref),
        lang=SafeString(f' lang="{lang}"' if lang else ""),
        subject=case.subject,
        badges=SafeString("".join(marks.badge(text, tone) for text, tone in badges_of(case, case.escalation_level))),
        service=case.service.label,
        site=site_name(case),
        site_cell=site_cell(case),
        state=marks.case_state(case.state),
        clock=_clock(row, page),
        owner=marks.who(case.owner),
        since=duration_text(max(0, int((page.now - case.updated_at).total_seconds()))),
    )


def _pick(case: CaseLine, page: _Page) -> SafeString:
    return format_html(_PICK, pk=case.pk, label=page.pick % {"ref": case.ref}) if page.pick else SafeString()


def lock_of(case: CaseLine) -> SafeString:
    """A lock that says how sensitive the case is; nothing for a standard one."""
    if case.sensitivity == Sensitivity.STANDARD:
        return SafeString()
    return marks.icon("lock", str(Sensitivity(case.sensitivity).label))


def _clock(row: QueueRow, page: _Page) -> SafeString:
    """The pill of the clock that is due next, and which promise it is; a dash for a case that has ended."""
    if row.clock is None or row.case.state not in OPEN_STATES:
        return marks.sla_pill(None)
    return SafeString(marks.sla_pill(clocks.pill(row.clock, page.now)) + page.metrics.get(row.clock.metric, ""))


def _metrics() -> Mapping[str, SafeString]:
    """The metrics' names where there is little room."""
    names = {
        Metric.FIRST_RESPONSE.value: _("first reply"),
        Metric.NEXT_REPLY.value: _("next reply"),
        Metric.RESOLUTION.value: _("resolution"),
        **{duty.value: _("by law") for duty in Duty},
    }
    return {key: format_html(' <span class="tiny muted clip">{}</span>', name) for key, name in names.items()}


def site_name(case: Case | CaseLine) -> str:
    """Site and partner, as people call them."""
    site = case.site
    return f"{site.label} · {site.partner.label}" if site and site.partner else ""


def site_cell(case: CaseLine) -> SafeString:
    """As `site_name`, but that the partner makes room where there is little."""
    site = case.site
    return (
        format_html('{}<span class="of"> · {}</span>', site.label, site.partner.label)
        if site and site.partner
        else SafeString()
    )


def badges_of(case: Case | CaseLine, level: int) -> list[tuple[str, str]]:
    """What makes a case stand out beside its subject. `level`: how far it was escalated, as the reader may know it."""
    found = []
    if level:
        found.append((_("Level %(n)d") % {"n": level}, "amber"))
    if case.reopen_count:
        found.append((_("Reopened"), ""))
    return found
