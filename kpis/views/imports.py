"""Pages that bring facts in: upload, preview, apply, and what an import replaced."""

from dataclasses import dataclass
from typing import Final

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.decorators import require_role
from portal.accounts.requests import actor_of
from portal.imports.errors import ImportRefused
from portal.refusals import RefusedError
from portal.ui.exports import csv_response
from portal.ui.htmx import flash, not_modified
from portal.ui.pagination import keyset_page

from ..access.imports import get_batch, permit_importing
from ..choices import BatchState, FactKind, ImportMode
from ..forms.imports import ImportForm
from ..importing import progress, uploads
from ..models import Batch, Revision, RowFault
from ..queries import imports as reads
from ..queries.definitions import component_labels
from ..wording.faults import column_name, fault_text
from ..wording.imports import batch_text

SHOWN: Final = 50
reads_imports = require_role(*reads.READERS)
_EXAMPLES: Final = {
    FactKind.CONTACTS: {"site": "CTU", "programme": "CARE", "queue": "VOICE", "starts_at": "2026-11-02 09:00", "seconds": 1800, "offered": 42, "answered": 40, "answered_in_t": 35, "abandoned": 2, "short_abandoned": 1, "abandoned_in_t": 0, "handled": 40, "wait": 560, "talk": 11200, "hold": 900, "wrap": 3600},
    FactKind.AGENTS: {"site": "CTU", "programme": "CARE", "queue": "VOICE", "agent": "CTU-1004", "starts_at": "2026-11-02 09:00", "seconds": 1800, "paid": 1800, "productive": 1600, "available": 300, "handle": 1250, "scheduled": 1800, "in_adherence": 1700, "worked": 1750, "planned_absence": 0, "unplanned_absence": 0, "agent_handled": 3, "agent_talk": 900, "agent_hold": 80, "agent_wrap": 270},
    FactKind.SURVEYS: {"site": "CTU", "programme": "CARE", "queue": "VOICE", "agent": "CTU-1004", "response": "S-88120", "survey": "nps", "responded_at": "2026-11-02 11:42", "score": 9, "scale": 10},
    FactKind.QUALITY: {"site": "CTU", "programme": "CARE", "queue": "VOICE", "agent": "CTU-1004", "evaluation": "Q-5512", "evaluated_at": "2026-11-02 15:10", "points": 88, "possible": 100, "auto_fail": "no", "critical_error": "no"},
    FactKind.FIGURES: {"site": "CTU", "day": "2026-11-02", "component": "backlog", "value": 37},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Said:
    """A fault in the reader's language."""

    row: int
    column: str
    text: str


@dataclass(frozen=True, slots=True)
class Former:
    """A fact that was replaced, and what it said."""

    revision: Revision
    before: list[tuple[str, str]]


@require_safe
@reads_imports
def imports(request: HttpRequest) -> HttpResponse:
    """The imports in sight, newest first."""
    actor = actor_of(request)
    rows = reads.batches_visible_to(actor).select_related("user")
    page = keyset_page(rows, order=("-created_at", "-id"), cursor=request.GET.get("cursor"))
    labels = component_labels()
    batches = [(batch, batch_text(batch, labels)) for batch in page.items]
    context = {
        "page": page, "batches": batches, "may_import": reads.may_import(actor),
        "export_url": reverse("kpis:imports_export") if batches else "",
    }  # fmt: skip
    return render(request, "kpis/imports.html", context)


@require_http_methods(["GET", "POST"])
@reads_imports
def import_new(request: HttpRequest) -> HttpResponse:
    """Upload a file; it is checked, and nothing more."""
    actor = actor_of(request)
    permit_importing(actor)
    if request.method != "POST":
        return _form(request, ImportForm(initial={"kind": request.GET.get("kind", "")}))
    form = ImportForm(request.POST, request.FILES)
    if form.is_valid():
        data = form.cleaned_data
        try:
            batch = uploads.bring(
                actor=actor, file=data["file"], kind=data["kind"], mode=data["mode"], mapping=data["mapping"]
            )
        except ImportRefused as refused:
            form.add_error("file", str(refused))
        except ValidationError as refused:
            form.add_error("file", refused)
        else:
            flash(request, _("File received. Nothing is changed yet"))
            return redirect(url_of(batch))
    return _form(request, form, status=422)


def _form(request: HttpRequest, form: ImportForm, status: int = 200) -> HttpResponse:
    kinds = [(kind.value, kind.label) for kind in FactKind]
    return render(request, "kpis/import_new.html", {"form": form, "kinds": kinds}, status=status)


def url_of(batch: Batch) -> str:
    """The page of an import."""
    return reverse("kpis:import", args=[batch.pk])


@require_safe
@reads_imports
def import_template(request: HttpRequest, kind: str) -> HttpResponseBase:
    """A table with the columns that are understood, and an example."""
    if kind not in FactKind.values:
        raise Http404
    columns, example = uploads.default_mapping(kind).columns(), _EXAMPLES[FactKind(kind)]
    return csv_response(f"{kind}-template.csv", columns, [[example.get(name, "") for name in columns]])


@require_safe
@reads_imports
def import_mapping(_request: HttpRequest, kind: str) -> HttpResponseBase:
    """The mapping of the template, to begin one of one's own with."""
    if kind not in FactKind.values:
        raise Http404
    name = f'attachment; filename="{kind}-mapping.yml"'
    return HttpResponse(
        uploads.written_mapping(kind), "application/yaml; charset=utf-8", headers={"Content-Disposition": name}
    )


@require_safe
@reads_imports
def import_(request: HttpRequest, pk: int) -> HttpResponse:
    """What an import holds, what is wrong with it, and what it replaced."""
    actor = actor_of(request)
    batch = get_batch(actor, pk)
    page = keyset_page(
        reads.replaced_by(actor, batch), order=("site_id", "at", "id"), cursor=request.GET.get("cursor"), size=SHOWN
    )
    checked = batch.state == BatchState.CHECKED
    reading = batch.state == BatchState.READING and batch.file_id is not None
    whole = reads.may_read_file(actor, batch)
    changes, mine = batch.added + batch.replaced, reads.may_import(actor)
    context = {
        "batch": batch,
        "title": batch_text(batch, component_labels()),
        "kind": FactKind(batch.kind).label,
        "reading": reading,
        "percent": progress.percent_of(batch) if reading else None,
        "file": batch.file if batch.file and whole else None,
        "checked": checked,
        "export_url": reverse("kpis:import_faults", args=[batch.pk]),
        "faults": said(list(reads.faults_of(batch)[:SHOWN]), whole=whole),
        "masked": not whole,
        "page": page,
        "former": [Former(row, _before(row)) for row in page.items],
        "may_apply": mine and checked and changes and (not batch.faults or batch.mode == ImportMode.GOOD),
        "may_apply_good": mine and checked and batch.faults and batch.mode == ImportMode.WHOLE and batch.faults < batch.rows,
        "may_discard": mine and (checked or reading),
        "sites": (sites := list(batch.sites.order_by("name", "id"))),
        "zone": next(iter(zones)) if len(zones := {site.time_zone for site in sites}) == 1 else None,
    }  # fmt: skip
    return render(request, "kpis/import.html", context)


def said(faults: list[RowFault], *, whole: bool) -> list[Said]:
    """Faults in the reader's language; the cells are for who may have the `whole` file."""
    return [Said(one.row, one.column, fault_text(one.code, one.params, masked=not whole)) for one in faults]


def _before(row: Revision) -> list[tuple[str, str]]:
    pairs = ((name, value) for name, value in row.before.items() if value is not None)
    return [(column_name(name), str(value)) for name, value in pairs]


@require_safe
@reads_imports
def import_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """Asked while a worker reads: nothing new, how far it is, or have the page loaded again."""
    batch = get_batch(actor_of(request), pk)
    if batch.state == BatchState.READING:
        percent = progress.percent_of(batch)
        context = {"batch": batch, "percent": percent}
        return not_modified() if percent is None else render(request, "kpis/_import_progress.html", context)
    return HttpResponse(status=200, headers={"HX-Refresh": "true"})


@require_POST
@reads_imports
def import_apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Write it: all rows, or with `mode=good` the good ones."""
    batch = get_batch(actor_of(request), pk)
    permit_importing(actor_of(request))
    mode = ImportMode.GOOD if request.POST.get("mode") == ImportMode.GOOD else None
    try:
        outcome = uploads.apply(actor=actor_of(request), pk=pk, mode=mode)
    except RefusedError as refused:
        flash(request, _refusal(refused.code), tone="red")
    except (ImportRefused, FileNotFoundError):
        flash(request, _("The file can no longer be read. Upload it again."), tone="red")
    else:
        if outcome is None:
            flash(request, _("The file is being applied"))
        elif outcome.again:
            flash(request, _("This very file was applied before: nothing changes"))
        elif outcome.state == BatchState.REFUSED:
            flash(request, _("Not applied: something changed since the check. Look at the faults."), tone="red")
        else:
            rows = outcome.made.added + outcome.made.replaced
            flash(request, ngettext("Applied: %(n)d row", "Applied: %(n)d rows", rows) % {"n": rows})
    return redirect(url_of(batch))


@require_POST
@reads_imports
def import_discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Put it away."""
    batch = get_batch(actor_of(request), pk)
    permit_importing(actor_of(request))
    try:
        uploads.discard(actor=actor_of(request), pk=pk)
    except RefusedError as refused:
        flash(request, _refusal(refused.code), tone="red")
    else:
        flash(request, _("Import discarded"))
    return redirect(url_of(batch))


def _refusal(code: str) -> str:
    texts = {
        "import_busy": _("The file is being read right now. Try again in a moment."),
        "import_closed": _("This import was decided already."),
        "import_faulty": _("Some rows are bad, and the file is to be taken whole or not at all."),
    }
    return texts[code]
