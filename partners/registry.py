"""What other wings do when the directory changes. Filled in `AppConfig.ready`; this wing knows none of them."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Protocol

from portal.accounts.rules import Actor


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
