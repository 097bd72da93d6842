"""A programme with a team at the site, and somebody who works there, for the addresses of the directory."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from partners.models import Engagement, JobRole, Programme, Site, Team
from tests.factories.partners import (
    EngagementFactory,
    ExternalIdFactory,
    LeaveFactory,
    PlacementFactory,
    ProgrammeFactory,
    QueueFactory,
    RosterFactory,
    TeamFactory,
    days,
)


@dataclass(frozen=True)
class Workplace:
    """Where somebody works."""

    site: Site
    programme: Programme
    team: Team
    engagement: Engagement

    @property
    def person_id(self) -> int:
        """Who works there."""
        return self.engagement.person_id


def workplace(site: Site) -> Workplace:
    """One at this site, whose person is employed by the site's partner since three months."""
    programme = ProgrammeFactory(site=site)
    period = days(timezone.localdate() - timedelta(days=90))
    engagement = EngagementFactory(employer=site.partner, period=period)
    return Workplace(site, programme, TeamFactory(programme=programme), engagement)


def directory_args(place: Workplace) -> dict[str, dict[str, Any]]:
    """What addresses of the directory need."""
    site, programme = place.site, place.programme
    return {
        "partner": {"code": site.partner.code},
        "site": {"code": site.code},
        "programme": {"pk": programme.pk},
        "team": {"pk": place.team.pk},
        "directory_queue": {"pk": QueueFactory(programme=programme).pk},
        "job_role": {"pk": JobRole.objects.order_by("pk")[0].pk},
        **_person_args(place, timezone.localdate()),
    }


def _person_args(place: Workplace, today: date) -> dict[str, dict[str, Any]]:
    """What addresses of people and rosters need."""
    site, person = place.site, place.engagement.person
    placement = PlacementFactory(site=site, person=person, period=DateRange(today - timedelta(days=90), None, "[)"))
    return {
        "person": {"pk": place.person_id},
        "external": {"pk": place.person_id, "external_id": ExternalIdFactory(person=person).pk},
        "engagement": {"pk": place.engagement.pk},
        "placement": {"pk": placement.pk},
        "leave": {"pk": LeaveFactory(person=person, period=days(today, today)).pk},
        "roster": {"pk": RosterFactory(site=site, as_of=today).pk},
        "week": {"code": site.code, "week": today - timedelta(days=today.weekday())},
    }
