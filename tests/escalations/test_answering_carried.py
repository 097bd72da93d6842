"""A letter that came along to a case that was split off: no answer by law there, and where one was named before, owed there."""

from uuid import uuid4

import pytest
from django.utils import timezone

from escalations import actions
from escalations.actions.mail_out import settled
from escalations.actions.mending import owe_lost
from escalations.actions.statutory import write_answer
from escalations.choices import Reason
from escalations.models import Case, OutboundMail, ServiceMailbox, StatutoryResponse, TimelineEntry
from escalations.queries.statutory import contacts_to_name, counts_from, owed
from portal.accounts.rules import SYSTEM
from portal.notifications import tasks
from portal.notifications.models import Notification
from tests.escalations.mailing import box, codes, files_root, made
from tests.escalations.pages_world import World
from tests.escalations.test_answering_lost import answer, bounce, clocks, complaint, states, told
from tests.factories.statutory import ACK, jurisdiction_with

__all__ = ["box", "files_root", "made"]
pytestmark = pytest.mark.django_db


def split_off(made: World, letter: OutboundMail) -> Case:
    """A complaint of its own, owned by the associate, to which the letter came along."""
    part = actions.Part(subject="Another", service_id=letter.entry.case.service_id, impact="money", urgency="week")
    lead = made.actor("service_lead")
    case = actions.split(actor=lead, ref=letter.entry.case_id, entry_ids=[letter.entry_id], part=part)
    Case.objects.filter(pk=case.pk).update(owner=made.users["associate"])
    law = jurisdiction_with(ack=9)
    received = letter.entry.case.opened_at
    actions.regulate(actor=lead, ref=case.pk, jurisdiction_id=law.pk, received_at=received)
    return case


def named(case: Case, letter: OutboundMail) -> StatutoryResponse:
    """As the version before took it."""
    entry, views = letter.entry, [view for view in owed(case.pk) if view.metric == ACK]
    sent = {"contact": entry, "sent_at": counts_from(entry), "sent_by": "", "channel": entry.channel}
    write_answer(SYSTEM, case, views, sent, "", None)
    return StatutoryResponse.objects.latest("pk")


def lost(case: Case) -> list[list[int]]:
    rows = TimelineEntry.objects.filter(case=case, code="statutory.lost").order_by("pk")
    return [one.params["responses"] for one in rows]


def test_what_came_along_cannot_be_named(made: World, box: ServiceMailbox) -> None:
    letter = answer(made, complaint(made, box))
    case, lead = split_off(made, letter), made.actor("service_lead")
    assert letter.entry in contacts_to_name(lead, letter.entry.case)
    assert contacts_to_name(lead, case) == []
    with pytest.raises(actions.Refused) as refused:
        actions.answer_by_law(actor=lead, ref=case.pk, duties=[ACK], contact_id=letter.entry_id)
    assert (refused.value.code, states(case)) == (Reason.UNKNOWN_VALUE, ["running"])
    page = made.client("service_lead").get(f"/cases/{case.ref}/deadlines/").text
    assert f'value="{letter.entry_id}"' not in page
    own = answer(made, case)
    assert (contacts_to_name(lead, case), states(case)) == ([own.entry], ["met"])


@pytest.mark.parametrize("how", ["bounced", "failed", "removed", "mended"])
def test_what_was_named_before_is_owed_in_each_case(made: World, box: ServiceMailbox, how: str) -> None:
    first = complaint(made, box)
    letter = answer(made, first)
    case = split_off(made, letter)
    there = named(case, letter)
    here = StatutoryResponse.objects.get(case=first)
    assert (states(first), states(case)) == (["met"], ["met"])
    if how == "bounced":
        bounce(box, letter)
    elif how == "failed":
        settled(letter.key, "failed", "550 no")
    elif how == "removed":
        actions.redact_entry(actor=made.actor("service_lead"), ref=first.pk, entry_id=letter.entry_id)
    else:
        OutboundMail.objects.filter(pk=letter.pk).update(state="failed", error="no", settled_at=timezone.now())
        assert (owe_lost(), owe_lost()) == (1, 0)
    assert (states(first), states(case)) == (["met", "running"], ["met", "running"])
    for one in (first, case):
        old, again = clocks(one)
        assert (again.started_at, again.due_at, again.cycle) == (old.started_at, old.due_at, 2)
    assert (lost(first), lost(case)) == ([[here.pk]], [[there.pk]])
    assert sorted((one["case"], one["by_law"]) for one in told()) == [(first.pk, True), (case.pk, True)]
    tasks.fan_out()
    assert Notification.objects.filter(kind="case.mail_lost", recipient=made.users["associate"]).count() == 2


def test_sent_after_all_it_is_the_answer_in_each_case_again(made: World, box: ServiceMailbox) -> None:
    first = complaint(made, box)
    letter = answer(made, first)
    case = split_off(made, letter)
    named(case, letter)
    for _ in range(2):
        settled(letter.key, "failed", "550 no")
    settled(letter.key, "sent", "")
    assert (states(first), states(case)) == (["met", "met"], ["met", "met"])
    assert [codes(one).count("statutory.answered") for one in (first, case)] == [2, 2]
    bounce(box, letter)
    assert (states(first)[2:], states(case)[2:]) == (["running"], ["running"])


def test_it_is_owed_where_the_case_goes_on_that_it_came_along_to(made: World, box: ServiceMailbox) -> None:
    first, other = complaint(made, box, final=56), complaint(made, box, final=56)
    letter = OutboundMail.objects.get(
        entry=actions.send_mail(
            actor=made.actor("associate"), ref=first.pk, to="ming@guest.example.test", subject="S", text="T",
            once=uuid4(),
        )
    )  # fmt: skip
    case = split_off(made, letter)
    there = named(case, letter)
    actions.merge(actor=made.actor("service_lead"), source=case.pk, target=other.pk, reason="Same matter")
    bounce(box, letter)
    assert (states(case), states(other), states(first)) == (["met"], ["running"], [])
    assert (lost(other), lost(first)) == ([[there.pk]], [])
    # Its writer hears of the mail in its own case, as of any; of the deadline where it runs.
    assert sorted((one["case"], "by_law" in one) for one in told()) == [(first.pk, False), (other.pk, True)]
