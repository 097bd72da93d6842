"""Mail that goes out: what stands in it, how it ends, and what of a sensitive case it says."""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from pytest_django import Settings

from escalations import actions
from escalations.actions.mail_out import settled
from escalations.models import Case, OutboundMail, ServiceMailbox
from escalations.queries import KIND
from portal.accounts.rules import SYSTEM
from portal.mailbox.choices import Automatic
from portal.notifications import tasks
from portal.notifications.models import OutboxRow
from sla.models import Clock
from tests.escalations import post_office
from tests.escalations.mailing import box, codes, files_root, made, words
from tests.escalations.pages_world import World
from tests.escalations.post_office import Post
from tests.factories.case_mail import case_of, receive

__all__ = ["box", "files_root", "made"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def post(settings: Settings) -> Iterator[Post]:
    """A mail server on loopback."""
    with post_office.running() as running:
        settings.MAILERS = running.mailers()
        yield running


def write(case: Case, text: str = "We are on it.", **more: Any) -> OutboundMail:
    said = {"to": "ming@guest.example.test", "subject": "Locked out", "once": uuid.uuid4(), "actor": SYSTEM} | more
    return OutboundMail.objects.get(entry=actions.send_mail(ref=case.pk, text=text, **said))


def metric(case: Case, name: str) -> str:
    return Clock.objects.get(subject_kind=KIND, subject_id=case.pk, metric=name).state


def test_an_answer_goes_out_once_and_its_answer_finds_back(box: ServiceMailbox, post: Post) -> None:
    case = case_of(receive(box, "One", id="<1@guest>", subject="Locked out"))
    letter = write(case, "Wir kümmern uns. 我们正在处理。", signature="en")
    assert (letter.state, metric(case, "first_response")) == ("queued", "met")
    tasks.send()
    tasks.send()
    (message,) = post.got
    assert (message["To"], message["From"]) == ("ming@guest.example.test", "Social media <care@portal.example.test>")
    assert (message["Reply-To"], message["Message-ID"]) == ("care@portal.example.test", letter.message_id)
    assert (message["In-Reply-To"], message["References"]) == ("<1@guest>", "<1@guest>")
    assert message["Subject"] == f"[{case.ref}] Locked out"
    assert message["Auto-Submitted"] is None
    body = message.get_payload(decode=True).decode()
    assert body.replace("\r\n", "\n").rstrip() == "Wir kümmern uns. 我们正在处理。\n\n-- \nYour care team"
    letter.refresh_from_db()
    assert (letter.state, letter.settled_at is None, letter.error) == ("sent", False, "")
    assert "text" not in OutboxRow.objects.get(idempotency_key=letter.key).payload, (
        "the words stand with the case alone"
    )
    receive(box, "Thanks", id="<2@guest>", headers={"In-Reply-To": letter.message_id})
    assert words(case, "mail.in") == ["One", "Thanks"]
    write(case)
    tasks.send()
    assert post.got[-1]["References"] == f"<1@guest> {letter.message_id} <2@guest>"


@pytest.mark.parametrize("sensitivity", ["confidential", "restricted"])
def test_the_headers_of_a_sensitive_case_say_the_reference_alone(
    made: World, box: ServiceMailbox, post: Post, sensitivity: str
) -> None:
    case = case_of(receive(box, "Private", subject="Harassment by Mr. X", id="<1@guest>"))
    receive(box, "Other person", sender="other@guest.test", headers={"In-Reply-To": "<1@guest>"}, id="<secret@o>")
    actions.set_sensitivity(actor=SYSTEM, ref=case.pk, sensitivity=sensitivity)
    letter = write(case, subject="About the harassment")
    tasks.send()
    (message,) = post.got
    assert (message["Subject"], letter.subject) == (f"[{case.ref}]", f"[{case.ref}]")
    assert message["From"] == "care@portal.example.test"
    assert message["References"] == "<1@guest>"
    headers = " ".join(f"{name}: {value}" for name, value in message.items())
    for word in ("arass", "Social", "secret@o"):
        assert word not in headers


@pytest.mark.parametrize("was", ["waiting", "refused", "merged"])
def test_a_letter_that_waits_while_its_case_is_marked_sensitive_says_the_reference_alone(
    made: World, box: ServiceMailbox, post: Post, was: str
) -> None:
    case = case_of(receive(box, "Private", id="<1@guest>"))
    letter = write(case, "Read this", subject="Harassment by Mr. X", actor=made.actor("associate"))
    if was == "refused":
        post.answer = "550 no"
        tasks.send()
        post.answer = ""
    if was == "merged":
        case = case_of(receive(box, "Other", id="<2@guest>"))
        actions.set_sensitivity(actor=SYSTEM, ref=case.pk, sensitivity="confidential")
        actions.merge(actor=SYSTEM, source=letter.entry.case_id, target=case.pk, reason="Same guest")
    else:
        actions.set_sensitivity(actor=SYSTEM, ref=case.pk, sensitivity="confidential")
    if was == "refused":
        actions.send_again(actor=made.actor("service_lead"), ref=case.pk, entry_id=letter.entry_id)
    tasks.send()
    (message,) = post.got
    assert (message["Subject"], message["From"]) == (f"[{letter.entry.case.ref}]", "care@portal.example.test")
    assert "Read this" in message.get_payload(decode=True).decode()


def test_with_plus_addresses_answers_go_to_the_reference(box: ServiceMailbox, post: Post) -> None:
    box.plus_address = True
    box.save()
    case = case_of(receive(box, "One"))
    write(case)
    tasks.send()
    assert post.got[0]["Reply-To"] == f"care+{case.ref}@portal.example.test"


def told() -> list[str]:
    return [row.payload["kind"] for row in OutboxRow.objects.filter(topic="fanout", payload__kind="case.mail_lost")]


def test_what_is_refused_is_failed_and_can_be_sent_again(made: World, box: ServiceMailbox, post: Post) -> None:
    case = case_of(receive(box, "One"))
    letter = write(case, actor=made.actor("associate"))
    post.answer = "550 5.1.1 no such user"
    tasks.send()
    letter.refresh_from_db()
    assert (letter.state, letter.error, told()) == ("failed", "550 5.1.1 no such user", ["case.mail_lost"])
    client, url = made.client("associate"), f"/cases/{case.ref}/entries/{letter.entry_id}/mail/"
    assert "Not sent" in client.get(f"/cases/{case.ref}/").content.decode()
    assert "550 5.1.1 no such user" in client.get(url).content.decode()
    post.answer = ""
    assert client.post(f"{url}again/").status_code == 302
    letter.refresh_from_db()
    assert (letter.state, letter.error, letter.settled_at) == ("queued", "", None)
    assert client.post(f"{url}again/").status_code == 409
    tasks.send()
    letter.refresh_from_db()
    assert (letter.state, [one["Message-ID"] for one in post.got]) == ("sent", [letter.message_id])


def test_words_that_were_removed_go_out_no_more(made: World, box: ServiceMailbox, post: Post) -> None:
    case = case_of(receive(box, "One"))
    letter = write(case, "Too much was said", actor=made.actor("associate"))
    post.answer = "550 no"
    tasks.send()
    actions.redact_entry(actor=made.actor("associate"), ref=case.pk, entry_id=letter.entry_id)
    row = OutboxRow.objects.get(idempotency_key=letter.key)
    assert ("Too much" in str(row.payload), row.discarded_at is None) == (False, False)
    with pytest.raises(actions.Refused):
        actions.send_again(actor=made.actor("associate"), ref=case.pk, entry_id=letter.entry_id)
    page = made.client("associate").get(f"/cases/{case.ref}/entries/{letter.entry_id}/mail/").content.decode()
    assert "Send again" not in page


@pytest.mark.parametrize(("leased", "state"), [(None, "failed"), (-1, "failed"), (4, "queued")])
def test_a_letter_that_waits_when_its_words_are_removed_never_goes(
    made: World, box: ServiceMailbox, post: Post, leased: int | None, state: str
) -> None:
    case, lead = case_of(receive(box, "One")), made.actor("service_lead")
    letter = write(case, "Too much was said", actor=lead)
    rows = OutboxRow.objects.filter(idempotency_key=letter.key)
    if leased is not None:
        rows.update(leased_until=timezone.now() + timedelta(minutes=leased), lease_token=uuid.uuid4())
    actions.redact_entry(actor=lead, ref=case.pk, entry_id=letter.entry_id)
    tasks.send()
    letter.refresh_from_db()
    assert (letter.state, "Too much" in str(rows.get().payload), post.got) == (state, False, [])
    OutboundMail.objects.filter(pk=letter.pk).update(state="failed", error="550", settled_at=timezone.now())
    rows.update(state="dead", last_error="550", payload={"text": "still there"}, leased_until=None, lease_token=None)
    with pytest.raises(actions.Refused):
        actions.send_again(actor=lead, ref=case.pk, entry_id=letter.entry_id)


def test_of_a_letter_that_went_nothing_stays_in_the_outbox(made: World, box: ServiceMailbox, post: Post) -> None:
    case, lead = case_of(receive(box, "One")), made.actor("service_lead")
    letter = write(case, "Too much was said", actor=lead)
    tasks.send()
    actions.redact_entry(actor=lead, ref=case.pk, entry_id=letter.entry_id)
    row = OutboxRow.objects.get(idempotency_key=letter.key)
    assert (row.state, {"subject", "text", "html"} & set(row.payload), row.discarded_at) == ("sent", set(), None)


def test_what_passes_is_tried_again_by_itself(box: ServiceMailbox, post: Post) -> None:
    letter = write(case_of(receive(box, "One")))
    post.answer = "450 busy"
    tasks.send()
    letter.refresh_from_db()
    assert letter.state == "queued"
    post.answer = ""
    OutboxRow.objects.filter(state="pending").update(next_attempt_at=timezone.now())
    tasks.send()
    letter.refresh_from_db()
    assert letter.state == "sent"


def test_a_bounce_marks_the_mail_and_leaves_a_note(made: World, box: ServiceMailbox, post: Post) -> None:
    case = case_of(receive(box, "One"))
    letter = write(case, actor=made.actor("associate"))
    tasks.send()
    back = {"headers": {"In-Reply-To": letter.message_id}, "sender": "MAILER-DAEMON@mx.test", "subject": "Undelivered"}
    row = receive(box, "550 unknown user", **back)
    letter.refresh_from_db()
    assert (row.automatic, letter.state, codes(case)[-1]) == (Automatic.BOUNCE, "bounced", "mail.bounced")
    assert told() == ["case.mail_lost"]
    page = made.client("associate").get(f"/cases/{case.ref}/").content.decode()
    assert "Came back" in page
    assert "550 unknown user" in page


def test_a_bounce_of_a_letter_before_it_was_marked_stays_a_bounce(box: ServiceMailbox) -> None:
    case = case_of(receive(box, "One"))
    letter = write(case)
    receive(box, "550", headers={"In-Reply-To": letter.message_id}, sender="MAILER-DAEMON@mx.test")
    settled(letter.key, "sent", "")
    letter.refresh_from_db()
    assert letter.state == "bounced"


def test_a_form_sent_twice_or_for_another_case_is_one_mail(box: ServiceMailbox) -> None:
    case, other = (case_of(receive(box, "One", id=f"<{n}@g>")) for n in (1, 2))
    once = uuid.uuid4()
    assert write(case, once=once) == write(case, once=once)
    with pytest.raises(actions.Refused):
        write(other, once=once)
    for more in ({"to": "other@guest.test"}, {"subject": "Else"}, {"text": "Other words"}):
        with pytest.raises(actions.Refused):
            write(case, once=once, **more)
    assert OutboundMail.objects.count() == 1


@pytest.mark.parametrize("change", [
    "state = 'lost', settled_at = now()",
    "state = 'sent'",
    "settled_at = now()",
    "state = 'failed', settled_at = now()",
    '"to" = \'\'',
    "message_id = ''",
])  # fmt: skip
def test_what_the_database_refuses(box: ServiceMailbox, change: str) -> None:
    letter = write(case_of(receive(box, "One")))
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE escalations_outboundmail SET {change} WHERE id = %s", [letter.pk])
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE escalations_inboundmail SET sender = ''")
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE mailbox_inboundmessage SET raw_id = NULL, state = 'failed', handled_at = NULL")
