"""Whose figures and contracts an actor may see. Every page of the wing starts here."""

from typing import TYPE_CHECKING, Final

from partners import queries as directory
from portal.accounts.choices import Role
from portal.accounts.rules import Actor

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from partners.models import Site

SEE_ALL: Final = (Role.ADMINISTRATOR, Role.AUDITOR)
COMPANY: Final = (Role.COORDINATOR, Role.MANAGER)
PARTNER: Final = (Role.PARTNER_LEAD, Role.PARTNER_QA)
READERS: Final = (*SEE_ALL, *COMPANY, *PARTNER)


def sees_all(actor: Actor) -> bool:
    """True for the system and for roles that read every site's figures."""
    return actor.is_system or actor.has(*SEE_ALL)


def reads_figures(actor: Actor) -> bool:
    """True for roles that see figures somewhere: not associates, agents and IT."""
    return actor.is_system or actor.has(*READERS)


def sites_visible_to(actor: Actor) -> "QuerySet[Site]":
    """The sites whose figures and contracts the actor reads: all, or those in their charge or their own."""
    sites = directory.sites_visible_to(actor)
    return sites if sees_all(actor) else sites.filter(pk__in=directory.sites_of(actor, *COMPANY, *PARTNER).values("pk"))
