"""A table of figures as CSV or XLSX. Every line carries the view it was taken from; who took it away is written down."""

from collections.abc import Mapping, Sequence
from datetime import date
from io import BytesIO
from typing import Any

import xlsxwriter
from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from portal.accounts.rules import Actor
from portal.audit.actions import record
from portal.ui.exports import csv_response

from ..access.subjects import Subject
from ..rules.formulas import Reading
from ..wording.periods import period_text
from .asked import Asked
from .common import compared_text
from .hows import choices_of

type Line = list[object]


def view_of(subject: Subject, asked: Asked, compared: str = "") -> list[tuple[str, str]]:
    """What was chosen on the page, as names and values."""
    number = [] if isinstance(asked.formula, str) else [asked.formula]
    formula = next(label for _key, label, current in choices_of(asked, number) if current)
    excluded = _("Counted as well") if asked.excluded else _("Left out, as in contracts")
    return [
        (_("Period"), period_text(asked.period)), (pgettext("dates", "Days"), f"{asked.period.first} – {asked.period.last}"),
        (_("Compared with"), compared or compared_text(asked, subject)), (_("Formula"), formula), (_("Excluded time"), excluded),
    ]  # fmt: skip


def sent(
    request: HttpRequest, actor: Actor, subject: Subject, asked: Asked, head: Sequence[str], lines: Sequence[Line], *,
    name: str = "", compared: str = "",
) -> HttpResponseBase:  # fmt: skip
    """The download. `name` says of which table, if not of the page's first; `compared` with what, if not with what was asked for."""
    view = view_of(subject, asked, compared)
    head = [*head, *(label for label, _value in view)]
    whole: list[Line] = [[*line, *(value for _label, value in view)] for line in lines]
    file = "-".join(part for part in (subject.kind, subject.key, name, asked.period.key.rstrip("~")) if part)
    told = about(request, subject.label or _("Network"), view)
    changes = {"subject": subject.kind, "key": subject.key, "when": asked.period.key}
    return table_file(request, actor, head, whole, file=file, told=told, changes=changes)


def number_cell(value: Any) -> object:
    """A number as a spreadsheet takes it; an empty cell for none."""
    return "" if value is None else float(value)


def provisional_until(reading: Reading, today: date | None) -> object:
    """The last day on which a figure may still change, empty where it does not any more. `today`: at its site."""
    return reading.closes if reading.is_provisional(today or timezone.localdate()) else ""


def table_file(
    request: HttpRequest, actor: Actor, head: Sequence[str], lines: Sequence[Line], *, file: str, told: Sequence[Line],
    changes: Mapping[str, object],
) -> HttpResponseBase:  # fmt: skip
    """A table as the file that was asked for; `told` is the second sheet. Who took it away is written down with `changes`."""
    kind = "xlsx" if "xlsx" in {request.POST.get("format"), request.POST.get("notes")} else "csv"
    record(
        actor=actor, verb="figures.exported", subject_type="user", subject_id=actor.user_id or 0,
        changes={"format": kind, **changes, "rows": len(lines)},
    )  # fmt: skip
    if kind == "csv":
        return csv_response(f"{file}.csv", head, lines)
    return FileResponse(_workbook(head, lines, told), as_attachment=True, filename=f"{file}.xlsx")


def about(request: HttpRequest, label: str, view: Sequence[tuple[str, str]] = ()) -> list[Line]:
    """The second sheet: whose figures, what was chosen, where it can be seen again, and when it was taken."""
    at = timezone.localtime()
    address = f"{settings.PORTAL_BASE_URL}{request.path.removesuffix('export/')}"
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    told: list[Line] = [[_("Figures of"), label]]
    told += [[label, value] for label, value in view]
    return [*told, [_("Page"), f"{address}{query}"], [_("Taken"), f"{date_format(at, 'Y-m-d H:i')} {at.tzname()}"]]


def _workbook(head: Sequence[str], lines: Sequence[Line], told: Sequence[Line]) -> BytesIO:
    """A workbook. Text is never a formula."""
    file = BytesIO()
    book = xlsxwriter.Workbook(file, {"strings_to_formulas": False, "strings_to_urls": False})
    bold = book.add_format({"bold": True})
    sheet = book.add_worksheet(_("Figures"))
    for at, text in enumerate(head):
        sheet.write_string(0, at, text, bold)
    _write(sheet, lines, 1)
    sheet.freeze_panes(1, 0)
    sheet.autofit(200)
    second = book.add_worksheet(_("View"))
    _write(second, told, 0)
    second.autofit(400)
    book.close()
    file.seek(0)
    return file


def _write(sheet: Any, lines: Sequence[Line], first: int) -> None:
    for number, line in enumerate(lines, first):
        for at, value in enumerate(line):
            if isinstance(value, int | float):
                sheet.write_number(number, at, value)
            else:
                sheet.write_string(number, at, str(value).replace("\0", ""))
