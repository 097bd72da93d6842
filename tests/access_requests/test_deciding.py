"""Who decides what: every kind of stage, stand-ins, own matters, votes of a group, many at once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from access_requests.actions import Line, decide, raise_request
from access_requests.choices import ItemState, StageKind, Verdict
from access_requests.models import ApprovalRule, Decision, RequestItem
from partners.models import Site
from portal.accounts.choices import Role
from portal.accounts.models import User
from portal.accounts.queries import actor_for
from portal.accounts.rules import Actor
from tests.factories.access import (
    ApprovalRuleFactory,
    ApprovalStageFactory,
    EntitlementFactory,
    GroupFactory,
    GroupMemberFactory,
    SystemFactory,
)
from tests.factories.accounts import DelegationFactory
from tests.factories.partners import PlacementFactory, SiteFactory, user

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Site:
    return SiteFactory.create()


@pytest.fixture
def manager(site: Site) -> User:
    return user(Role.MANAGER, site=site)


def rule_of(*stages: dict[str, object]) -> ApprovalRule:
    rule = ApprovalRuleFactory.create()
    for number, stage in enumerate(stages, 1):
        ApprovalStageFactory.create(rule=rule, number=number, **stage)
    return rule


def asked(
    site: Site, rule: ApprovalRule | None = None, *, by: Actor | None = None, **entitlement: object
) -> RequestItem:
    """An item that awaits approval."""
    one = EntitlementFactory.create(rule=rule, **entitlement)
    person = PlacementFactory.create(site=site).person
    by = by or actor_for(user(Role.PARTNER_LEAD, site=site))
    return raise_request(actor=by, kind="ad_hoc", site_id=site.pk, lines=[Line(person.pk, one.pk)]).items.get()


def decided(who: User, *items: RequestItem, verdict: str = Verdict.APPROVED) -> dict[int, str]:
    """What was skipped, and why."""
    outcome = decide(actor=actor_for(who), item_ids=[one.pk for one in items], verdict=verdict, comment="Not now")
    for item in items:
        item.refresh_from_db()
    return outcome.skipped


def test_the_manager_of_the_site_decides_where_nothing_else_is_said(site: Site, manager: User) -> None:
    item = asked(site)
    assert decided(user(Role.COORDINATOR, site=site), item) == {item.pk: "not_yours_to_decide"}
    assert decided(user(Role.MANAGER, site=SiteFactory.create()), item) == {}
    assert item.state == ItemState.AWAITING_APPROVAL
    assert decided(manager, item) == {}
    assert item.state == ItemState.APPROVED
    assert decided(manager, item) == {item.pk: "decided_meanwhile"}


def test_a_stand_in_decides_for_the_manager_and_is_named(site: Site, manager: User) -> None:
    item, other = asked(site), user(Role.COORDINATOR, site=site)
    DelegationFactory.create(
        principal=manager, delegate=other, starts_at=timezone.now() - timedelta(hours=1),
        ends_at=timezone.now() + timedelta(days=1),
    )  # fmt: skip
    assert decided(other, item) == {}
    vote = Decision.objects.get()
    assert (vote.decided_by, vote.principal, item.state) == (other, manager, ItemState.APPROVED)


def test_nobody_decides_what_they_asked_for_nor_a_stand_in_for_them(site: Site, manager: User) -> None:
    item, other = asked(site, by=actor_for(manager)), user(Role.COORDINATOR, site=site)
    assert decided(manager, item) == {item.pk: "own_matter"}
    DelegationFactory.create(
        principal=manager, delegate=other, starts_at=timezone.now() - timedelta(hours=1),
        ends_at=timezone.now() + timedelta(days=1),
    )  # fmt: skip
    assert decided(other, item) == {item.pk: "their_matter"}
    assert not Decision.objects.exists()


def test_nobody_decides_about_their_own_access(site: Site) -> None:
    owner = user(Role.COORDINATOR, site=site)
    rule = rule_of({"kind": StageKind.SYSTEM_OWNER})
    item = asked(site, rule, system=SystemFactory.create(owner=owner))
    User.objects.filter(pk=owner.pk).update(person=item.person)
    assert decided(User.objects.get(pk=owner.pk), item) == {item.pk: "own_matter"}


def test_stages_are_passed_in_order(site: Site, manager: User) -> None:
    owner = user(None)
    rule = rule_of({"kind": StageKind.SITE_MANAGER}, {"kind": StageKind.SYSTEM_OWNER})
    item = asked(site, rule, system=SystemFactory.create(owner=owner))
    assert decided(owner, item) == {}
    assert item.stage == 1
    decided(manager, item)
    assert (item.state, item.stage) == (ItemState.AWAITING_APPROVAL, 2)
    decided(owner, item)
    assert item.state == ItemState.APPROVED


def test_one_of_a_group_is_enough_or_all_of_it_must_agree(site: Site) -> None:
    group = GroupFactory.create()
    members = [GroupMemberFactory.create(group=group).user for _ in range(3)]
    any_of = asked(site, rule_of({"kind": StageKind.GROUP_ANY, "group": group}))
    decided(members[0], any_of)
    assert any_of.state == ItemState.APPROVED
    # One of the three is the subject, who has no vote and is not waited for.
    all_of = asked(site, rule_of({"kind": StageKind.GROUP_ALL, "group": group}))
    User.objects.filter(pk=members[2].pk).update(person=all_of.person)
    decided(members[0], all_of)
    assert all_of.state == ItemState.AWAITING_APPROVAL
    assert decided(members[0], all_of) == {all_of.pk: "voted_already"}
    decided(members[1], all_of)
    assert all_of.state == ItemState.APPROVED


def test_one_no_of_a_group_ends_it(site: Site) -> None:
    group = GroupFactory.create()
    members = [GroupMemberFactory.create(group=group).user for _ in range(2)]
    item = asked(site, rule_of({"kind": StageKind.GROUP_ALL, "group": group}))
    decided(members[0], item)
    decided(members[1], item, verdict=Verdict.REJECTED)
    assert item.state == ItemState.REJECTED
    item.request.refresh_from_db()
    assert item.request.state == "closed"


def test_many_are_decided_at_once_in_as_many_queries(
    site: Site, manager: User, django_assert_max_num_queries: object
) -> None:
    items = [asked(site) for _ in range(12)]
    own = asked(site, by=actor_for(manager))
    with django_assert_max_num_queries(30):  # type: ignore[operator]
        outcome = decide(actor=actor_for(manager), item_ids=[one.pk for one in [*items, own]], verdict=Verdict.APPROVED)
    assert outcome.approved == [one.pk for one in items]
    assert outcome.skipped == {own.pk: "own_matter"}
