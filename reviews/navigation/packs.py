"""The archive in the side navigation, what waits in My day, and words for the trail, of packs."""

from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.audit.registry import Named, register_field, register_subject, register_verbs
from portal.ui.registry import NavItem, Panel, register_home, register_nav

from ..models import Pack
from ..panels.packs import waiting
from ..queries.jobs import scope_label
from ..queries.scope import reads_reviews
from ..views.pack_parts import period_name

VERBS = {
    "pack.commented": _("Commented on a pack"),
    "pack.acknowledged": _("Acknowledged a pack"),
    "pack.published": _("Published a pack"),
    "pack.revised": _("Began a revision of a pack"),
    "pack.retried": _("Had a pack tried again"),
}


def register() -> None:
    """Navigation, My day and words."""
    register_nav(
        NavItem("reviews", "packs", _("Packs"), "reviews:packs", "file", 10, reads_reviews, also=("/reviews/check/",))
    )
    register_home(
        Panel(
            "packs",
            45,
            "reviews/_home_packs.html",
            waiting,
            _("Packs that wait for you"),
            reads_reviews,
            later=True,
            hushed=True,
        )
    )
    register_verbs(VERBS)
    register_subject("pack", _("Pack"), _packs)
    register_field("revision", _("Revision"))
    register_field("content_hash", _("Content hash"))
    register_field("side", _("Side"))


def _packs(ids: Sequence[int]) -> Mapping[int, Named]:
    rows = Pack.objects.filter(pk__in=ids).select_related("kind", "site", "partner").defer("data", "missing")
    return {
        one.pk: Named(
            f"{one.kind.label} · {scope_label(one)} · {period_name(one)}", reverse("reviews:pack", args=[one.pk])
        )
        for one in rows
    }
