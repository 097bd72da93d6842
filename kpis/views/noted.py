"""What was written beside figures, as a page lists it and a chart draws it: annotations, and time that both sides took out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from portal.accounts.rules import Actor
from portal.audit.wording import labelled
from portal.ui.charts import Mark
from portal.ui.times import is_chinese

from ..access.notes import to_annotate
from ..access.subjects import Subject
from ..models import Annotation, Exclusion, Kpi
from ..queries.remarks import annotations, taken_out
from ..rules.periods import Period
from ..wording.periods import day_text
from .asked import Asked

_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Noted:
    """`where`: the site or queue, where the page shows more than that. `url`: its own page. `withdraw`: where to take it back, or empty."""

    kind: str
    text: str
    first: date
    last: date
    where: str = ""
    by: str = ""
    kpi: str = ""
    url: str = ""
    withdraw: str = ""
    rebases: bool = False

    @property
    def days(self) -> str:
        """`19 Nov 2026`, or from when to when."""
        first = day_text(self.first)
        return first if self.first == self.last else f"{first} – {day_text(self.last)}"

    @property
    def said(self) -> str:
        """What the chart says: `Chengdu: Typhoon closure`."""
        return labelled(self.where, self.text) if self.where else self.text


def noted_of(actor: Actor, subject: Subject, kpi: Kpi | None, weeks: Sequence[Period]) -> list[Noted]:
    """Everything that touches these weeks of a KPI, the oldest first. Two queries."""
    sites = [subject.site] if subject.site else list(subject.sites)
    ids, first, last = [site.pk for site in sites], weeks[0].first, weeks[-1].last
    mine = {site.pk for site in to_annotate(actor, sites)}
    found = [
        _of_note(note, subject, note.site_id in mine)
        for note in annotations(ids, subject.scope, first, last)
        if kpi is None or note.kpi_id in {None, kpi.pk}
    ]
    found += [_of_exclusion(one, subject) for one in taken_out(ids, subject.scope, first, last)]
    return sorted(found, key=lambda one: (one.first, one.last, one.text))


def note_url(actor: Actor, subject: Subject, kpi: Kpi | None, asked: Asked) -> str:
    """The form of a remark that begins with what the page shows and leads back to it; empty for whoever may write none here."""
    sites = [subject.site] if subject.site else list(subject.sites)
    codes = [site.code for site in to_annotate(actor, sites)]
    if not codes:
        return ""
    given = {
        "site": codes[0] if len(codes) == 1 else "", "queue": subject.key if subject.kind == "queue" else "",
        "kpi": kpi.code if kpi else "", "back": f"{subject.url}{asked.query()}",
    }  # fmt: skip
    return f"{reverse('kpis:note_new')}?{urlencode({name: value for name, value in given.items() if value})}"


def marks_of(notes: Sequence[Noted], weeks: Sequence[Period]) -> list[tuple[Noted, Mark]]:
    """Where each stands among the weeks."""
    found = []
    for note in notes:
        covered = [at for at, week in enumerate(weeks) if week.first <= note.last and note.first <= week.last]
        if covered:
            found.append((note, Mark(covered[0], note.said, covered[-1] if len(covered) > 1 else None)))
    return found


def _of_note(note: Annotation, subject: Subject, mine: bool) -> Noted:
    return Noted(
        note.get_kind_display(), note.text_zh if note.text_zh and is_chinese() else note.text, note.first_day,
        note.last_day, _where(note, subject), note.made_by.name,
        withdraw=reverse("kpis:note_withdraw", args=[note.pk]) if mine else "", rebases=note.rebases, kpi=note.kpi.label if note.kpi else "",
    )  # fmt: skip


def _of_exclusion(one: Exclusion, subject: Subject) -> Noted:
    zone = ZoneInfo(one.site.time_zone)
    first, last = (at.astimezone(zone).date() for at in (one.period.lower, one.period.upper - _INSTANT))
    text = _("Excluded: %(reason)s") % {"reason": one.get_reason_display()}
    return Noted(_("Exclusion"), text, first, last, _where(one, subject), url=reverse("kpis:exclusion", args=[one.pk]))


def _where(row: Any, subject: Subject) -> str:
    parts = []
    if row.site is not None and len(subject.sites) > 1 and subject.site is None:
        parts.append(row.site.label)
    if row.queue is not None and subject.kind != "queue":
        parts.append(row.queue.label)
    return " · ".join(parts)
