"""Mail over a real SMTP server: what arrives, what is tried again, what is given up."""

from datetime import timedelta
from email.message import EmailMessage

import pytest
from django.utils import timezone
from django.utils.translation import gettext, override
from pytest_django import Settings

from portal.notifications import tasks
from portal.notifications.actions import notify, send_mail
from portal.notifications.delivery.composing import message_id
from portal.notifications.models import Notification, OutboxRow
from portal.notifications.rules import MAX_ATTEMPTS
from tests.factories.notifications import MailRowFactory, NotificationFactory, ReaderFactory
from tests.notifications.smtp import Sink

pytestmark = pytest.mark.django_db
PAST = timedelta(days=1)


def make_due() -> None:
    then = timezone.now() - PAST
    OutboxRow.objects.filter(state="pending").update(not_before=then, next_attempt_at=then)


def outcome() -> list[tuple[str, int, str]]:
    return list(OutboxRow.objects.order_by("pk").values_list("state", "attempts", "last_error"))


def part(message: EmailMessage, kind: str) -> str:
    found = message.get_body((kind,))
    assert found is not None
    return str(found.get_content())


def tell(reader: object, ref: str, *, urgent: bool = False) -> None:
    pk = reader.pk  # type: ignore[attr-defined]
    notify(
        kind="test.breached", recipients=[pk], params={"ref": ref}, url=f"/cases/{ref}/", dedupe_key=ref, urgent=urgent,
        subject_id=int(ref.removeprefix("EC-")),
    )  # fmt: skip


def test_a_mail_arrives_as_text_and_html_under_the_name_of_its_key(sink: Sink, settings: Settings) -> None:
    settings.PORTAL_BASE_URL = "https://portal.example.test"
    reader = ReaderFactory(email="mei@example.test", name="Mei <Lin> & Co")
    tell(reader, "EC-7")
    make_due()
    tasks.send()
    (message,) = sink.messages
    row = OutboxRow.objects.get()
    assert (sink.recipients, message["To"], message["Subject"]) == (
        ["mei@example.test"],
        "mei@example.test",
        "EC-7 breached",
    )
    assert message["Message-ID"] == message_id(row.idempotency_key)
    assert message["Message-ID"].endswith("@portal.example.test>")
    assert message.get_content_type() == "multipart/alternative"
    assert "Mei <Lin> & Co" in part(message, "plain")
    assert "https://portal.example.test/cases/EC-7/" in part(message, "plain")
    assert "Mei &lt;Lin&gt; &amp; Co" in part(message, "html")
    assert '<a href="https://portal.example.test/cases/EC-7/">EC-7 breached</a>' in part(message, "html")
    assert (row.state, row.attempts) == ("sent", 1)


def test_a_reader_of_chinese_is_written_to_in_chinese(sink: Sink) -> None:
    reader = ReaderFactory(language="zh-hans")
    send_mail(
        to=reader.email, template="notifications/email/notices", language="zh-hans", idempotency_key="zh:1",
        context={"person": reader, "lines": [], "first": {"title": "案件 EC-7 已超时"}, "more": 0, "total": 1},
    )  # fmt: skip
    tasks.send()
    (message,) = sink.messages
    assert message["Subject"] == "案件 EC-7 已超时"
    with override("zh-hans"):
        assert gettext("Open your inbox") in part(message, "html")
    assert '<html lang="zh-Hans">' in part(message, "html")


def test_what_is_due_together_is_one_mail_but_an_urgent_thing_stands_alone(sink: Sink) -> None:
    reader, other = ReaderFactory(), ReaderFactory()
    for ref in ("EC-1", "EC-2", "EC-3"):
        tell(reader, ref)
    tell(reader, "EC-4", urgent=True)
    tell(other, "EC-5")
    make_due()
    tasks.send()
    assert sorted(zip(sink.recipients, sink.subjects, strict=True)) == sorted(
        [(reader.email, "3 notifications"), (reader.email, "EC-4 breached"), (other.email, "EC-5 breached")]
    )
    together = next(message for message in sink.messages if message["Subject"] == "3 notifications")
    assert [ref for ref in ("EC-1", "EC-2", "EC-3", "EC-4") if f"{ref} breached" in part(together, "plain")] == [
        "EC-1",
        "EC-2",
        "EC-3",
    ]
    assert {state for state, *_ in outcome()} == {"sent"}


def test_what_is_not_due_stays(sink: Sink) -> None:
    tell(ReaderFactory(), "EC-1")
    tasks.send()
    assert (sink.messages, outcome()) == ([], [("pending", 0, "")])


@pytest.mark.parametrize("why", ["read", "hidden", "deactivated"])
def test_nothing_is_mailed_that_was_read_or_may_not_be_seen_any_more(sink: Sink, hidden: set[int], why: str) -> None:
    reader = ReaderFactory()
    tell(reader, "EC-1")
    make_due()
    if why == "read":
        Notification.objects.update(read_at=timezone.now())
    elif why == "hidden":
        hidden.add(1)
    else:
        reader.is_active = False
        reader.save()
    tasks.send()
    assert (sink.messages, outcome()) == ([], [("sent", 1, "nothing left to say")])


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "BODY"])
def test_a_4xx_answer_is_tried_again_later_under_the_same_name(sink: Sink, verb: str) -> None:
    row = MailRowFactory()
    sink.answers[verb] = ["450 4.2.1 mailbox busy"]
    tasks.send()
    assert outcome() == [("pending", 1, "450 4.2.1 mailbox busy")]
    row.refresh_from_db()
    assert row.leased_until is None
    assert timedelta(seconds=20) < row.next_attempt_at - timezone.now() < timedelta(seconds=40)
    before = len(sink.messages)
    make_due()
    tasks.send()
    assert len(sink.messages) == before + 1
    assert {message["Message-ID"] for message in sink.messages} == {message_id(row.idempotency_key)}
    assert outcome() == [("sent", 2, "")]


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "BODY"])
def test_a_5xx_answer_is_final_and_the_next_mail_goes_all_the_same(sink: Sink, verb: str) -> None:
    MailRowFactory(idempotency_key="bad")
    MailRowFactory(idempotency_key="good")
    sink.answers[verb] = ["550 5.1.1 no such user"]
    tasks.send()
    assert outcome() == [("dead", 1, "550 5.1.1 no such user"), ("sent", 1, "")]
    assert sink.subjects[-1] == "good"


