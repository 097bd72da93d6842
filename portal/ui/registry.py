"""What wings hang into the shell: navigation, panels, search sources. Filled in `AppConfig.ready`, read on every page.

A wing registers what a higher room shows without that room knowing the wing. Nothing here touches the database.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from portal.accounts.rules import Actor


def _everyone(actor: Actor) -> bool:
    return not (actor.is_system or actor.is_anonymous)


def _uncounted(actor: Actor) -> int | None:
    return None


#: Navigation groups in their order, with their headings.
GROUPS: Mapping[str, StrOrPromise] = {
    "": "",
    "work": _("Escalations"),
    "access": _("Access"),
    "performance": _("Performance"),
    "reviews": _("Reviews"),
    "directory": _("Directory"),
    "reference": _("Reference"),
    "admin": _("Administration"),
}


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry of the side navigation.

    `visible` says whether the actor may open it; `count` what to show beside it (None shows nothing);
    `go` is the letter that follows G; `also` are further address prefixes that belong to the entry. `later`: the count is
    fetched after the page, all of them in one request, so that no page waits for it.
    """

    group: str
    key: str
    label: StrOrPromise
    url_name: str
    icon: str
    order: int
    visible: Callable[[Actor], bool] = _everyone
    count: Callable[[Actor], int | None] = _uncounted
    go: str = ""
    also: tuple[str, ...] = ()
    later: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """A piece of a page that another wing owns; `context` returns None to stay away."""

    key: str
    order: int
    template: str
    context: Callable[[Actor, object], Mapping[str, object] | None]


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One thing that the search found."""

    title: StrOrPromise
    detail: StrOrPromise
    url: str
    icon: str


@dataclass(frozen=True, slots=True)
class SearchSource:
    """A wing's search; `search(actor, text, limit)` returns only what the actor may see."""

    key: str
    label: StrOrPromise
    search: Callable[[Actor, str, int], Sequence[SearchHit]]


@dataclass(frozen=True, slots=True)
class SearchGroup:
    """The hits of one source under its heading."""

    key: str
    label: StrOrPromise
    hits: Sequence[SearchHit]


_nav: dict[str, NavItem] = {}
_panels: dict[str, dict[str, Panel]] = defaultdict(dict)
_searches: dict[str, SearchSource] = {}


def register_nav(item: NavItem) -> None:
    """Add an entry to the side navigation. Raises ValueError for an unknown group or a key taken by another entry."""
    if item.group not in GROUPS:
        raise ValueError(f"unknown navigation group {item.group!r}")
    if _nav.setdefault(item.key, item) != item:
        raise ValueError(f"navigation key {item.key!r} is taken")


def register_panel(page: str, panel: Panel) -> None:
    """Hang a panel into a page. Raises ValueError if the page has another panel of that key."""
    if _panels[page].setdefault(panel.key, panel) != panel:
        raise ValueError(f"panel {panel.key!r} of page {page!r} is taken")


def register_home(panel: Panel) -> None:
    """Hang a panel into "My day"."""
    register_panel("home", panel)


def register_search(source: SearchSource) -> None:
    """Add a source to the global search. Raises ValueError if the key is taken by another one."""
    if _searches.setdefault(source.key, source) != source:
        raise ValueError(f"search key {source.key!r} is taken")


def registered_nav() -> list[NavItem]:
    """Every entry, whoever may open it."""
    return list(_nav.values())


def nav_for(actor: Actor) -> list[tuple[str, StrOrPromise, list[NavItem]]]:
    """The groups (key, heading, entries) that the actor may open, in order; empty groups are left out."""
    found: dict[str, list[NavItem]] = {key: [] for key in GROUPS}
    for item in sorted(_nav.values(), key=lambda item: (item.order, item.key)):
        if item.visible(actor):
            found[item.group].append(item)
    return [(key, GROUPS[key], items) for key, items in found.items() if items]


def panels_of(page: str) -> list[Panel]:
    """The panels of a page in their order."""
    return sorted(_panels.get(page, {}).values(), key=lambda panel: (panel.order, panel.key))


def search_everything(actor: Actor, text: str, limit: int) -> list[SearchGroup]:
    """Ask every source for at most `limit` hits; sources that found nothing are left out."""
    groups = (SearchGroup(source.key, source.label, source.search(actor, text, limit)) for source in _searches.values())
    return [group for group in groups if group.hits]
