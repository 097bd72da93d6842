"""The tables of a page as CSV or XLSX. Who took them away is written down."""

import tempfile
from collections.abc import Callable, Sequence
from typing import Any

import xlsxwriter
from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from portal.accounts.decorators import require_actor
from portal.accounts.rules import Actor
from portal.audit.actions import record
from portal.ui.exports import csv_response

from ..access import subjects
from ..access.subjects import Subject
from .asked import Asked, asked_of
from .common import actor_of
from .entries import Entry
from .network import matrix_of, narrowed
from .scorecard import scorecard_of

type Line = list[object]


@require_POST
@require_actor
def network(request: HttpRequest) -> HttpResponseBase:
    """The matrix, a line per site and KPI."""
    actor = actor_of(request)
    subject = subjects.get_network(actor)
    asked = asked_of(request, subject.newest)
    matrix = matrix_of(narrowed(subject, asked), asked)
    lines = [
        [row.site.partner.label, row.site.label, row.score, *cells(entry)]
        for row in matrix.rows
        for entry in row.entries
    ]
    head = [_("Partner"), _("Site"), _("Score"), *heads()]
    return _sent(request, actor, subject, asked, head, lines)


def export(get: Callable[[Actor, Any], Subject]) -> Callable[..., HttpResponseBase]:
    """The export of one kind of subject: its KPIs, then those of its parts."""

    @require_POST
    @require_actor
    def view(request: HttpRequest, key: Any) -> HttpResponseBase:
        actor = actor_of(request)
        subject = get(actor, key)
        asked = asked_of(request, subject.newest)
        made = scorecard_of(actor, subject, asked)
        lines = [["", subject.label, *cells(entry)] for entry in made.entries]
        for table in made.tables:
            lines += [[table.title, row.label, *cells(entry)] for row in table.rows for entry in row.entries]
        return _sent(request, actor, subject, asked, [_("Part"), _("Name"), *heads()], lines)

    return view


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
        _("Interval (95%), to"), _("Before"), _("Target"), _("Status"), _("Formula version"),
    ]  # fmt: skip


def cells(entry: Entry) -> Line:
    """One figure in full: a percent is a ratio, a missing figure an empty cell."""
    reading, before = entry.reading, entry.before
    return [
        entry.kpi.label, _number(reading.value), entry.kpi.get_unit_display(), _number(reading.numerator),
        _number(reading.denominator), _number(reading.n), _number(reading.low), _number(reading.high),
        _number(before.value if before else None), _number(entry.line.terms.target if entry.line else None), entry.verdict,
        entry.versions,
    ]  # fmt: skip


def _number(value: Any) -> object:
    return "" if value is None else float(value)


def _sent(
    request: HttpRequest, actor: Actor, subject: Subject, asked: Asked, head: Sequence[str], lines: Sequence[Line]
) -> HttpResponseBase:
    kind = "xlsx" if request.POST.get("format") == "xlsx" else "csv"
    record(
        actor=actor, verb="figures.exported", subject_type="user", subject_id=actor.user_id or 0,
        changes={"format": kind, "subject": subject.kind, "key": subject.key, "when": asked.period.key, "rows": len(lines)},
    )  # fmt: skip
    name = f"{subject.kind}-{asked.period.key.rstrip('~')}"
    if kind == "csv":
        return csv_response(f"{name}.csv", head, lines)
    return FileResponse(_workbook(head, lines), as_attachment=True, filename=f"{name}.xlsx")


def _workbook(head: Sequence[str], lines: Sequence[Line]) -> Any:
    """A workbook on disk, which is gone when it is closed. Text is never a formula."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    book = xlsxwriter.Workbook(file, {"strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet()
    bold = book.add_format({"bold": True})
    for at, text in enumerate(head):
        sheet.write_string(0, at, text, bold)
    for number, line in enumerate(lines, 1):
        for at, value in enumerate(line):
            if isinstance(value, float):
                sheet.write_number(number, at, value)
            else:
                sheet.write_string(number, at, str(value).replace("\0", ""))
    book.close()
    file.seek(0)
    return file
