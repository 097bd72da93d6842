"""A mail that had failed and went after all answers what it was the answer to, and no other complaint."""

import uuid
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from escalations import actions
from escalations.actions.mail_out import settled
from escalations.models import Case, OutboundMail, Regulation, ServiceMailbox, StatutoryResponse
from escalations.queries.awaited import still_promised
from portal.notifications import tasks
from portal.notifications.actions import retry
from portal.notifications.models import OutboxRow
from portal.ui.times import time_text
from tests.escalations.mailing import box, codes, files_root, made
from tests.escalations.pages_world import World
from tests.escalations.post_office import Post
from tests.escalations.test_answering_lost import (
    GUEST,
    answer,
    bounce,
    clocks,
    complaint,
    post,
    states,
    still_owed,
    told,
)
from tests.factories.statutory import ACK, FINAL, jurisdiction_with

__all__ = ["box", "files_root", "made", "post"]
pytestmark = pytest.mark.django_db


def fail(post: Post) -> None:
    post.answer = "550 no such user"
    tasks.send()


def again(made: World, case: Case, letter: OutboundMail) -> None:
    actions.send_again(actor=made.actor("associate"), ref=case.pk, entry_id=letter.entry_id)


def go(post: Post, letter: OutboundMail) -> None:
    post.answer = ""
    OutboxRow.objects.filter(idempotency_key=letter.key).update(state="pending", next_attempt_at=timezone.now())
    tasks.send()
    letter.refresh_from_db()
    assert letter.state == "sent"


def merge(made: World, source: Case, target: Case) -> None:
    actions.merge(actor=made.actor("service_lead"), source=source.pk, target=target.pk, reason="Same matter")


def lift(made: World, case: Case, marked: Case) -> None:
    mark = Regulation.objects.get(case=marked, lifted_at=None)
    actions.lift_regulation(actor=made.actor("service_lead"), ref=case.pk, reason="None", regulation_id=mark.pk)


def promised(case: Case) -> list[str]:
    return sorted(still_promised(case.pk))


def test_sent_again_it_is_the_answer_when_it_went_and_only_once(made: World, box: ServiceMailbox, post: Post) -> None:
    case = complaint(made, box)
    letter = answer(made, case)
    post.answer = "550 no such user"
    tasks.send()
    post.answer = ""
    actions.send_again(actor=made.actor("associate"), ref=case.pk, entry_id=letter.entry_id)
    assert still_owed(case) == [ACK, FINAL], "it is on its way, and counts once it went"
    assert "is tried again" in made.client("associate").get(f"/cases/{case.ref}/deadlines/").text
    assert ACK in still_promised(case.pk)
    went = timezone.now()
    tasks.send()
    settled(letter.key, "sent", "")
    assert states(case) == ["met", "met"]
    [_first, second] = StatutoryResponse.objects.filter(case=case).order_by("pk")
    assert (second.contact_id, second.clock.met_at) == (letter.entry_id, second.sent_at)
    assert second.sent_at >= went
    assert codes(case).count("statutory.answered") == 2
    bounce(box, letter)
    assert states(case) == ["met", "met", "running"]
    assert [one["by_law"] for one in told()] == [True, True], "it got lost twice"


@pytest.mark.parametrize("later", [20, 5])
@pytest.mark.parametrize("how", ["by hand", "by an administrator"])
def test_the_complaint_that_the_answered_one_was_merged_into_is_owed(
    made: World, box: ServiceMailbox, post: Post, later: int, how: str
) -> None:
    source, target = complaint(made, box, ack=5), complaint(made, box, ack=later)
    letter = answer(made, source)
    fail(post)
    if how == "by hand":
        again(made, source, letter)
        post.answer = "450 later"
        tasks.send()
    merge(made, source, target)
    go(post, letter)
    assert (states(source), states(target)) == (["met", "cancelled"], ["running"])
    assert (still_owed(target), promised(target)) == ([ACK], [ACK])
    page = made.client("service_lead").get(f"/cases/{target.ref}/deadlines/").text
    assert "went after all, but not everything owed here is what it was written for" in page
    actions.answer_by_law(actor=made.actor("associate"), ref=target.pk, duties=[ACK], contact_id=letter.entry_id)
    assert (still_owed(target), promised(target)) == ([], [])


@pytest.mark.parametrize("later", [20, 5, 3])
def test_a_complaint_that_came_in_after_the_mail_was_written_is_owed(
    made: World, box: ServiceMailbox, post: Post, later: int
) -> None:
    source, target = complaint(made, box, ack=later), complaint(made, box, ack=5)
    letter = answer(made, target)
    merge(made, source, target)
    fail(post)
    again(made, target, letter)
    go(post, letter)
    assert states(target) == ["met", "running"]
    assert (still_owed(target), promised(target)) == ([ACK], [ACK])


def test_what_came_in_before_the_mail_was_written_was_answered_by_it(
    made: World, box: ServiceMailbox, post: Post
) -> None:
    source, target = complaint(made, box, ack=20), complaint(made, box, ack=5)
    merge(made, source, target)
    letter = answer(made, target)
    fail(post)
    assert states(target) == ["met", "running"]
    again(made, target, letter)
    go(post, letter)
    assert states(target) == ["met", "met"]
    assert promised(target) == []
    bounce(box, letter)
    assert (states(target), promised(target)) == (["met", "met", "running"], [ACK])


