"""Where everybody of a group must agree, one person has one vote, and the stage can be passed all the same."""

import pytest
from django.db import DatabaseError, transaction

from access_requests import queries
from access_requests.actions import Outcome, decide, find_orphans
from access_requests.choices import ItemState, StageKind, Verdict
from access_requests.models import Decision, Group, GroupMember, RequestItem
from access_requests.queries import approvals
from partners.models import Site
from portal.accounts.choices import Role
from portal.accounts.models import User
from portal.accounts.queries import actor_for
from portal.notifications.models import Notification
from portal.notifications.tasks import fan_out
from tests.factories.access import GroupFactory, GroupMemberFactory
from tests.factories.accounts import UserFactory
from tests.factories.partners import PersonFactory, SiteFactory, user

from .approving import asked, rule_of, stands_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Site:
    return SiteFactory.create()


@pytest.fixture
def group() -> Group:
    return GroupFactory.create()


def members(group: Group, site: Site, number: int) -> list[User]:
    """People of the group, coordinators of the site."""
    found = [user(Role.COORDINATOR, site=site) for _ in range(number)]
    for one in found:
        GroupMemberFactory.create(group=group, user=one)
    return found


def all_of(group: Group, site: Site) -> RequestItem:
    """An item to which everybody of the group must agree."""
    return asked(site, rule_of({"kind": StageKind.GROUP_ALL, "group": group}))


def vote(who: User, item: RequestItem, verdict: str = Verdict.APPROVED) -> Outcome:
    outcome = decide(actor=actor_for(who), item_ids=[item.pk], verdict=verdict, comment="Said so")
    item.refresh_from_db()
    return outcome


def able(item: RequestItem) -> frozenset[int]:
    return queries.deciders_of([item], item.created_at)[item.pk]


def waits_for(who: User, item: RequestItem) -> bool:
    return approvals.waiting_for(actor_for(who)).filter(pk=item.pk).exists()


def test_a_member_votes_for_themselves_and_not_for_another_as_well(site: Site, group: Group) -> None:
    away, here = members(group, site, 2)
    stands_in(here, away)
    item = all_of(group, site)
    assert waits_for(here, item)
    assert vote(here, item).decided == [item.pk]
    assert Decision.objects.get().principal is None
    for verdict in Verdict.values:
        assert vote(here, item, verdict).skipped == {item.pk: "one_vote"}
    assert Decision.objects.count() == 1
    assert (item.state, able(item)) == (ItemState.AWAITING_APPROVAL, {away.pk})
    # It is no longer among what waits for who has voted; whoever is left passes the stage.
    assert (waits_for(here, item), waits_for(away, item)) == (False, True)
    assert approvals.waiting_count(actor_for(here)) == 0
    assert vote(away, item).approved == [item.pk]


def test_who_stands_in_for_two_votes_for_one_of_them(site: Site, group: Group) -> None:
    one, two = members(group, site, 2)
    deputy = user(Role.COORDINATOR, site=site)
    stands_in(deputy, one)
    stands_in(deputy, two)
    item = all_of(group, site)
    assert vote(deputy, item).decided == [item.pk]
    assert Decision.objects.get().principal == one
    assert vote(deputy, item).skipped == {item.pk: "one_vote"}
    assert vote(one, item).skipped == {item.pk: "vote_cast"}
    assert vote(two, item).approved == [item.pk]


def test_who_joins_the_group_after_voting_for_another_has_voted(site: Site, group: Group) -> None:
    away, other = members(group, site, 2)
    deputy, manager = user(Role.COORDINATOR, site=site), user(Role.MANAGER, site=site)
    stands_in(deputy, away)
    item = all_of(group, site)
    vote(deputy, item)
    GroupMemberFactory.create(group=group, user=deputy)
    assert vote(deputy, item).skipped == {item.pk: "one_vote"}
    vote(other, item)
    # Only one is left, who has cast a vote already: nobody can decide, so the manager of the site does.
    assert (item.state, able(item)) == (ItemState.AWAITING_APPROVAL, frozenset())
    assert find_orphans() == 1
    fan_out()
    told = Notification.objects.filter(kind="access.nobody_decides").values_list("recipient", flat=True)
    assert set(told) == {manager.pk}
    assert vote(manager, item).approved == [item.pk]


