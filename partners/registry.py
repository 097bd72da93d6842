"""What other wings do when the directory changes. Filled in `AppConfig.ready`; this wing knows none of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol

from portal.accounts.rules import Actor

if TYPE_CHECKING:
    from django.db.models import Model
    from django_stubs_ext import StrOrPromise


class RosterListener(Protocol):
    """Called in the transaction that applies the roster, once everything is written: what it raises undoes all."""

    def __call__(self, *, actor: Actor, roster_id: int) -> None: ...


class ChangeListener(Protocol):
    """Called in the transaction that changes these people's engagements or placements by hand, once it is written."""

    def __call__(self, *, actor: Actor, person_ids: Collection[int]) -> None: ...


class ReportedLeavers(Protocol):
    """Site -> when its people were reported as leaving since an instant, one instant a person."""

    def __call__(self, site_ids: Collection[int], since: datetime) -> Mapping[int, Collection[datetime]]: ...


_listeners: list[RosterListener] = []
_change_listeners: list[ChangeListener] = []


def register_roster_listener(listener: RosterListener) -> None:
    """Have `listener` called after each applied roster; it reads `queries.roster_changes(roster_id)`. Twice is once."""
    if listener not in _listeners:
        _listeners.append(listener)


def tell_roster_listeners(*, actor: Actor, roster_id: int) -> None:
    """Call them all, in the order of their registration."""
    for listener in _listeners:
        listener(actor=actor, roster_id=roster_id)


def register_change_listener(listener: ChangeListener) -> None:
    """Have `listener` called after each engagement or placement written by hand. Twice is once."""
    if listener not in _change_listeners:
        _change_listeners.append(listener)


def tell_change_listeners(*, actor: Actor, person_ids: Collection[int]) -> None:
    """Call them all, in the order of their registration."""
    for listener in _change_listeners:
        listener(actor=actor, person_ids=person_ids)


_reported: list[ReportedLeavers] = []


def register_reported_leavers(source: ReportedLeavers) -> None:
    """Have the weekly word on leavers show how many were reported. Twice is once."""
    if source not in _reported:
        _reported.append(source)


def reported_leavers(site_ids: Collection[int], since: datetime) -> dict[int, list[datetime]]:
    """Site -> when its people were reported as leaving, as far as any wing knows."""
    found: dict[int, list[datetime]] = {}
    for source in _reported:
        for site, instants in source(site_ids, since).items():
            found.setdefault(site, []).extend(instants)
    return found


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of days in somebody's time with us; `last`: None while it goes on.

    `point`: one day that is drawn as a dot, whatever the scale.
    """

    first: date
    last: date | None
    text: str
    point: bool = False


@dataclass(frozen=True, slots=True)
class Moment:
    """What happened to somebody on a day; `url`: where more is said of it."""

    day: date
    text: str
    icon: str
    detail: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Life:
    """Part of somebody's time with us. `lane` and `order`: the name and place of its lane."""

    lane: StrOrPromise
    order: int
    spans: Sequence[Span]
    moments: Sequence[Moment]


class LifeSource(Protocol):
    """Called with the reader and a person whom they see; None where this wing has nothing to say to this reader."""

    def __call__(self, actor: Actor, person: Model, /) -> Life | None: ...


_sources: list[LifeSource] = []


def register_life(source: LifeSource) -> None:
    """Have `source` asked for what it knows of a person over time, in a constant number of queries. Twice is once."""
    if source not in _sources:
        _sources.append(source)


def lives_of(actor: Actor, person: Model) -> list[Life]:
    """What other wings know of a person over time."""
    return [life for source in _sources if (life := source(actor, person))]


def once[T](row: Model, key: str, actor: Actor, make: Callable[[], T]) -> T:
    """What several parts of a page ask about the same row as it was loaded for this reader, asked once."""
    kept: dict[tuple[str, Actor], T] = row.__dict__.setdefault("_asked_once", {})
    if (key, actor) not in kept:
        kept[key, actor] = make()
    return kept[key, actor]
