"""Two workers, or a worker and somebody, at the same people at the same moment; for real, on a database of its own."""

import pytest
from django.utils import timezone

from access_requests.actions import (
    Line,
    cancel,
    claim,
    decide,
    dispatch,
    expire_due,
    raise_request,
    reconcile,
    report_leavers,
    verify_by_lead,
)
from access_requests.choices import Channel, ItemState, Operation, Verdict
from access_requests.models import AccessRequest, Decision, Grant, GrantReason, RequestItem
from partners.models import Site
from portal.accounts.choices import Role
from portal.accounts.rules import SYSTEM
from portal.notifications.models import OutboxRow
from tests.access_requests.racing import agent, asked, birthright, line, sound
from tests.databases import Database
from tests.factories.access import EntitlementFactory, GrantFactory, GrantReasonFactory, SodRuleFactory, bundle_of
from tests.factories.partners import JobRoleFactory, SiteFactory, actor
from tests.together import at_once

pytestmark = pytest.mark.processes
DONE = ["done", "done"]


@pytest.fixture
def site(fresh_database: Database) -> Site:
    made: Site = SiteFactory.create()
    return made


def test_two_dispatchers_hand_over_each_item_once(site: Site) -> None:
    by_hand, by_mail = birthright(), birthright(channel=Channel.EMAIL, ticket_address="it@example.com")
    for _ in range(4):
        for _each in range(10):
            asked(site, agent(site), by_hand, by_mail)
        assert at_once(dispatch, dispatch, dispatch) == ["done"] * 3
        dispatch()
    assert set(RequestItem.objects.values_list("generation", "state")) == {(1, "sent"), (1, "queued")}
    assert Grant.objects.count() == OutboxRow.objects.filter(topic="access.grant").count() == 40
    sound()


def test_a_leaver_keeps_nothing_that_is_handed_over_meanwhile(site: Site) -> None:
    one, two = birthright(), birthright()
    for _ in range(8):
        person = agent(site)
        asked(site, person, one)
        asked(site, person, two)
        results = at_once(
            dispatch,
            lambda person=person: report_leavers(
                actor=SYSTEM, site_id=site.pk, person_ids=[person.pk], last_shift_at=timezone.now()
            ),
            expire_due,
        )
        assert results == ["done"] * 3
        removals = RequestItem.objects.filter(person=person, operation=Operation.REVOKE)
        assert set(removals.values_list("state", flat=True)) == {ItemState.APPROVED}
        assert not GrantReason.objects.filter(grant__person=person, ended_at=None).exists()
        assert not RequestItem.objects.filter(person=person, operation=Operation.GRANT, ended_at=None).exists()
        dispatch()
        sound()


def test_what_is_asked_for_while_somebody_is_reported_ends_with_the_report(site: Site) -> None:
    one = birthright()
    for _ in range(10):
        person = agent(site)
        GrantReasonFactory.create(grant=GrantFactory.create(person=person))
        results = at_once(
            lambda person=person: asked(site, person, one),
            lambda person=person: report_leavers(
                actor=SYSTEM, site_id=site.pk, person_ids=[person.pk], last_shift_at=timezone.now()
            ),
            lambda person=person: report_leavers(
                actor=SYSTEM, site_id=site.pk, person_ids=[person.pk], last_shift_at=timezone.now()
            ),
        )
        assert results == ["done"] * 3
        report = AccessRequest.objects.filter(kind="leaver").latest("pk")
        later = RequestItem.objects.filter(person=person, entitlement=one, ended_at=None, operation=Operation.GRANT)
        assert all(item.created_at > report.created_at for item in later)
        sound()


def test_what_is_taken_back_is_handed_over_or_not_but_never_half(site: Site) -> None:
    one = birthright()
    for _ in range(15):
        person = agent(site)
        [item] = asked(site, person, one)
        assert at_once(dispatch, lambda item=item: cancel(actor=SYSTEM, ref=item.request.ref)) == DONE
        item.refresh_from_db()
        assert (item.state, Grant.objects.filter(person=person).count()) in {("cancelled", 0), ("sent", 1)}


def test_of_two_who_decide_one_does(site: Site) -> None:
    one, two = (actor(Role.MANAGER, site=site) for _ in range(2))
    for _ in range(10):
        lines = [Line(agent(site).pk, EntitlementFactory.create().pk)]
        item = raise_request(actor=SYSTEM, kind="ad_hoc", site_id=site.pk, lines=lines).items.get()
        assert at_once(
            lambda pk=item.pk: decide(actor=one, item_ids=[pk], verdict=Verdict.APPROVED),
            lambda pk=item.pk: decide(actor=two, item_ids=[pk], verdict=Verdict.REJECTED, comment="No"),
        ) == DONE  # fmt: skip
        item.refresh_from_db()
        assert item.state == Decision.objects.get(item=item).verdict


