"""What administrators see of mailboxes and of messages in trouble; and letters that replies find back to."""

from typing import Any

import pytest
from django.core import mail as django_mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.accounts.choices import Role
from portal.accounts.queries import actor_for
from portal.audit.models import AuditEntry
from portal.mailbox import actions, polling
from portal.mailbox.models import InboundMessage, Mailbox
from portal.notifications import tasks as outbox_tasks
from portal.notifications.actions import send_mail
from portal.notifications.delivery.composing import message_id
from portal.notifications.models import OutboxRow
from portal.notifications.queries import reference_of_letter
from portal.refusals import RefusedError
from tests.factories.accounts import administrator, somebody
from tests.factories.mailbox import InboundMessageFactory, MailboxFactory
from tests.mailbox.conftest import Wing
from tests.mailbox.imap import ImapServer

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(administrator())
    return client


def given(**more: Any) -> dict[str, Any]:
    fields = {
        "name": "Access", "address": "access@portal.example.test", "handler": "test.mail", "host": "imap.example.test",
        "port": "993", "security": "tls", "username": "access", "password": "s3cret pass", "folder": "INBOX",
    }  # fmt: skip
    return fields | more


def test_a_mailbox_is_added_changed_and_archived(admin: Client, wing: Wing) -> None:
    assert "No mailbox yet" in admin.get("/mailboxes/").content.decode()
    page = admin.post("/mailboxes/new/", given(), follow=True).content.decode()
    assert "It is read within a minute." in page
    made = Mailbox.objects.get()
    assert made.password == "s3cret pass"
    assert "s3cret" not in made.sealed_password
    assert "s3cret" not in admin.get(f"/mailboxes/{made.pk}/change/").content.decode()
    admin.post(f"/mailboxes/{made.pk}/change/", given(name="Renamed", password=""))
    made.refresh_from_db()
    assert (made.name, made.password) == ("Renamed", "s3cret pass")
    admin.post(f"/mailboxes/{made.pk}/archive/", {"archived": "1"})
    made.refresh_from_db()
    assert made.archived_at is not None
    verbs = AuditEntry.objects.filter(subject_type="mailbox").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["mailbox.created", "mailbox.changed", "mailbox.archived"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"handler": "nobody"}, "Select a valid choice"),
        ({"port": "70000"}, "less than or equal to 65535"),
        ({"host": "a b\r\nc"}, "Enter a valid value"),
        ({"password": ""}, "This field is required"),
        ({"name": "Box taken"}, "There is a mailbox of this name already."),
        ({"host": "127.0.0.1", "username": "taken"}, "Another mailbox reads this folder already."),
    ],
)
def test_bad_input_is_explained(admin: Client, wing: Wing, change: dict[str, str], words: str) -> None:
    MailboxFactory(name="Box taken", username="taken")
    answer = admin.post("/mailboxes/new/", given(**change))
    assert answer.status_code == 422
    assert words in answer.content.decode()


@pytest.mark.parametrize(
    ("new", "words"),
    [
        ({"name": "Main"}, "There is a mailbox of this name already."),
        ({"host": "127.0.0.1", "username": "main", "folder": "INBOX"}, "Another mailbox reads this folder already."),
    ],
)
def test_what_was_put_in_its_place_is_said_to_who_restores_a_mailbox(
    admin: Client, wing: Wing, new: dict[str, str], words: str
) -> None:
    old = MailboxFactory(name="Main", username="main")
    admin.post(f"/mailboxes/{old.pk}/archive/", {"archived": "1"})
    other = MailboxFactory(**new)
    page = admin.post(f"/mailboxes/{old.pk}/archive/", {"archived": "0"}, follow=True).content.decode()
    old.refresh_from_db()
    assert (words in page, old.archived_at is not None) == (True, True)
    assert not AuditEntry.objects.filter(verb="mailbox.restored").exists()
    fields = {one: getattr(other, one) for one in ("name", "address", "host", "username", "handler")}
    with pytest.raises(RefusedError, match=r"mailbox_(name|read)_once"):  # who was slower, after the form was checked
        actions.create_mailbox(actor=actor_for(administrator(name="Second")), password="x", **fields)
    admin.post(f"/mailboxes/{other.pk}/archive/", {"archived": "1"})
    admin.post(f"/mailboxes/{old.pk}/archive/", {"archived": "0"})
    old.refresh_from_db()
    assert old.archived_at is None


