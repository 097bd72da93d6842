"""The tables of a page as CSV or XLSX. Who took them away is written down."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from portal.accounts.decorators import require_actor
from portal.accounts.requests import actor_of
from portal.accounts.rules import Actor

from ..access import subjects
from ..access.subjects import Subject
from .asked import Asked, asked_of
from .entries import Entry
from .exporting import Line, number_cell, provisional_until, sent
from .network import matrix_of
from .noted import noted_of
from .scorecard import scorecard_of


@require_POST
@require_actor
def network(request: HttpRequest) -> HttpResponseBase:
    """The matrix, a line per site and KPI."""
    actor = actor_of(request)
    subject = subjects.get_network(actor)
    asked = asked_of(request, subject)
    matrix = matrix_of(subject, asked)
    lines = [
        [row.site.partner.label, row.site.label, number_cell(row.total.score if row.total else None), *cells(entry)]
        for row in matrix.rows
        for entry in row.entries
    ]
    head = [_("Partner"), _("Site"), _("Score"), *heads()]
    return sent(request, actor, subject, asked, head, lines)


def export(get: Callable[[Actor, Any], Subject]) -> Callable[..., HttpResponseBase]:
    """The export of one kind of subject: its KPIs, then those of its parts."""

    @require_POST
    @require_actor
    def view(request: HttpRequest, key: Any) -> HttpResponseBase:
        actor = actor_of(request)
        subject = get(actor, key)
        asked = asked_of(request, subject)
        if request.POST.get("notes"):
            return _notes(request, actor, subject, asked)
        made = scorecard_of(actor, subject, asked)
        lines = [["", subject.label, *cells(entry)] for entry in made.entries]
        for table in made.tables:
            lines += [[table.title, row.label, *cells(entry)] for row in table.rows for entry in row.entries]
        return sent(request, actor, subject, asked, [_("Part"), _("Name"), *heads()], lines)

    return view


def _notes(request: HttpRequest, actor: Actor, subject: Subject, asked: Asked) -> HttpResponseBase:
    """What was written beside the subject's figures, and time that both sides took out, in the weeks that its charts show."""
    head = [_("Kind"), _("Text"), _("From"), _("To"), _("KPI"), _("Site or queue"), _("Written by")]
    lines: list[Line] = [
        [one.kind, one.text, one.first, one.last, one.kpi, one.where, one.by]
        for one in noted_of(actor, subject, None, asked.weeks(subject.newest, subject.today))
    ]
    return sent(request, actor, subject, asked, head, lines, name="annotations")


partner = export(subjects.get_partner)
site = export(subjects.get_site)
programme = export(subjects.get_programme)
queue = export(subjects.get_queue)
team = export(subjects.get_team)
person = export(subjects.get_person)


def heads() -> list[str]:
    """What `cells` hold."""
    return [
        _("KPI"), _("Value"), _("Unit"), _("Numerator"), _("Denominator"), "n", _("Interval (95%), from"),
        _("Interval (95%), to"), _("Before"), _("Target"), _("Status"), _("Formula version"), _("How it is counted"),
        _("Counted over, days"), _("Provisional until"),
    ]  # fmt: skip


def cells(entry: Entry) -> Line:
    """One figure in full: a percent is a ratio, a missing figure an empty cell."""
    reading, before = entry.reading, entry.before
    return [
        entry.kpi.label, number_cell(reading.value), entry.kpi.get_unit_display(), number_cell(reading.numerator),
        number_cell(reading.denominator), number_cell(reading.n), number_cell(reading.low), number_cell(reading.high),
        number_cell(before.value if before else None), number_cell(entry.line.terms.target if entry.line else None), entry.verdict,
        entry.versions, "; ".join(how.formula for how in entry.how), number_cell(reading.days),
        provisional_until(reading, entry.today),
    ]  # fmt: skip
