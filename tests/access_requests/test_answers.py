"""Letters and signed calls: what goes out, what comes back, and what is not believed."""

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from access_requests.actions import answers
from access_requests.actions.dispatching import key_of
from access_requests.actions.proving import recheck
from access_requests.channels import email
from access_requests.channels.replies import Reply, item_of, read, same_domain
from access_requests.choices import Channel
from access_requests.models import RequestEvent, RequestItem, System
from partners.models import Site
from portal.mailbox.registry import Incoming
from portal.notifications.models import OutboxRow
from portal.webhooks.delivery import message_id
from portal.webhooks.models import WebhookTarget
from portal.webhooks.signing import headers_for
from tests.access_requests.carrying import agent, asked, entitlement, held, run, state
from tests.factories.access import SystemFactory
from tests.factories.webhooks import WebhookTargetFactory
from tests.webhooks import receiver
from tests.webhooks.receiver import Answer, Receiver

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("text", "reply"), [
    ("done", Reply("done")),
    ("\n\n Done. \n--\nJo", Reply("done")),
    ("Completed, ticket INC-12345.", Reply("done", "INC-12345")),
    ("Done with ticket no. 4711", Reply("done", "4711")),
    ("已完成，工单号：REQ 88", Reply("done", "REQ-88")),
    ("完成了。", Reply("done")),
    ("未完成", Reply("other")),
    ("完成一半", Reply("other")),
    ("failed: no such role", Reply("failed", why="no such role")),
    ("Rejected", Reply("failed")),
    ("无法完成：没有这个角色", Reply("failed", why="没有这个角色")),
    ("Done? I am not sure, see below", Reply("other")),
    ("Not done yet", Reply("other")),
    ("Failed-over to the other site, will do", Reply("other")),
    ("I'm out of office", Reply("other")),
    ("", Reply("other")),
    ("done" + " " * 10_000 + "x", Reply("done")),
])  # fmt: skip
def test_only_plain_words_are_acted_on(text: str, reply: Reply) -> None:
    assert read(text) == reply


def test_what_an_answer_is_about_and_where_it_comes_from() -> None:
    assert item_of("AR-1001/7", "whatever") == (1001, 7)
    assert item_of("", "RE: [AR-1001/7] Grant") == (1001, 7)
    assert item_of("AR-1001", "AR-1001/7 without brackets") is None
    assert same_domain("jo@Tickets.example", "it@tickets.example")
    assert not same_domain("jo@evil-tickets.example", "it@tickets.example")
    assert not same_domain("", "")


@pytest.fixture
def letter() -> RequestItem:
    """An item that went out by mail."""
    system = SystemFactory.create(channel=Channel.EMAIL, ticket_address="it@tickets.example")
    item = asked(agent(), entitlement(system, "ROLE_X"))
    run()
    return item


def mail(item: RequestItem, text: str, sender: str = "jo@tickets.example", **fields: Any) -> None:
    given: dict[str, Any] = {
        "id": 1, "mailbox_id": 1, "mailbox_address": "portal@example.com", "message_id": "<1@tickets.example>",
        "reference": "", "matched_by": "", "automatic": "", "sender": sender, "sender_name": "Jo", "recipients": [],
        "subject": f"Re: [AR-{item.request_id}/{item.pk}] Grant", "text": text, "quoted": "",
        "html": "", "answers": [], "sent_at": timezone.now(), "received_at": timezone.now(), "file_ids": [],
    }  # fmt: skip
    answers.take_mail(Incoming(**given | fields))


def test_a_letter_goes_out_once_and_its_answer_counts_as_claimed(letter: RequestItem) -> None:
    run(2)
    row = OutboxRow.objects.get(topic="mail")
    assert row.payload["to"] == "it@tickets.example"
    assert f"[AR-{letter.request_id}/{letter.pk}]" in row.payload["subject"]
    assert letter.person.email in row.payload["text"]
    assert state(letter) == "sent"
    mail(letter, "done, ticket INC-7\n\n> Grant access")
    assert (state(letter), letter.ticket, letter.claimed_by) == ("claimed_done", "INC-7", None)
    mail(letter, "failed: changed my mind")
    assert state(letter) == "claimed_done", "later answers are for a person to read"
    assert RequestEvent.objects.filter(item=letter, code="item.mail").count() == 1


