"""Mail that comes in: a case, an entry of one, or a note that moves nothing."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from escalations import actions
from escalations.actions.mail_in import MOST_NEW, MOST_NOTES
from escalations.models import Case, CaseLink, InboundMail, ServiceMailbox
from escalations.queries import KIND
from portal.accounts.rules import SYSTEM
from portal.mailbox import actions as mailboxes
from portal.mailbox import intake
from portal.mailbox.models import InboundMessage
from portal.notifications.models import OutboxRow
from sla.models import Clock
from tests.escalations.mailing import age, box, codes, files_root, made, words
from tests.escalations.pages_world import World
from tests.factories.case_mail import ServiceMailboxFactory, case_of, receive
from tests.factories.mailbox import MailboxFactory, message

__all__ = ["box", "files_root", "made"]
pytestmark = pytest.mark.django_db
MING = "Ming Li <ming@guest.example.test>"


def clocks(case: Case) -> dict[str, str]:
    rows = Clock.objects.filter(subject_kind=KIND, subject_id=case.pk)
    return {f"{one.metric}/{one.cycle}": one.state for one in rows.order_by("pk")}


def told() -> list[tuple[str, int]]:
    rows = OutboxRow.objects.filter(topic="fanout").order_by("pk")
    return [(row.payload["kind"], row.payload["case"]) for row in rows if row.payload["kind"].startswith("case.mail")]


def test_a_new_message_becomes_a_case_with_its_words_files_and_clocks(made: World, box: ServiceMailbox) -> None:
    row = receive(box, "The door code fails.\n", subject="Locked out", id="<1@guest>", files={"a.txt": b"log"})
    case = case_of(row)
    assert (case.state, case.subject, case.channel, case.severity, case.service) == (
        "new", "Locked out", "email", 3, made.service,
    )  # fmt: skip
    assert (case.contact_hint, case.site, case.raised_by, case.sensitivity) == (
        "", None, None, "standard",
    )  # fmt: skip
    assert codes(case) == ["opened", "mail.in"]
    assert words(case, "mail.in") == ["The door code fails."]
    mail = InboundMail.objects.get()
    assert (mail.entry.is_internal, mail.entry.direction, mail.is_known, mail.files, mail.held) == (
        True, "in", True, 1, [],
    )  # fmt: skip
    assert clocks(case) == {"first_response/1": "running", "resolution/1": "running"}
    assert case.opened_at == row.received_at


def test_a_mail_without_a_subject_has_one(box: ServiceMailbox) -> None:
    assert case_of(receive(box, "\n\nFirst line\nSecond", subject="")).subject == "First line"
    assert case_of(receive(box, "", subject="", headers={"X-Nr": "2"})).subject == "Message without words"


def test_a_site_that_a_mailbox_names_reads_the_subject_and_no_word_of_the_mail(
    made: World, box: ServiceMailbox
) -> None:
    box.site = made.site
    box.save()
    case = case_of(receive(box, "zqsecret in one line", subject=""))
    assert (case.subject, case.site) == ("Message without words", made.site)
    client, queue = made.client("lead"), reverse("escalations:queue")
    pages = [client.get(url).content.decode() for url in (f"/cases/{case.ref}/", queue, f"{queue}?q=zqsecret")]
    assert [case.ref in page for page in pages] == [True, True, False]
    assert not any("zqsecret in one" in page for page in pages)
    assert case_of(receive(box, "zqsecret", subject="The door", id="<2@guest>")).subject == "The door"


def test_an_archived_service_begins_no_case_and_says_so_at_once(made: World, box: ServiceMailbox) -> None:
    case = case_of(receive(box, "One", id="<1@guest>"))
    actions.archive_service(actor=made.actor("administrator"), service_id=made.service.pk)
    row = receive(box, "Two", id="<2@guest>")
    assert (row.state, row.attempts, row.last_error) == (
        "failed", 1, "the service of this mailbox is archived: bring it back, or give the mailbox to another one",
    )  # fmt: skip
    assert case_of(receive(box, "Three", headers={"In-Reply-To": "<1@guest>"})) == case, "what it has goes on"
    actions.archive_service(actor=made.actor("administrator"), service_id=made.service.pk, archived=False)
    mailboxes.retry(actor=made.actor("administrator"), message_id=row.pk)
    while intake.handle_one():
        pass
    row.refresh_from_db()
    assert case_of(row) != case


@pytest.mark.parametrize("by", ["answer", "subject", "address"])
def test_a_reply_becomes_an_entry_that_starts_the_clock(box: ServiceMailbox, by: str) -> None:
    case = case_of(receive(box, "One", id="<1@guest>"))
    actions.set_state(actor=SYSTEM, ref=case.pk, verb="wait_customer")
    how = {
        "answer": {"headers": {"In-Reply-To": "<1@guest>"}},
        "subject": {"subject": f"Re: [{case.ref}] Locked out"},
        "address": {"to": f"care+{case.ref.lower()}@portal.example.test"},
    }[by]
    assert case_of(receive(box, "Two\n\nOn Sun, you wrote:\n> Old words", id="<2@guest>", **how)) == case
    case.refresh_from_db()
    assert words(case, "mail.in") == ["One", "Two"]
    assert InboundMail.objects.get(entry__body__text="Two").quoted.endswith("> Old words")
    assert (case.state, clocks(case)["next_reply/1"]) == ("in_progress", "running")
    assert told() == [("case.mail_in", case.pk)]


@pytest.mark.parametrize(
    "machine", [{"headers": {"Auto-Submitted": "auto-replied"}}, {"sender": "mailer-daemon@mx.test"}]
)
def test_who_says_that_they_are_a_machine_buries_nobody_either(box: ServiceMailbox, machine: dict[str, Any]) -> None:
    case = case_of(receive(box, "Locked out", sender=MING))
    for number in range(MOST_NOTES):
        receive(box, f"Away {number}", **{"sender": "s@else.example.test", "subject": f"[{case.ref}]"} | machine)
    beyond = receive(box, "One more", **{"sender": "s@else.example.test", "subject": f"[{case.ref}]"} | machine)
    assert (beyond.state, codes(case)[2:].count("mail.stranger"), len(codes(case))) == ("failed", 0, MOST_NOTES + 2)
    own = {"sender": MING, "subject": f"[{case.ref}]", "headers": {"Auto-Submitted": "auto-replied"}}
    assert receive(box, "I am away", **own).state == "done", "who is known goes on"
    letter = actions.send_mail(
        actor=SYSTEM, ref=case.pk, to="ming@guest.example.test", subject="x", text="x", once=uuid4()
    )
    back = {"headers": {"In-Reply-To": letter.mail_out.message_id}, "sender": "MAILER-DAEMON@mx.test"}
    assert receive(box, "550 unknown", **back).state == "done", "a letter of ours that comes back is always told"
    assert receive(box, "550 unknown, once more", **back).state == "failed"


def test_the_notes_of_who_is_known_use_up_nobodys_room(box: ServiceMailbox) -> None:
    case = case_of(receive(box, "Locked out", sender=MING))
    for number in range(MOST_NOTES):
        own = {"sender": MING, "subject": f"[{case.ref}]", "headers": {"Auto-Submitted": "auto-replied"}}
        receive(box, f"Away {number}", **own)
    assert receive(box, "Look", subject=f"[{case.ref}]", sender="s@else.example.test").state == "done"


def test_a_stranger_with_a_reference_leaves_a_note_that_moves_nothing(box: ServiceMailbox) -> None:
    case = case_of(receive(box, "One", id="<1@guest>"))
    actions.set_state(actor=SYSTEM, ref=case.pk, verb="wait_customer")
    before = clocks(case)
    mails = OutboxRow.objects.exclude(topic="fanout").count()
    row = receive(box, "Give me the money", sender="eve@evil.test", headers={"In-Reply-To": "<1@guest>"})
    case.refresh_from_db()
    assert (case_of(row), case.state, clocks(case)) == (case, "waiting_customer", before)
    entry = InboundMail.objects.get(message=row).entry
    assert (entry.kind, entry.code, entry.is_internal, entry.direction) == ("note", "mail.stranger", True, "")
    assert OutboxRow.objects.exclude(topic="fanout").count() == mails, "nobody is answered by machine"
    # They are no better known afterwards.
    receive(box, "Again", sender="eve@evil.test", subject=f"[{case.ref}]")
    assert codes(case).count("mail.stranger") == 2


def test_an_unknown_reference_opens_a_case_like_none(box: ServiceMailbox) -> None:
    for number, subject in enumerate(("[EC-999999] x", "[AR-1] x", "[EC-999999999999] x")):
        case = case_of(receive(box, "Hello", subject=subject, headers={"X-Nr": str(number)}))
        assert (case.subject, codes(case)) == (subject, ["opened", "mail.in"])


def test_whom_the_case_is_in_touch_with_is_known(made: World, box: ServiceMailbox) -> None:
    case = made.case(contact_hint="by mail, Ming.LI@guest.example.test (evenings)")
    receive(box, "It is me", sender="ming.li@GUEST.example.test", subject=f"[{case.ref}]")
    assert codes(case)[-1] == "mail.in"


@pytest.mark.parametrize("headers", [{"Auto-Submitted": "auto-replied"}, {"Precedence": "bulk"}])
def test_an_automatic_reply_is_a_note_and_starts_no_clock(box: ServiceMailbox, headers: dict[str, str]) -> None:
    case = case_of(receive(box, "One", id="<1@guest>"))
    actions.log_contact(
        actor=SYSTEM, ref=case.pk, channel="email", direction="out", outcome="sent", text="We look into it"
    )
    actions.set_state(actor=SYSTEM, ref=case.pk, verb="wait_customer")
    before = clocks(case)
    receive(box, "I am away", headers=headers | {"In-Reply-To": "<1@guest>"})
    case.refresh_from_db()
    assert (codes(case)[-1], case.state, clocks(case)) == ("mail.automatic", "waiting_customer", before)


@pytest.mark.parametrize("state", ["wait_customer", "resolve"])
def test_an_answer_that_a_list_hands_on_is_an_answer(box: ServiceMailbox, state: str) -> None:
    """A support address behind a group: each of its mails says that it came through a list."""
    group = {"List-Id": "<care.shop.example.test>", "Precedence": "list"}
    case = case_of(receive(box, "One", id="<1@guest>", sender=MING, headers=group))
    actions.set_state(actor=SYSTEM, ref=case.pk, verb=state)
    away = group | {"In-Reply-To": "<1@guest>", "Auto-Submitted": "auto-replied"}
    receive(box, "I am away", sender=MING, headers=away)
    case.refresh_from_db()
    assert (codes(case)[-1], case.state in ("waiting_customer", "resolved"), told()) == ("mail.automatic", True, [])
    receive(box, "It still fails", sender=MING, headers=group | {"In-Reply-To": "<1@guest>"})
    case.refresh_from_db()
    assert (words(case, "mail.in"), case.state) == (["One", "It still fails"], "in_progress")
    assert told() == [("case.mail_in", case.pk)]


def test_a_bounce_that_answers_nothing_of_ours_is_kept_and_opens_nothing(box: ServiceMailbox) -> None:
    row = receive(box, "550 unknown", sender="MAILER-DAEMON@mx.example.test")
    assert (row.state, row.subject_type, row.automatic, Case.objects.count()) == ("done", "", "bounce", 0)


def test_a_reply_to_a_solved_case_opens_it_again_for_14_days(box: ServiceMailbox) -> None:
    case = case_of(receive(box, "One", id="<1@guest>"))
    actions.set_state(actor=SYSTEM, ref=case.pk, verb="resolve")
    actions.set_state(actor=SYSTEM, ref=case.pk, verb="close")
    age(case, 13)
    receive(box, "Not solved", headers={"In-Reply-To": "<1@guest>"})
    case.refresh_from_db()
    assert (case.state, case.cycle, clocks(case)["first_response/2"]) == ("in_progress", 2, "running")


@pytest.mark.parametrize("sensitivity", ["standard", "confidential", "restricted"])
def test_later_it_opens_another_case_as_protected_as_the_old_one(
    made: World, box: ServiceMailbox, sensitivity: str
) -> None:
    case = case_of(receive(box, "One", id="<1@guest>"))
    lead = made.users["service_lead"]
    actions.assign(actor=SYSTEM, ref=case.pk, owner_id=lead.pk)
    if sensitivity != "standard":
        actions.set_sensitivity(actor=SYSTEM, ref=case.pk, sensitivity=sensitivity)
    actions.set_state(actor=SYSTEM, ref=case.pk, verb="resolve")
    actions.set_state(actor=SYSTEM, ref=case.pk, verb="close")
    age(case, 15)
    then = codes(case)
    new = case_of(receive(box, "Once more", headers={"In-Reply-To": "<1@guest>"}))
    assert (new != case, new.sensitivity, codes(case)) == (True, sensitivity, [*then, "link.followed"])
    assert codes(new)[:3] == ["opened", "mail.in", "link.follows"]
    assert new.entries.get(code="link.follows").params == {"case": case.pk}
    assert CaseLink.objects.values_list("case_a", "case_b", "kind", "b_follows").get() == (
        case.pk,
        new.pk,
        "follow_on",
        True,
    )
    assert new.grants.filter(user=lead).exists() == (sensitivity == "restricted")


def test_mail_to_a_merged_or_rejected_case_goes_on_where_the_matter_does(box: ServiceMailbox) -> None:
    one, two = (case_of(receive(box, "One", id=f"<{n}@guest>", sender=f"g{n}@guest.test")) for n in (1, 2))
    actions.merge(actor=SYSTEM, source=one.pk, target=two.pk, reason="Same guest")
    assert case_of(receive(box, "More", sender="g1@guest.test", headers={"In-Reply-To": "<1@guest>"})) == two
    assert words(two, "mail.in") == ["One", "More"]
    second = ServiceMailboxFactory(service=box.service)
    assert case_of(receive(second, "One", id="<1@guest>", sender="g1@guest.test")) == two
    assert words(two, "mail.in") == ["One", "More"], "what is there already is not there twice"
    actions.set_state(actor=SYSTEM, ref=two.pk, verb="reject", reject_reason="spam")
    new = case_of(receive(box, "Even more", sender="g1@guest.test", headers={"In-Reply-To": "<1@guest>"}))
    assert (new not in {one, two}, codes(new)) == (True, ["opened", "mail.in", "link.follows"])


def test_two_hundred_messages_from_one_sender_are_all_kept_and_open_so_many_cases(box: ServiceMailbox) -> None:
    for number in range(200):
        receive(box, f"Buy {number}", sender="bomb@evil.test", id=f"<{number}@evil>")
    assert Case.objects.count() == MOST_NEW
    assert InboundMessage.objects.count() == 200
    waiting = InboundMessage.objects.filter(state="failed")
    assert set(waiting.values_list("last_error", flat=True)) == {
        "more than 50 new cases from this sender within an hour"
    }
    assert case_of(receive(box, "Mine", id="<x@guest>")), "nobody else is held up"
    threaded = receive(box, "More", sender="bomb@evil.test", headers={"In-Reply-To": "<3@evil>"})
    assert threaded.state == "done", "a thread goes on"


def test_mail_of_a_mailbox_that_is_nobodys_waits_for_a_service(made: World) -> None:
    mailbox = MailboxFactory(handler="case")
    unbound = ServiceMailbox(service=made.service, mailbox=mailbox)
    row = receive(unbound, "One")
    assert (row.state, row.last_error) == ("failed", "no service takes the mail of this mailbox yet")
    unbound.save()
    assert mailboxes.hand_on_again(mailbox.pk) == 1
    assert case_of(receive(unbound, "Two", id="<2@guest>"))
    assert Case.objects.count() == 2


def test_a_thread_that_came_in_one_go_is_one_case(box: ServiceMailbox) -> None:
    for text, headers in (("One", {"Message-ID": "<1@g>"}), ("Two", {"Message-ID": "<2@g>", "In-Reply-To": "<1@g>"})):
        intake.keep(box.mailbox, message(text, headers=headers))
    while intake.handle_one():
        pass
    assert words(Case.objects.get(), "mail.in") == ["One", "Two"]


def test_strangers_bury_nobody_under_notes(box: ServiceMailbox) -> None:
    case, other = (case_of(receive(box, "Locked out", subject=f"Door {n}", sender=MING)) for n in (1, 2))
    for number in range(MOST_NOTES):
        receive(box, f"Look {number}", subject=f"Re: [{case.ref}]", sender=f"s{number}@else.example.test")
    beyond = receive(box, "One more", subject=f"Re: [{case.ref}]", sender="late@else.example.test")
    assert (beyond.state, codes(case).count("mail.stranger")) == ("failed", MOST_NOTES)
    assert "more than 20 notes from unknown addresses" in beyond.last_error
    assert receive(box, "It is me", subject=f"Re: [{case.ref}]", sender=MING).state == "done", "who is known goes on"
    receive(box, "Look", subject=f"Re: [{other.ref}]", sender="late@else.example.test")
    assert codes(other).count("mail.stranger") == 1
    with time_machine.travel(timezone.now() + timedelta(days=1, minutes=1), tick=False):
        again = receive(box, "Next day", subject=f"Re: [{case.ref}]", sender="late@else.example.test")
    assert again.state == "done"
