"""A merged case that is marked sensitive later: what answers it does not go to the one that goes on, whose readers need not
read it, but to a case as protected as it."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from escalations import actions
from escalations.models import Case, CaseLink, OutboundMail, ServiceMailbox, TimelineEntry
from escalations.queries.statutory import owed
from portal.accounts.rules import SYSTEM
from portal.notifications import tasks
from portal.notifications.models import Notification
from tests.escalations.mailing import box, codes, files_root, made
from tests.escalations.pages_world import World
from tests.factories.api import Program
from tests.factories.case_mail import case_of, receive
from tests.factories.channels import ChannelEndpointFactory, bring
from tests.factories.statutory import ACK, FINAL, jurisdiction_with
from tests.web.leaks.seeing import text_of

__all__ = ["box", "files_root", "made"]
pytestmark = pytest.mark.django_db
SECRET, OLD = "zqsecretxw", {"In-Reply-To": "<old@guest>"}
LEVELS = pytest.mark.parametrize("level", ["confidential", "restricted"])


@pytest.fixture
def ended(made: World, box: ServiceMailbox) -> Case:
    """A case that began with a mail, merged into one of another service at the same site."""
    box.site = made.site
    box.save()
    case = case_of(receive(box, SECRET, id="<old@guest>"))
    actions.merge(actor=SYSTEM, source=case.pk, target=made.case(service_id=made.other_service.pk).pk, reason="One")
    case.refresh_from_db()
    return case


@pytest.fixture
def survivor(ended: Case) -> Case:
    found = ended.merged_into
    assert found is not None
    return found


def protect(made: World, case: Case, level: str) -> None:
    actions.set_sensitivity(actor=made.actor("service_lead"), ref=case.pk, sensitivity=level, reason="x")
    case.refresh_from_db()


def told(made: World, who: str, case: Case) -> str:
    """All that somebody reads of a case and finds by its words."""
    client = made.client(who)
    entries = TimelineEntry.objects.filter(case=case).values_list("pk", flat=True)
    urls = [f"/cases/{case.ref}/", *(f"/cases/{case.ref}/entries/{pk}/mail/" for pk in entries)]
    found = [text_of(client, url) for url in urls]
    said = Program(made.users[who]).get(f"/cases/{case.ref}/entries")
    return "\n".join([*found, text_of(client, "/queue/"), said.content.decode()])


@LEVELS
def test_what_the_customer_answers_goes_to_a_case_as_protected(
    made: World, box: ServiceMailbox, ended: Case, survivor: Case, level: str
) -> None:
    protect(made, ended, level)
    before = codes(survivor)
    answer = f"Still waiting.\n\nOn Monday you wrote:\n> {SECRET}"
    new = case_of(receive(box, answer, id="<2@guest>", headers=OLD, html=f"<p>{SECRET}</p>"))
    assert (new.sensitivity, codes(survivor)) == (level, before)
    assert CaseLink.objects.values_list("case_a", "case_b", "kind").get() == (ended.pk, new.pk, "follow_on")
    for who in ("coordinator", "other_associate"):
        assert SECRET not in told(made, who, survivor)
        assert made.client(who).get(f"/cases/{new.ref}/").status_code == 404
    assert "Still waiting." in told(made, "service_lead", new)
    assert SECRET in told(made, "service_lead", new)
    # What they answer once more belongs there, whichever of the two letters they answer.
    assert case_of(receive(box, "And?", id="<3@guest>", headers=OLD)) == new
    assert case_of(receive(box, "And??", id="<4@guest>", headers={"In-Reply-To": "<2@guest>"})) == new
    assert codes(survivor) == before


def test_so_it_does_where_the_one_that_goes_on_was_lowered(
    made: World, box: ServiceMailbox, ended: Case, survivor: Case
) -> None:
    """It took the protection over when they were merged; a lead of its own service lowered it."""
    case = case_of(receive(box, SECRET, id="<second@guest>"))
    protect(made, case, "confidential")
    actions.merge(actor=SYSTEM, source=case.pk, target=survivor.pk, reason="One")
    actions.set_sensitivity(actor=SYSTEM, ref=survivor.pk, sensitivity="standard", reason="x")
    new = case_of(receive(box, "More", headers={"In-Reply-To": "<second@guest>"}))
    assert (new in (case, survivor), new.sensitivity) == (False, "confidential")
    assert case_of(receive(box, "More", id="<x@guest>", headers=OLD)) == survivor, "this one is as open as ever"


@LEVELS
def test_a_chat_goes_the_same_way(made: World, survivor: Case, level: str) -> None:
    endpoint = ChannelEndpointFactory(service=made.service, site=made.site)
    chat = "zqchatxw"
    row = bring(endpoint, chat)
    assert row.entry is not None
    case = Case.objects.get(pk=row.entry.case_id)
    actions.merge(actor=SYSTEM, source=case.pk, target=survivor.pk, reason="One")
    protect(made, case, level)
    before = codes(survivor)
    rows = [bring(endpoint, f"{chat} again", name=f"m-{number}") for number in (2, 3)]
    cases = {one.entry.case_id for one in rows if one.entry}
    new = Case.objects.get(pk=cases.pop())
    assert (cases, new.sensitivity, new.pk in (case.pk, survivor.pk)) == (set(), level, False)
    assert codes(survivor) == before
    for who in ("coordinator", "other_associate"):
        assert chat not in told(made, who, survivor)


def test_whoever_marks_a_merged_case_reads_what_becomes_of_answers(made: World, ended: Case) -> None:
    line = "Where this case is more protected than the one it was merged into"
    client = made.client("service_lead")
    assert line in client.get(f"/cases/{ended.ref}/sensitivity/").content.decode()
    assert line not in client.get(f"/cases/{made.case().ref}/sensitivity/").content.decode()


@pytest.mark.parametrize("what", ["stranger", "machine"])
def test_what_moves_nothing_is_a_note_of_the_case_itself(
    made: World, box: ServiceMailbox, ended: Case, survivor: Case, what: str
) -> None:
    protect(made, ended, "confidential")
    said = {"sender": "eve@evil.test"} if what == "stranger" else {}
    headers = OLD if what == "stranger" else {**OLD, "Auto-Submitted": "auto-replied"}
    cases, before = Case.objects.count(), codes(survivor)
    assert case_of(receive(box, f"> {SECRET}", headers=headers, **said)) == ended
    code = "mail.stranger" if what == "stranger" else "mail.automatic"
    assert (codes(ended)[-1], codes(survivor), Case.objects.count()) == (code, before, cases)
    for who in ("coordinator", "other_associate"):
        assert SECRET not in told(made, who, survivor)
    tasks.fan_out()
    readers = Notification.objects.filter(kind="case.mail_in", subject_ids__contains=[ended.pk])
    names = {"Associate", "Service Lead"} if what == "stranger" else set()
    assert set(readers.values_list("recipient__name", flat=True)) <= names


def test_a_letter_that_comes_back_is_owed_again_where_it_goes_on(made: World, box: ServiceMailbox) -> None:
    case = case_of(receive(box, "I complain.", id="<old@guest>"))
    law, received = jurisdiction_with(ack=5, final=56), timezone.now() - timedelta(days=1)
    actions.regulate(actor=made.actor("associate"), ref=case.pk, jurisdiction_id=law.pk, received_at=received)
    said = {"to": "ming@guest.example.test", "subject": "Received", "text": SECRET, "once": uuid.uuid4()}
    entry = actions.send_mail(actor=made.actor("associate"), ref=case.pk, duties=[ACK], **said)
    going = made.case(service_id=made.other_service.pk)
    actions.merge(actor=SYSTEM, source=case.pk, target=going.pk, reason="One")
    protect(made, case, "confidential")
    assert [view.metric for view in owed(going.pk)] == [FINAL]
    letter = OutboundMail.objects.get(entry=entry)
    back = {"headers": {"In-Reply-To": letter.message_id}, "sender": "MAILER-DAEMON@mx.test"}
    assert case_of(receive(box, f"550 of\n\n{SECRET}", **back)) == case
    letter.refresh_from_db()
    assert (letter.state, codes(case)[-1]) == ("bounced", "mail.bounced")
    assert {view.metric for view in owed(going.pk)} == {ACK, FINAL}
    assert SECRET not in told(made, "other_associate", going)
