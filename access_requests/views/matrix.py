"""The access matrix and its export."""

import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any, Final

import xlsxwriter
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from portal.accounts.requests import actor_of
from portal.audit.actions import record
from portal.audit.wording import statements
from portal.ui.exports import csv_response
from portal.ui.htmx import flash
from portal.ui.marks import icon
from portal.ui.pagination import capped_count, keyset_page
from portal.ui.times import time_text

from ..addresses import address
from ..choices import ReasonKind
from ..forms.matrix import MatrixForm
from ..models import Grant, GrantReason, System
from ..queries import matrix as reading
from ..queries.matrix import Held, MatrixFilter, Row
from ..wording.matrix import COUNTED, MARKS, STATES
from .readiness import reads

SIZE: Final = 50
# A workbook is made before it is sent; more than this is for CSV, which is sent as it is read.
MOST_XLSX_PEOPLE: Final = 5_000


@require_safe
@reads
def matrix(request: HttpRequest) -> HttpResponse:
    """Fifty people at a time, a column per system."""
    actor, now = actor_of(request), timezone.now()
    form = MatrixForm(request.GET, actor=actor)
    if not form.is_valid():
        return render(request, "access_requests/matrix.html", {"form": form}, status=400)
    asked = form.asked()
    page = keyset_page(
        reading.people_in(actor, asked), order=("name", "id"), cursor=request.GET.get("cursor"), size=SIZE
    )
    systems = reading.systems_shown(asked)
    cell = _cells()
    rows = [(row, _line(row, systems, cell)) for row in reading.rows_of(actor, page.items, asked, now)]
    context = {
        "form": form, "page": page, "systems": systems, "rows": rows,
        "legend": [(MARKS[key][0], icon(MARKS[key][1]), STATES[key]) for key in STATES],
    }  # fmt: skip
    return render(request, "access_requests/matrix.html", context)


def _line(row: Row, systems: Sequence[System], cell: Any) -> SafeString:
    parts = [cell(tuple(sorted(row.cells[one.pk].items()))) if one.pk in row.cells else "<td></td>" for one in systems]
    return mark_safe("".join(parts))  # noqa: S308 - made of cells that format_html made


def _cells() -> Any:
    """Cells by what they count; each different one is made once a page."""
    known: dict[tuple[tuple[str, int], ...], SafeString] = {}

    def cell(counted: tuple[tuple[str, int], ...]) -> SafeString:
        if counted not in known:
            known[counted] = _cell(Counter(dict(counted)))
        return known[counted]

    return cell


def _cell(counted: Counter[str]) -> SafeString:
    worst = next(one for one in reading.STATES if counted[one])
    mark, name = MARKS[worst]
    said = ", ".join(str(COUNTED[one] % {"n": counted[one]}) for one in reading.STATES if counted[one])
    number = (
        format_html(' <span class="tiny" aria-hidden="true">{}</span>', counted.total()) if counted.total() > 1 else ""
    )
    return format_html('<td data-r="{}">{}{}<span class="sr">{}</span></td>', mark, icon(name), number, said)


@require_POST
@reads
def export(request: HttpRequest) -> HttpResponseBase:
    """Every grant behind the filter, as CSV or XLSX. Who took it away is written down."""
    actor = actor_of(request)
    form = MatrixForm(request.GET, actor=actor)
    if not form.is_valid():
        return render(request, "access_requests/matrix.html", {"form": form}, status=400)
    asked = form.asked()
    people = reading.people_in(actor, asked)
    kind = "xlsx" if request.POST.get("format") == "xlsx" else "csv"
    if kind == "xlsx" and capped_count(people, MOST_XLSX_PEOPLE + 1) > MOST_XLSX_PEOPLE:
        flash(request, _("A workbook holds at most 5,000 people. Narrow the matrix, or take the CSV file."), tone="red")
        return redirect(f"{address('matrix')}?{request.GET.urlencode()}")
    record(
        actor=actor, verb="access_matrix.exported", subject_type="user", subject_id=actor.user_id or 0,
        changes={"format": kind, **_named(asked)},
    )  # fmt: skip
    rows = _export_rows(reading.grants_of(actor, people, asked, timezone.now()))
    if kind == "csv":
        return csv_response("access.csv", _head(), rows)
    return FileResponse(_workbook(_head(), rows), as_attachment=True, filename="access.xlsx")


def _named(asked: MatrixFilter) -> dict[str, object]:
    """The filter in the trail: what was asked for, nothing else."""
    names = ("site_id", "programme_id", "team_id", "job_role_id", "system_id", "privileged", "state")
    return {name: value for name in names if (value := getattr(asked, name))}


def _head() -> list[str]:
    return [
        _("Person"), _("Email"), _("Site"), _("Programme"), _("Team"), _("Job role"), _("System"), _("Entitlement"),
        _("Privileged"), _("State"), _("Since"), _("Verified"), _("Ends"), _("Why"),
    ]  # fmt: skip


def _export_rows(held: Iterable[Held]) -> Iterator[list[object]]:
    """The lines in the reader's language, although they are written after the request has been answered."""
    language, zone = get_language(), timezone.get_current_timezone()
    with override(language), timezone.override(zone):
        systems = {one.pk: one.label for one in System.objects.all()}
        for one in held:
            yield _export_row(one, systems)


def _export_row(held: Held, systems: dict[int, str]) -> list[object]:
    place, grant = held.placement, held.grant
    ends = [one.ends_at for one in held.reasons]
    end = max((at for at in ends if at is not None), default=None) if all(ends) else None
    return [
        held.person.name,
        held.person.email,
        place.site.label if place else "",
        place.programme.label if place and place.programme else "",
        place.team.label if place and place.team else "",
        place.job_role.label if place else "",
        systems.get(grant.entitlement.system_id, ""),
        grant.entitlement.label,
        _("Yes") if grant.entitlement.privileged else _("No"),
        str(STATES[held.state]),
        _instant(grant.started_at),
        _instant(grant.verified_at),
        _instant(end),
        statements(reason_text(one) for one in held.reasons),
    ]


def _instant(at: Any) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else ""


def reason_text(reason: GrantReason) -> str:
    """Why somebody holds something, in a few words."""
    if reason.kind == ReasonKind.BUNDLE and reason.bundle is not None:
        return _("Job: %(bundle)s") % {"bundle": reason.bundle.label}
    if reason.kind == ReasonKind.EXCEPTION:
        return _("Exception from a conflict rule")
    return _("Request AR-%(number)s") % {"number": reason.item.request_id if reason.item else ""}


def _workbook(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Any:
    """The rows as a workbook on disk, which is gone when it is closed. Cells are text, never formulas."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    book = xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet()
    bold = book.add_format({"bold": True})
    for at, text in enumerate(head):
        sheet.write_string(0, at, text, bold)
    for line, row in enumerate(rows, 1):
        for at, value in enumerate(row):
            sheet.write_string(line, at, str(value).replace("\0", ""))
    book.close()
    file.seek(0)
    return file


def grant_state(grant: Grant) -> str:
    """How sure a live grant is, in words."""
    return str(STATES[reading.state_of(grant, clashes=False, going=False)])


when = partial(time_text, style="full")
