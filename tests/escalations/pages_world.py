"""A small world for the tests of pages: two sites, two services, somebody in every role, and cases."""

from dataclasses import dataclass, field
from typing import Any

from django.test import Client

from escalations import actions
from escalations.models import Case, IssueType, Service
from partners.models import Site
from portal.accounts.choices import Role
from portal.accounts.models import Membership, User
from portal.accounts.queries import actor_for
from portal.accounts.rules import SYSTEM
from tests.factories.accounts import MembershipFactory, UserFactory, with_second_factor
from tests.factories.partners import PartnerFactory, SiteFactory
from tests.factories.sla import PolicyFactory

HTMX = {"HX-Request": "true"}


@dataclass
class World:
    """What every test of pages may use."""

    service: Service
    other_service: Service
    site: Site
    other_site: Site
    users: dict[str, User] = field(default_factory=dict)

    def client(self, who: str) -> Client:
        """A browser signed in as one of them."""
        client = Client()
        client.force_login(self.users[who])
        return client

    def case(self, subject: str = "Guest locked out", **more: Any) -> Case:
        """A case at the site, raised by the coordinator unless somebody else is named."""
        by = more.pop("by", None)
        actor = actor_for(self.users[by]) if by else SYSTEM
        values = {"service_id": self.service.pk, "site_id": self.site.pk, "description": "The door code does not work."}
        return actions.create_case(actor=actor, subject=subject, **{**values, **more})

    def case_in_work(self, who: str = "associate") -> Case:
        """A case that somebody owns and works on."""
        made = self.case()
        Case.objects.filter(pk=made.pk).update(owner=self.users[who], state="in_progress")
        made.refresh_from_db()
        return made

    def actor(self, who: str) -> Any:
        """One of them as an actor."""
        return actor_for(self.users[who])


def world() -> World:
    """Build it."""
    partner, other = PartnerFactory(name="Bluewave"), PartnerFactory(name="Norwind")
    PolicyFactory(
        targets={"first_response": 60, "next_reply": 60, "resolution": 480}, pause_states=("waiting_customer",)
    )
    made = World(
        service=actions.add_service(actor=SYSTEM, code="social", name="Social media", name_zh="社交媒体"),
        other_service=actions.add_service(actor=SYSTEM, code="payments", name="Payments"),
        site=SiteFactory(partner=partner, name="Chengdu"),
        other_site=SiteFactory(partner=other, name="Dalian", time_zone="Asia/Shanghai"),
    )
    scopes: dict[str, tuple[str, dict[str, Any]]] = {
        "coordinator": (Role.COORDINATOR, {"site": made.site}),
        "manager": (Role.MANAGER, {"partner": partner}),
        "associate": (Role.ASSOCIATE, {"service": made.service}),
        "service_lead": (Role.ASSOCIATE, {"service": made.service, "is_lead": True}),
        "other_associate": (Role.ASSOCIATE, {"service": made.other_service}),
        "lead": (Role.PARTNER_LEAD, {"site": made.site}),
        "qa": (Role.PARTNER_QA, {"site": made.site}),
        "agent": (Role.AGENT, {"site": made.site}),
        "foreign_lead": (Role.PARTNER_LEAD, {"site": made.other_site}),
        "it": (Role.IT, {}),
        "auditor": (Role.AUDITOR, {}),
        "administrator": (Role.ADMINISTRATOR, {}),
    }
    for key, (role, scope) in scopes.items():
        made.users[key] = UserFactory(name=key.replace("_", " ").title(), email=f"{key}@example.test")
        MembershipFactory(user=made.users[key], role=role, **scope)
    with_second_factor(made.users["administrator"])
    return made


def issue_tree() -> IssueType:
    """Three levels; the lowest one."""
    top = actions.add_issue_type(actor=SYSTEM, code="STAY", name="Stay")
    middle = actions.add_issue_type(actor=SYSTEM, code="STAY-IN", name="Check-in", parent_id=top.pk)
    return actions.add_issue_type(actor=SYSTEM, code="STAY-IN-LOCK", name="Locked out", parent_id=middle.pk)


__all__ = ["HTMX", "Membership", "World", "issue_tree", "world"]
