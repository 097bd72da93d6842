"""The reply of a macro goes by mail where the customer has an address and the service a mailbox, and says so before."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from escalations import actions
from escalations.actions import Acts, Refused, Used, add_macro
from escalations.models import Case, Macro, OutboundMail, ServiceMailbox, StatutoryResponse
from escalations.queries.statutory import owed
from portal.accounts.rules import SYSTEM
from portal.notifications.models import OutboxRow
from tests.escalations.case_page import act
from tests.escalations.mailing import box, codes, files_root, made
from tests.escalations.pages_world import World
from tests.escalations.test_macros import holding
from tests.factories.case_mail import case_of, receive
from tests.factories.statutory import ACK, FINAL, jurisdiction_with

__all__ = ["box", "files_root", "made"]
pytestmark = pytest.mark.django_db
MING = "ming@guest.example.test"


def run(made: World, ref: int, macro: Macro, **more: Any) -> object:
    used = Used(macro.reply.versions.latest("number").pk, "en") if macro.reply else None
    said = {"note": "Held", "text": "Dear Ming", "used": used}
    return actions.run_macro(actor=made.actor("associate"), ref=ref, macro_id=macro.pk, **said, **more)


def test_it_is_mailed_as_the_form_would_mail_it(made: World, box: ServiceMailbox) -> None:
    box.signature = "Care team"
    box.save()
    case, macro = case_of(receive(box, "One", id="<1@guest>", subject="Locked out", sender=MING)), holding(made)
    run(made, case.pk, macro)
    letter = OutboundMail.objects.get()
    assert (letter.to, letter.subject, letter.state) == (MING, f"[{case.ref}] Locked out", "queued")
    assert letter.entry.body.text == "Dear Ming\n\n-- \nCare team"
    found = [code for code in codes(case) if not code.startswith("clock")]
    assert found == ["opened", "mail.in", "assignment.changed", "note.added", "mail.out", "state.changed"]
    assert letter.entry.at < case.entries.get(code="state.changed").at
    assert OutboxRow.objects.filter(idempotency_key=letter.key).count() == 1


def test_without_an_address_or_a_mailbox_it_is_logged_as_sent(made: World, box: ServiceMailbox) -> None:
    macro, without = holding(made), made.case("By phone")
    run(made, without.pk, macro)
    case = case_of(receive(box, "One", sender=MING))
    box.delete()
    run(made, case.pk, macro)
    assert not OutboundMail.objects.exists()
    assert ["contact.logged" in codes(one) for one in (without, case)] == [True, True]


def test_the_preview_says_to_whom_and_another_address_stops_it(made: World, box: ServiceMailbox) -> None:
    case, macro = case_of(receive(box, "One", id="<1@guest>", sender=MING)), holding(made)
    asked = {"macro": macro.pk, "language": "en"}
    html = act(made, "associate", case, "macro", asked, htmx=True).content.decode()
    assert f"3. Reply by e-mail to {MING}: Holding line" in html
    assert f"The reply goes by e-mail to {MING} at once." in html
    assert "only logged as sent" not in html
    seen = re.search(r'name="seen" value="([^"]+)"', html)
    assert seen
    with pytest.raises(Refused) as refused:
        run(made, case.pk, macro, expected_address="other@guest.example.test")
    assert refused.value.code == "stale"
    assert not OutboundMail.objects.exists()
    said = {**asked, "seen": seen[1], "note": "Held", "text": "Dear Ming"}
    assert act(made, "associate", case, "macro", said).status_code == 302
    assert OutboundMail.objects.get().to == MING


def test_what_is_run_on_past_data_mails_nobody(made: World, box: ServiceMailbox) -> None:
    case, macro = case_of(receive(box, "One", sender=MING)), holding(made)
    actions.assign(actor=SYSTEM, ref=case.pk, owner_id=made.users["associate"].pk)
    used = Used(macro.reply.versions.latest("number").pk, "en")
    case.refresh_from_db()
    actions.run_macro(
        actor=made.actor("associate"), ref=case.pk, macro_id=macro.pk, note="Held", text="Dear", used=used,
        at=case.updated_at,
    )  # fmt: skip
    assert not OutboundMail.objects.exists()


def regulated(made: World, case: Case) -> Case:
    law, received = jurisdiction_with(ack=5, final=56), timezone.now() - timedelta(days=1)
    actions.regulate(actor=made.actor("associate"), ref=case.pk, jurisdiction_id=law.pk, received_at=received)
    return case


def test_a_reply_that_is_mailed_is_ticked_as_the_answer_by_law(made: World, box: ServiceMailbox) -> None:
    macro, tick = holding(made), "This is the acknowledgement by law"
    case = regulated(made, case_of(receive(box, "One", id="<1@guest>", sender=MING)))
    asked = {"macro": macro.pk, "language": "en"}
    html = act(made, "associate", case, "macro", asked, htmx=True).content.decode()
    seen = re.search(r'name="seen" value="([^"]+)"', html)
    assert seen
    assert tick in html
    said = {**asked, "seen": seen[1], "note": "Held", "text": "Dear Ming"}
    late = act(made, "associate", case, "macro", {**said, "duties": ["statutory_interim"]})
    assert late.status_code == 422
    assert not OutboundMail.objects.exists()
    assert act(made, "associate", case, "macro", {**said, "duties": [ACK]}).status_code == 302
    [response] = StatutoryResponse.objects.filter(case=case)
    assert (response.duty, response.contact_id) == (ACK, OutboundMail.objects.get().entry_id)
    assert [view.metric for view in owed(case.pk)] == [FINAL]


def test_a_macro_that_ends_what_the_law_waits_for_says_why(made: World, box: ServiceMailbox) -> None:
    case = regulated(made, made.case("By phone"))
    end = add_macro(actor=SYSTEM, service_id=made.service.pk, acts=Acts("Settled", take=True, verb="resolve"))
    start = add_macro(actor=SYSTEM, service_id=made.service.pk, acts=Acts("Begin", take=True, verb="start"))

    def seen(macro: Macro) -> tuple[dict[str, Any], str]:
        asked = {"macro": macro.pk, "language": "en"}
        html = act(made, "associate", case, "macro", asked, htmx=True).content.decode()
        mark = re.search(r'name="seen" value="([^"]+)"', html)
        assert mark
        return {**asked, "seen": mark[1]}, html

    said, html = seen(start)
    assert 'name="reason"' not in html
    assert act(made, "associate", case, "macro", said).status_code == 302
    said, _html = seen(end)
    stopped = act(made, "associate", case, "macro", said, htmx=True)
    assert stopped.status_code == 422
    assert "Say why the case ends all the same." in stopped.content.decode()
    assert 'name="reason"' in stopped.content.decode()
    assert "macro_run" not in codes(case)
    assert act(made, "associate", case, "macro", {**said, "reason": "Settled by phone"}).status_code == 302
    case.refresh_from_db()
    assert case.state == "resolved"
    assert case.entries.get(code="note.reason").body.text == "Settled by phone"
    assert [view.metric for view in owed(case.pk)] == [ACK, FINAL], "the clocks run on"
    assert case.entries.get(code="note.reason").is_internal


def test_a_macro_whose_mail_is_the_final_answer_ends_the_case_without_a_reason(
    made: World, box: ServiceMailbox
) -> None:
    macro = holding(made, verb="resolve")
    case = regulated(made, case_of(receive(box, "One", id="<1@guest>", sender=MING)))
    actions.set_state(actor=made.actor("service_lead"), ref=case.pk, verb="start")
    with pytest.raises(Refused) as refused:
        run(made, case.pk, macro, duties=[ACK])
    assert refused.value.code == "final_owed"
    run(made, case.pk, macro, duties=[ACK, FINAL])
    case.refresh_from_db()
    assert case.state == "resolved"
    assert "note.reason" not in codes(case)


def test_what_is_only_logged_is_not_offered_as_an_answer_and_is_none(made: World, box: ServiceMailbox) -> None:
    macro, case = holding(made), regulated(made, made.case("By phone"))
    html = act(made, "associate", case, "macro", {"macro": macro.pk, "language": "en"}, htmx=True).content.decode()
    assert "only logged as sent" in html
    assert 'name="duties"' not in html
    with pytest.raises(Refused) as refused:
        run(made, case.pk, macro, duties=[ACK])
    assert refused.value.code == "not_possible"
    assert "note.added" not in codes(case)
    assert [view.metric for view in owed(case.pk)] == [ACK, FINAL]
