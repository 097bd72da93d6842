"""What the palette lists: what the search finds, acts on the open page, what can be created, and pages to go to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import pgettext

from portal.ui import commands, registry
from portal.ui.commands import Command
from portal.ui.textsearch import clean

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from portal.accounts.rules import Actor
    from portal.ui.context import NavGroup

_HITS: Final = 6
MAX_QUERY: Final = 200
_MAX_PATH: Final = 300


@dataclass(frozen=True, slots=True)
class Option:
    """One line to choose. `keys`: what does the same on the keyboard."""

    label: StrOrPromise
    url: str
    icon: str
    detail: StrOrPromise = ""
    keys: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Lines under a heading."""

    key: str
    label: StrOrPromise
    options: Sequence[Option]


def palette_groups(actor: Actor, text: str, path: str, navigation: Sequence[NavGroup]) -> list[Group]:
    """The groups that have something for this text. What is named by its beginning comes before what the search found."""
    offered = [group for group in _offered(actor, path, navigation) if group.options]
    if not text:
        return offered
    wanted = clean(text)
    named = [Group(f"{one.key}-first", one.label, [o for o in one.options if _begins(o, wanted)]) for one in offered]
    others = [Group(one.key, one.label, [o for o in one.options if _holds(o, wanted)]) for one in offered]
    return [group for group in (*named, *_found(actor, text), *others) if group.options]


def _offered(actor: Actor, path: str, navigation: Sequence[NavGroup]) -> Iterator[Group]:
    acts = commands.acts_on_page(actor, path) if path.startswith("/") and len(path) <= _MAX_PATH else None
    if acts:
        yield Group("act", acts.label, [_command(one) for one in acts.commands])
    begun = [Option(one.label, reverse(one.url_name), one.icon) for one in registry.acts_for(actor)]
    yield Group("create", pgettext("things to begin", "Begin"), begun)
    links = [link for group in navigation for link in group.links]
    pages = [Option(link.label, link.url, link.icon, keys=("G", link.go.upper()) if link.go else ()) for link in links]
    yield Group("go", _now("Go to"), pages)


def _command(one: Command) -> Option:
    return Option(one.label, one.url, one.icon, keys=(one.cap,) if one.cap else ())


def _found(actor: Actor, text: str) -> Iterator[Group]:
    for group in registry.search_everything(actor, text, _HITS):
        yield Group(group.key, group.label, [Option(hit.title, hit.url, hit.icon, hit.detail) for hit in group.hits])


def _begins(option: Option, wanted: str) -> bool:
    return clean(str(option.label)).startswith(wanted)


def _holds(option: Option, wanted: str) -> bool:
    label = clean(str(option.label))
    return wanted in label and not label.startswith(wanted)
