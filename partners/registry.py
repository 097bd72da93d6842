"""What other wings do when a roster was applied. Filled in `AppConfig.ready`; this wing knows none of them."""

from typing import Protocol

from portal.accounts.rules import Actor


class RosterListener(Protocol):
    """Called in the transaction that applies the roster, once everything is written: what it raises undoes all."""

    def __call__(self, *, actor: Actor, roster_id: int) -> None: ...


_listeners: list[RosterListener] = []


def register_roster_listener(listener: RosterListener) -> None:
    """Have `listener` called after each applied roster; it reads `queries.roster_changes(roster_id)`. Twice is once."""
    if listener not in _listeners:
        _listeners.append(listener)


def tell_roster_listeners(*, actor: Actor, roster_id: int) -> None:
    """Call them all, in the order of their registration."""
    for listener in _listeners:
        listener(actor=actor, roster_id=roster_id)
