"""Who may change what in the directory, and what a refusal is. Pure: no Django, no database."""

from collections.abc import Iterable

from portal.accounts.choices import Role
from portal.accounts.rules import Actor, Standing

SEE_ALL = (Role.ADMINISTRATOR, Role.AUDITOR)
SITE_EDITORS = (Role.COORDINATOR, Role.MANAGER)
SITE_READERS = (*SITE_EDITORS, Role.PARTNER_LEAD, Role.PARTNER_QA)
READERS = (*SEE_ALL, *SITE_READERS, Role.ASSOCIATE)
PEOPLE_READERS = (*SEE_ALL, *SITE_READERS)
STAFF_READERS = (*SEE_ALL, *SITE_EDITORS)


def sees_all(actor: Actor) -> bool:
    """True for the system and for roles that read the whole directory."""
    return actor.is_system or actor.has(*SEE_ALL)


def reads_people(actor: Actor) -> bool:
    """True for roles that see people somewhere."""
    return actor.is_system or actor.has(*PEOPLE_READERS)


def configuring(actor: Actor) -> Actor | None:
    """The actor as who they may change the whole directory, or None."""
    return _permitted(actor, actor.of(Role.ADMINISTRATOR))


def editing_site(actor: Actor, site_id: int | None, partner_id: int) -> Actor | None:
    """The actor as who they may change people, programmes and teams of a site, or None.

    Without a site: what belongs to the partner as a whole, for which a membership of the partner is needed.
    """
    standings = (
        s
        for s in actor.of(*SITE_EDITORS)
        if s.partner_id == partner_id or (site_id is not None and s.site_id == site_id)
    )
    return configuring(actor) or _permitted(actor, standings)


def roster_uploading(actor: Actor, site_id: int, partner_id: int) -> Actor | None:
    """The actor as who they may upload a roster of a site and send it, or None."""
    return roster_applying(actor, site_id, partner_id) or _rostering(actor, "submit_roster", site_id, partner_id)


def roster_applying(actor: Actor, site_id: int, partner_id: int) -> Actor | None:
    """The actor as who they may apply a roster of a site, or None."""
    return _rostering(actor, "approve_roster", site_id, partner_id)


def attesting(actor: Actor, site_id: int) -> Actor | None:
    """The actor as who they may confirm a site's leavers: a lead of it, or a stand-in of one."""
    return _permitted(actor, (s for s in actor.standings_for("submit_roster") if s.site_id == site_id))


def _rostering(actor: Actor, right: str, site_id: int, partner_id: int) -> Actor | None:
    standings = actor.standings_for(right)
    return _permitted(actor, (s for s in standings if site_id == s.site_id or partner_id == s.partner_id))


def _permitted(actor: Actor, standings: Iterable[Standing]) -> Actor | None:
    if actor.is_system:
        return actor
    first = next(iter(standings), None)
    return actor.acting_as(first) if first else None
