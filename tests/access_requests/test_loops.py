"""Whoever stands in for whom, in circles and chains: nobody who asked decides, and nobody looks further than one step."""

from datetime import timedelta
from itertools import pairwise, product

import pytest
from django.db import transaction
from django.utils import timezone

from access_requests import queries
from access_requests.actions import decide
from access_requests.choices import StageKind, Verdict
from access_requests.models import Decision, RequestItem
from partners.models import Site
from portal.accounts.choices import Role
from portal.accounts.models import Delegation, User
from portal.accounts.queries import actor_for
from tests.factories.access import GroupFactory, GroupMemberFactory, SystemFactory
from tests.factories.partners import SiteFactory, user

from .approving import asked, rule_of, stands_in

pytestmark = pytest.mark.django_db


def votes_of(who: User, ids: list[int]) -> list[tuple[User, User | None]]:
    """By whom and for whom votes are cast when this one approves all; everything is as it was afterwards."""
    with transaction.atomic():
        decide(actor=actor_for(who), item_ids=ids, verdict=Verdict.APPROVED)
        votes = Decision.objects.filter(item__in=ids).select_related("decided_by", "principal")
        found = [(one.decided_by, one.principal) for one in votes if one.decided_by is not None]
        transaction.set_rollback(True)
    return found


def items_of(site: Site, asker: User, trio: list[User]) -> list[RequestItem]:
    """One item of every kind of stage at which the three are asked."""
    group = GroupFactory.create()
    for one in trio:
        GroupMemberFactory.create(group=group, user=one)
    return [
        asked(site, by=asker),
        asked(site, rule_of({"kind": StageKind.SYSTEM_OWNER}), by=asker, system=SystemFactory.create(owner=asker)),
        asked(site, rule_of({"kind": StageKind.GROUP_ANY, "group": group}), by=asker),
        asked(site, rule_of({"kind": StageKind.GROUP_ALL, "group": group}), by=asker),
    ]


def test_no_circle_or_chain_lets_the_requester_decide_or_anybody_for_them() -> None:
    site, now = SiteFactory.create(), timezone.now()
    trio = [user(Role.MANAGER, site=site) for _ in range(3)]
    asker, rest = trio[0], trio[1:]
    items = items_of(site, asker, trio)
    ids = [one.pk for one in items]
    # Everybody names one of the other two, or nobody: 27 ways, the circles of two and three among them.
    choices = [[None, *(one for one in trio if one is not principal)] for principal in trio]
    for chosen in product(*choices):
        Delegation.objects.all().delete()
        for principal, delegate in zip(trio, chosen, strict=True):
            if delegate is not None:
                stands_in(delegate, principal)
        found = queries.deciders_of(items, now + timedelta(minutes=1))
        assert all(asker.pk not in users for users in found.values())
        assert [len(found[pk]) for pk in ids] == [2, 0, 2, 2]
        for who in trio:
            votes = votes_of(who, ids)
            assert bool(votes) == (who in rest)
            assert all(asker not in vote for vote in votes)


def test_a_chain_of_a_hundred_reaches_one_step() -> None:
    site = SiteFactory.create()
    manager = user(Role.MANAGER, site=site)
    chain = [manager, *(user(Role.COORDINATOR, site=site) for _ in range(100))]
    for principal, delegate in pairwise(chain):
        stands_in(delegate, principal)
    stands_in(manager, chain[-1])
    item = asked(site)
    assert queries.deciders_of([item], timezone.now())[item.pk] == {manager.pk, chain[1].pk}
    outcome = decide(actor=actor_for(chain[2]), item_ids=[item.pk], verdict=Verdict.APPROVED)
    assert outcome.skipped == {item.pk: "not_yours_to_decide"}
