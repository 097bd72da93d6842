"""One message through several mailboxes: one entry, words kept once, one case; and what only says that it is the same."""

from uuid import uuid4

import pytest

from escalations import actions
from escalations.models import Case, CaseLink, InboundMail, ServiceMailbox
from escalations.queries import KIND
from portal.accounts.rules import SYSTEM
from portal.files import queries
from portal.mailbox import actions as boxes
from portal.mailbox.models import InboundMessage
from sla.models import Clock
from tests.escalations.mailing import age, box, files_root, made, words
from tests.escalations.pages_world import World
from tests.factories.case_mail import ServiceMailboxFactory, case_of, receive

__all__ = ["box", "files_root", "made"]
pytestmark = pytest.mark.django_db
MING = "Ming Li <ming@guest.example.test>"


def test_the_same_message_makes_one_entry_however_often_and_through_whichever_mailbox_it_comes(
    made: World, box: ServiceMailbox
) -> None:
    second = ServiceMailboxFactory(service=made.service)
    elsewhere = ServiceMailboxFactory(service=made.other_service)
    first = case_of(receive(box, "One", id="<1@guest>"))
    assert receive(box, "One", id="<1@guest>").pk == InboundMessage.objects.order_by("pk")[0].pk
    assert case_of(receive(second, "One", id="<1@guest>")) == first
    foreign = case_of(receive(elsewhere, "One", id="<1@guest>"))
    assert foreign != first
    answer = {"id": "<2@guest>", "headers": {"References": "<1@guest>"}}
    for one, case in ((box, first), (second, first), (elsewhere, foreign)):
        assert case_of(receive(one, "Two", **answer)) == case
    assert words(first, "mail.in") == words(foreign, "mail.in") == ["One", "Two"]


def test_a_copy_through_another_mailbox_keeps_no_words_of_its_own(made: World, box: ServiceMailbox) -> None:
    second, more = ServiceMailboxFactory(service=made.service), {"id": "<1@guest>", "files": {"a.txt": b"log"}}
    first = receive(box, "Secret", **more)
    copy = receive(second, "Secret", **more)
    assert (case_of(copy), copy.text, copy.subject, copy.html, copy.raw) == (case_of(first), "", "", "", None)
    assert queries.files_of("mailbox.message", [copy.pk]) == {}
    assert (first.text, first.raw_id is not None, InboundMail.objects.get().files) == ("Secret", True, 1)


@pytest.mark.parametrize(
    "other", [{"sender": "eve@else.test"}, {"sender": MING, "text": "Another matter."}], ids=["sender", "words"]
)
def test_another_message_under_the_same_id_is_shown_and_not_lost(
    made: World, box: ServiceMailbox, other: dict[str, str]
) -> None:
    second = ServiceMailboxFactory(service=made.service)
    first = case_of(receive(box, "One", id="<1@localhost>", sender=MING))
    row = receive(second, **{"text": "One", "id": "<1@localhost>", **other})
    assert (row.state, row.last_error) == ("failed", "another message has the same Message-ID")
    assert (row.text, row.raw_id is not None) == (other.get("text", "One"), True)
    assert words(first, "mail.in") == ["One"]


def test_another_message_under_the_same_id_in_the_same_mailbox_is_shown_as_well(box: ServiceMailbox) -> None:
    form = {"id": "<form@shop>", "sender": "form@shop.example.test"}
    ann = case_of(receive(box, "Ann books a room", **form))
    bob = receive(box, "Bob books a room", **form)
    assert (bob.state, bob.last_error, bob.text) == (
        "failed", "another message has the same Message-ID", "Bob books a room",
    )  # fmt: skip
    assert receive(box, "Bob books a room", **form) == bob
    assert receive(box, "Ann books a room\n\nYou get this as a member.", **form).pk < bob.pk
    assert (Case.objects.get(), words(ann, "mail.in")) == (ann, ["Ann books a room"])


