"""What of a case's mail stays inside: who hears of it, and whose address is shown to whom."""

from base64 import b64encode
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from escalations import actions
from escalations.models import Case, CaseGrant, ServiceMailbox
from escalations.queries import mail as mails
from portal.accounts.rules import SYSTEM
from portal.audit.models import AuditEntry
from portal.mailbox import actions as mailboxes
from portal.mailbox import intake
from portal.mailbox.models import InboundMessage
from portal.notifications import queries as inbox
from portal.notifications import tasks
from portal.notifications.models import Notification
from tests.escalations.mailing import box, codes, files_root, made
from tests.escalations.pages_world import World
from tests.factories.case_mail import ServiceMailboxFactory, case_of, receive

__all__ = ["box", "files_root", "made"]
pytestmark = pytest.mark.django_db


def test_a_partner_who_watches_a_case_hears_of_no_internal_entry(made: World, box: ServiceMailbox) -> None:
    box.site = made.site
    box.save()
    case = case_of(receive(box, "One", id="<1@guest>"))
    actions.assign(actor=made.actor("service_lead"), ref=case.pk, owner_id=made.users["associate"].pk)
    for who in ("lead", "coordinator"):
        actions.watch(actor=made.actor(who), ref=case.pk)
    receive(box, "Two", headers={"In-Reply-To": "<1@guest>"})
    tasks.fan_out()
    told = Notification.objects.filter(kind="case.mail_in")
    assert set(told.values_list("recipient__name", flat=True)) == {"Associate", "Coordinator"}
    line = told[0]
    line.pk, line.recipient = None, made.users["lead"]
    line.save()
    for who, lines in (("lead", 0), ("coordinator", 1)):
        rows = inbox.inbox_of(made.actor(who)).filter(kind="case.mail_in")
        assert len(inbox.shown(made.actor(who), list(rows))) == lines


def test_the_address_of_a_customer_is_no_detail_that_partners_read(made: World, box: ServiceMailbox) -> None:
    box.site = made.site
    box.save()
    case = case_of(receive(box, "One", sender="ming@guest.test"))
    assert case.contact_hint == ""
    assert (mails.known_addresses(case), mails.latest_address(made.actor("associate"), case)) == (
        {"ming@guest.test"}, "ming@guest.test",
    )  # fmt: skip
    assert "ming@guest.test" not in made.client("lead").get(f"/cases/{case.ref}/").content.decode()


def test_a_mail_is_addressed_from_what_its_writer_may_read(made: World, box: ServiceMailbox) -> None:
    hidden = case_of(receive(box, "Secret", sender="hidden@guest.test", id="<1@g>"))
    actions.set_sensitivity(actor=SYSTEM, ref=hidden.pk, sensitivity="confidential")
    case = made.case(service_id=made.other_service.pk)
    actions.merge(actor=SYSTEM, source=hidden.pk, target=case.pk, reason="Same guest")
    assert mails.latest_address(made.actor("other_associate"), case) == ""
    assert mails.latest_address(SYSTEM, case) == "hidden@guest.test"
    assert "hidden@guest.test" in mails.known_addresses(case), "answers still find in"
    own = case_of(receive(box, "Open", sender="own@guest.test", id="<2@g>"))
    later = case_of(receive(box, "Later", sender="later@guest.test", id="<3@g>"))
    actions.merge(actor=SYSTEM, source=later.pk, target=own.pk, reason="Same guest")
    assert mails.latest_address(made.actor("associate"), own) == "own@guest.test"


def ended(made: World, box: ServiceMailbox, sensitivity: str, owner: str = "") -> Case:
    """A sensitive case that began with a mail and was rejected."""
    case = case_of(receive(box, "One", id="<old@guest>"))
    if owner:
        actions.assign(actor=SYSTEM, ref=case.pk, owner_id=made.users[owner].pk)
    actions.set_sensitivity(actor=SYSTEM, ref=case.pk, sensitivity=sensitivity)
    actions.set_state(actor=SYSTEM, ref=case.pk, verb="reject", reject_reason="spam")
    return case


def test_a_stranger_who_names_an_ended_case_begins_one_like_any_other(made: World, box: ServiceMailbox) -> None:
    case = ended(made, box, "confidential")
    new = case_of(receive(box, "Me too", sender="eve@evil.test", subject=f"[{case.ref}]"))
    assert (new != case, new.sensitivity, codes(new)) == (True, "standard", ["opened", "mail.in"])


