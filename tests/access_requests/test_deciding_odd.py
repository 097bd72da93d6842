"""Stand-ins who asked themselves, chains of them, and items that nobody can decide."""

import pytest

from access_requests import queries
from access_requests.actions import Outcome, decide, find_orphans
from access_requests.choices import ItemState, StageKind, Verdict
from access_requests.models import Decision, GroupMember, RequestItem
from partners.models import Site
from portal.accounts.choices import Role
from portal.accounts.models import User
from portal.accounts.queries import actor_for
from portal.notifications.models import Notification
from portal.notifications.tasks import fan_out
from tests.factories.access import GroupFactory, GroupMemberFactory, SystemFactory
from tests.factories.partners import SiteFactory, user

from .approving import asked, rule_of, stands_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Site:
    return SiteFactory.create()


@pytest.fixture
def manager(site: Site) -> User:
    return user(Role.MANAGER, site=site)


def vote(who: User, *items: RequestItem) -> Outcome:
    outcome = decide(actor=actor_for(who), item_ids=[one.pk for one in items], verdict=Verdict.APPROVED)
    for item in items:
        item.refresh_from_db()
    return outcome


def told(kind: str) -> set[User]:
    fan_out()
    return {one.recipient for one in Notification.objects.filter(kind=kind).select_related("recipient")}


def test_a_stand_in_who_asked_does_not_decide_and_the_manager_does(site: Site, manager: User) -> None:
    asker = user(Role.COORDINATOR, site=site)
    stands_in(asker, manager)
    item = asked(site, by=asker)
    assert vote(asker, item).skipped == {item.pk: "own_matter"}
    assert queries.deciders_of([item], item.created_at)[item.pk] == {manager.pk}
    assert vote(manager, item).approved == [item.pk]


def test_who_stands_in_for_two_decides_for_the_one_who_did_not_ask(site: Site, manager: User) -> None:
    second, deputy = user(Role.MANAGER, site=site), user(Role.COORDINATOR, site=site)
    stands_in(deputy, manager)
    stands_in(deputy, second)
    item = asked(site, by=manager)
    assert vote(deputy, item).approved == [item.pk]
    decision = Decision.objects.get()
    assert (decision.decided_by, decision.principal) == (deputy, second)


def test_a_circle_of_stand_ins_gives_nobody_their_own_matter(site: Site, manager: User) -> None:
    second = user(Role.MANAGER, site=site)
    stands_in(second, manager)
    stands_in(manager, second)
    item = asked(site, by=manager)
    assert vote(manager, item).skipped == {item.pk: "own_matter"}
    assert vote(second, item).approved == [item.pk]
    assert Decision.objects.get().principal is None


def test_a_stand_in_of_a_stand_in_has_no_say(site: Site, manager: User) -> None:
    deputy, third = user(Role.COORDINATOR, site=site), user(Role.COORDINATOR, site=site)
    stands_in(deputy, manager)
    stands_in(third, deputy)
    item = asked(site)
    assert vote(third, item).skipped == {item.pk: "not_yours_to_decide"}
    assert queries.deciders_of([item], item.created_at)[item.pk] == {manager.pk, deputy.pk}
    assert told("access.approval_waiting") == {manager, deputy}


def test_a_system_without_an_owner_falls_to_the_manager_of_the_site(site: Site, manager: User) -> None:
    administrator = user(Role.ADMINISTRATOR)
    item = asked(site, rule_of({"kind": StageKind.SYSTEM_OWNER}), system=SystemFactory.create(owner=None))
    item.refresh_from_db()
    assert item.orphaned_at is not None
    assert "item.orphan" in item.request.events.values_list("code", flat=True)
    assert told("access.nobody_decides") == {administrator, manager}
    assert vote(administrator, item).skipped == {item.pk: "not_yours_to_decide"}
    assert vote(manager, item).approved == [item.pk]
    assert item.orphaned_at is None


def test_while_somebody_can_decide_the_manager_does_not(site: Site, manager: User) -> None:
    owner = user(None)
    item = asked(site, rule_of({"kind": StageKind.SYSTEM_OWNER}), system=SystemFactory.create(owner=owner))
    assert vote(manager, item).skipped == {item.pk: "not_yours_to_decide"}
    assert queries.deciders_of([item], item.created_at)[item.pk] == {owner.pk}


def test_an_empty_group_and_a_group_of_the_requester_alone_are_orphaned(site: Site, manager: User) -> None:
    group, asker = GroupFactory.create(), user(Role.COORDINATOR, site=site)
    empty = asked(site, rule_of({"kind": StageKind.GROUP_ANY, "group": GroupFactory.create()}))
    GroupMemberFactory.create(group=group, user=asker)
    alone = asked(site, rule_of({"kind": StageKind.GROUP_ALL, "group": group}), by=asker)
    assert vote(asker, alone).skipped == {alone.pk: "own_matter"}
    assert vote(manager, empty, alone).approved == [empty.pk, alone.pk]


def test_a_manager_does_not_decide_an_orphan_of_their_own(site: Site, manager: User) -> None:
    item = asked(site, rule_of({"kind": StageKind.SYSTEM_OWNER}), by=manager, system=SystemFactory.create(owner=None))
    assert vote(manager, item).skipped == {item.pk: "own_matter"}
    assert item.state == ItemState.AWAITING_APPROVAL


def test_who_leaves_a_group_orphans_its_items_and_who_joins_takes_them_up(site: Site, manager: User) -> None:
    member = GroupMemberFactory.create()
    item = asked(site, rule_of({"kind": StageKind.GROUP_ANY, "group": member.group}))
    assert find_orphans() == 0
    User.objects.filter(pk=member.user_id).update(is_active=False)
    assert find_orphans() == 1
    assert told("access.nobody_decides") == {manager}
    newcomer = GroupMember.objects.create(group=member.group, user=user(Role.IT)).user
    assert find_orphans() == 0
    item.refresh_from_db()
    assert item.orphaned_at is None
    assert newcomer in told("access.approval_waiting")
