"""What the catalogue hangs into the shell."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.accounts.rules import Actor
from portal.ui.registry import NavItem, SearchHit, SearchSource, register_nav, register_search

from ..queries import catalogue


def register() -> None:
    """The entry, and systems in the search."""
    register_nav(
        NavItem("access", "access_catalogue", _("Systems and bundles"), "access:systems", "settings", 90, _reads)
    )
    register_search(SearchSource("systems", _("Systems"), search_systems))


def _reads(actor: Actor) -> bool:
    return not actor.is_system and catalogue.reads_catalogue(actor)


def search_systems(actor: Actor, text: str, limit: int) -> list[SearchHit]:
    """Systems in use that the actor sees, by name or code."""
    rows = catalogue.like(catalogue.systems_visible_to(actor).filter(archived_at=None), text)
    return [
        SearchHit(row.label, row.code, reverse("access:system", args=[row.code]), "settings")
        for row in rows.order_by("name", "pk")[:limit]
    ]
