"""What the palette lists: what the search finds, acts on the open page, what can be created, and pages to go to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Final

from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import pgettext

from portal.ui import commands, registry
from portal.ui.commands import Command
from portal.ui.textsearch import clean, split

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from portal.accounts.rules import Actor
    from portal.ui.context import NavGroup
    from portal.ui.registry import SearchGroup

_HITS: Final = 6
MAX_QUERY: Final = 200
_MAX_PATH: Final = 300
_ACT: Final = "act"


@dataclass(frozen=True, slots=True)
class Option:
    """One line to choose. `keys`: what does the same on the keyboard. `also`: by what else it is found."""

    label: StrOrPromise
    url: str
    icon: str
    detail: StrOrPromise = ""
    keys: Sequence[str] = ()
    also: Sequence[StrOrPromise] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Lines under a heading. `fits_less`: they are not called as was typed."""

    key: str
    label: StrOrPromise
    options: Sequence[Option]
    fits_less: bool = False


class _Fit(IntEnum):
    """How a line fits what was typed, the best first."""

    BEGINS = 0
    WORD_BEGINS = 1
    HOLDS = 2


def palette_groups(actor: Actor, text: str, path: str, navigation: Sequence[NavGroup]) -> list[Group]:
    """The groups that have something for this text: what has it as its reference; what is called so from its beginning; acts on
    the page with a word that begins so; what the search found; the rest."""
    offered = [group for group in _offered(actor, path, navigation) if group.options]
    if not text:
        return offered
    wanted = clean(text)
    begun, word_begun, held = ([_fitting(group, wanted, fit) for group in offered] for fit in _Fit)
    found = registry.search_everything(actor, text, _HITS)
    named = [_found(group, is_named=True) for group in found]
    others = [_found(group, is_named=False) for group in found]
    return [group for group in (*named, *begun, *word_begun, *others, *held) if group.options]


def _offered(actor: Actor, path: str, navigation: Sequence[NavGroup]) -> Iterator[Group]:
    acts = commands.acts_on_page(actor, path) if path.startswith("/") and len(path) <= _MAX_PATH else None
    if acts:
        yield Group(_ACT, acts.label, [_command(one) for one in acts.commands])
    begun = [Option(one.label, reverse(one.url_name), one.icon) for one in registry.acts_for(actor)]
    yield Group("create", pgettext("things to begin", "Begin"), begun)
    links = [link for group in navigation for link in group.links]
    pages = [Option(link.label, link.url, link.icon, keys=("G", link.go.upper()) if link.go else ()) for link in links]
    yield Group("go", _now("Go to"), pages)


def _command(one: Command) -> Option:
    return Option(one.label, one.url, one.icon, one.detail, (one.cap,) if one.cap else (), one.also)


def _found(group: SearchGroup, *, is_named: bool) -> Group:
    hits = [hit for hit in group.hits if hit.is_named == is_named]
    options = [Option(hit.title, hit.url, hit.icon, hit.detail) for hit in hits]
    return Group(f"{group.key}-named" if is_named else group.key, group.label, options, fits_less=not is_named)


def _fitting(group: Group, wanted: str, fit: _Fit) -> Group:
    options = [one for one in group.options if _fit(one, wanted, is_act=group.key == _ACT) == fit]
    return Group(f"{group.key}-{fit.value}", group.label, options, fits_less=fit == _Fit.HOLDS)


def _fit(option: Option, wanted: str, *, is_act: bool) -> _Fit | None:
    """How an option fits what was typed. A word inside counts only for acts: names of pages would push hits down."""
    names = [clean(str(name)) for name in (option.label, *option.also)]
    if any(name.startswith(wanted) for name in names):
        return _Fit.BEGINS
    if not any(wanted in name for name in names):
        return None
    return _Fit.WORD_BEGINS if is_act and any(_word_begins(name, wanted) for name in names) else _Fit.HOLDS


def _word_begins(name: str, wanted: str) -> bool:
    """Chinese has no spaces between words, so that one may begin at any place."""
    is_cjk = any(run for run, _word in split(wanted))
    return wanted in name if is_cjk else re.search(rf"(?<!\w){re.escape(wanted)}", name) is not None