def test_what_has_no_words_is_a_copy_only_with_the_same_files(made: World, box: ServiceMailbox) -> None:
    second = ServiceMailboxFactory(service=made.service)
    scan = {"text": "", "id": "<scan@printer>", "subject": "Scan"}
    first = case_of(receive(box, files={"scan.txt": b"one"}, **scan))
    other = receive(second, files={"scan.txt": b"another"}, **scan)
    assert (other.state, other.raw_id is not None) == ("failed", True)
    assert len(queries.files_of("mailbox.message", [other.pk])[str(other.pk)]) == 2, "itself and its file"
    third = ServiceMailboxFactory(service=made.service)
    assert case_of(receive(third, files={"scan.txt": b"one"}, **scan)) == first


def test_a_message_to_two_services_is_one_case_of_each(made: World, box: ServiceMailbox) -> None:
    elsewhere, second = (ServiceMailboxFactory(service=one) for one in (made.other_service, made.service))
    first, *own = (case_of(receive(one, "One", id="<1@guest>")) for one in (elsewhere, box, second))
    assert (first.service, [one.service for one in own]) == (made.other_service, [made.service] * 2)
    assert (own[0], Case.objects.count()) == (own[1], 2)


def test_what_a_customer_adds_to_a_mail_to_two_services_goes_to_the_one_that_they_add_it_for(
    made: World, box: ServiceMailbox
) -> None:
    elsewhere = ServiceMailboxFactory(service=made.other_service)
    first, second = (case_of(receive(one, "One", id="<1@guest>")) for one in (box, elsewhere))
    own = {"headers": {"In-Reply-To": "<1@guest>"}}
    assert case_of(receive(elsewhere, "For you alone", id="<2@guest>", **own)) == second
    assert (words(first, "mail.in"), words(second, "mail.in")) == (["One"], ["One", "For you alone"])
    assert Clock.objects.filter(subject_kind=KIND, subject_id=second.pk, metric="next_reply").exists()
    again = {"headers": {"In-Reply-To": "<2@guest>", "References": "<1@guest> <2@guest>"}}
    assert case_of(receive(box, "And for you", id="<3@guest>", **again)) == first
    letter = actions.send_mail(
        actor=SYSTEM, ref=first.pk, to="ming@guest.example.test", subject="x", text="x", once=uuid4()
    )
    ours = {"headers": {"In-Reply-To": letter.mail_out.message_id, "References": "<1@guest>"}}
    assert case_of(receive(elsewhere, "Thank you", sender=MING, id="<4@guest>", **ours)) == first, (
        "it answers the letter"
    )
    only = case_of(receive(box, "A", id="<5@guest>"))
    assert case_of(receive(elsewhere, "B", id="<6@guest>", headers={"In-Reply-To": "<5@guest>"})) == only


def test_a_copy_goes_where_the_first_one_went_after_that_case_moved_to_another_service(
    made: World, box: ServiceMailbox
) -> None:
    second = ServiceMailboxFactory(service=made.service)
    case = case_of(receive(box, "One", id="<1@guest>"))
    Case.objects.filter(pk=case.pk).update(service=made.other_service)
    assert case_of(receive(second, "One", id="<1@guest>")) == case
    assert Case.objects.count() == 1


def test_a_copy_with_the_footer_of_a_list_is_a_copy(made: World, box: ServiceMailbox) -> None:
    second = ServiceMailboxFactory(service=made.service)
    first = receive(box, "One", id="<1@guest>")
    copy = receive(second, "One\n\nYou get this as a member.", id="<1@guest>")
    assert (case_of(copy), copy.text) == (case_of(first), "")


def test_removing_words_reaches_copies_that_came_before_but_no_entry_of_another_service(
    made: World, box: ServiceMailbox
) -> None:
    second, elsewhere = (ServiceMailboxFactory(service=one) for one in (made.service, made.other_service))
    first, copy, other = (receive(one, "Secret", id="<1@guest>") for one in (box, second, elsewhere))
    InboundMessage.objects.filter(pk=copy.pk).update(text="Secret", subject="Secret")
    entry = case_of(first).entries.get(code="mail.in")
    actions.redact_entry(actor=made.actor("service_lead"), ref=case_of(first).pk, entry_id=entry.pk)
    texts = dict(InboundMessage.objects.values_list("pk", "text"))
    assert texts == {first.pk: "", copy.pk: "", other.pk: "Secret"}


