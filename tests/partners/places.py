"""Two places with one of everything, and a standing in each role."""

from dataclasses import dataclass

from partners.models import Engagement, Person, Placement, Programme, Site, Team
from portal.accounts.choices import Role
from tests.factories.partners import (
    EngagementFactory,
    ExternalIdFactory,
    PlacementFactory,
    ProgrammeFactory,
    SiteFactory,
    TeamFactory,
)


@dataclass
class Place:
    """A site with one of everything."""

    site: Site
    programme: Programme
    team: Team
    person: Person
    placement: Placement
    engagement: Engagement


def build(name: str) -> Place:
    site = SiteFactory(name=f"{name} site", code=name.upper(), partner__name=f"{name} partner")
    programme = ProgrammeFactory(site=site, name=f"{name} programme")
    team = TeamFactory(programme=programme, name=f"{name} team")
    engagement = EngagementFactory(person__name=f"{name} person", employer=site.partner, employee_number=f"{name}-1")
    person = engagement.person
    placement = PlacementFactory(site=site, person=person, programme=programme, team=team)
    ExternalIdFactory(person=person, value=f"{name}-hr")
    return Place(site, programme, team, person, placement, engagement)


def scoped(role: str, place: Place) -> dict[str, object]:
    """The scope that a membership of this role has at this place."""
    if role in {Role.COORDINATOR, Role.MANAGER, Role.PARTNER_LEAD, Role.PARTNER_QA, Role.AGENT}:
        return {"site": place.site}
    if role == Role.ASSOCIATE:
        from escalations.models import Service

        return {"service": Service.objects.create(name="Social media")}
    return {}
