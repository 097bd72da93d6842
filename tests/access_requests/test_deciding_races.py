"""Two at once, on connections of their own: one decides, the other hears that it is decided."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection

from access_requests.actions import Line, Outcome, cancel, decide, raise_request
from access_requests.choices import ItemState, Operation, Verdict
from access_requests.models import Decision, RequestItem
from portal.accounts.choices import Role
from portal.accounts.queries import actor_for
from portal.accounts.rules import Actor
from tests.databases import Database
from tests.factories.partners import SiteFactory, user

from .approving import asked


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
