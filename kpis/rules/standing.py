"""Who may do what with contracts and results, and what a refusal is. Pure: no Django, no database."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from portal.accounts.rules import Actor, Standing

COMPANY: Final = "company"
PARTNER: Final = "partner"
ADMINISTRATOR, MANAGER, LEAD = "administrator", "partner_manager", "partner_lead"
_DECIDES: Final = {COMPANY: MANAGER, PARTNER: LEAD}


@dataclass(frozen=True, slots=True)
class Place:
    """A site, and the partner whose it is."""

    site_id: int
    partner_id: int


def at(standing: Standing, place: Place) -> bool:
    """Whether the standing's scope holds the site."""
    if standing.site_id is not None:
        return standing.site_id == place.site_id
    return standing.partner_id is not None and standing.partner_id == place.partner_id


def deciding(actor: Actor, place: Place, side: str) -> Actor | None:
    """The actor as who they decide for a side at the site, own standings first; None if they do not."""
    found = next((one for one in actor.of(_DECIDES[side]) if at(one, place)), None)
    return actor.acting_as(found) if found else None


def side_of(actor: Actor, place: Place) -> tuple[str, Actor] | None:
    """The side that the actor speaks for at the site, and as who: a manager for the company, a lead for the partner."""
    for side in (COMPANY, PARTNER):
        if allowed := deciding(actor, place, side):
            return side, allowed
    return None


def configuring(actor: Actor, partner_id: int, covered: Collection[Place] = ()) -> Actor | None:
    """The actor as who they write a partner's contract: administrators, managers of the partner or of every site it covers."""
    if actor.is_system:
        return actor
    if own := actor.of(ADMINISTRATOR):
        return actor.acting_as(own[0])
    managing = actor.of(MANAGER)
    whole = next((one for one in managing if one.partner_id == partner_id and one.site_id is None), None)
    if whole is not None:
        return actor.acting_as(whole)
    holding = [next((one for one in managing if at(one, place)), None) for place in covered]
    return actor.acting_as(holding[0]) if holding and holding[0] is not None and None not in holding else None


def same_person(one: Collection[int | None], other: Collection[int | None]) -> bool:
    """Whether two groups of ids (of users, or of the people they are or stand in for) have somebody in common."""
    return bool({pk for pk in one if pk is not None} & {pk for pk in other if pk is not None})
