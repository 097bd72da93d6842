"""Pages of rosters: upload, preview, decisions, and what becomes of them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.requests import actor_of
from portal.imports.errors import ImportRefused, RowError
from portal.imports.keeping import as_file
from portal.imports.tabular import read_table
from portal.numbers import whole
from portal.refusals import RefusedError
from portal.ui.exports import csv_response
from portal.ui.htmx import flash
from portal.ui.pagination import keyset_page

from .. import access, queries, rules
from ..choices import ProposalKind, RosterState
from ..forms import ColumnsForm, RosterForm, sentence
from ..importing import run
from ..importing.schema import TEMPLATE, guess, mapping_from
from ..models import Roster
from ..queries import preview
from .common import FormPage, data_of, edit, reads_rosters

PAGE = 100
EXAMPLE = ("BW-2198", "Wang Fang", "", "wang.fang@partner.example", "Chinese", "Agent", "", "Lotus", "Lin Xia", "2026-11-24", "")  # fmt: skip

# The number of a row is kept in four bytes.
_ROWS: Final = 2**31 - 1


def roster_url(roster: Roster) -> str:
    """The address of a roster's preview."""
    return reverse("partners:roster", args=[roster.pk])


@reads_rosters
@require_safe
def rosters(request: HttpRequest) -> HttpResponse:
    """The rosters of one's sites, newest first."""
    actor = actor_of(request)
    rows = queries.rosters_visible_to(actor).select_related("site", "uploaded_by")
    page = keyset_page(rows, order=("-uploaded_at", "-id"), cursor=request.GET.get("cursor"))
    context = {"page": page, "rosters": list(page.items), "may_upload": may_upload(actor)}
    return render(request, "partners/rosters.html", context)


def may_upload(actor: Any) -> bool:
    """Whether the actor brings rosters of some site."""
    return bool(actor.can("submit_roster") or actor.can("approve_roster"))


@reads_rosters
@require_http_methods(["GET", "POST"])
def roster_new(request: HttpRequest) -> HttpResponse:
    """Upload a roster, or paste it."""
    actor = actor_of(request)
    access.permit(actor if may_upload(actor) else None)
    files: Any = request.FILES if request.method == "POST" else None
    form = RosterForm(data_of(request), files, actor=actor, initial=_initial(request))
    page = FormPage(
        _("Upload a roster"),
        ["partners:rosters", _("Rosters"), "", _("Upload")],
        _("Show what it changes"),
        reverse("partners:rosters"),
    )
    return edit(
        request,
        form,
        lambda f: _uploaded(actor, f),
        page,
        lambda row: (roster_url(row), _("Roster read. Nothing is changed yet")),
        template="partners/roster_new.html",
    )


def _initial(request: HttpRequest) -> dict[str, Any]:
    sites = queries.sites_to_roster(actor_of(request))
    site = sites.filter(code=request.GET.get("site", "").replace("\x00", "")).first()
    if site is None and sites.count() == 1:
        site = sites.first()
    return {"site": site.code, "as_of": queries.site_today(site)} if site else {"as_of": queries.today()}


def _uploaded(actor: Any, form: RosterForm) -> Roster:
    data = form.cleaned_data
    try:
        with as_file(data["file"] or data["pasted"].strip("\r\n").encode()) as path:
            mapping = mapping_from(guessed(path), create=data["create"])
            name = data["file"].name if data["file"] else ""
            return run.upload(actor=actor, site=data["site"], upload=run.Upload(path, data["as_of"], mapping, name))
    except ImportRefused as error:
        raise RefusedError("import_refused", "file" if data["file"] else "pasted", {"why": str(error)}) from error


def guessed(path: Path) -> dict[str, str]:
    """The columns of a file by its heading. Raises ImportRefused where a name, or a number and an address, is missing."""
    first = next((row for row in read_table(path) if not isinstance(row, RowError)), None)
    if first is None:
        raise ImportRefused(_("The file has no row that can be read."))
    columns = guess(list(first.values))
    if "name" not in columns or not {"key", "email"} & columns.keys():
        known = {"found": ", ".join(name[:40] for name in list(first.values)[:12])}
        raise ImportRefused(
            _("Call the columns as in the template: name, and employee_no or email. The file has: %(found)s.") % known
        )
    return columns


@reads_rosters
@require_safe
def roster_template(request: HttpRequest) -> HttpResponseBase:
    """An empty table with the columns that are understood, and an example."""
    return csv_response("roster-template.csv", TEMPLATE, [EXAMPLE])


