"""From the outbox to the receiver and back; what comes in; the screens."""

import json
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from portal import sealing
from portal.accounts.choices import Role
from portal.accounts.queries import actor_for
from portal.accounts.rules import Actor
from portal.audit.models import AuditEntry
from portal.notifications import tasks as outbox_tasks
from portal.notifications.models import OutboxRow
from portal.refusals import RefusedError
from portal.webhooks import actions, signing, tasks
from portal.webhooks.delivery import retry_after
from portal.webhooks.models import SeenMessage, WebhookAttempt, WebhookTarget
from tests.factories.accounts import administrator, somebody
from tests.webhooks.receiver import Answer, Receiver

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> Actor:
    return actor_for(administrator())


@pytest.fixture
def target(admin: Actor, target_server: Receiver) -> WebhookTarget:
    return actions.create_target(actor=admin, name="Ticketing", url=f"{target_server.url}/hook")


def sent(target: WebhookTarget, key: str = "case:1") -> OutboxRow:
    actions.send(target_id=target.pk, event="case.opened", data={"ref": "EC-1", "词": "退款"}, key=key)
    outbox_tasks.dispatch()
    return OutboxRow.objects.get(idempotency_key=key)


def again() -> None:
    past = timezone.now() - timedelta(seconds=1)
    OutboxRow.objects.update(not_before=past, next_attempt_at=past)
    outbox_tasks.dispatch()


def test_the_receiver_can_check_who_sent_it(target: WebhookTarget, target_server: Receiver) -> None:
    assert sent(target).state == "sent"
    got = target_server.got[0]
    assert (got.method, got.path) == ("POST", "/hook")
    message_id = signing.verify([target.secret], got.headers, got.body, time.time())
    content = json.loads(got.body)
    assert (content["type"], content["data"]) == ("case.opened", {"ref": "EC-1", "词": "退款"})
    attempt = target.attempts.get()
    assert (attempt.status, attempt.message_id, attempt.event) == (200, message_id, "case.opened")


def test_every_attempt_carries_the_same_id_and_body_under_a_signature_of_its_own(
    target: WebhookTarget, target_server: Receiver
) -> None:
    target_server.answers = [Answer(500), Answer(502)]
    assert sent(target).state == "pending"
    again()
    again()
    assert OutboxRow.objects.get().state == "sent"
    assert (
        len({got.body for got in target_server.got})
        == len({got.headers["webhook-id"] for got in target_server.got})
        == 1
    )
    assert [attempt.status for attempt in target.attempts.order_by("id")] == [500, 502, 200]


@pytest.mark.parametrize("status", [429, 503])
def test_who_asks_for_time_gets_it(target: WebhookTarget, target_server: Receiver, status: int) -> None:
    target_server.answers = [Answer(status, headers={"Retry-After": "1800"})]
    row = sent(target)
    assert timedelta(minutes=29) < row.next_attempt_at - timezone.now() <= timedelta(minutes=30)


@pytest.mark.parametrize("status", [301, 400, 401, 404, 410])
def test_refusals_that_stay_are_given_up_at_once(target: WebhookTarget, target_server: Receiver, status: int) -> None:
    target_server.answers = [Answer(status, headers={"Location": "http://127.0.0.1/"})]
    row = sent(target)
    assert row.state == "dead"
    assert row.last_error.startswith(f"answered {status}")
    assert len(target_server.got) == 1


def test_a_private_address_is_refused_for_good_without_the_setting(target: WebhookTarget, settings: Settings) -> None:
    settings.WEBHOOKS_ALLOW_PRIVATE = False
    WebhookTarget.objects.update(url="https://127.0.0.1/")
    row = sent(target)
    assert (row.state, row.last_error) == ("dead", "127.0.0.1 has the private address 127.0.0.1")
    assert target.attempts.get().status is None


def test_nobody_there_is_tried_again(target: WebhookTarget) -> None:
    WebhookTarget.objects.update(url="http://127.0.0.1:1/")
    row = sent(target)
    assert row.state == "pending"
    assert "ConnectError" in target.attempts.get().error


def test_what_waits_for_an_archived_target_fails(target: WebhookTarget, admin: Actor, target_server: Receiver) -> None:
    actions.archive_target(actor=admin, target_id=target.pk, archived=True)
    assert sent(target).last_error == "Ticketing is archived"
    assert target_server.got == []


def test_a_transaction_that_fails_sends_nothing(target: WebhookTarget, target_server: Receiver) -> None:
    with transaction.atomic():
        actions.send(target_id=target.pk, event="x", data={}, key="k")
        transaction.set_rollback(True)
    outbox_tasks.dispatch()
    assert target_server.got == []


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("120", 120.0), ("Sun, 22 Nov 2026 00:02:00 GMT", 120.0), ("Sat, 21 Nov 2026 00:00:00 GMT", 0.0), ("soon", None),
     ("", None), ("-5", None), ("9" * 30, None)],
)  # fmt: skip
def test_retry_after_comes_as_seconds_or_as_a_date(value: str, seconds: float | None) -> None:
    assert retry_after(value, datetime(2026, 11, 22, tzinfo=UTC)) == seconds


def test_what_comes_in_counts_once() -> None:
    secret, body = signing.new_secret(), b"{}"
    headers = signing.headers_for(secret, "msg_1", 1000, body)
    assert actions.accept(source="chat", secrets=[secret], headers=headers, body=body, now=1000) == "msg_1"
    with pytest.raises(actions.ReplayedError):
        actions.accept(source="chat", secrets=[secret], headers=headers, body=body, now=1100)
    assert actions.accept(source="other", secrets=[secret], headers=headers, body=body, now=1000) == "msg_1"
    with pytest.raises(signing.BadSignatureError):
        actions.accept(source="third", secrets=[signing.new_secret()], headers=headers, body=body, now=1000)
    assert SeenMessage.objects.count() == 2


