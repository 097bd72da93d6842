"""What the search over everything finds among cases and services."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from escalations import palette, queries
from escalations.choices import State
from escalations.models import Case
from escalations.queries import Found
from escalations.views.common import case_url, sees_cases
from portal.accounts.rules import Actor
from portal.ui.finding import Piece, excerpt, marked
from portal.ui.pagination import BadCursor
from portal.ui.registry import SearchAsk, SearchFilter, SearchHit, SearchPage, SearchSource, register_search

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

_CURSOR: Final = re.compile(r"([0123])([01])([0-9]{1,18})", re.ASCII)
_OPEN, _ENDED = "open", "ended"


def register() -> None:
    """Cases with pages and filters, services by name, and what the palette offers of cases."""
    palette.register()
    filters = (SearchFilter("state", _("State"), _states), SearchFilter("service", _("Service"), _services))
    register_search(SearchSource("cases", _("Cases"), search_cases, page_of_cases, filters))
    register_search(SearchSource("services", _("Services"), search_services))


def _states(_actor: Actor) -> Sequence[tuple[str, StrOrPromise]]:
    return [(_OPEN, pgettext_lazy("case state", "Open")), (_ENDED, _("Ended"))]


def _services(actor: Actor) -> Sequence[tuple[str, StrOrPromise]]:
    return [(str(one.pk), one.label) for one in queries.services_visible_to(actor)]


def search_cases(actor: Actor, text: str, limit: int) -> Sequence[SearchHit]:
    """The first of the cases that hold the words."""
    return page_of_cases(actor, SearchAsk(text, limit)).hits


def page_of_cases(actor: Actor, ask: SearchAsk) -> SearchPage:
    """Cases that the actor may see, with where the words stand. Raises BadCursor."""
    after = _parsed(ask.cursor) if ask.cursor else None
    if not (actor.is_system or sees_cases(actor)):
        return SearchPage([])
    text, finds, note = _found(actor, ask, after)
    found = finds.cases
    if len(found) > queries.NEWEST:
        found = found[: queries.NEWEST]
        note = note or _now("The newest %(n)d of many. Say more to narrow it down.") % {"n": queries.NEWEST}
    elif finds.is_short:
        note = note or _now("Many cases hold some of these words. Only the newest were looked through.")
    rest = [one for one in found if after is None or one.rank > after]
    page = rest[: ask.size]
    following = _cursor(page[-1]) if len(rest) > len(page) else None
    return SearchPage(_hits(page, text), following, note)


def _found(actor: Actor, ask: SearchAsk, after: queries.Rank | None) -> tuple[str, queries.Finds, str]:
    """The words that were looked for in the end, what they found, and a note if they are not those that were typed."""
    sight = queries.sight_of(actor)
    if sight.is_empty:
        return ask.text, queries.Finds([]), ""
    service = ask.filters.get("service", "")
    services = [int(service)] if service.isdigit() else []
    state = {_OPEN: True, _ENDED: False}.get(ask.filters.get("state", ""))
    find = partial(queries.find_cases, sight, services=services, is_open=state, after=after, size=ask.size)
    finds = find(ask.text)
    meant = "" if finds.cases else queries.words_meant(sight, ask.text)
    if not meant:
        return ask.text, finds, ""
    note = _now("Nothing holds “%(typed)s”. This is for “%(meant)s”.") % {"typed": ask.text, "meant": meant}
    return meant, find(meant), note


def _cursor(one: Found) -> str:
    way, ended, _newest = one.rank
    return f"{way:d}{ended:d}{one.case_id}"


def _parsed(cursor: str) -> queries.Rank:
    found = _CURSOR.fullmatch(cursor)
    if found is None:
        raise BadCursor("cursor unreadable")
    return int(found[1]), found[2] == "1", -int(found[3])


def _hits(page: Sequence[Found], text: str) -> list[SearchHit]:
    ids = {one.case_id for one in page} | {one.through for one in page if one.through is not None}
    cases = Case.objects.select_related("service", "site").defer("search").in_bulk(ids) if ids else {}
    words = queries.words_of_entries([one.entry_id for one in page if one.entry_id is not None])
    return [_hit(one, cases, words, text) for one in page]


def _hit(one: Found, cases: Mapping[int, Case], words: Mapping[int, str], text: str) -> SearchHit:
    case = cases[one.case_id]
    place = f"{case.service.label} · {case.site.label}" if case.site else case.service.label
    detail = f"{place} · {State(case.state).label}"
    if one.through is not None:
        detail += " · " + _now("from %(ref)s, which was merged into it") % {"ref": cases[one.through].ref}
    is_named = one.way == queries.Way.REFERENCE
    return SearchHit(
        f"{case.ref} {case.subject}", detail, case_url(case), "inbox", _where(one, cases, words, text), is_named
    )


def _where(one: Found, cases: Mapping[int, Case], words: Mapping[int, str], text: str) -> list[Piece]:
    """Where the words stand: in an entry, in the subject of a merged case, or in how the customer is known."""
    if one.entry_id is not None:
        return excerpt(words.get(one.entry_id, ""), text)
    source = cases[one.through or one.case_id]
    known = " · ".join(part for part in (source.customer_ref, source.contact_hint) if part)
    for place in (source.subject if one.through else "", known):
        pieces = marked(place, text)
        if any(piece.found for piece in pieces):
            return pieces
    return []


def search_services(actor: Actor, text: str, limit: int) -> list[SearchHit]:
    """Services that the actor may open, by name or code. Services are few."""
    if not actor.can("configure_service"):
        return []
    wanted = text.lower().split()
    rows = [
        one for one in queries.configurable_services(actor)
        if all(word in f"{one.code} {one.name} {one.name_zh}".lower() for word in wanted)
    ]  # fmt: skip
    return [
        SearchHit(one.label, one.code, reverse("escalations:service", args=[one.code]), "settings")
        for one in rows[:limit]
    ]