@reads_rosters
@require_safe
def roster(request: HttpRequest, pk: int) -> HttpResponse:
    """What a roster changes, row by row."""
    actor = actor_of(request)
    row = access.get_roster(actor, pk)
    shown = request.GET.get("show", "")
    kinds: tuple[str, ...] = queries.TO_FIX if shown == "fix" else (shown,) if shown in ProposalKind.values else ()
    page = keyset_page(
        queries.proposals_of(row, kinds=kinds), order=("row", "id"), cursor=request.GET.get("cursor"), size=PAGE
    )
    site = row.site
    context = {
        "roster": row,
        "site": site,
        "page": page,
        "lines": preview.lines_of(actor, list(page.items)),
        "tabs": _tabs(row),
        "shown": shown,
        "ends_many": row.is_open and preview.ends_many(row),
        "beside": queries.open_beside(row) if row.is_open else [],
        "same_before": queries.same_file_before(row) if row.is_open else None,
        "may_change": row.is_open and bool(rules.roster_uploading(actor, site.pk, site.partner_id)),
        "may_apply": row.is_open and bool(rules.roster_applying(actor, site.pk, site.partner_id)),
        "is_sent": row.state == RosterState.SENT,
        "columns_fixed": row.mapping.get("source") != "roster",
    }
    return render(request, "partners/roster.html", context)


def _tabs(row: Roster) -> list[tuple[str, Any, int]]:
    pairs = [(kind, run.KINDS[kind]) for kind in ProposalKind if kind not in queries.TO_FIX]
    found = [(kind.value, kind.label, getattr(row, name)) for kind, name in pairs]
    absent = row.rows + row.leavers
    return [("", _("All"), absent), ("fix", _("To fix or decide"), row.errors + row.undecided), *found]


@reads_rosters
@require_http_methods(["GET", "POST"])
def roster_columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Say which column holds what, and read the roster again."""
    actor = actor_of(request)
    row = access.get_roster(actor, pk)
    access.permit_roster_upload(actor, row.site)
    access.permit(actor if row.is_open and row.mapping.get("source") == "roster" else None)
    form = ColumnsForm(data_of(request), heading=row.heading, initial=ColumnsForm.initial_of(row.mapping))

    def save(found: ColumnsForm) -> Roster:
        mapping = mapping_from(found.columns(), create=found.cleaned_data["create"])
        return run.remap(actor=actor, roster_id=pk, mapping=mapping)

    crumbs = ["partners:rosters", _("Rosters"), roster_url(row), row.site.label, "", _("Columns")]
    page = FormPage(_("Columns of the roster"), crumbs, _("Read again"), roster_url(row))
    return edit(request, form, save, page, lambda found: (roster_url(found), _("Roster read again")))


@reads_rosters
@require_POST
def roster_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the decisions about namesakes of one page."""

    def act() -> None:
        picked = {}
        for name, value in request.POST.items():
            row, person = whole(name.removeprefix("row-"), _ROWS), whole(str(value))
            if name.startswith("row-") and row is not None and (value == "new" or person is not None):
                picked[row] = person
        run.decide(actor=actor_of(request), roster_id=pk, decisions=picked)

    return _pressed(request, pk, act, _("Decisions saved"))


@reads_rosters
@require_POST
def roster_send(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand the roster to the coordinator."""
    return _pressed(request, pk, lambda: run.send(actor=actor_of(request), roster_id=pk), _("Roster sent"))


@reads_rosters
@require_POST
def roster_apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Write what the roster proposes."""
    actor = actor_of(request)

    def act() -> str | None:
        row = access.get_roster(actor, pk)
        if run.apply(actor=actor, roster_id=pk):
            people = row.joiners + row.movers + row.leavers + row.rehires
            return ngettext("Roster applied: %(n)d person", "Roster applied: %(n)d people", people) % {"n": people}
        return None

    return _pressed(request, pk, act, "")


@reads_rosters
@require_POST
def roster_discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Put the roster away."""
    return _pressed(request, pk, lambda: run.discard(actor=actor_of(request), roster_id=pk), _("Roster discarded"))


def _pressed(request: HttpRequest, pk: int, act: Callable[[], Any], done: str) -> HttpResponse:
    """Do it and go back to the preview, saying what happened or why not."""
    row = access.get_roster(actor_of(request), pk)
    try:
        found = act()
    except RefusedError as refused:
        flash(request, sentence(refused), tone="red")
        return redirect(roster_url(row))
    if done or found:
        flash(request, done or found)
    else:
        flash(request, _("Not applied: the directory changed since the preview. Look at the rows again."), tone="red")
    return redirect(roster_url(row))
