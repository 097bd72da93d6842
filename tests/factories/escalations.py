"""Services, cases and people around them; cases come into being through the actions."""

from datetime import datetime, timedelta
from typing import Any

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from escalations.actions import create_case
from escalations.models import Case, CaseGrant, IssueType, Service
from partners.models import Site
from portal.accounts.models import Membership, User
from portal.accounts.queries import actor_for
from portal.accounts.rules import SYSTEM, Actor
from tests.factories.partners import SiteFactory
from tests.factories.sla import ALWAYS, CalendarFactory, PolicyFactory

TARGETS = {"first_response": 60, "next_reply": 120, "resolution": 480}
PAUSING = ("waiting_customer",)


class ServiceFactory(DjangoModelFactory[Service]):
    class Meta:
        model = Service

    code = factory.Sequence(lambda n: f"service-{n}")
    name = factory.Sequence(lambda n: f"Service {n}")


class IssueTypeFactory(DjangoModelFactory[IssueType]):
    class Meta:
        model = IssueType

    level = 1
    code = factory.Sequence(lambda n: f"issue-{n}")
    name = factory.Sequence(lambda n: f"Issue {n}")


class CaseFactory(DjangoModelFactory[Case]):
    """A case raised by the system, unless `actor` says otherwise."""

    class Meta:
        model = Case

    actor = SYSTEM
    subject = factory.Sequence(lambda n: f"Matter {n}")
    service = factory.SubFactory(ServiceFactory)
    site = factory.SubFactory(SiteFactory)

    @classmethod
    def _create(cls, model_class: type[Case], *args: Any, **kwargs: Any) -> Case:
        service, site = kwargs.pop("service"), kwargs.pop("site")
        if severity := kwargs.pop("severity", None):
            kwargs |= {"severity_override": severity, "override_reason": "Test"}
        owner = kwargs.pop("owner", None)
        case = create_case(service_id=service.pk, site_id=site.pk if site else None, **kwargs)
        if owner is not None:
            Case.objects.filter(pk=case.pk).update(owner=owner)
        return Case.objects.select_related("site", "service").get(pk=case.pk)


def person(role: str, *, at: datetime | None = None, **scope: Any) -> User:
    """A user who has held one role since a year ago."""
    number = User.objects.count()
    made = User.objects.create_user(email=f"case-person{number}@example.test", name=f"Person {number}")
    since = (at or timezone.now()) - timedelta(days=365)
    Membership.objects.create(user=made, role=role, starts_at=since, **scope)
    return made


def actor(role: str, **scope: Any) -> Actor:
    """The actor of a new user in one role."""
    return actor_for(person(role, **scope))


def associate(service: Service, *, lead: bool = False) -> Actor:
    """A member of a service, or its lead."""
    return actor("associate", service=service, is_lead=lead)


def coordinator(site: Site) -> Actor:
    """The coordinator of a site."""
    return actor("coordinator", site=site)


def hold(case: Case, held_by: Actor, **columns: Any) -> CaseGrant:
    """A live grant."""
    return CaseGrant.objects.create(case=case, user_id=held_by.user_id, kind="grant", **columns)


def open_policy(**content: Any) -> Any:
    """A policy around the clock: an hour to the first response, two to each reply, eight to the resolution."""
    defaults: dict[str, Any] = {
        "targets": TARGETS,
        "pause_states": PAUSING,
        "warn": (50,),
        "levels": ((30, ("owner",)),),
    }
    calendar = content.pop("calendar", None) or CalendarFactory(hours=ALWAYS)
    return PolicyFactory(calendar=calendar, **(defaults | content))