def test_a_copy_without_a_date_brings_no_removed_words_back(made: World, box: ServiceMailbox) -> None:
    second, third = (ServiceMailboxFactory(service=made.service) for _ in range(2))
    secret = {"text": "Secret", "id": "<1@guest>", "date": ""}
    first, copy = receive(box, **secret), receive(second, **secret)
    assert receive(second, headers={"Received": "by mx.test"}, **secret) == copy, "emptied, and read anew"
    banner = receive(third, **{**secret, "text": "Mail from outside!\n\nSecret"})
    assert (case_of(copy), banner.state) == (case_of(first), "failed")
    entry = case_of(first).entries.get(code="mail.in")
    actions.redact_entry(actor=made.actor("service_lead"), ref=case_of(first).pk, entry_id=entry.pk)
    boxes.retry(actor=made.actor("administrator"), message_id=banner.pk)
    late = receive(ServiceMailboxFactory(service=made.service), **secret)
    assert receive(box, headers={"Received": "by mx.test"}, **secret) == first, "the folder was made anew"
    banner.refresh_from_db()
    kept = [(case_of(one), one.text, one.raw) for one in (late, banner)]
    assert kept == [(case_of(first), "", None)] * 2
    assert InboundMessage.objects.count() == 4
    other = receive(second, sender="eve@else.test", **secret)
    assert (other.state, other.text) == ("failed", "Secret"), "another message is none of it"


FORM = {"id": "<form@shop>", "sender": "form@shop.example.test", "date": "", "subject": "Booking"}
GUESTS = {
    "ann": "New booking\n\nName: Ann\nWish: a crib\n\nSent by the form.",
    "bob": "New booking\n\nName: Bob\nWish: a late arrival\n\nSent by the form.",
    "cem": "New booking\n\nName: Cem\nWish: a crib, too\n\nSent by the form.",
}


def emptied(made: World, row: InboundMessage) -> None:
    """A lead removes the words of the entry that a message became."""
    entry = case_of(row).entries.get(code="mail.in")
    actions.redact_entry(actor=made.actor("service_lead"), ref=entry.case_id, entry_id=entry.pk)
    row.refresh_from_db()


def test_after_words_were_removed_another_message_of_the_same_form_keeps_its_own(
    made: World, box: ServiceMailbox
) -> None:
    second = ServiceMailboxFactory(service=made.service)
    ann, before = receive(box, GUESTS["ann"], **FORM), receive(box, GUESTS["bob"], **FORM)
    banner = receive(second, f"From outside!\n\n{GUESTS['ann']}", **FORM)
    emptied(made, ann)
    before.refresh_from_db()
    banner.refresh_from_db()
    assert (before.hidden_for, banner.hidden_for) == ("", "sensitive"), "what may be a copy, and nothing else"
    since = [receive(one, GUESTS["cem"], **FORM) for one in (box, ServiceMailboxFactory(service=made.service))]
    for row in (before, banner):
        boxes.retry(actor=made.actor("administrator"), message_id=row.pk)
    late = receive(ServiceMailboxFactory(service=made.service), GUESTS["ann"], **FORM)
    assert receive(box, GUESTS["ann"], headers={"Received": "by mx.test"}, **FORM) == ann
    for row in (before, *since):
        row.refresh_from_db()
        assert (row.state, row.last_error) == ("failed", "another message has the same Message-ID")
        assert (row.text in GUESTS.values(), row.raw_id is not None) == (True, True)
    banner.refresh_from_db()
    assert [(case_of(one), one.text, one.raw) for one in (late, banner)] == [(case_of(ann), "", None)] * 2
    assert words(case_of(ann), "mail.in") == [""]


@pytest.mark.parametrize(
    ("text", "files"),
    [
        (f"From outside!\n\n{GUESTS['ann']}", {"a.txt": b"map"}),
        (f"{GUESTS['ann']}\n-- \nYou get this as a member.", {"a.txt": b"map", "b.txt": b"logo"}),
        ("From outside! A file was taken away.\n" + GUESTS["ann"].replace("\n", "\n\n"), {}),
        (GUESTS["ann"].removesuffix("Sent by the form."), {"a.txt": b"map"}),
    ],
    ids=["above", "below", "without its file", "less"],
)
@pytest.mark.parametrize("date", ["", "Thu, 19 Nov 2026 10:00:00 +0000"])
def test_what_lists_and_gateways_make_of_it_brings_no_removed_words_back(
    made: World, box: ServiceMailbox, text: str, files: dict[str, bytes], date: str
) -> None:
    first = receive(box, GUESTS["ann"], files={"a.txt": b"map"}, **FORM)
    copied = receive(ServiceMailboxFactory(service=made.service), GUESTS["ann"], files={"a.txt": b"map"}, **FORM)
    emptied(made, first)
    late = receive(ServiceMailboxFactory(service=made.service), text, files=files, **{**FORM, "date": date})
    assert (case_of(late), late.text, late.raw) == (case_of(first), "", None)
    again = receive(ServiceMailbox.objects.get(mailbox=copied.mailbox_id), text, files=files, **{**FORM, "date": date})
    assert again == copied, "emptied when it came, and known since"


