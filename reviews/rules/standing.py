"""Who runs reviews of a place, who speaks for which side, who publishes. Pure: no Django, no database.

A place without site is a partner's whole; without partner too it is the network, whose rows only those reach who see all of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from portal.accounts.rules import Actor, Standing

COMPANY, PARTNER = "company", "partner"
_ADMINISTRATOR: Final = "administrator"
_LEAD: Final = "partner_lead"


@dataclass(frozen=True, slots=True)
class Place:
    """A site and the partner whose it is; a partner alone; or neither: the network."""

    site_id: int | None = None
    partner_id: int | None = None


def running(actor: Actor, place: Place) -> Actor | None:
    """The actor as who they run reviews there (engagements, visits, findings), or None."""
    return _as_company(actor, place, "run_reviews")


def configuring(actor: Actor, place: Place) -> Actor | None:
    """The actor as who they set up report jobs there: who runs reviews, and administrators."""
    if found := running(actor, place):
        return found
    own = actor.of(_ADMINISTRATOR)
    return actor.acting_as(own[0]) if own else None


def publishing(actor: Actor, place: Place) -> Actor | None:
    """The actor as who they publish packs there, or None."""
    return _as_company(actor, place, "approve")


def side_of(
    actor: Actor, place: Place, partner_site_ids: Iterable[int] = (), speakers: tuple[str, ...] = (_LEAD,)
) -> tuple[str, Actor] | None:
    """The side that the actor speaks for at a place, and as who; None if for neither.

    `partner_site_ids`: the sites of the partner, for a place that is a whole one; a lead of any of them speaks for it.
    `speakers`: the roles that speak for a partner.
    """
    if company := running(actor, place):
        return COMPANY, company
    sites = {place.site_id} if place.site_id is not None else set(partner_site_ids)
    found = next((one for one in actor.of(*speakers) if _leads(one, place, sites)), None)
    return (PARTNER, actor.acting_as(found)) if found else None


def _as_company(actor: Actor, place: Place, right: str) -> Actor | None:
    if actor.is_system:
        return actor
    found = next((one for one in actor.standings_for(right) if _holds(one, place)), None)
    return actor.acting_as(found) if found else None


def _holds(standing: Standing, place: Place) -> bool:
    if place.site_id is None and place.partner_id is None:
        return True
    if standing.site_id is not None:
        return standing.site_id == place.site_id
    return standing.partner_id is not None and standing.partner_id == place.partner_id


def _leads(standing: Standing, place: Place, sites: set[int]) -> bool:
    if place.site_id is None and place.partner_id is None:
        return False
    if standing.site_id is not None:
        return standing.site_id in sites
    return standing.partner_id is not None and standing.partner_id == place.partner_id
