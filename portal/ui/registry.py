"""What wings hang into the shell: navigation, panels, search sources. Filled in `AppConfig.ready`, read on every page.

A wing registers what a higher room shows without that room knowing the wing. Nothing here touches the database.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from portal.accounts.rules import Actor
    from portal.ui.finding import Piece


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
    """A piece of a page that another wing owns; `context` returns None to stay away.

    On "My day" a piece may be fetched after the page (`later`), under its `label`, by those for whom it is `visible`, which asks
    the database nothing. `hushed`: it often has nothing to show, so no room is kept for it until that is known.
    """

    key: str
    order: int
    template: str
    context: Callable[[Actor, object], Mapping[str, object] | None]
    label: StrOrPromise = ""
    visible: Callable[[Actor], bool] = _everyone
    later: bool = False
    hushed: bool = False


@dataclass(frozen=True, slots=True)
class Act:
    """Something that one may begin from anywhere: a link to its form. `visible` asks the database nothing."""

    key: str
    order: int
    label: StrOrPromise
    url_name: str
    icon: str
    visible: Callable[[Actor], bool]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A number of things that wait for the reader, beside those that the navigation counts; None or 0 shows nothing."""

    key: str
    order: int
    label: StrOrPromise
    url: Callable[[], str]
    visible: Callable[[Actor], bool]
    count: Callable[[Actor], int | None]


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One thing that the search found. `excerpt`: where the words stand, in pieces, each marked as a find or not. `is_named`: what
    was typed is its reference."""

    title: StrOrPromise
    detail: StrOrPromise
    url: str
    icon: str
    excerpt: Sequence[Piece] = ()
    is_named: bool = False


@dataclass(frozen=True, slots=True)
class SearchAsk:
    """What is looked for: the text, what narrows it, how many at once, and after which one."""

    text: str
    size: int
    cursor: str | None = None
    filters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SearchPage:
    """Hits in their order, the cursor of those after them, and what the reader should know about them."""

    hits: Sequence[SearchHit]
    next_cursor: str | None = None
    note: StrOrPromise = ""


@dataclass(frozen=True, slots=True)
class SearchFilter:
    """What narrows one source: a list of values that this actor may choose from, none for not at all."""

    key: str
    label: StrOrPromise
    choices: Callable[[Actor], Sequence[tuple[str, StrOrPromise]]]


@dataclass(frozen=True, slots=True)
class SearchSource:
    """A wing's search; `search(actor, text, limit)` returns only what the actor may see.

    `page`, for what can be too much for one page, gives more of it, obeys `filters` and raises BadCursor.
    """

    key: str
    label: StrOrPromise
    search: Callable[[Actor, str, int], Sequence[SearchHit]]
    page: Callable[[Actor, SearchAsk], SearchPage] | None = None
    filters: tuple[SearchFilter, ...] = ()

    def ask(self, actor: Actor, ask: SearchAsk) -> SearchPage:
        """One page, by whichever way the wing gave."""
        return self.page(actor, ask) if self.page else SearchPage(self.search(actor, ask.text, ask.size))


@dataclass(frozen=True, slots=True)
class SearchGroup:
    """The hits of one source under its heading; `pages`: there can be more of them than these."""

    key: str
    label: StrOrPromise
    hits: Sequence[SearchHit]
    note: StrOrPromise = ""
    next_cursor: str | None = None
    pages: bool = False


_nav: dict[str, NavItem] = {}
_panels: dict[str, dict[str, Panel]] = defaultdict(dict)
_searches: dict[str, SearchSource] = {}
_acts: dict[str, Act] = {}
_waiting: dict[str, Waiting] = {}


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


def register_act(act: Act) -> None:
    """Offer an act on "My day". Raises ValueError if the key is taken by another one."""
    if _acts.setdefault(act.key, act) != act:
        raise ValueError(f"act {act.key!r} is taken")


def register_waiting(waiting: Waiting) -> None:
    """Count something that waits for people. Raises ValueError if the key is taken by another one."""
    if _waiting.setdefault(waiting.key, waiting) != waiting:
        raise ValueError(f"what waits as {waiting.key!r} is taken")


def acts_for(actor: Actor) -> list[Act]:
    """What the actor may begin, in order. No query."""
    return [one for one in sorted(_acts.values(), key=lambda act: (act.order, act.key)) if one.visible(actor)]


def counted_for(actor: Actor) -> list[tuple[StrOrPromise, str, str, int]]:
    """What waits for the actor: label, address, icon and number, of the navigation's counts and of what wings count besides."""
    entries = [item for _key, _heading, items in nav_for(actor) for item in items if item.count is not _uncounted]
    found = [(item.label, reverse(item.url_name), item.icon, item.count(actor) or 0) for item in entries]
    others = sorted((one for one in _waiting.values() if one.visible(actor)), key=lambda one: (one.order, one.key))
    found += [(one.label, one.url(), "hour", one.count(actor) or 0) for one in others]
    return [line for line in found if line[3]]


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


def registered_searches() -> list[SearchSource]:
    """Every source, in the order in which they came."""
    return list(_searches.values())


def search_everything(actor: Actor, text: str, limit: int) -> list[SearchGroup]:
    """Ask every source for at most `limit` hits; sources that found nothing and have nothing to say of it are left out."""
    groups = (searched(source, actor, SearchAsk(text, limit)) for source in _searches.values())
    return [group for group in groups if group.hits or group.note]


def searched(source: SearchSource, actor: Actor, ask: SearchAsk) -> SearchGroup:
    """What one source finds."""
    page = source.ask(actor, ask)
    return SearchGroup(source.key, source.label, page.hits, page.note, page.next_cursor, source.page is not None)
