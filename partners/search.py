"""What the search over everything finds in the directory: people, sites, partners."""

from collections.abc import Callable, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from portal.accounts.rules import Actor
from portal.ui.pagination import Page, keyset_page
from portal.ui.registry import SearchAsk, SearchHit, SearchPage, SearchSource, register_search

from . import queries, rules
from .models import Partner, Person, Site

PageOf = Callable[[Actor, SearchAsk], SearchPage]


def register() -> None:
    """Hang it in."""
    for key, label, page in (
        ("people", _("People"), people_page),
        ("sites", _("Sites"), sites_page),
        ("partners", _("Partners"), partners_page),
    ):
        register_search(SearchSource(key, label, _first_of(page), page))


def _first_of(page: PageOf) -> Callable[[Actor, str, int], Sequence[SearchHit]]:
    return lambda actor, text, limit: page(actor, SearchAsk(text, limit)).hits


def people_page(actor: Actor, ask: SearchAsk) -> SearchPage:
    """People the actor may see, by name; where nobody is called so, those with names like it. Two queries, three for the latter.
    Raises BadCursor."""
    if not actor.has(*rules.PEOPLE_READERS):
        return SearchPage([])
    page = _by_name(queries.people_like(actor, ask.text), ask)
    if page.items or ask.cursor:
        return SearchPage(_people(actor, page.items), page.next_cursor)
    alike = list(queries.people_called_like(actor, ask.text)[: ask.size])
    note = _now("Nobody is called “%(typed)s”. These have names like it.") % {"typed": ask.text} if alike else ""
    return SearchPage(_people(actor, alike), None, note)


def _people(actor: Actor, people: Sequence[Person]) -> list[SearchHit]:
    placements = queries.latest_placements(actor, people, queries.today()) if people else {}
    sites = {person_id: placement.site.label for person_id, placement in placements.items()}
    return [SearchHit(p.label, sites.get(p.pk, ""), reverse("partners:person", args=[p.pk]), "user") for p in people]


def sites_page(actor: Actor, ask: SearchAsk) -> SearchPage:
    """Sites the actor may see and open; one query. Raises BadCursor."""
    if not actor.has(*rules.READERS):
        return SearchPage([])
    rows = queries.named_like(queries.sites_visible_to(actor), ask.text).select_related("partner")
    page: Page[Site] = _by_name(rows, ask)
    hits = [
        SearchHit(s.label, f"{s.code} · {s.partner.label}", reverse("partners:site", args=[s.code]), "pin")
        for s in page.items
    ]
    return SearchPage(hits, page.next_cursor)


def partners_page(actor: Actor, ask: SearchAsk) -> SearchPage:
    """Partners the actor may see and open; one query. Raises BadCursor."""
    if not actor.has(*rules.READERS):
        return SearchPage([])
    page: Page[Partner] = _by_name(queries.named_like(queries.partners_visible_to(actor), ask.text), ask)
    hits = [SearchHit(p.label, p.code, reverse("partners:partner", args=[p.code]), "building") for p in page.items]
    return SearchPage(hits, page.next_cursor)


def _by_name(rows: Any, ask: SearchAsk) -> Page[Any]:
    return keyset_page(rows, order=("name", "id"), cursor=ask.cursor, size=ask.size)
