"""The entry of the side navigation, and words for the trail, of imports of facts."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.audit.registry import Named, register_field, register_subject, register_verbs
from portal.files.registry import register_owner
from portal.ui.registry import NavItem, register_nav

from ..importing.uploads import OWNER
from ..models import Batch
from ..queries.imports import batches_visible_to, may_read_file, reads_imports

if TYPE_CHECKING:
    from portal.accounts.rules import Actor
    from portal.files.models import StoredFile

VERBS = {
    "facts.brought": _("Brought a file of facts"),
    "facts.applied": _("Applied a file of facts"),
    "facts.discarded": _("Discarded a file of facts"),
}


def register() -> None:
    """Navigation, words, and who reads the files."""
    register_owner(OWNER, _may_read)
    register_nav(NavItem("performance", "imports", _("Imports"), "kpis:imports", "file", 80, reads_imports))
    register_verbs(VERBS)
    register_subject("facts_batch", _("Import of facts"), _batches)
    for key, label in (("file_bytes", _("Bytes")), ("file_rows", _("Rows")), ("file_faults", _("Bad rows"))):
        register_field(key, label)


def _batches(ids: Sequence[int]) -> Mapping[int, Named]:
    rows = Batch.objects.filter(pk__in=ids).values_list("pk", "name")
    return {pk: Named(name, reverse("kpis:import", args=[pk])) for pk, name in rows}


def _may_read(actor: "Actor", file: "StoredFile") -> bool:
    """Whoever sees the import, unless its bad rows may speak of sites that they do not see."""
    if not file.owner_id.isdigit():
        return False
    batch = batches_visible_to(actor).filter(pk=int(file.owner_id)).first()
    return batch is not None and may_read_file(actor, batch)
