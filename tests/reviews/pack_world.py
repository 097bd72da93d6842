"""A site's draft with people of both sides, and strangers."""

from typing import Any

from django.test import Client

from portal.accounts.choices import Role
from portal.accounts.models import User
from portal.accounts.queries import actor_for
from portal.accounts.rules import Actor
from reviews.models import Pack
from reviews.queries.content import draft_hash
from tests.factories.accounts import MembershipFactory, UserFactory
from tests.factories.partners import SiteFactory
from tests.factories.reviews import draft


class World:
    """A draft of a site whose service level needs a comment; its manager, coordinator, lead and QA, and a lead elsewhere."""

    def __init__(self, **fields: Any) -> None:
        self.site = fields.pop("site", None) or SiteFactory.create(name="Chengdu", name_zh="成都")
        self.other = SiteFactory.create(name="Porto")
        self.manager = member(Role.MANAGER, site=self.site, name="Maria Manager")
        self.coordinator = member(Role.COORDINATOR, site=self.site, name="Carl Coordinator")
        self.lead = member(Role.PARTNER_LEAD, site=self.site, name="Li Lead")
        self.qa = member(Role.PARTNER_QA, site=self.site, name="Qi Quality")
        self.stranger = member(Role.PARTNER_LEAD, site=self.other, name="Paula Porto")
        self.pack: Pack = draft(site=self.site, **fields)

    @property
    def seen(self) -> str:
        """The hash that the page shows now."""
        return draft_hash(Pack.objects.get(pk=self.pack.pk))

    @property
    def line(self) -> int:
        """The line that needs a comment."""
        return self.pack.lines.get().pk

    def fresh(self) -> Pack:
        """The pack as it is stored."""
        return Pack.objects.get(pk=self.pack.pk)


def member(role: str, **fields: Any) -> User:
    """Somebody in a role at a site."""
    site = fields.pop("site", None)
    user = UserFactory.create(**fields)
    MembershipFactory.create(user=user, role=role, site=site)
    return user


def by(user: User) -> Actor:
    """Them as they may act now."""
    return actor_for(user)


def browser(user: User) -> Client:
    """Signed in as them."""
    client = Client()
    client.force_login(user)
    return client
