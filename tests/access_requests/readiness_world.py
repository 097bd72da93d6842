"""A site with a wave of joiners, and somebody in every role, for the tests of readiness, matrix, certificate and trouble."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from access_requests.models import Bundle, Entitlement, Grant, GrantReason
from partners.models import Person, Site
from portal.accounts.choices import Role
from portal.accounts.models import User
from portal.accounts.queries import actor_for
from portal.accounts.rules import Actor
from tests.factories.access import EntitlementFactory, GrantFactory, GroupMemberFactory, SystemFactory, bundle_of
from tests.factories.partners import PlacementFactory, SiteFactory, days, user


@dataclass
class Wave:
    """What these tests share. The job brings both entitlements."""

    site: Site
    other: Site
    desk: Entitlement
    phone: Entitlement
    bundle: Bundle
    users: dict[str, User]

    def client(self, who: str) -> Client:
        """A browser signed in as one of them."""
        client = Client()
        client.force_login(self.users[who])
        return client

    def actor(self, who: str) -> Actor:
        """One of them as an actor."""
        return actor_for(self.users[who])

    def joiner(self, name: str, starts_in: int = 3, site: Site | None = None, **more: Any) -> Person:
        """Somebody whose first day is so many days away."""
        place = site or self.site
        first = timezone.now().date() + timedelta(days=starts_in)
        person = PlacementFactory.create(site=place, period=days(first), **more).person
        Person.objects.filter(pk=person.pk).update(name=name)
        person.refresh_from_db()
        return person

    def give(self, person: Person, *entitlements: Entitlement, **fields: Any) -> list[Grant]:
        """Grants by the job's bundle."""
        found = []
        for one in entitlements:
            grant = GrantFactory.create(person=person, entitlement=one, **fields)
            GrantReason.objects.create(grant=grant, kind="bundle", bundle=self.bundle, starts_at=grant.started_at)
            found.append(grant)
        return found


def wave() -> Wave:
    """Build it."""
    site, other = SiteFactory.create(name="Chengdu"), SiteFactory.create(name="Dalian")
    desk = EntitlementFactory.create(name="Agent seat", system=SystemFactory.create(name="Case desk"))
    phone = EntitlementFactory.create(name="Extension", system=SystemFactory.create(name="Telephone", lead_minutes=60))
    users = {
        "administrator": user(Role.ADMINISTRATOR),
        "coordinator": user(Role.COORDINATOR, site=site),
        "manager": user(Role.MANAGER, partner=site.partner),
        "lead": user(Role.PARTNER_LEAD, site=site),
        "qa": user(Role.PARTNER_QA, site=site),
        "agent": user(Role.AGENT, site=site),
        "it": user(Role.IT),
        "auditor": user(Role.AUDITOR),
        "foreign_lead": user(Role.PARTNER_LEAD, site=other),
        "foreign_coordinator": user(Role.COORDINATOR, site=other),
    }
    GroupMemberFactory.create(group=desk.system.group, user=users["it"])
    return Wave(site, other, desk, phone, bundle_of(desk, phone, birthright=True), users)


def text_of(client: Client, url: str, **data: Any) -> str:
    """A page as sent, streamed or not."""
    response = client.get(url, data)
    body = b"".join(response) if response.streaming else response.content  # type: ignore[arg-type]
    return f"{response.status_code}\n{body.decode()}"


__all__ = ["Wave", "text_of", "wave"]