def test_who_was_let_in_keeps_access_to_what_follows_and_hears_of_it(made: World, box: ServiceMailbox) -> None:
    case = ended(made, box, "restricted", owner="service_lead")
    users, until = made.users, timezone.now() + timedelta(days=3)
    CaseGrant.objects.create(case=case, user=users["associate"], kind="grant", expires_at=until)
    CaseGrant.objects.create(case=case, user=users["manager"], kind="break_glass", expires_at=until, reason="Urgent")
    new = case_of(receive(box, "Once more", headers={"In-Reply-To": "<old@guest>"}))
    held = dict(new.grants.values_list("user_id", "expires_at"))
    assert (new.sensitivity, held) == ("restricted", {users["service_lead"].pk: None, users["associate"].pk: until})
    tasks.fan_out()
    told = Notification.objects.filter(kind="case.mail_in", subject_ids__contains=[new.pk])
    assert set(told.values_list("recipient__name", flat=True)) == {"Service Lead"}


def test_what_nobody_could_see_is_confidential_instead(made: World, box: ServiceMailbox) -> None:
    ended(made, box, "restricted")
    new = case_of(receive(box, "Once more", headers={"In-Reply-To": "<old@guest>"}))
    assert (new.sensitivity, new.grants.count()) == ("confidential", 0)


def test_a_thread_goes_on_after_its_mailbox_was_taken_from_the_service(box: ServiceMailbox) -> None:
    case = case_of(receive(box, "One", id="<1@guest>"))
    box.delete()
    assert case_of(receive(box, "Two", headers={"In-Reply-To": "<1@guest>"})) == case
    assert receive(box, "Three", headers={"X-Nr": "3"}).last_error == "no service takes the mail of this mailbox yet"


def test_a_message_in_trouble_about_a_sensitive_case_is_not_read_by_administrators(
    made: World, box: ServiceMailbox
) -> None:
    hidden, plain = (case_of(receive(box, "One", id=f"<{n}@guest>")) for n in (1, 2))
    actions.set_sensitivity(actor=SYSTEM, ref=hidden.pk, sensitivity="confidential")
    raw = []
    for case in (hidden, plain):
        row = receive(box, "zqtext", subject=f"[{case.ref}] zq{case.pk}subject", sender=f"zq{case.pk}@guest.test")
        InboundMessage.objects.filter(pk=row.pk).update(state="failed", handled_at=None, last_error="broken")
        raw.append(row.raw_id)
    client = made.client("administrator")
    page = client.get("/mailboxes/messages/").content.decode()
    assert (f"zq{hidden.pk}" in page, f"zq{plain.pk}subject" in page) == (False, True)
    assert [str(one) in page for one in raw] == [False, True]
    answers = [client.get(f"/files/{one}/") for one in raw]
    assert [one.status_code for one in answers] == [404, 200]
    assert b"zqtext" in answers[1].getvalue()
    answers[1].close()


def seen(made: World, row: InboundMessage) -> tuple[bool, int]:
    """Whether an administrator reads a message in trouble, and what its file answers."""
    client = made.client("administrator")
    page, answer = client.get("/mailboxes/messages/").content.decode(), client.get(f"/files/{row.raw_id}/")
    assert f'id="mail-{row.pk}"' in page
    b"".join(answer)  # to its end, where it is closed
    return "zqsubject" in page or "zq@guest.test" in page or str(row.raw_id) in page, answer.status_code


BANNER = "Mail from outside!\n\nzqtext"
COPY = {"id": "<1@guest>", "sender": "zq@guest.test", "subject": "zqsubject"}


def test_a_copy_that_was_not_known_as_one_is_as_hidden_as_its_case(made: World, box: ServiceMailbox) -> None:
    second, elsewhere = (ServiceMailboxFactory(service=one) for one in (made.service, made.other_service))
    desk = ServiceMailboxFactory(service=made.service, mailbox__handler="test.desk")
    other, case = (case_of(receive(one, "zqtext", **COPY)) for one in (elsewhere, box))
    row = receive(second, BANNER, **COPY)
    InboundMessage.objects.filter(pk=receive(desk, BANNER, **COPY).pk).update(state="failed")
    assert (row.state, row.reference, row.answers, seen(made, row)) == ("failed", "", [], (True, 200))
    for one in (other, case):
        actions.set_sensitivity(actor=SYSTEM, ref=one.pk, sensitivity="confidential")
        assert seen(made, row) == (False, 404), one.service
        actions.set_sensitivity(actor=SYSTEM, ref=one.pk, sensitivity="standard")


def test_what_answers_a_mail_to_two_services_is_as_hidden_as_each_of_their_cases(
    made: World, box: ServiceMailbox
) -> None:
    elsewhere = ServiceMailboxFactory(service=made.other_service)
    cases = [case_of(receive(one, "One", id="<1@guest>")) for one in (box, elsewhere)]
    row = receive(elsewhere, "zqtext", id="<2@guest>", subject="zqsubject", headers={"In-Reply-To": "<1@guest>"})
    assert case_of(row) == cases[1]
    InboundMessage.objects.filter(pk=row.pk).update(state="failed", handled_at=None, last_error="broken")
    assert seen(made, row) == (True, 200)
    for one in cases:
        actions.set_sensitivity(actor=SYSTEM, ref=one.pk, sensitivity="confidential")
        assert seen(made, row) == (False, 404), one.service
        actions.set_sensitivity(actor=SYSTEM, ref=one.pk, sensitivity="standard")


