"""Entries of the side navigation, words for the trail, and whose photos are, of visits and checklists."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.audit.registry import Named, register_subject, register_verbs
from portal.files.registry import register_owner
from portal.ui.registry import NavItem, register_nav

from ..access.visits import reported
from ..actions.visits import OWNER
from ..models import Checklist
from ..queries.scope import reads_reviews

if TYPE_CHECKING:
    from portal.accounts.rules import Actor
    from portal.files.models import StoredFile

VERBS = {
    "visit.begun": _("Began a site visit"),
    "visit.finished": _("Sent a site visit in"),
    "checklist.added": _("Added a checklist"),
    "checklist.changed": _("Renamed a checklist"),
    "checklist.archived": _("Archived a checklist"),
    "checklist.restored": _("Restored a checklist"),
    "checklist.drafted": _("Began a version of a checklist"),
    "checklist.released": _("Put a version of a checklist in use"),
}


def register() -> None:
    """Navigation, words and photos."""
    register_nav(NavItem("reviews", "visits", _("Site visits"), "reviews:visits", "clip", 40, reads_reviews))
    register_verbs(VERBS)
    register_subject("checklist", _("Checklist"), _checklists)
    register_owner(OWNER, _may_read)


def _checklists(ids: Sequence[int]) -> Mapping[int, Named]:
    rows = Checklist.objects.filter(pk__in=ids)
    return {one.pk: Named(one.label, reverse("reviews:checklist", args=[one.code])) for one in rows}


def _may_read(actor: "Actor", file: "StoredFile") -> bool:
    """Whoever reads the report sees its photos."""
    return file.owner_id.isdigit() and reported(actor).filter(visit=int(file.owner_id)).exists()
