"""What every page needs from the server, computed only if the page asks for it."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from portal.ui import registry, times
from portal.ui.glance import glance

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django_stubs_ext import StrOrPromise

    from portal.accounts.rules import Actor

logger = logging.getLogger(__name__)
THEMES = ("system", "light", "dark")


@dataclass(frozen=True, slots=True)
class NavLink:
    """A navigation entry as the page shows it."""

    key: str
    label: StrOrPromise
    url: str
    icon: str
    go: str
    count: int | None
    current: bool
    later: bool


@dataclass(frozen=True, slots=True)
class NavGroup:
    """Entries under one heading."""

    heading: StrOrPromise
    links: list[NavLink]


def page(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the navigation, the theme, and the words that the browser fills in."""
    return {
        "shell_nav": SimpleLazyObject(lambda: navigation(request)),
        "theme": theme_of(request),
        "ui_words": SimpleLazyObject(lambda: _words(get_language())),
    }


@lru_cache(maxsize=8)
def _words(_language: str | None) -> str:
    return json.dumps(times.words(), ensure_ascii=False)


def theme_of(request: HttpRequest) -> str:
    """The theme that the reader chose: "light", "dark" or, following the system, "system"."""
    chosen = request.COOKIES.get("theme", "system")
    return chosen if chosen in THEMES else "system"


def navigation(request: HttpRequest) -> list[NavGroup]:
    """The side navigation for this request's actor, with the entry of the open page marked."""
    actor = getattr(request, "actor", None)
    if actor is None:
        return []
    groups = [(heading, _routed(items)) for _key, heading, items in registry.nav_for(actor)]
    current = _current(request.path, [pair for _heading, pairs in groups for pair in pairs])
    return [
        NavGroup(
            heading,
            [_link(item, url, actor, current) for item, url in pairs],
        )
        for heading, pairs in groups
        if pairs
    ]


def _link(item: registry.NavItem, url: str, actor: Actor, current: str) -> NavLink:
    count = None if item.later else item.count(actor)
    return NavLink(item.key, item.label, url, item.icon, item.go, count, item.key == current, item.later)


def later_counts(actor: Actor) -> dict[str, int]:
    """The counts that are fetched after the page, by the key of their entry; entries that show nothing are left out."""
    items = [item for _key, _heading, group in registry.nav_for(actor) for item in group if item.later]
    with glance():
        counted = {item.key: item.count(actor) for item in items}
    return {key: count for key, count in counted.items() if count is not None}


def _routed(items: list[registry.NavItem]) -> list[tuple[registry.NavItem, str]]:
    """The entries with their addresses; one without a page is reported and left out, so that the others still work."""
    found = []
    for item in items:
        try:
            found.append((item, reverse(item.url_name)))
        except NoReverseMatch:
            logger.exception("navigation entry %s has no page", item.key)
    return found


def _current(path: str, pairs: list[tuple[registry.NavItem, str]]) -> str:
    """Key of the entry with the longest address that the open page lies under; the front page matches only itself."""
    best, length = "", 0
    for item, url in pairs:
        for prefix in (url, *item.also):
            fits = path == prefix if prefix == "/" else path.startswith(prefix)
            if fits and len(prefix) > length:
                best, length = item.key, len(prefix)
    return best
