"""What requests hang into the shell."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.accounts.rules import Actor
from portal.ui.registry import NavItem, Panel, SearchHit, SearchSource, register_nav, register_panel, register_search

from .. import queries, rules
from ..queries.requests import attention_count
from ..views.leavers import leaving_site
from ..views.requests import READERS


def register() -> None:
    """The entry of the side navigation, buttons on the page of a person, and requests by their reference."""
    register_nav(
        NavItem(
            "access",
            "access_requests",
            _("Requests"),
            "access:requests",
            "key",
            10,
            _reads,
            attention,
            go="k",
            later=True,
        )
    )
    register_panel("person_rail", Panel("access_report", 10, "access_requests/_person_buttons.html", buttons))
    register_search(SearchSource("access_requests", _("Access requests"), search))


def _reads(actor: Actor) -> bool:
    return actor.has(*READERS)


def attention(actor: Actor) -> int | None:
    """Requests that somebody has to look at."""
    return attention_count(actor) or None


def buttons(actor: Actor, person: Any) -> Mapping[str, Any] | None:
    """What can be asked for this person, where the reader may ask."""
    if not actor.can("request_access"):
        return None
    site = leaving_site(actor, person.pk)
    return None if site is None else {"person": person, "site": site}


def search(actor: Actor, text: str, limit: int) -> Sequence[SearchHit]:
    """The request of this reference, if the reader may see it."""
    number = rules.request_number(text) if text.strip().upper().startswith("AR-") else None
    rows = queries.visible_to(actor).filter(pk=number or 0).select_related("site")
    return [
        SearchHit(
            row.ref, f"{row.get_kind_display()} · {row.site.label}", reverse("access:request", args=[row.ref]), "key"
        )
        for row in rows[:limit]
    ]
