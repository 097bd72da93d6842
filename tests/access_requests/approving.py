"""What tests of approvals begin with: rules, items that wait, stand-ins."""

from datetime import timedelta

from django.utils import timezone

from access_requests.actions import Line, raise_request
from access_requests.models import ApprovalRule, RequestItem
from partners.models import Site
from portal.accounts.choices import Role
from portal.accounts.models import User
from portal.accounts.queries import actor_for
from tests.factories.access import ApprovalRuleFactory, ApprovalStageFactory, EntitlementFactory
from tests.factories.accounts import DelegationFactory
from tests.factories.partners import PlacementFactory, user


def rule_of(*stages: dict[str, object]) -> ApprovalRule:
    """A rule of these stages."""
    rule = ApprovalRuleFactory.create()
    for number, stage in enumerate(stages, 1):
        ApprovalStageFactory.create(rule=rule, number=number, **stage)
    return rule


def asked(
    site: Site, rule: ApprovalRule | None = None, *, by: User | None = None, **entitlement: object
) -> RequestItem:
    """An item that awaits approval, in a request of its own."""
    one = EntitlementFactory.create(rule=rule, **entitlement)
    person = PlacementFactory.create(site=site).person
    requester = actor_for(by or user(Role.PARTNER_LEAD, site=site))
    lines = [Line(person.pk, one.pk)]
    return raise_request(actor=requester, kind="ad_hoc", site_id=site.pk, lines=lines).items.get()


def stands_in(delegate: User, principal: User) -> None:
    """From an hour ago until tomorrow."""
    now = timezone.now()
    DelegationFactory.create(
        principal=principal, delegate=delegate, starts_at=now - timedelta(hours=1), ends_at=now + timedelta(days=1)
    )
