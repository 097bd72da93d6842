"""A site with a coordinator, a manager and a lead, and those who are strangers to it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from partners.models import Site
from portal.accounts.choices import Role
from portal.accounts.models import Membership, User
from portal.accounts.queries import actor_for
from portal.accounts.rules import Actor
from reviews.actions import meetings, series
from reviews.models import Engagement, Series
from reviews.rules.standing import Place
from tests.factories.partners import PartnerFactory, SiteFactory, user


@dataclass
class MeetingWorld:
    """Who and where."""

    site: Site
    other_site: Site
    coordinator: User
    manager: User
    lead: User
    other_lead: User
    other_coordinator: User

    @property
    def place(self) -> Place:
        """The site."""
        return Place(self.site.pk, self.site.partner_id)

    def actor(self, who: str = "coordinator") -> Actor:
        """One of them."""
        return actor_for(getattr(self, who))

    def client(self, who: str = "coordinator") -> Client:
        """A browser signed in as one of them."""
        client = Client()
        client.force_login(getattr(self, who))
        return client


def meeting_world() -> MeetingWorld:
    """Two sites of one partner; the coordinator and manager are the first one's."""
    partner = PartnerFactory(name="Harbour")
    site = SiteFactory(code="CEB", name="Cebu", name_zh="宿务", partner=partner, time_zone="Europe/Prague")
    other = SiteFactory(code="DVO", name="Davao", partner=partner)
    made = MeetingWorld(
        site, other, user(Role.COORDINATOR, site=site), user(Role.MANAGER, site=site), user(Role.PARTNER_LEAD, site=site),
        user(Role.PARTNER_LEAD, site=other), user(Role.COORDINATOR, site=other),
    )  # fmt: skip
    for name in ("coordinator", "manager", "lead", "other_lead"):
        one = getattr(made, name)
        one.name = name.replace("_", " ").title()
        one.save()
    Membership.objects.update(starts_at=at(2026, 1, 1))
    return made


def plan(**more: Any) -> meetings.Plan:
    """An hour in three days, on the hour."""
    starts = (timezone.now() + timedelta(days=3)).replace(minute=0, second=0, microsecond=0)
    values = {
        "kind": "ops_call", "title": "Ops call", "starts_at": starts, "ends_at": starts + timedelta(hours=1),
        "time_zone": "Europe/Prague", "place": "Room 4",
    }  # fmt: skip
    return meetings.Plan(**{**values, **more})


def a_meeting(world: MeetingWorld, **more: Any) -> Engagement:
    """Arranged by the coordinator, who comes with the lead."""
    asked = more.pop("user_ids", [world.coordinator.pk, world.lead.pk])
    return meetings.add_engagement(actor=world.actor(), about=world.place, plan=plan(user_ids=asked, **more))


def a_series(world: MeetingWorld, first: date | None = None, weeks: int = 20, **more: Any) -> Series:
    """A weekly call at ten in the morning, from tomorrow on."""
    begin = first or timezone.localdate() + timedelta(days=1)
    values: dict[str, Any] = {
        "title": "Weekly ops call", "last_day": begin + timedelta(weeks=weeks), "at": time(10), "minutes": 45,
        "user_ids": [world.coordinator.pk, world.lead.pk],
    }  # fmt: skip
    return series.add_series(
        actor=world.actor(), about=world.place, kind="ops_call", first_day=begin, rhythm="week", time_zone="Europe/Prague",
        terms=series.Terms(**{**values, **more}),
    )  # fmt: skip


def at(*parts: int) -> datetime:
    """An instant in UTC."""
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]