def test_old_attempts_and_ids_are_forgotten(target: WebhookTarget) -> None:
    sent(target)
    SeenMessage.objects.create(source="chat", message_id="old", received_at=timezone.now() - timedelta(days=4))
    SeenMessage.objects.create(source="chat", message_id="new")
    WebhookAttempt.objects.create(
        target=target, message_id="m", event="e", milliseconds=1, at=timezone.now() - timedelta(days=31)
    )
    tasks.prune()
    assert SeenMessage.objects.get().message_id == "new"
    assert target.attempts.get().event == "case.opened"


def test_secrets_are_unreadable_in_the_database_and_keys_can_be_replaced(admin: Actor, settings: Settings) -> None:
    settings.PORTAL_SECRETS_KEYS = ["old key"]
    target = actions.create_target(actor=admin, name="T", url="https://example.test/")
    secret = target.secret
    assert secret not in target.sealed_secret
    settings.PORTAL_SECRETS_KEYS = ["new key", "old key"]
    assert target.secret == secret
    settings.PORTAL_SECRETS_KEYS = ["new key"]
    with pytest.raises(sealing.SealBrokenError, match="another key"):
        assert target.secret
    OutboxRow.objects.all().delete()
    assert sent(target).state == "dead"


def test_an_administrator_adds_tests_and_archives_a_webhook(client: Client, target_server: Receiver) -> None:
    user = administrator()
    client.force_login(user)
    assert "No webhook yet" in client.get("/webhooks/").content.decode()
    page = client.post("/webhooks/new/", {"name": "Ticketing", "url": target_server.url}, follow=True)
    assert "Give its secret to the receiver." in page.content.decode()
    made = WebhookTarget.objects.get()
    assert made.secret not in page.content.decode()
    assert made.secret in client.post(f"/webhooks/{made.pk}/secret/").content.decode()
    client.post(f"/webhooks/{made.pk}/test/")
    outbox_tasks.dispatch()
    assert json.loads(target_server.got[0].body)["type"] == "portal.test"
    assert "portal.test" in client.get(f"/webhooks/{made.pk}/").content.decode()
    client.post(f"/webhooks/{made.pk}/change/", {"name": "Tickets", "url": target_server.url})
    client.post(f"/webhooks/{made.pk}/archive/", {"archived": "1"})
    page = client.get("/webhooks/").content.decode()
    assert "Archived" in page
    assert "Tickets" in page
    verbs = AuditEntry.objects.filter(subject_type="webhook_target").order_by("id").values_list("verb", flat=True)
    assert list(verbs) == [
        "webhook.created", "webhook.secret_shown", "webhook.tested", "webhook.changed", "webhook.archived",
    ]  # fmt: skip
    old = made.secret
    assert old not in client.post(f"/webhooks/{made.pk}/secret/", {"renew": "1"}).content.decode()


@pytest.mark.parametrize(
    ("url", "words"),
    [("http://example.test/", "must begin with https://"), ("https://a:b@example.test/", "must not hold a password"),
     ("https://", "This is no address."), ("https://x\0.test/", "Null characters are not allowed")],
)  # fmt: skip
def test_a_bad_address_is_explained(client: Client, url: str, words: str) -> None:
    client.force_login(administrator())
    answer = client.post("/webhooks/new/", {"name": "T", "url": url})
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_names_in_use_are_taken(client: Client, admin: Actor) -> None:
    made = actions.create_target(actor=admin, name="T", url="https://example.test/")
    client.force_login(administrator(name="Second"))
    answer = client.post("/webhooks/new/", {"name": "T", "url": "https://example.test/"})
    assert "There is a webhook of this name already." in answer.content.decode()
    assert (
        client.post(f"/webhooks/{made.pk}/change/", {"name": "T", "url": "https://example.test/2"}).status_code == 302
    )


def test_a_name_that_another_webhook_has_meanwhile_is_said_to_who_restores(client: Client, admin: Actor) -> None:
    old = actions.create_target(actor=admin, name="T", url="https://example.test/")
    actions.archive_target(actor=admin, target_id=old.pk, archived=True)
    actions.create_target(actor=admin, name="T", url="https://example.test/")
    client.force_login(administrator(name="Second"))
    page = client.post(f"/webhooks/{old.pk}/archive/", {"archived": "0"}, follow=True).content.decode()
    old.refresh_from_db()
    assert ("There is a webhook of this name already." in page, old.archived_at is not None) == (True, True)
    with pytest.raises(RefusedError):  # who was slower, after the form was checked
        actions.create_target(actor=admin, name="T", url="https://example.test/")


def test_the_list_costs_the_same_for_one_and_for_many(client: Client, admin: Actor) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.force_login(administrator(name="Second"))
    counts = []
    for upto in (1, 6):
        for n in range(WebhookTarget.objects.count(), upto):
            actions.create_target(actor=admin, name=f"T{n}", url="https://example.test/")
        client.get("/webhooks/")
        with CaptureQueriesContext(connection) as queries:
            client.get("/webhooks/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
def test_for_everyone_else_there_is_no_such_page(client: Client, admin: Actor, role: Role) -> None:
    made = actions.create_target(actor=admin, name="T", url="https://example.test/")
    client.force_login(somebody(role))
    assert client.get("/webhooks/").status_code == 404
    assert client.get(f"/webhooks/{made.pk}/").status_code == 404
    assert client.post(f"/webhooks/{made.pk}/secret/").status_code == 404
