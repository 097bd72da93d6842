"""One of everything that an address can name, and somebody in every role."""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.utils import timezone

from escalations.models import CaseGrant, TimelineEntry
from partners.models import JobRole
from portal.accounts.choices import Role
from portal.accounts.models import Membership
from portal.accounts.queries import actor_for
from portal.accounts.tokens import hash_of
from sla.models import Calendar, Clock, Policy
from tests.escalations.pages_world import World, issue_tree, world
from tests.factories.accounts import DelegationFactory, MembershipFactory, UserFactory
from tests.factories.mailbox import InboundMessageFactory
from tests.factories.notifications import DemoMailFactory, MailRowFactory, NotificationFactory
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
from tests.factories.webhooks import WebhookTargetFactory
from tests.web.world_approvals import approvals_args
from tests.web.world_catalogue import catalogue_args
from tests.web.world_contracts import contracts_args
from tests.web.world_definitions import definitions_args
from tests.web.world_facts import facts_args
from tests.web.world_follow import follow_args
from tests.web.world_fulfilment import fulfilment_args
from tests.web.world_performance import performance_args
from tests.web.world_readiness import readiness_args
from tests.web.world_requests import requests_args

ANONYMOUS = "anonymous"
# The columns of the matrix, in this order.
ROLES = (
    ANONYMOUS,
    "administrator",
    "coordinator",
    "manager",
    "associate",
    "service_lead",
    "lead",
    "qa",
    "agent",
    "it",
    "auditor",
    "foreign_lead",
    "foreign_coordinator",
    "stand_in",
)
TOKEN = "an-invitation-nobody-used-yet"


@dataclass
class Everything:
    """Ids by the names that addresses use, and a browser per role."""

    world: World
    clients: dict[str, Client]
    args: dict[str, dict[str, Any]]


def everything() -> Everything:
    """Build it: the case is the site's, standard, raised by its lead; the other site's people are strangers to it."""
    made = world()
    _more_people(made)
    case = made.case("Guest locked out", by="lead")
    clients = {name: made.client(name) for name in ROLES if name != ANONYMOUS}
    clients[ANONYMOUS] = Client()
    return Everything(made, clients, _args(made, case.ref, case.pk))


def _more_people(made: World) -> None:
    """A coordinator elsewhere, and somebody without a role who stands in for the coordinator."""
    made.users["foreign_coordinator"] = UserFactory(name="Foreign Coordinator")
    MembershipFactory(user=made.users["foreign_coordinator"], role=Role.COORDINATOR, site=made.other_site)
    made.users["stand_in"] = UserFactory(name="Stand In")
    DelegationFactory(principal=made.users["coordinator"], delegate=made.users["stand_in"])


def _args(made: World, ref: str, case_id: int) -> dict[str, dict[str, Any]]:
    """What each kind of address needs, by the names of its parameters."""
    administrator = made.users["administrator"]
    now = timezone.now()
    programme = ProgrammeFactory(site=made.site)
    team = TeamFactory(programme=programme)
    today = timezone.localdate()
    engagement = EngagementFactory(employer=made.site.partner, period=days(today - timedelta(days=90)))
    placement = PlacementFactory(
        site=made.site, person=engagement.person, period=DateRange(today - timedelta(days=90), None, "[)")
    )
    external = ExternalIdFactory(person=engagement.person)
    leave = LeaveFactory(person=engagement.person, period=days(today, today))
    roster = RosterFactory(site=made.site, as_of=today)
    invited = UserFactory()
    invited.invitations.create(token_hash=hash_of(TOKEN), expires_at=now + timedelta(days=1))
    inbox = NotificationFactory(recipient=administrator, kind="case.assigned")
    grant = _break_glass(made)
    failed = MailRowFactory(state="dead", last_error="550 no such mailbox")
    mail = DemoMailFactory()
    webhook = WebhookTargetFactory()
    inbound = InboundMessageFactory(state="failed", last_error="RuntimeError: busy")
    entry = TimelineEntry.objects.filter(case_id=case_id).order_by("pk")[0]
    clock = Clock.objects.filter(subject_id=case_id).order_by("pk")[0]
    return {
        "ref": {"ref": ref},
        "clock": {"ref": ref, "clock_id": clock.pk},
        "entry": {"ref": ref, "entry_id": entry.pk},
        "grant": {"grant_id": grant.pk},
        "service": {"code": made.service.code},
        "issue": {"pk": issue_tree().pk},
        "partner": {"code": made.site.partner.code},
        "site": {"code": made.site.code},
        "programme": {"pk": programme.pk},
        "team": {"pk": team.pk},
        "person": {"pk": engagement.person_id},
        "external": {"pk": engagement.person_id, "external_id": external.pk},
        "engagement": {"pk": engagement.pk},
        "placement": {"pk": placement.pk},
        "leave": {"pk": leave.pk},
        "roster": {"pk": roster.pk},
        "week": {"code": made.site.code, "week": today - timedelta(days=today.weekday())},
        "job_role": {"pk": JobRole.objects.order_by("pk")[0].pk},
        "user": {"user_id": made.users["agent"].pk},
        "membership": {"membership_id": Membership.objects.get(user=made.users["agent"]).pk},
        "delegation": {"delegation_id": made.users["coordinator"].delegations_given.get().pk},
        "token": {"token": TOKEN},
        "notification": {"pk": inbox.pk},
        "failed": {"pk": failed.pk},
        "mail": {"pk": mail.pk},
        "calendar": {"calendar_id": Calendar.objects.order_by("pk")[0].pk},
        "policy": {"policy_id": Policy.objects.order_by("pk")[0].pk},
        "sla_clock": {"clock_id": clock.pk},
        "kind": {"subject_kind": "case"},
        "webhook": {"pk": webhook.pk},
        "mailbox": {"pk": inbound.mailbox_id},
        "inbound": {"pk": inbound.pk},
        "file": {"file_id": uuid.UUID(int=1)},
        **catalogue_args(made.users["it"]),
        **requests_args(made, engagement.person_id),
        **fulfilment_args(made, engagement.person_id),
        **readiness_args(made.site, engagement.person_id),
        **approvals_args(made),
        **performance_args(made.site, programme, team, engagement.person_id, made.users["coordinator"]),
        **follow_args(administrator),
        **contracts_args(made.site, made.users["lead"]),
        **facts_args(made.site),
        **definitions_args(),
        "directory_queue": {"pk": QueueFactory(programme=programme).pk},
        "reset": {"uidb36": "1", "key": "x-y"},
    }


def _break_glass(made: World) -> CaseGrant:
    """An emergency look at a restricted case by an associate, to be reviewed by the service's lead."""
    from escalations.actions import break_glass

    case = made.case("A restricted matter", by="service_lead", sensitivity="restricted")
    return break_glass(actor=actor_for(made.users["associate"]), ref=case.pk, reason="Safety of a person tonight.")