def test_scans_under_one_name_are_told_by_their_files_after_words_were_removed(
    made: World, box: ServiceMailbox
) -> None:
    scan = {"text": "", "id": "<scan@printer>", "date": ""}
    first = receive(box, files={"scan.txt": b"one"}, subject="Scan", **scan)
    emptied(made, first)
    other, same = (receive(box, files={"scan.txt": said}, subject="Scan", **scan) for said in (b"another", b"one"))
    assert (other.state, other.raw_id is not None, same) == ("failed", True, first)


def test_what_is_left_says_no_word_and_only_without_a_date(made: World, box: ServiceMailbox) -> None:
    undated, dated = receive(box, GUESTS["ann"], **FORM), receive(box, GUESTS["bob"], id="<2@guest>")
    assert (undated.trace, dated.trace) == (None, None)
    for row in (undated, dated):
        emptied(made, row)
    assert dated.trace is None
    assert {name: len(said) for name, said in undated.trace.items() if name != "key"} == {
        "lines": 4 * 4, "files": 0, "subject": 4,
    }  # fmt: skip
    assert not any(word in str(undated.trace) for word in ("Ann", "crib", "Booking"))
    InboundMessage.objects.filter(pk=undated.pk).update(trace=None)
    late = receive(ServiceMailboxFactory(service=made.service), GUESTS["cem"], **FORM)
    assert (case_of(late), late.text) == (case_of(undated), ""), "of what was emptied before nothing is left"


def test_an_answer_to_two_mailboxes_opens_one_case_after_one_that_ended(made: World, box: ServiceMailbox) -> None:
    second = ServiceMailboxFactory(service=made.service)
    case = case_of(receive(box, "One", id="<1@guest>"))
    actions.set_state(actor=SYSTEM, ref=case.pk, verb="resolve")
    actions.set_state(actor=SYSTEM, ref=case.pk, verb="close")
    age(case, 15)
    answer = {"id": "<2@guest>", "headers": {"References": "<1@guest>"}}
    new = case_of(receive(box, "Once more", **answer))
    assert (new != case, case_of(receive(second, "Once more", **answer)), words(new, "mail.in")) == (
        True, new, ["Once more"],
    )  # fmt: skip
    again = {"id": "<3@guest>", "headers": {"References": "<1@guest>"}}
    assert case_of(receive(box, "And again", **again)) == new, "what they write to the old letter goes on there"
    assert case_of(receive(box, "Me too", sender="eve@else.test", headers={"References": "<1@guest>"})) not in (
        case,
        new,
    )
    Case.objects.filter(pk=case.pk).update(sensitivity="confidential")
    apart = case_of(receive(box, "More", id="<5@guest>", headers={"References": "<1@guest>"}))
    assert (apart not in (case, new), apart.sensitivity) == (True, "confidential"), "never into what is less protected"
    Case.objects.filter(pk=apart.pk).update(sensitivity="restricted")
    more = {"id": "<6@guest>", "headers": {"References": "<1@guest>"}}
    assert case_of(receive(box, "More again", **more)) == apart, "what is protected more takes it"
    Case.objects.filter(pk__in=[case.pk, apart.pk]).update(sensitivity="standard")
    new = apart
    for verb in ("resolve", "close"):
        actions.set_state(actor=SYSTEM, ref=new.pk, verb=verb)
    age(new, 15)
    third = case_of(receive(box, "Once more", id="<4@guest>", headers={"References": "<1@guest>"}))
    assert CaseLink.objects.filter(case_a=new, case_b=third, kind="follow_on").exists()
