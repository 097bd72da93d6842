"""Writing to the customer and ticking that this is the answer by law: one act, at the instant of the entry."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from escalations import actions
from escalations.actions import Refused
from escalations.models import Case, OutboundMail, ServiceMailbox, StatutoryResponse, TimelineEntry
from escalations.queries.statutory import owed
from portal.accounts.rules import SYSTEM
from portal.notifications.models import OutboxRow
from tests.escalations.mailing import box, codes, files_root, made
from tests.escalations.pages_world import World
from tests.factories.case_mail import case_of, receive
from tests.factories.statutory import ACK, FINAL, jurisdiction_with

__all__ = ["box", "files_root", "made"]
pytestmark = pytest.mark.django_db
SAID = {"to": "ming@guest.example.test", "subject": "Received", "text": "We have it."}
CALL = {"channel": "phone", "direction": "out", "outcome": "reached", "text": "We have it."}
TICKS = {ACK: "This is the acknowledgement by law", FINAL: "This is the final response by law"}


@pytest.fixture
def plain(box: ServiceMailbox) -> Case:
    return case_of(receive(box, "I complain."))


@pytest.fixture
def case(made: World, plain: Case) -> Case:
    law, received = jurisdiction_with(ack=5, final=56), timezone.now() - timedelta(days=1)
    actions.regulate(actor=made.actor("associate"), ref=plain.pk, jurisdiction_id=law.pk, received_at=received)
    return plain


def posted(made: World, case: Case, act: str, said: dict[str, Any], who: str = "associate") -> Any:
    return made.client(who).post(f"/cases/{case.ref}/{act}/", said)


def still_owed(case: Case) -> list[str]:
    return [view.metric for view in owed(case.pk)]


@pytest.mark.parametrize("act", ["mail", "contact"])
def test_only_what_is_owed_is_offered_and_only_where_something_is(made: World, plain: Case, act: str) -> None:
    client, url = made.client("associate"), f"/cases/{plain.ref}/{act}/"
    assert 'name="duties"' not in client.get(url).text
    law = jurisdiction_with(ack=5, final=56)
    actions.regulate(actor=made.actor("associate"), ref=plain.pk, jurisdiction_id=law.pk, received_at=timezone.now())
    page = client.get(url).text
    assert [duty for duty, text in TICKS.items() if text in page] == [ACK, FINAL]
    assert "This is the interim response by law" not in page
    assert made.client("auditor").get(url).status_code == 403
    contact = actions.log_contact(actor=made.actor("associate"), ref=plain.pk, **CALL)
    actions.answer_by_law(actor=made.actor("associate"), ref=plain.pk, duties=[ACK], contact_id=contact.pk)
    page = client.get(url).text
    assert [duty for duty, text in TICKS.items() if text in page] == [FINAL]


def test_without_a_tick_nothing_is_answered(made: World, case: Case) -> None:
    assert posted(made, case, "mail", {**SAID, "once": uuid.uuid4()}).status_code == 302
    assert posted(made, case, "contact", CALL).status_code == 302
    assert still_owed(case) == [ACK, FINAL]


def test_a_mail_is_the_answer_at_the_instant_of_its_entry_however_often_it_is_sent(made: World, case: Case) -> None:
    said = {**SAID, "once": uuid.uuid4(), "duties": [ACK]}
    assert [posted(made, case, "mail", said).status_code for _ in range(3)] == [302, 302, 302]
    [response], entry = StatutoryResponse.objects.filter(case=case), OutboundMail.objects.get().entry
    assert (response.duty, response.contact_id, response.sent_at, response.channel) == (
        ACK, entry.pk, entry.at, "email",
    )  # fmt: skip
    assert response.clock.met_at == entry.at
    assert still_owed(case) == [FINAL]
    assert codes(case).count("statutory.answered") == 1
    again = posted(made, case, "mail", {**said, "duties": [ACK, FINAL]})
    assert again.status_code == 422, "the mail went, that it is the final response was not said with it"
    assert still_owed(case) == [FINAL]


def test_whoever_comes_second_sends_no_mail_and_reads_why(made: World, case: Case) -> None:
    posted(made, case, "mail", {**SAID, "once": uuid.uuid4(), "duties": [ACK]})
    letters = OutboxRow.objects.count()
    late = posted(made, case, "mail", {**SAID, "once": uuid.uuid4(), "duties": [ACK]}, "service_lead")
    assert late.status_code == 422
    assert "it was recorded already" in late.text
    assert "We have it." in late.text
    assert TICKS[ACK] in late.text, "so that it can be taken away"
    assert (OutboundMail.objects.count(), OutboxRow.objects.count()) == (1, letters)


def test_a_call_is_the_answer_once(made: World, case: Case) -> None:
    said = {**CALL, "duties": [ACK, FINAL]}
    assert [posted(made, case, "contact", said).status_code for _ in range(2)] == [302, 422]
    entry = TimelineEntry.objects.get(case=case, code="contact.logged")
    found = StatutoryResponse.objects.filter(case=case, contact=entry, sent_at=entry.at)
    assert set(found.values_list("duty", flat=True)) == {ACK, FINAL}
    assert still_owed(case) == []


@pytest.mark.parametrize("more", [{"outcome": "no_answer"}, {"direction": "in", "outcome": "received"}])
def test_what_the_customer_did_not_get_is_no_answer(made: World, case: Case, more: dict[str, str]) -> None:
    page = posted(made, case, "contact", {**CALL, **more, "duties": [ACK]})
    assert page.status_code == 422
    assert "Only what reached the customer can be an answer by law." in page.text
    with pytest.raises(Refused):
        actions.log_contact(actor=made.actor("associate"), ref=case.pk, **{**CALL, **more}, duties=[ACK])
    assert "contact.logged" not in codes(case)
    assert still_owed(case) == [ACK, FINAL]


@pytest.mark.parametrize("duties", [["statutory_interim"], ["x"], ["resolution"], [ACK, "x\x00"]])
def test_what_is_not_owed_is_refused_whole(made: World, case: Case, duties: list[str]) -> None:
    assert posted(made, case, "mail", {**SAID, "once": uuid.uuid4(), "duties": duties}).status_code == 422
    assert not OutboundMail.objects.exists()
    assert still_owed(case) == [ACK, FINAL]


def test_a_tick_stays_while_the_text_is_taken_from_a_template(made: World, case: Case) -> None:
    row = actions.add_template(
        actor=SYSTEM, service_id=made.service.pk, saying=actions.Saying(name="Holding", body="Dear {{ reference }}")
    )
    said = {**SAID, "text": "", "once": uuid.uuid4(), "duties": [ACK], "prepare": "1", "template_language": "en"}
    page = posted(made, case, "mail", {**said, "template": row.versions.get().pk}).text
    [tick] = [line for line in page.replace("<input", "\n<input").splitlines() if f'value="{ACK}"' in line]
    assert "checked" in tick
    assert still_owed(case) == [ACK, FINAL]