@pytest.mark.parametrize("to", ["not an address", "a@b@c", "x@example.test\nBcc: y@example.test", "", "名字@例子.test"])
def test_an_address_that_no_server_would_take_is_final(sink: Sink, to: str) -> None:
    row = MailRowFactory()
    OutboxRow.objects.filter(pk=row.pk).update(payload=row.payload | {"to": to})
    MailRowFactory(idempotency_key="good")
    tasks.send()
    assert [state for state, *_ in outcome()] == ["dead", "sent"]
    assert sink.subjects == ["good"]


def test_a_connection_that_breaks_is_opened_again_for_the_next(sink: Sink) -> None:
    MailRowFactory(idempotency_key="first")
    MailRowFactory(idempotency_key="second")
    sink.answers["MAIL"] = ["hang up"]
    tasks.send()
    assert [state for state, *_ in outcome()] == ["pending", "sent"]
    assert (sink.subjects, sink.connections) == (["second"], 2)


def test_several_mails_share_one_connection(sink: Sink) -> None:
    for number in range(5):
        MailRowFactory(idempotency_key=f"m{number}")
    tasks.send()
    assert (sink.subjects, sink.connections) == ([f"m{n}" for n in range(5)], 1)


def test_without_a_mail_server_one_row_pays_and_the_rest_just_wait(sink: Sink) -> None:
    for number in range(3):
        MailRowFactory(idempotency_key=f"m{number}")
    sink.answers["CONNECT"] = ["421 4.3.2 shutting down"]
    tasks.send()
    assert [(state, attempts) for state, attempts, _ in outcome()] == [("pending", 1), ("pending", 0), ("pending", 0)]
    assert "421" in outcome()[0][2]
    make_due()
    tasks.send()
    assert [state for state, *_ in outcome()] == ["sent"] * 3


def test_what_fails_every_time_is_given_up(sink: Sink) -> None:
    MailRowFactory(attempts=MAX_ATTEMPTS - 1)
    sink.answers["RCPT"] = ["450 busy"]
    tasks.send()
    assert outcome() == [("dead", MAX_ATTEMPTS, "450 busy")]


def test_what_kills_its_worker_every_time_is_given_up_without_another_try(sink: Sink) -> None:
    MailRowFactory(attempts=MAX_ATTEMPTS)
    tasks.send()
    assert (sink.messages, outcome()) == ([], [("dead", MAX_ATTEMPTS + 1, "the worker died each time")])


def test_a_mail_that_cannot_be_written_is_postponed_and_does_not_stop_the_others(sink: Sink) -> None:
    reader = ReaderFactory()
    broken = NotificationFactory(recipient=reader, params={})  # its title needs a reference
    MailRowFactory(topic="notice", payload={"notification": broken.pk, "recipient": reader.pk})
    MailRowFactory(idempotency_key="good")
    tasks.send()
    assert outcome() == [("pending", 1, "KeyError: 'ref'"), ("sent", 1, "")]
    assert sink.subjects == ["good"]


def test_the_body_is_forgotten_once_it_is_sent(sink: Sink) -> None:
    row = MailRowFactory(
        payload={"to": "a@example.test", "subject": "S", "text": "secret link", "html": "<p>secret link"}
    )
    tasks.send()
    row.refresh_from_db()
    assert row.payload == {"to": "a@example.test", "subject": "S"}


def test_the_same_key_is_queued_once(sink: Sink) -> None:
    reader = ReaderFactory()
    context = {"person": reader, "lines": [], "first": {"title": "A\nBcc: x@example.test"}, "more": 0, "total": 1}
    for _ in range(2):
        send_mail(
            to="a@example.test",
            template="notifications/email/notices",
            context=context,
            language="en",
            idempotency_key="k",
        )
    tasks.send()
    assert sink.subjects == ["A Bcc: x@example.test"]
    assert "x@example.test" not in sink.recipients


def test_old_rows_are_forgotten_dead_ones_stay(sink: Sink) -> None:
    old = timezone.now() - timedelta(days=8)
    MailRowFactory(state="sent", sent_at=old, idempotency_key="old")
    MailRowFactory(state="sent", sent_at=timezone.now(), idempotency_key="new")
    MailRowFactory(state="dead", last_error="550", idempotency_key="dead")
    tasks.prune()
    assert set(OutboxRow.objects.values_list("idempotency_key", flat=True)) == {"new", "dead"}


def test_a_mail_for_later_waits_for_its_hour(sink: Sink) -> None:
    at = timezone.now() + timedelta(hours=3)
    context = {"person": ReaderFactory(), "lines": [], "first": {"title": "Later"}, "more": 0, "total": 1}
    send_mail(
        to="a@example.test",
        template="notifications/email/notices",
        context=context,
        language="en",
        idempotency_key="later",
        not_before=at,
    )
    tasks.send()
    row = OutboxRow.objects.get()
    assert (sink.messages, row.not_before, row.next_attempt_at, row.state) == ([], at, at, "pending")
