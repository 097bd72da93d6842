"""How an action moves, and who may move it. Pure: no Django, no database."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Final

from portal.accounts.rules import Actor, Standing

from .standing import COMPANY, Place, running, side_of

#: Verb -> from these states into this one.
STEPS: Final[Mapping[str, tuple[frozenset[str], str]]] = {
    "take": (frozenset({"open"}), "under_way"),
    "done": (frozenset({"open", "under_way"}), "done"),
    "verify": (frozenset({"done"}), "verified"),
    "send_back": (frozenset({"done"}), "under_way"),
    "drop": (frozenset({"open", "under_way"}), "dropped"),
}
#: Who speaks for a partner about actions.
SPEAKERS: Final = ("partner_lead", "partner_qa")
FURTHEST: Final = timedelta(days=2 * 366)
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class About:
    """What decides who may move an action. `done_ids`: who did it, and for whom."""

    place: Place
    side: str
    owner_id: int
    made_by_id: int
    partner_site_ids: frozenset[int] = frozenset()
    done_ids: frozenset[int] = frozenset()


def step(state: str, verb: str) -> str | None:
    """The state that a verb leads to; None if it cannot be said in this state."""
    sources, target = STEPS[verb]
    return target if state in sources else None


def speaking(actor: Actor, place: Place, partner_site_ids: Iterable[int] = ()) -> Iterator[tuple[str, Actor]]:
    """The sides that the actor speaks for at a place, and as who: in their own right first, then for others."""
    if actor.is_system:
        yield COMPANY, actor
        return
    sites = frozenset(partner_site_ids)
    for standing in sorted(actor.standings, key=lambda one: one.principal_id is not None):
        if found := side_of(Actor(actor.user_id, standings=(standing,)), place, sites, SPEAKERS):
            yield found[0], actor.acting_as(standing)


def may_raise(actor: Actor, place: Place, partner_site_ids: Iterable[int] = ()) -> Actor | None:
    """The actor as who they raise actions at a place, or None."""
    return next((allowed for _side, allowed in speaking(actor, place, partner_site_ids)), None)


def may(actor: Actor, about: About, verb: str) -> Actor | None:
    """The actor as who they may do this with an action, whatever its state, or None.

    Taking it on and saying that it is done are for its owner and their side; changing and dropping for the company and for whoever raised
    it; verifying and sending back for the company, and for the partner what the company did: never for whoever did it or owns it.
    """
    if verb in {"take", "done"}:
        return as_owner(actor, about.owner_id) or _of_side(actor, about)
    if verb in {"change", "drop"}:
        return running(actor, about.place) or _as(actor, about.made_by_id)
    if verb in {"verify", "send_back"}:
        return next(_verifiers(actor, about), None)
    return as_owner(actor, about.owner_id) or may_raise(actor, about.place, about.partner_site_ids)


def as_owner(actor: Actor, owner_id: int) -> Actor | None:
    """The actor as the owner or who stands in for them, or None."""
    return _as(actor, owner_id)


def _as(actor: Actor, user_id: int) -> Actor | None:
    if not actor.standings:
        return None
    if actor.user_id == user_id:
        return actor.acting_as(Standing(role=""))
    return actor.acting_as(Standing(role="", principal_id=user_id)) if user_id in actor.principal_ids else None


def _of_side(actor: Actor, about: About) -> Actor | None:
    sides = speaking(actor, about.place, about.partner_site_ids)
    return next((allowed for side, allowed in sides if side == about.side), None)


def _verifiers(actor: Actor, about: About) -> Iterator[Actor]:
    involved = about.done_ids | {about.owner_id}
    for side, allowed in speaking(actor, about.place, about.partner_site_ids):
        if COMPANY not in {side, about.side}:
            continue
        if not involved & {allowed.user_id, allowed.principal_id}:
            yield allowed


def reminder_percent(start: datetime, due: datetime) -> int | None:
    """The percent of the time until it is due after which at most a day is left; None where there is no more than a day at all."""
    whole = due - start
    return min(99, ceil((whole - _DAY) / whole * 100)) if whole > _DAY else None


def hoped_above(expected_change: float | None, direction: str) -> bool | None:
    """On which side of the mean its KPI is hoped to be; None: on either."""
    if expected_change:
        return expected_change > 0
    return {"up": True, "down": False}.get(direction)
