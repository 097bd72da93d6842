"""SCIM against a directory that fails on purpose: nothing granted twice, nothing left granted, nothing lost."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from access_requests.actions import report_leavers, retry
from access_requests.actions.proving import recheck
from access_requests.models import Account, Entitlement, Grant, GrantReason, RequestItem
from partners.models import Person
from portal.accounts.rules import SYSTEM
from portal.notifications.delivery.fanout import fan_out_batch
from portal.notifications.models import Notification, OutboxRow
from portal.sealing import seal
from tests.access_requests import fake_scim
from tests.access_requests.carrying import TOKEN, agent, asked, entitlement, held, run, scim_system, state
from tests.access_requests.fake_scim import FakeScim, Fault
from tests.factories.access import GroupMemberFactory
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(settings: Settings) -> Iterator[FakeScim]:
    settings.WEBHOOKS_ALLOW_PRIVATE = True
    settings.WEBHOOKS_TIMEOUT = 0.3
    with fake_scim.running(TOKEN) as running:
        running.add_group("Agents")
        running.add_group("Refunds")
        yield running


@pytest.fixture
def agents(server: FakeScim) -> Entitlement:
    return entitlement(scim_system(server), "Agents")


@pytest.fixture
def person() -> Person:
    return agent()


def leaves(person: Person) -> None:
    site = person.placements.first().site_id
    report_leavers(actor=SYSTEM, site_id=site, person_ids=[person.pk], last_shift_at=timezone.now())


def test_an_account_is_made_put_into_its_group_and_read_back(
    server: FakeScim, agents: Entitlement, person: Person
) -> None:
    item = asked(person, agents)
    run()
    assert state(item) == "verified"
    assert item.verified_how == "read_back"
    assert server.done == [("create", person.email), ("join", "Agents", person.email)]
    account = Account.objects.get()
    assert (account.external_id, account.active) == (next(iter(server.users)), True)
    assert next(iter(server.users.values()))["externalId"] == f"person-{person.pk}"
    assert OutboxRow.objects.get(topic="access.grant").state == "sent"
    run(2)
    assert len(server.done) == 2


def test_what_is_there_already_is_adopted_and_opened(server: FakeScim, agents: Entitlement, person: Person) -> None:
    server.add_user(person.email.upper(), active=False)
    item = asked(person, agents)
    run()
    assert state(item) == "verified"
    assert ("create", person.email) not in server.done
    assert len(server.users) == 1


def test_a_conflict_on_create_means_that_somebody_was_faster(
    server: FakeScim, agents: Entitlement, person: Person
) -> None:
    server.faults = [Fault("GET", "/Users", blind=True, times=2)]
    server.add_user(person.email)
    item = asked(person, agents)
    run()
    assert state(item) == "verified"
    assert ("POST", "/Users") in server.requests
    assert server.done == [("join", "Agents", person.email)]


def test_another_persons_account_is_left_alone(server: FakeScim, agents: Entitlement, person: Person) -> None:
    server.add_user(person.email, externalId=f"person-{person.pk + 1}")
    item = asked(person, agents)
    run()
    assert (state(item), item.failure) == ("failed_final", "other_person")
    assert server.done == []


@pytest.mark.parametrize("fault", [
    Fault("GET", "/Groups", status=503),
    Fault("POST", "/Users", status=500),
    Fault("POST", "/Users", status=500, done=True),
    Fault("PATCH", "/Groups", status=429, headers={"Retry-After": "120"}),
    Fault("PATCH", "/Groups", status=502, done=True),
    Fault("PATCH", "/Groups", late=True),
    Fault("POST", "/Users", late=True),
])  # fmt: skip
def test_after_any_failure_it_is_done_once(server: FakeScim, agents: Entitlement, person: Person, fault: Fault) -> None:
    server.faults = [fault]
    item = asked(person, agents)
    run()
    assert state(item) == "failed_retryable"
    # The system may know, so the grant stands, and says that nobody has confirmed it.
    assert (held(person), Grant.objects.get().confirmed_at) == ({"Agents"}, None)
    row = OutboxRow.objects.get(topic="access.grant")
    if fault.headers:
        assert row.next_attempt_at > timezone.now() + timedelta(seconds=110)
    run()
    server.apply_late()
    assert (state(item), item.failure) == ("verified", "")
    assert sorted(server.done) == [("create", person.email), ("join", "Agents", person.email)]
    assert server.live(person.email) == {person.email, "Agents"}


def test_a_leaver_is_out_of_everything_whatever_was_in_flight(
    server: FakeScim, agents: Entitlement, person: Person
) -> None:
    refunds = entitlement(agents.system, "Refunds")
    asked(person, agents)
    run()
    server.faults = [Fault("PATCH", "/Groups", late=True)]
    open_grant = asked(person, refunds)
    run()
    assert state(open_grant) == "failed_retryable"
    leaves(person)
    run(2)
    assert state(open_grant) == "superseded"
    assert (server.live(person.email), held(person)) == (set(), set())
    assert not GrantReason.objects.filter(ended_at=None).exists()
    assert not Account.objects.get().active
    # The answer that came too late.
    server.apply_late()
    assert server.left_in_groups(person.email) == {"Refunds"}
    assert recheck() == 0
    Grant.objects.update(recheck_at=timezone.now())
    recheck()
    assert held(person) == {"Refunds"}, "what is live stands as live"
    run(2)
    assert (server.left_in_groups(person.email), held(person)) == (set(), set())
    assert set(RequestItem.objects.filter(operation="revoke").values_list("state", flat=True)) == {"verified"}


def test_a_removal_counts_when_it_was_read_back(server: FakeScim, agents: Entitlement, person: Person) -> None:
    asked(person, agents)
    run()
    # Answers that are none, come too late, or are not true.
    server.faults = [
        Fault("PATCH", "/Users", status=200),
        Fault("PATCH", "/Groups", late=True),
        Fault("PATCH", "/Groups", blind=True),
    ]
    leaves(person)
    for _ in server.faults[:]:
        run()
        removal = RequestItem.objects.get(operation="revoke")
        assert state(removal) == "failed_retryable"
        assert held(person) == {"Agents"}
    assert removal.failure == "still_live"
    run()
    assert (state(removal), held(person)) == ("verified", set())
    assert server.live(person.email) == set()


def test_the_first_of_two_to_end_leaves_the_account_open(server: FakeScim, agents: Entitlement, person: Person) -> None:
    refunds = entitlement(agents.system, "Refunds")
    asked(person, agents)
    asked(person, refunds)
    run()
    GrantReason.objects.filter(grant__entitlement=refunds).update(ended_at=timezone.now())
    asked(person, refunds, "revoke")
    run()
    assert server.live(person.email) == {person.email, "Agents"}
    assert held(person) == {"Agents"}


def test_what_cannot_be_done_has_an_owner_who_is_told(server: FakeScim, agents: Entitlement, person: Person) -> None:
    owner, worker = UserFactory.create(), GroupMemberFactory.create(group=agents.system.group).user
    type(agents.system).objects.filter(pk=agents.system.pk).update(owner=owner, scim_token=seal("wrong"))
    item = asked(person, agents)
    run()
    assert state(item) == "failed_final"
    assert "the token is not accepted" in item.failure
    while fan_out_batch():
        pass
    told = Notification.objects.filter(kind="access.failed")
    assert set(told.values_list("recipient", flat=True)) == {owner.pk, worker.pk}


def test_attempts_end_and_nothing_is_lost(server: FakeScim, agents: Entitlement, person: Person) -> None:
    server.faults = [Fault("GET", "/", status=500, times=1000)]
    item = asked(person, agents)
    run(12)
    assert (state(item), item.failure) == ("failed_final", "answered 500")
    assert OutboxRow.objects.get(topic="access.grant").state == "dead"
    assert held(person) == {"Agents"}
    server.faults = []
    retry(actor=SYSTEM, item_ids=[item.pk])
    run()
    assert state(item) == "verified"
