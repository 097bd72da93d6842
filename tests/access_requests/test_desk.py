"""Systems behind a webhook or a ticket address that fail: nothing is granted twice, nothing is left granted, seen from their side."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from access_requests.actions import claim, report_leavers, sweep_unsupported
from access_requests.actions.proving import recheck
from access_requests.choices import Channel
from access_requests.models import Entitlement, Grant, RequestItem
from partners.models import Person
from portal.accounts.rules import SYSTEM
from portal.notifications.models import OutboxRow
from portal.notifications.tasks import send
from tests.access_requests import fake_desk, fake_scim
from tests.access_requests.carrying import TOKEN, agent, asked, entitlement, held, run, scim_system, state
from tests.access_requests.fake_desk import FakeDesk
from tests.access_requests.fake_scim import FakeScim, Fault
from tests.access_requests.test_answers import call, mail
from tests.factories.access import SystemFactory
from tests.factories.webhooks import WebhookTargetFactory
from tests.notifications import smtp

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quick(settings: Settings) -> None:
    settings.WEBHOOKS_ALLOW_PRIVATE = True
    settings.WEBHOOKS_TIMEOUT = 0.3


@pytest.fixture
def desk() -> Iterator[FakeDesk]:
    with fake_desk.running() as running:
        yield running


@pytest.fixture
def scim() -> Iterator[FakeScim]:
    with fake_scim.running(TOKEN) as running:
        running.add_group("Agents")
        yield running


@pytest.fixture
def agents(desk: FakeDesk) -> Entitlement:
    target = WebhookTargetFactory.create(url=desk.url)
    system = SystemFactory.create(code="crm", channel=Channel.WEBHOOK, webhook_target=target)
    return entitlement(system, "agent")


@pytest.fixture
def person() -> Person:
    return agent()


def leaves(person: Person) -> RequestItem:
    site = person.placements.first().site_id
    made = report_leavers(actor=SYSTEM, site_id=site, person_ids=[person.pk], last_shift_at=timezone.now())
    return made.items.get()


@pytest.mark.parametrize("fault", ["500", "500+", "429", "late", "lost"])
def test_after_any_failure_it_is_given_once(desk: FakeDesk, agents: Entitlement, person: Person, fault: str) -> None:
    desk.faults = [fault]
    item = asked(person, agents)
    run()
    assert (state(item), held(person)) == ("failed_retryable", {"agent"})
    if fault == "429":
        row = OutboxRow.objects.get(topic="access.grant")
        assert row.next_attempt_at > timezone.now() + timedelta(seconds=110)
    run()
    desk.apply_late()
    assert (state(item), desk.done) == ("claimed_done", [("grant", person.email, "agent")])
    assert len({key for key, _said in desk.calls}) == 1


@pytest.mark.parametrize("fault", ["500", "500+", "429", "late", "lost"])
def test_after_any_failure_it_is_taken_once(desk: FakeDesk, agents: Entitlement, person: Person, fault: str) -> None:
    asked(person, agents)
    run()
    desk.faults = [fault]
    removal = leaves(person)
    run()
    assert (state(removal), held(person)) == ("failed_retryable", {"agent"}), "what is not known to be gone is held"
    run()
    desk.apply_late()
    assert (state(removal), desk.held) == ("claimed_done", set())
    assert [verb for verb, *_rest in desk.done] == ["grant", "revoke"]


@pytest.mark.parametrize("fault", ["500", "late", "lost", "slow"])
def test_what_comes_after_the_removal_leaves_nothing(
    desk: FakeDesk, agents: Entitlement, person: Person, fault: str
) -> None:
    desk.faults = [fault]
    item = asked(person, agents)
    run()
    removal = leaves(person)
    run(2)
    desk.apply_late()
    assert desk.held == set()
    assert (state(item), state(removal)) == ("superseded", "claimed_done")
    target = agents.system.webhook_target
    assert call(item, target, "late", ticket="T-2").json() == {"status": "ignored"}
    assert (state(item), held(person)) == ("superseded", {"agent"}), "held until the removal is proven"


def test_done_by_hand_while_it_is_tried_again_is_done_once(desk: FakeDesk, agents: Entitlement, person: Person) -> None:
    desk.faults = ["503", "503"]
    item = asked(person, agents)
    run(2)
    assert state(item) == "failed_retryable"
    assert claim(actor=SYSTEM, item_ids=[item.pk], ticket="INC-9").done == [item.pk]
    assert (state(item), item.ticket, item.failure) == ("claimed_done", "INC-9", "")
    run(3)
    assert (len(desk.calls), desk.done) == (2, []), "the next attempt finds it done"
    assert OutboxRow.objects.get(topic="access.grant").state == "sent"
    assert call(item, agents.system.webhook_target, "late").json() == {"status": "ignored"}
    assert (state(item), item.ticket, Grant.objects.count()) == ("claimed_done", "INC-9", 1)


def test_done_by_hand_and_the_late_retry_succeeds_all_the_same(scim: FakeScim, person: Person) -> None:
    agents = entitlement(scim_system(scim), "Agents")
    scim.faults = [Fault("POST", "/Users", late=True)]
    item = asked(person, agents)
    run()
    assert state(item) == "failed_retryable"
    # IT makes the account and puts it into the group itself; the call that timed out is carried out only now.
    scim.groups["g1"]["members"].append(scim.add_user(person.email))
    claim(actor=SYSTEM, item_ids=[item.pk], ticket="INC-9")
    scim.apply_late()
    before = len(scim.requests)
    run(2)
    assert (scim.done, len(scim.requests), len(scim.users)) == ([], before, 1)
    RequestItem.objects.filter(pk=item.pk).update(claimed_at=timezone.now() - timedelta(minutes=2))
    recheck()
    assert (state(item), scim.live(person.email)) == ("verified", {person.email, "Agents"})
    leaves(person)
    run(2)
    assert (scim.live(person.email), scim.left_in_groups(person.email), held(person)) == (set(), set(), set())
    assert sweep_unsupported() == 0


def test_a_letter_that_the_mail_server_put_off_asks_once(settings: Settings, person: Person) -> None:
    one = entitlement(SystemFactory.create(channel=Channel.EMAIL, ticket_address="it@tickets.example"), "ROLE_X")
    with smtp.running() as sink:
        settings.MAILERS = sink.mailers()
        sink.answers = {"RCPT": ["450 busy"], "DATA": ["451 later"]}
        item = asked(person, one)
        for _ in range(4):
            run()
            OutboxRow.objects.filter(topic="mail").update(next_attempt_at=timezone.now())
            send()
        assert [message["To"] for message in sink.messages] == ["it@tickets.example"]
        mail(item, "done, ticket INC-1")
        mail(item, "done, ticket INC-2")
        assert (state(item), item.ticket) == ("claimed_done", "INC-1")
        removal = leaves(person)
        mail(item, "done, at last")
        assert (state(item), held(person)) == ("superseded", {"ROLE_X"})
        for _ in range(3):
            run()
            send()
        assert state(removal) == "sent"
        assert len(sink.messages) == len({message["Message-ID"] for message in sink.messages}) == 2
