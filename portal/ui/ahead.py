"""What of the reader's own is still ahead of them today, as wings hand it in. Filled in `AppConfig.ready`; the sources ask the database."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from django_stubs_ext import StrOrPromise

    from portal.accounts.rules import Actor


@dataclass(frozen=True, slots=True)
class Due:
    """One thing that falls due at an instant, in a line; `lang` is the title's, if it is not the page's."""

    at: datetime
    title: StrOrPromise
    detail: StrOrPromise
    url: str
    lang: str = ""


#: Gives what falls due for an actor from one instant up to another, as far as they may see it, in no order: of more than so many the
#: first ones, and it reads no more than it gives.
Source = Callable[["Actor", "datetime", "datetime", int], Iterable[Due]]
_sources: dict[str, Source] = {}


def register_ahead(key: str, source: Source) -> None:
    """Hand something in. Raises ValueError if the key is taken by another source."""
    if _sources.setdefault(key, source) != source:
        raise ValueError(f"what is ahead as {key!r} is taken")


def ahead_for(actor: Actor, since: datetime, until: datetime, most: int) -> list[Due]:
    """What every source gives, by time; at most so many."""
    found = [line for source in _sources.values() for line in source(actor, since, until, most)]
    return sorted(found, key=lambda line: (line.at, line.url))[:most]
