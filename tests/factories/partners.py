"""Rows of the directory, and people signed in with a role in it."""

from datetime import date, timedelta
from typing import Any

import factory
from allauth.mfa.models import Authenticator
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from factory.django import DjangoModelFactory

from partners.models import (
    Engagement,
    ExternalId,
    JobRole,
    Leave,
    Partner,
    Person,
    Placement,
    Programme,
    Queue,
    Roster,
    Site,
    Team,
)
from portal.accounts.choices import Role
from portal.accounts.models import Membership, User
from portal.accounts.queries import actor_for
from portal.accounts.rules import Actor


def days(first: date | str, last: date | str | None = None) -> DateRange:
    """A range from the first to the last day, both included."""
    lower = date.fromisoformat(first) if isinstance(first, str) else first
    upper = date.fromisoformat(last) if isinstance(last, str) else last
    return DateRange(lower, upper + timedelta(days=1) if upper else None, "[)")


class PartnerFactory(DjangoModelFactory[Partner]):
    class Meta:
        model = Partner

    name = factory.Sequence(lambda n: f"Partner {n}")
    code = factory.Sequence(lambda n: f"P{n}")


class SiteFactory(DjangoModelFactory[Site]):
    class Meta:
        model = Site

    partner = factory.SubFactory(PartnerFactory)
    name = factory.Sequence(lambda n: f"Site {n}")
    code = factory.Sequence(lambda n: f"S{n}")
    time_zone = "Asia/Shanghai"


class ProgrammeFactory(DjangoModelFactory[Programme]):
    class Meta:
        model = Programme

    site = factory.SubFactory(SiteFactory)
    name = factory.Sequence(lambda n: f"Programme {n}")
    code = factory.Sequence(lambda n: f"L{n}")


class QueueFactory(DjangoModelFactory[Queue]):
    class Meta:
        model = Queue

    programme = factory.SubFactory(ProgrammeFactory)
    name = factory.Sequence(lambda n: f"Queue {n}")
    code = factory.Sequence(lambda n: f"Q{n}")


class TeamFactory(DjangoModelFactory[Team]):
    class Meta:
        model = Team

    programme = factory.SubFactory(ProgrammeFactory)
    name = factory.Sequence(lambda n: f"Team {n}")


class JobRoleFactory(DjangoModelFactory[JobRole]):
    """One of the roles that every installation has, unless another code is given."""

    class Meta:
        model = JobRole
        django_get_or_create = ("code",)

    code = "AGENT"
    name = "Agent"


class PersonFactory(DjangoModelFactory[Person]):
    class Meta:
        model = Person

    name = factory.Sequence(lambda n: f"Person {n:04}")
    email = factory.Sequence(lambda n: f"person{n}@example.com")


class EngagementFactory(DjangoModelFactory[Engagement]):
    class Meta:
        model = Engagement

    person = factory.SubFactory(PersonFactory)
    employer = factory.SubFactory(PartnerFactory)
    employee_number = factory.Sequence(lambda n: f"E{n}")
    period = days("2024-01-01")


class PlacementFactory(DjangoModelFactory[Placement]):
    """A placement within an engagement of the same days by the site's partner."""

    class Meta:
        model = Placement

    site = factory.SubFactory(SiteFactory)
    person = factory.LazyAttribute(
        lambda o: EngagementFactory(employer=o.site.partner, period=o.period).person  # type: ignore[attr-defined]
    )
    job_role = factory.SubFactory(JobRoleFactory)
    period = days("2024-01-01")


class ExternalIdFactory(DjangoModelFactory[ExternalId]):
    class Meta:
        model = ExternalId

    person = factory.SubFactory(PersonFactory)
    source = "hr"
    value = factory.Sequence(lambda n: f"HR-{n}")


class LeaveFactory(DjangoModelFactory[Leave]):
    """A week off; give it a person who is employed then."""

    class Meta:
        model = Leave

    kind = "holiday"
    period = days("2026-11-02", "2026-11-08")


class RosterFactory(DjangoModelFactory[Roster]):
    """A roster that was previewed, with one row to fix."""

    class Meta:
        model = Roster
        skip_postgeneration_save = True

    site = factory.SubFactory(SiteFactory)
    source = "roster"
    sha256 = "0" * 64
    heading = ["name", "email"]
    mapping = factory.LazyFunction(
        lambda: {
            "source": "roster",
            "identity": "employee_number",
            "key": "",
            "fields": {"name": {"column": "name"}, "email": {"column": "email"}, "job_role": {"default": "AGENT"}},
        }
    )
    rows = 1
    errors = 1

    @factory.post_generation
    def row(self, create: bool, _extracted: Any, **_kwargs: Any) -> None:
        """The row, without an address to know the person by."""
        if create:
            self.proposals.create(  # type: ignore[attr-defined]
                row=2,
                kind="error",
                cells={"name": "Wang Fang", "email": ""},
                said={},
                fault_field="key",
                fault="nobody",
            )


def placed(site: Site, **person: Any) -> Person:
    """Somebody who has worked at a site since 2024."""
    return PlacementFactory(
        site=site, person=EngagementFactory(person=PersonFactory(**person), employer=site.partner).person
    ).person


def user(role: str | None, **scope: Any) -> User:
    """A user with one membership; an administrator has a second factor."""
    number = User.objects.count()
    made = User.objects.create_user(email=f"user{number}@example.com", name=f"User {number}")
    if role:
        Membership.objects.create(user=made, role=role, **scope)
    if role == Role.ADMINISTRATOR:
        Authenticator.objects.create(user=made, type=Authenticator.Type.TOTP, data={"secret": "x"})
    return made


def actor(role: str, **scope: Any) -> Actor:
    """The actor of a new user with one membership."""
    return actor_for(user(role, **scope))


def signed_in(role: str | None, **scope: Any) -> Client:
    """A client signed in as a new user with one membership."""
    client = Client()
    client.force_login(user(role, **scope))
    return client