def test_what_failed_is_shown_with_its_reason_and_can_be_tried_again_or_put_away(
    admin: Client, box: Mailbox, server: ImapServer, wing: Wing
) -> None:
    raw = b"Subject: no mail\r\n\r\n<script>"
    server.put(raw)
    polling.poll(box)
    failed = InboundMessageFactory(
        mailbox=box, state="failed", last_error="RuntimeError: busy", subject="A <b>question</b>"
    )
    page = admin.get("/mailboxes/messages/").content.decode()
    assert "it names no sender" in page
    assert "A &lt;b&gt;question&lt;/b&gt;" in page
    unparsed = InboundMessage.objects.get(state="unparsed")
    assert b"".join(admin.get(f"/files/{unparsed.raw_id}/")) == raw
    page = admin.post(f"/mailboxes/messages/{unparsed.pk}/retry/", follow=True).content.decode()
    assert "It still cannot be read." in page
    admin.post(f"/mailboxes/messages/{unparsed.pk}/put-away/")
    admin.post(f"/mailboxes/messages/{failed.pk}/retry/")
    assert "No message is in trouble" in admin.get("/mailboxes/messages/").content.decode()
    assert sorted(InboundMessage.objects.values_list("state", flat=True)) == ["new", "put_away"]
    assert admin.get(f"/files/{unparsed.raw_id}/").status_code == 404  # nobody has to look at it any more


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
def test_for_everyone_else_there_is_no_such_page(client: Client, role: Role) -> None:
    row = InboundMessageFactory(state="failed")
    client.force_login(somebody(role))
    for url in ("/mailboxes/", "/mailboxes/messages/", f"/mailboxes/{row.mailbox_id}/change/", f"/files/{row.raw_id}/"):
        assert client.get(url).status_code == 404


def test_a_letter_carries_what_replies_are_matched_by(mailoutbox: list[Any]) -> None:
    for _twice in range(2):
        send_mail(
            to="it@example.test", template="accounts/email/invitation", context={}, language="en", idempotency_key="letter:1",
            reference="AR-1182", reply_to="box+AR-1182@portal.example.test", in_reply_to="<their@x>",
        )  # fmt: skip
    outbox_tasks.send()
    (letter,) = django_mail.outbox
    assert OutboxRow.objects.count() == 1
    assert letter.subject.startswith("[AR-1182] ")
    assert letter.reply_to == ["box+AR-1182@portal.example.test"]
    assert letter.extra_headers["In-Reply-To"] == "<their@x>"
    assert letter.extra_headers["Message-ID"] == message_id("letter:1")
    assert reference_of_letter(["<other@x>", message_id("letter:1")]) == "AR-1182"


def test_an_unreadable_message_is_put_out_of_sight_for_a_reason(
    admin: Client, box: Mailbox, server: ImapServer, wing: Wing
) -> None:
    server.put(b"no mail zqawful")
    polling.poll(box)
    row = InboundMessage.objects.get(state="unparsed")
    InboundMessage.objects.update(subject="zqsubject", sender="zq@guest.example.test")
    hide = f"/mailboxes/messages/{row.pk}/hide/"
    for bad in ({}, {"reason": "because"}, {"reason": "x\0"}, {"reason": "harmful " * 99}):
        assert admin.post(hide, bad).status_code == 400
    assert "zqsubject" in admin.get("/mailboxes/messages/").content.decode()
    page = admin.post(hide, {"reason": "harmful"}, follow=True).content.decode()
    assert "It harms whoever reads it" in page
    assert "zq" not in page
    assert str(row.raw_id) not in page
    assert admin.get(f"/files/{row.raw_id}/").status_code == 404
    trail = AuditEntry.objects.get(verb="mail.hidden")
    assert (trail.subject_id, trail.changes) == (row.pk, {"reason": "harmful"})
    admin.post(f"/mailboxes/messages/{row.pk}/retry/")
    assert "zq" not in admin.get("/mailboxes/messages/").content.decode(), "tried again it stays out of sight"
    admin.post(f"/mailboxes/messages/{row.pk}/put-away/")
    assert "No message is in trouble" in admin.get("/mailboxes/messages/").content.decode()


def test_the_list_of_trouble_costs_the_same_whatever_there_is(
    admin: Client, wing: Wing, django_assert_num_queries: Any
) -> None:
    def refer(number: int) -> None:
        answers = [f"<letter-{number}@portal>"]
        InboundMessageFactory(state="failed", reference=f"EC-{number}", answers=answers, mailbox__handler="case")

    refer(1)
    admin.get("/mailboxes/messages/")
    with CaptureQueriesContext(connection) as few:
        admin.get("/mailboxes/messages/")
    for number in range(2, 12):
        refer(number)
    with django_assert_num_queries(len(few)):
        admin.get("/mailboxes/messages/")
