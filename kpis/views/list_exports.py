"""Lists of contracts and of imports, and the bad rows of an import, as CSV or XLSX. Who took them away is written down."""

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from partners import queries as directory
from portal.accounts.decorators import require_role
from portal.accounts.requests import actor_of

from ..access.imports import get_batch
from ..models import Batch, Schedule
from ..queries import agreements
from ..queries import imports as reads
from ..queries.definitions import component_labels
from ..queries.scope import READERS
from ..wording.imports import batch_text
from .agreement_exports import MINUTE
from .exporting import Line, about, table_file
from .imports import reads_imports, said


@require_POST
@require_role(*READERS)
def contracts(request: HttpRequest) -> HttpResponseBase:
    """All contracts in sight, with the version in force."""
    actor = actor_of(request)
    rows = agreements.summaries(
        actor, list(agreements.contracts_visible_to(actor).order_by("name", "id")), directory.today()
    )
    head = [_("Contract"), _("Code"), _("Partner"), _("Currency"), _("Sites"), _("Version in force"), _("From")]
    lines: list[Line] = [
        [one.label, one.code, one.partner.label, one.currency, sites, *_version_cells(version)]
        for one, version, sites in rows
    ]
    told = about(request, _("Contracts"))
    return table_file(request, actor, head, lines, file="contracts", told=told, changes={"subject": "contracts"})


@require_POST
@reads_imports
def imports(request: HttpRequest) -> HttpResponseBase:
    """All imports in sight, newest first."""
    actor, labels = actor_of(request), component_labels()
    rows = reads.batches_visible_to(actor).select_related("user").order_by("-created_at", "-id")
    head = [
        _("File"), _("What it holds"), _("State"), _("Rows"), _("Added"), _("Replaced"), _("As before"), _("Bad rows"),
        _("Brought"), _("Brought by"),
    ]  # fmt: skip
    lines = [[batch_text(batch, labels), *_batch_cells(batch)] for batch in rows]
    told = about(request, _("Imports of facts"))
    return table_file(request, actor, head, lines, file="imports", told=told, changes={"subject": "imports"})


@require_POST
@reads_imports
def faults(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What is wrong with an import's rows; the cells are for who may have its file."""
    actor = actor_of(request)
    batch = get_batch(actor, pk)
    found = said(list(reads.faults_of(batch)), whole=reads.may_read_file(actor, batch))
    head = [_("Row"), _("Column"), _("Reason")]
    lines: list[Line] = [[one.row, one.column, one.text] for one in found]
    told = about(request, batch_text(batch, component_labels()))
    changes = {"subject": "faults", "key": str(batch.pk)}
    return table_file(request, actor, head, lines, file=f"import-{batch.pk}-faults", told=told, changes=changes)


def _version_cells(version: Schedule | None) -> Line:
    return ["", ""] if version is None else [version.number, version.period.lower]


def _batch_cells(batch: Batch) -> Line:
    return [
        batch.get_kind_display(), batch.get_state_display(), batch.rows, batch.added, batch.replaced, batch.unchanged,
        batch.faults, timezone.localtime(batch.created_at).strftime(MINUTE), batch.user.name if batch.user else "",
    ]  # fmt: skip
