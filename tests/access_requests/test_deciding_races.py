"""Two at once, on connections of their own: one decides, the other hears that it is decided."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection

from access_requests.actions import Line, Outcome, cancel, decide, raise_request
from access_requests.choices import ItemState, Operation, StageKind, Verdict
from access_requests.models import Decision, RequestItem
from portal.accounts.choices import Role
from portal.accounts.queries import actor_for
from portal.accounts.rules import Actor
from tests.databases import Database
from tests.factories.access import GroupFactory, GroupMemberFactory
from tests.factories.partners import SiteFactory, user

from .approving import asked, rule_of, stands_in


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """What each call gave, or the exception it raised; they begin together."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=30)
            return call()
        except Exception as error:  # noqa: BLE001  the test says which ones it expects
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [one.result(timeout=60) for one in [pool.submit(run, call) for call in calls]]


def vote(who: Actor, *items: RequestItem, verdict: str = Verdict.APPROVED) -> Callable[[], Outcome]:
    return lambda: decide(actor=who, item_ids=[one.pk for one in items], verdict=verdict, comment="Said so")


def test_two_approvers_press_at_once(fresh_database: Database) -> None:
    site = SiteFactory.create()
    one, two = (actor_for(user(Role.MANAGER, site=site)) for _ in range(2))
    items = [asked(site) for _ in range(5)]
    yes, no = at_once(vote(one, *items), vote(two, *reversed(items), verdict=Verdict.REJECTED))
    # Whole requests are taken in order, so one of the two was first with each.
    assert sorted([*yes.decided, *no.decided]) == [item.pk for item in items]
    assert set(yes.skipped.values()) | set(no.skipped.values()) == {"decided_meanwhile"}
    assert Decision.objects.count() == 5


def test_a_manager_and_their_stand_in_press_at_once(fresh_database: Database) -> None:
    site = SiteFactory.create()
    manager, deputy = user(Role.MANAGER, site=site), user(Role.COORDINATOR, site=site)
    stands_in(deputy, manager)
    items = [asked(site) for _ in range(5)]
    ids = [one.pk for one in items]
    mine, theirs = at_once(
        vote(actor_for(manager), *items), vote(actor_for(deputy), *reversed(items), verdict=Verdict.REJECTED)
    )
    assert sorted([*mine.decided, *theirs.decided]) == ids
    assert sorted([*mine.skipped, *theirs.skipped]) == ids
    assert set(mine.skipped.values()) | set(theirs.skipped.values()) == {"decided_meanwhile"}
    for item in RequestItem.objects.filter(pk__in=ids):
        decision = item.decisions.get()
        approved = item.state == ItemState.APPROVED
        wanted = (manager, None, Verdict.APPROVED) if approved else (deputy, manager, Verdict.REJECTED)
        assert (decision.decided_by, decision.principal, decision.verdict) == wanted


def test_all_of_a_group_and_a_stand_in_at_once(fresh_database: Database) -> None:
    site, group = SiteFactory.create(), GroupFactory.create()
    away, here = (user(Role.COORDINATOR, site=site) for _ in range(2))
    deputy = user(Role.COORDINATOR, site=site)
    for one in (away, here):
        GroupMemberFactory.create(group=group, user=one)
    stands_in(deputy, away)
    rule = rule_of({"kind": StageKind.GROUP_ALL, "group": group})
    for _ in range(3):
        item = asked(site, rule)
        # The same vote from two sides, and the other one.
        own, instead, other = at_once(*(vote(actor_for(one), item) for one in (away, deputy, here)))
        item.refresh_from_db()
        assert item.state == ItemState.APPROVED
        assert other.decided == [item.pk]
        assert [bool(own.decided), bool(instead.decided)].count(True) == 1
        assert {*own.skipped.values(), *instead.skipped.values()} <= {
            "vote_cast", "voted_already", "decided_meanwhile", "not_yours_to_decide",
        }  # fmt: skip
        assert item.decisions.count() == 2


def test_one_person_in_two_windows_casts_one_vote(fresh_database: Database) -> None:
    site, group = SiteFactory.create(), GroupFactory.create()
    one, two = (user(Role.COORDINATOR, site=site) for _ in range(2))
    deputy = user(Role.COORDINATOR, site=site)
    for member in (one, two):
        GroupMemberFactory.create(group=group, user=member)
        stands_in(deputy, member)
    rule = rule_of({"kind": StageKind.GROUP_ALL, "group": group})
    for _ in range(3):
        item = asked(site, rule)
        first, second = at_once(*(vote(actor_for(deputy), item) for _ in range(2)))
        assert sorted([*first.decided, *second.decided]) == [item.pk]
        assert {*first.skipped.values(), *second.skipped.values()} == {"one_vote"}
        item.refresh_from_db()
        assert (item.state, item.decisions.count()) == (ItemState.AWAITING_APPROVAL, 1)


def test_a_decision_and_a_withdrawal_at_once(fresh_database: Database) -> None:
    site = SiteFactory.create()
    manager, lead = actor_for(user(Role.MANAGER, site=site)), user(Role.PARTNER_LEAD, site=site)
    for _ in range(3):
        item = asked(site, by=lead)
        outcome, taken_back = at_once(
            vote(manager, item, verdict=Verdict.REJECTED),
            lambda ref=item.request_id: cancel(actor=actor_for(lead), ref=ref),  # type: ignore[misc]
        )
        item.refresh_from_db()
        if item.state == ItemState.REJECTED:
            assert (outcome.decided, taken_back) == ([item.pk], [])
        else:
            assert (item.state, taken_back) == (ItemState.CANCELLED, [item.pk])
            assert outcome.skipped == {item.pk: "decided_meanwhile"}


def test_a_decision_and_a_removal_that_goes_ahead_at_once(fresh_database: Database) -> None:
    site = SiteFactory.create()
    manager, lead = actor_for(user(Role.MANAGER, site=site)), actor_for(user(Role.PARTNER_LEAD, site=site))
    for _ in range(3):
        item = asked(site)
        removal = [Line(item.person_id, item.entitlement_id, Operation.REVOKE)]
        outcome, request = at_once(
            vote(manager, item),
            lambda lines=removal: raise_request(actor=lead, kind="ad_hoc", site_id=site.pk, lines=lines),  # type: ignore[misc]
        )
        item.refresh_from_db()
        # Approved first or not: in the end the grant does not go out.
        assert item.state == ItemState.SUPERSEDED
        assert item.superseded_by == request.items.get()
        assert item.pk in {*outcome.decided, *outcome.skipped}