def test_a_manager_who_has_voted_in_the_group_does_not_decide_instead_of_it(site: Site, group: Group) -> None:
    manager, second = user(Role.MANAGER, site=site), user(Role.MANAGER, site=site)
    (away,) = members(group, site, 1)
    stands_in(manager, away)
    item = all_of(group, site)
    GroupMemberFactory.create(group=group, user=user(Role.COORDINATOR, site=site))
    vote(manager, item)
    GroupMember.objects.exclude(user=away).delete()
    GroupMemberFactory.create(group=group, user=manager)
    assert find_orphans() == 1
    assert vote(manager, item).skipped == {item.pk: "one_vote"}
    assert vote(second, item).approved == [item.pk]


def test_when_the_last_one_missing_leaves_the_stage_is_passed(site: Site, group: Group) -> None:
    here, gone = members(group, site, 2)
    item = all_of(group, site)
    vote(here, item)
    assert find_orphans() == 0
    item.refresh_from_db()
    assert item.state == ItemState.AWAITING_APPROVAL
    User.objects.filter(pk=gone.pk).update(is_active=False)
    assert find_orphans() == 0
    item.refresh_from_db()
    assert (item.state, item.orphaned_at) == (ItemState.APPROVED, None)
    fan_out()
    told = Notification.objects.get(kind="access.decided")
    assert (told.recipient, told.params["verdict"]) == (item.request.requested_by, "approved")


def test_nothing_is_passed_that_nobody_agreed_to(site: Site, group: Group) -> None:
    (only,) = members(group, site, 1)
    all_item, any_item = all_of(group, site), asked(site, rule_of({"kind": StageKind.GROUP_ANY, "group": group}))
    User.objects.filter(pk=only.pk).update(is_active=False)
    assert find_orphans() == 2
    states = {RequestItem.objects.get(pk=one.pk).state for one in (all_item, any_item)}
    assert states == {ItemState.AWAITING_APPROVAL}


def test_a_person_with_a_second_account_has_one_vote(site: Site, group: Group) -> None:
    old, new, other = members(group, site, 3)
    person = PersonFactory.create()
    User.objects.filter(pk=old.pk).update(person=person)
    item = all_of(group, site)
    vote(old, item)
    User.objects.filter(pk=old.pk).update(person=None)
    User.objects.filter(pk=new.pk).update(person=person)
    assert vote(User.objects.get(pk=new.pk), item).skipped == {item.pk: "one_vote"}
    assert able(item) == {other.pk}


@pytest.mark.parametrize("second", ["own and for another", "for two", "two accounts of a person"])
def test_the_database_refuses_a_second_vote_of_one_person(site: Site, group: Group, second: str) -> None:
    one, two, deputy = members(group, site, 3)
    item, person = all_of(group, site), PersonFactory.create()
    first, again, name = {
        "own and for another": ({"decided_by": deputy}, {"decided_by": deputy, "principal": one}, "decision_one_hand"),
        "for two": (
            {"decided_by": deputy, "principal": one}, {"decided_by": deputy, "principal": two}, "decision_one_hand",
        ),
        "two accounts of a person": ({"decided_by": deputy}, {"decided_by": one}, "decision_one_person"),
    }[second]  # fmt: skip
    vote = {"item": item, "stage": 1, "verdict": Verdict.APPROVED, "subject_person": item.person}
    User.objects.filter(pk=deputy.pk).update(person=person)
    Decision.objects.create(**vote, **first)
    if second == "two accounts of a person":
        User.objects.filter(pk=deputy.pk).update(person=None)
        User.objects.filter(pk=one.pk).update(person=person)
    with pytest.raises(DatabaseError, match=name), transaction.atomic():
        Decision.objects.create(**vote, **again)
    # Another stage, another round, another item: another vote.
    Decision.objects.create(**{**vote, "stage": 2}, **again)
    Decision.objects.create(**vote, **again, round=2)


def test_two_people_without_a_person_of_the_directory_vote_both(site: Site, group: Group) -> None:
    item = all_of(group, site)
    vote = {"item": item, "stage": 1, "verdict": Verdict.APPROVED, "subject_person": item.person}
    for _ in range(2):
        Decision.objects.create(**vote, decided_by=UserFactory.create())
    Decision.objects.create(**{**vote, "stage": 0}, policy="birthright")
    assert item.decisions.count() == 3