def test_a_letter_follows_the_language_of_its_ticket_address(
    letter: RequestItem, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[tuple[str, str]] = []
    monkeypatch.setattr(email, "send_mail", lambda **sent: said.append((sent["template"], sent["language"])))
    System.objects.filter(pk=letter.entitlement.system_id).update(ticket_language="zh-hans")
    asked(agent(), letter.entitlement)
    run()
    assert said == [("access_requests/email/change", "zh-hans")]


@pytest.mark.parametrize(("language", "system", "place"), [("en", "Desk", "Hall"), ("zh-hans", "案件台", "大厅")])
def test_what_a_letter_names_is_in_its_language(language: str, system: str, place: str) -> None:
    row = SystemFactory.create(
        channel=Channel.EMAIL, ticket_address="it@tickets.example", ticket_language=language,
        name="Desk", name_zh="案件台",
    )  # fmt: skip
    item = asked(agent(), entitlement(row, ""))
    Site.objects.update(name="Hall", name_zh="大厅")
    run()
    payload = OutboxRow.objects.get(topic="mail", payload__to="it@tickets.example").payload
    assert f"[AR-{item.request_id}/{item.pk}]" in payload["subject"]
    for part in (payload["text"], payload["html"]):
        assert system in part
        assert place in part
    lines = [line.strip() for line in payload["text"].splitlines()]
    # What the letter tells people to answer is what we act on.
    assert [read(line).kind for line in lines if read(line).kind != "other"] == ["done", "failed"]


def test_answers_from_elsewhere_and_automatic_ones_change_nothing(letter: RequestItem) -> None:
    mail(letter, "done", sender="jo@elsewhere.example")
    mail(letter, "done", automatic="reply")
    mail(letter, "We will look at it tomorrow")
    assert state(letter) == "sent"
    codes = list(RequestEvent.objects.filter(item=letter).order_by("pk").values_list("code", flat=True))[-3:]
    assert codes == ["item.mail_stranger", "item.mail", "item.mail"]


def test_a_refusal_a_returned_letter_and_a_dead_one_have_owners(letter: RequestItem) -> None:
    mail(letter, "failed: no such role")
    assert (state(letter), letter.failure) == ("failed_final", "no such role")
    other = asked(agent(), letter.entitlement)
    run()
    mail(other, "550 no such user", sender="mailer-daemon@example.com", automatic="bounce", matched_by="message_id")
    assert (state(other), other.failure) == ("failed_final", "letter_returned")
    third = asked(agent(), letter.entitlement)
    run()
    OutboxRow.objects.filter(topic="mail", state="pending").update(state="dead", last_error="550 no such mailbox")
    recheck()
    assert (state(third), third.failure) == ("failed_final", "550 no such mailbox")


@pytest.fixture
def target(settings: Settings) -> Iterator[tuple[Receiver, WebhookTarget]]:
    settings.WEBHOOKS_ALLOW_PRIVATE = True
    settings.WEBHOOKS_TIMEOUT = 1
    with receiver.running() as running:
        yield running, WebhookTargetFactory.create(url=running.url)


def by_webhook(target: WebhookTarget) -> RequestItem:
    system = SystemFactory.create(code="crm", channel=Channel.WEBHOOK, webhook_target=target)
    return asked(agent(), entitlement(system, "agent"))


def test_a_webhook_that_answers_at_once(target: tuple[Receiver, WebhookTarget]) -> None:
    server, row = target
    server.answers = [Answer(body=json.dumps({"status": "done", "ticket": "T-1"}).encode())]
    item = by_webhook(row)
    run(2)
    assert (state(item), item.ticket) == ("claimed_done", "T-1")
    (got,) = server.got
    assert got.headers["webhook-id"] == message_id(key_of(item.pk, 1))
    said = json.loads(got.body)
    assert (said["type"], said["data"]["person"]["email"]) == ("access.grant", item.person.email)


def test_a_webhook_that_is_busy_gets_the_same_message_again(target: tuple[Receiver, WebhookTarget]) -> None:
    server, row = target
    server.answers = [Answer(503), Answer(409), Answer(429, headers={"Retry-After": "300"}), Answer(202)]
    item = by_webhook(row)
    run()
    assert (state(item), item.failure) == ("failed_retryable", "answered 503")
    run(2)
    waits = OutboxRow.objects.get(topic="access.grant").next_attempt_at - timezone.now()
    assert waits > timedelta(seconds=290)
    run(2)
    assert state(item) == "sent"
    assert len({(one.headers["webhook-id"], one.body) for one in server.got}) == 1
    assert len(server.got) == 4


def test_a_webhook_that_says_no(target: tuple[Receiver, WebhookTarget]) -> None:
    server, row = target
    server.answers = [Answer(body=b'{"status": "failed", "reason": "no licence"}')]
    item = by_webhook(row)
    run()
    assert (state(item), item.failure) == ("failed_final", "no licence")
    assert held(item.person) == {"agent"}, "nobody knows yet that nothing was granted"


def call(about: RequestItem, target: WebhookTarget, name: str = "m1", at: float | None = None, **said: Any) -> Any:
    given = {"item": about.pk, "key": message_id(key_of(about.pk, about.generation)), "status": "done"}
    body = json.dumps(given | said).encode()
    signed = headers_for(target.secret, name, int(at or time.time()), body)
    url = reverse("access:hook", args=["crm"])
    return Client(enforce_csrf_checks=True).post(url, body, content_type="application/json", headers=signed)


def test_a_system_calls_back_once_and_only_with_its_signature(target: tuple[Receiver, WebhookTarget]) -> None:
    server, row = target
    server.answers = [Answer(202)]
    item = by_webhook(row)
    run()
    item.refresh_from_db()
    assert call(item, row, at=time.time() - 600).status_code == 401
    assert call(item, WebhookTargetFactory.create()).json() == {"error": "forged"}
    assert call(item, row, "m0", status="maybe").status_code == 400
    assert call(item, row, "m0", item=[]).status_code == 400
    assert call(item, row, "m0", key="other").json() == {"status": "ignored"}
    assert state(item) == "sent"
    assert call(item, row, ticket="T\0-9" * 100).json() == {"status": "done"}
    assert state(item) == "claimed_done"
    assert call(item, row).json() == {"status": "seen"}
    assert call(item, row, "m2", status="failed").json() == {"status": "ignored"}
    client = Client()
    assert client.get(reverse("access:hook", args=["crm"])).status_code == 405
    assert client.post(reverse("access:hook", args=["nobody"])).status_code == 404
    big = client.post(reverse("access:hook", args=["crm"]), b"x" * 70_000, content_type="application/json")
    assert big.status_code == 413


def test_a_system_calls_back_that_it_could_not(target: tuple[Receiver, WebhookTarget]) -> None:
    server, row = target
    server.answers = [Answer(202)]
    item = by_webhook(row)
    run()
    item.refresh_from_db()
    assert call(item, row, status="failed", reason="no licence").json() == {"status": "done"}
    assert (state(item), item.failure) == ("failed_final", "no licence")