def test_who_is_reported_while_it_is_decided_gets_nothing(site: Site) -> None:
    manager = actor(Role.MANAGER, site=site)
    for _ in range(10):
        person = agent(site)
        lines = [Line(person.pk, EntitlementFactory.create().pk)]
        item = raise_request(actor=SYSTEM, kind="ad_hoc", site_id=site.pk, lines=lines).items.get()
        assert at_once(
            lambda pk=item.pk: decide(actor=manager, item_ids=[pk], verdict=Verdict.APPROVED),
            lambda person=person: report_leavers(
                actor=SYSTEM, site_id=site.pk, person_ids=[person.pk], last_shift_at=timezone.now()
            ),
            dispatch,
        ) == ["done"] * 3  # fmt: skip
        item.refresh_from_db()
        assert item.state == ItemState.SUPERSEDED
        sound()


def test_people_are_reconciled_once(site: Site) -> None:
    both = [EntitlementFactory.create() for _ in range(2)]
    bundle_of(*both, birthright=True, job_role=JobRoleFactory.create())
    for number in range(8):
        people = [agent(site).pk for _ in range(4)]
        jobs = [
            lambda people=people, number=number, n=n: reconcile(
                actor=SYSTEM, site_id=site.pk, person_ids=people[:: (-1) ** n], origin_key=f"{number}:{n}"
            )
            for n in range(3)
        ]
        assert at_once(*jobs) == ["done"] * 3
        rows = RequestItem.objects.filter(person__in=people)
        assert set(rows.values_list("state", flat=True)) == {ItemState.APPROVED}
        assert rows.count() == 8


def test_what_a_worker_raises_twice_at_once_is_raised_once(site: Site) -> None:
    one = birthright()
    for number in range(8):
        person = agent(site)
        job = lambda person=person, number=number: raise_request(  # noqa: E731
            actor=SYSTEM, kind="ad_hoc", site_id=site.pk, lines=[line(person, one)], origin_key=f"k{number}"
        )
        assert at_once(job, job, job) == ["done"] * 3
        assert RequestItem.objects.filter(person=person).count() == 1


def test_two_requests_that_must_not_come_together_are_not_both_handed_over(site: Site) -> None:
    left, right = birthright(), birthright()
    SodRuleFactory.create(left=left, right=right)
    for _ in range(10):
        person = agent(site)
        results = at_once(
            lambda person=person: asked(site, person, left), lambda person=person: asked(site, person, right)
        )
        assert results == DONE
        assert at_once(dispatch, dispatch) == DONE
        dispatch()
        rows = RequestItem.objects.filter(person=person).order_by("state")
        assert list(rows.values_list("state", flat=True)) == [ItemState.BLOCKED_SOD, ItemState.SENT]


def test_two_dispatchers_give_no_more_seats_than_there_are(site: Site) -> None:
    for channel in (Channel.MANUAL, Channel.EMAIL):
        one = birthright(seat_limit=3, channel=channel, ticket_address="it@example.com")
        for _ in range(8):
            asked(site, agent(site), one)
        assert at_once(*[lambda: dispatch(2)] * 3) == ["done"] * 3
        while dispatch():
            pass
        given = RequestItem.objects.filter(entitlement=one, state__in=[ItemState.QUEUED, ItemState.SENT])
        assert given.count() == 3


def test_a_reason_ends_while_another_is_handed_over(site: Site) -> None:
    one = birthright()
    it, lead = SYSTEM, actor(Role.PARTNER_LEAD, site=site)
    for _ in range(6):
        grant = GrantFactory.create(person=agent(site), entitlement=one)
        GrantReasonFactory.create(grant=grant, ends_at=timezone.now())
        asked(site, grant.person, one)
        assert at_once(dispatch, expire_due, dispatch) == ["done"] * 3
        dispatch()
        sound()
        for _both in range(2):
            ids = list(RequestItem.objects.filter(person=grant.person).values_list("pk", flat=True))
            claim(actor=it, item_ids=ids)
            verify_by_lead(actor=lead, item_ids=ids)
            dispatch()
        # Given once more after it was taken away, or never taken away.
        live = Grant.objects.filter(person=grant.person, ended_at=None)
        states = RequestItem.objects.filter(person=grant.person).exclude(pk=grant.reasons.first().item_id)
        assert live.count() == (0 if set(states.values_list("state", flat=True)) == {"superseded", "verified"} else 1)