def test_what_is_hidden_is_looked_up_by_an_index(made: World, box: ServiceMailbox) -> None:
    """The only index with the names begins with the mailbox; what is joined may be read whole. With few rows no plan says so."""
    case_of(receive(box, "zqtext", **COPY))
    with CaptureQueriesContext(connection) as caught:
        assert mails.hidden_among({"EC-1", "<1@guest>"}) == set()
    [sql] = [one["sql"] for one in caught.captured_queries if '"fingerprint" IN' in one["sql"]]
    assert ('"mailbox_id" IN' in sql, "JOIN" in sql) == (True, False), sql


def test_removing_words_reaches_copies_that_nobody_took(made: World, box: ServiceMailbox) -> None:
    second = ServiceMailboxFactory(service=made.service)
    case = case_of(receive(box, "zqtext", **COPY))
    row = receive(second, BANNER, **COPY)
    hollowed = b"From: zq@guest.test\r\nSubject: zqsubject\r\nMessage-ID: <1@guest>"
    torn = intake.keep(second.mailbox, hollow(hollowed.decode()))
    bob = receive(second, "Bob", id="<1@guest>", sender="bob@guest.test")
    assert [one.state for one in (row, torn, bob)] == ["failed", "unparsed", "failed"]
    assert seen(made, row) == (True, 200)
    actions.redact_entry(actor=made.actor("service_lead"), ref=case.pk, entry_id=case.entries.get(code="mail.in").pk)
    assert [seen(made, one) for one in (row, torn)] == [(False, 404)] * 2
    bob.refresh_from_db()
    assert bob.hidden_for == "", "another message under the same Message-ID is none of it"
    trail = AuditEntry.objects.filter(verb="mail.hidden").order_by("subject_id")
    assert list(trail.values_list("subject_id", "actor_id")) == [(row.pk, None), (torn.pk, None)]
    mailboxes.retry(actor=made.actor("administrator"), message_id=row.pk)
    while intake.handle_one():
        pass
    row.refresh_from_db()
    assert (case_of(row), row.text, row.raw) == (case, "", None), "tried again it is known as a copy"


def hollow(head: str) -> bytes:
    """A mail of more parts than are read."""
    parts = b"--b\r\n\r\nzqpart\r\n" * 400
    return f"{head}\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n".encode() + parts


@pytest.mark.parametrize("by", ["subject", "encoded", "address", "answer", "references", "too large"])
def test_what_cannot_be_read_is_hidden_by_its_head(made: World, box: ServiceMailbox, by: str) -> None:
    hidden, plain = (case_of(receive(box, "One", id=f"<{n}@guest>")) for n in (1, 2))
    actions.set_sensitivity(actor=SYSTEM, ref=hidden.pk, sensitivity="confidential")
    rows = []
    for number, case in enumerate((hidden, plain), 1):
        said = {
            "subject": f"Subject: zqs [{case.ref}]",
            "encoded": "Subject: =?utf-8?b?" + b64encode(f"zqs [{case.ref}] 退款".encode()).decode() + "?=",
            "address": f"Subject: zqs\r\nTo: A <care+{case.ref.lower()}@portal.example.test>, b@c.test",
            "answer": f"Subject: zqs\r\nIn-Reply-To: <{number}@guest>",
            "references": f"Subject: zqs\r\nReferences: <0@x>\r\n <{number}@guest>",
            "too large": f"Subject: zqs [{case.ref}]",
        }[by]
        raw = hollow(f"From: Zq <zq{number}@guest.test>\r\n{said}")
        rows.append(intake.keep(box.mailbox, raw, cut_off=by == "too large"))
    client = made.client("administrator")
    page = client.get("/mailboxes/messages/").content.decode()
    assert ("zq1@guest.test" in page, "zq2@guest.test" in page, page.count("zqs")) == (False, True, 1)
    assert [str(one.raw_id) in page for one in rows] == [False, True]
    answers = [client.get(f"/files/{one.raw_id}/") for one in rows]
    assert [one.status_code for one in answers] == [404, 200]
    answers[1].close()


@pytest.mark.parametrize("raw", [b"zqno mail at all", b"X: %s\r\nSubject: zq\r\n\r\nx" % (b"x" * 200_000)])
def test_what_has_not_even_a_head_that_can_be_read_is_shown_to_nobody(
    made: World, box: ServiceMailbox, raw: bytes
) -> None:
    row, client = intake.keep(box.mailbox, raw), made.client("administrator")
    page = client.get("/mailboxes/messages/").content.decode()
    assert (f'id="mail-{row.pk}"' in page, str(row.raw_id) in page, "zq" in page) == (True, False, False)
    assert client.get(f"/files/{row.raw_id}/").status_code == 404