@pytest.mark.parametrize("how", ["by hand", "by an administrator"])
def test_named_after_it_went_at_last_it_counts_from_when_it_went(
    made: World, box: ServiceMailbox, post: Post, how: str
) -> None:
    case = complaint(made, box)
    said = {"to": GUEST, "subject": "Received", "text": "We have it.", "once": uuid.uuid4()}
    letter = OutboundMail.objects.get(entry=actions.send_mail(actor=made.actor("associate"), ref=case.pk, **said))
    fail(post)
    with time_machine.travel(timezone.now() + timedelta(hours=2), tick=False):
        if how == "by hand":
            again(made, case, letter)
        else:
            dead = OutboxRow.objects.get(idempotency_key=letter.key)
            retry(actor=made.actor("administrator"), row_id=dead.pk)
    with time_machine.travel(timezone.now() + timedelta(hours=3), tick=False):
        go(post, letter)
        went = timezone.now()
    with time_machine.travel(timezone.now() + timedelta(hours=4), tick=False):
        page = made.client("associate").get(f"/cases/{case.ref}/deadlines/").text
        assert time_text(went, "full") in page, "the list says from when it counts"
        actions.answer_by_law(actor=made.actor("associate"), ref=case.pk, duties=[ACK], contact_id=letter.entry_id)
        [response] = StatutoryResponse.objects.filter(case=case)
        assert (response.sent_at, response.clock.met_at) == (went, went)
        bounce(box, letter)
    assert states(case) == ["met", "running"]
    assert len(told()) == 2, "it failed first and came back then"


def test_words_removed_while_an_administrator_has_it_tried_again_never_leave(
    made: World, box: ServiceMailbox, post: Post
) -> None:
    case = complaint(made, box)
    letter = answer(made, case)
    fail(post)
    retry(actor=made.actor("administrator"), row_id=OutboxRow.objects.get(idempotency_key=letter.key).pk)
    letter.refresh_from_db()
    assert (letter.state, letter.error, still_owed(case)) == ("queued", "", [ACK, FINAL])
    actions.redact_entry(actor=made.actor("service_lead"), ref=case.pk, entry_id=letter.entry_id)
    post.answer = ""
    tasks.send()
    letter.refresh_from_db()
    assert (letter.state, letter.error, post.got) == ("failed", "its words were removed", [])
    assert (states(case), len(told())) == (["met", "running"], 1)


def test_where_the_case_goes_on_in_one_that_owes_nothing_itself_it_is_the_answer(
    made: World, box: ServiceMailbox, post: Post
) -> None:
    source, target = complaint(made, box, ack=5), complaint(made, box, final=56)
    letter = answer(made, source)
    fail(post)
    merge(made, source, target)
    go(post, letter)
    assert (states(target), still_owed(target), promised(target)) == (["met"], [FINAL], [FINAL])


def test_it_is_the_answer_whatever_day_the_round_that_runs_again_has(
    made: World, box: ServiceMailbox, post: Post
) -> None:
    source, target = complaint(made, box, ack=5), complaint(made, box, ack=20)
    merge(made, source, target)
    letter = answer(made, target)
    fail(post)
    lift(made, target, source)
    again(made, target, letter)
    go(post, letter)
    assert [clock.due_at for clock in clocks(target)] == [clocks(source)[0].due_at, clocks(target)[1].due_at]
    assert (states(target), promised(target)) == (["met", "met"], [])


def test_another_complaint_of_the_same_case_is_owed(made: World, box: ServiceMailbox, post: Post) -> None:
    case = complaint(made, box, ack=5)
    letter = answer(made, case)
    fail(post)
    received = clocks(case)[0].started_at
    lift(made, case, case)
    law = jurisdiction_with(ack=5)
    actions.regulate(actor=made.actor("associate"), ref=case.pk, jurisdiction_id=law.pk, received_at=received)
    go(post, letter)
    assert (states(case), promised(case)) == (["met", "cancelled", "running"], [ACK])


def test_a_second_answer_that_was_lost_and_went_after_all_is_the_answer(
    made: World, box: ServiceMailbox, post: Post
) -> None:
    case = complaint(made, box, ack=5)
    bounce(box, answer(made, case))
    letter = answer(made, case)
    fail(post)
    assert states(case) == ["met", "met", "running"]
    go(post, letter)
    assert (states(case), promised(case)) == (["met", "met", "met"], [])


def test_what_another_mail_had_answered_is_owed_again_when_that_is_lost(
    made: World, box: ServiceMailbox, post: Post
) -> None:
    source, target = complaint(made, box, ack=20), complaint(made, box, ack=5)
    letter, due = answer(made, target), clocks(source)[0].due_at
    fail(post)
    post.answer = ""
    other = answer(made, source)
    merge(made, source, target)
    go(post, letter)
    assert (states(target), promised(target)) == (["met", "met"], [])
    bounce(box, other)
    assert states(target) == ["met", "met", "running"], "the mail was written before that complaint came in"
    assert (clocks(target)[-1].due_at, StatutoryResponse.objects.count()) == (due, 3)
