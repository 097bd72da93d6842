"""A mail that was the answer by law and did not arrive: what it had met runs again, to the same instant, and nothing twice."""

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from pytest_django import Settings

from escalations import actions
from escalations.actions.mail_out import settled
from escalations.models import Case, OutboundMail, ServiceMailbox, StatutoryResponse, TimelineEntry
from escalations.queries import KIND
from escalations.queries.awaited import still_promised
from escalations.queries.owed import owed_cases
from escalations.queries.statutory import owed
from portal.accounts.rules import SYSTEM, Actor
from portal.audit.models import AuditEntry
from portal.notifications import tasks
from portal.notifications.models import Notification, OutboxRow
from sla.actions import tick
from sla.models import Clock, ClockEvent
from tests.escalations import post_office
from tests.escalations.mailing import box, codes, files_root, made
from tests.escalations.pages_world import World
from tests.escalations.post_office import Post
from tests.factories.case_mail import case_of, receive
from tests.factories.statutory import ACK, FINAL, jurisdiction_with

__all__ = ["box", "files_root", "made"]
pytestmark = pytest.mark.django_db
GUEST = "ming@guest.example.test"


@pytest.fixture
def post(settings: Settings) -> Iterator[Post]:
    """A mail server on loopback."""
    with post_office.running() as running:
        settings.MAILERS = running.mailers()
        yield running


def complaint(made: World, box: ServiceMailbox, *, days: int = 1, **terms: int) -> Case:
    """Received so many days ago; five days for the acknowledgement and 56 for the final response, unless said otherwise."""
    case = case_of(receive(box, "I complain.", id=f"<{uuid.uuid4()}@guest>"))
    Case.objects.filter(pk=case.pk).update(owner=made.users["service_lead"])
    law, received = jurisdiction_with(**(terms or {"ack": 5, "final": 56})), timezone.now() - timedelta(days=days)
    actions.regulate(actor=made.actor("associate"), ref=case.pk, jurisdiction_id=law.pk, received_at=received)
    return case


def answer(made: World, case: Case, *duties: str, who: Actor | None = None) -> OutboundMail:
    """A mail that is the answer to these duties."""
    said = {"to": GUEST, "subject": "Received", "text": "We have it.", "once": uuid.uuid4(), "duties": duties or [ACK]}
    return OutboundMail.objects.get(entry=actions.send_mail(actor=who or made.actor("associate"), ref=case.pk, **said))


def bounce(box: ServiceMailbox, letter: OutboundMail) -> None:
    receive(box, f"550 {uuid.uuid4()}", headers={"In-Reply-To": letter.message_id}, sender="MAILER-DAEMON@mx.test")


def clocks(case: Case, metric: str = ACK) -> list[Clock]:
    return list(Clock.objects.filter(subject_kind=KIND, subject_id=case.pk, metric=metric).order_by("cycle"))


def states(case: Case, metric: str = ACK) -> list[str]:
    return [clock.state for clock in clocks(case, metric)]


def steps(clock: Clock) -> list[tuple[str, int, datetime]]:
    kinds = ("warned", "breached", "escalated")
    rows = ClockEvent.objects.filter(clock=clock, kind__in=kinds).order_by("at", "pk")
    return list(rows.values_list("kind", "threshold", "at"))


def fired(clock: Clock) -> list[tuple[str, int]]:
    return [(kind, threshold) for kind, threshold, _at in steps(clock)]


def told() -> list[dict[str, Any]]:
    return list(OutboxRow.objects.filter(payload__kind="case.mail_lost").values_list("payload", flat=True))


def still_owed(case: Case) -> list[str]:
    return [view.metric for view in owed(case.pk)]


def test_it_runs_again_to_the_same_instant_and_what_was_met_stays_written(made: World, box: ServiceMailbox) -> None:
    case = complaint(made, box)
    letter = answer(made, case)
    [before] = Clock.objects.filter(subject_id=case.pk, metric=ACK).values()
    events = list(ClockEvent.objects.filter(clock=before["id"]).values())
    bounce(box, letter)
    bounce(box, letter)
    settled(letter.key, "failed", "550")
    assert states(case) == ["met", "running"]
    [old, again] = clocks(case)
    assert Clock.objects.filter(pk=old.pk).values().get() == before
    assert list(ClockEvent.objects.filter(clock=old).values()) == events
    assert (again.started_at, again.due_at, again.cycle) == (old.started_at, old.due_at, 2)
    [entry] = TimelineEntry.objects.filter(case=case, code="statutory.lost")
    assert (entry.params["duties"], entry.params["how"], entry.is_internal) == ([ACK], "bounced", True)
    [row] = AuditEntry.objects.filter(verb="case.owed_again_by_law", subject_id=case.pk)
    assert row.changes == {"entry": letter.entry_id, "duties": [ACK]}
    assert [(one["case"], one["by_law"]) for one in told()] == [(case.pk, True)]
    tasks.fan_out()
    for who in ("associate", "service_lead"):
        [notice] = Notification.objects.filter(kind="case.mail_lost", recipient=made.users[who])
        assert notice.params["by_law"]
    client = made.client("service_lead")
    assert f"{case.ref}: an answer by law did not arrive, its deadline runs again" in client.get("/inbox/").text
    assert "The mail came back, so it is owed again: Acknowledgement by law" in client.get(f"/cases/{case.ref}/").text
    page = client.get(f"/cases/{case.ref}/deadlines/").text
    assert "That mail: Came back." in page
    assert f'value="{letter.entry_id}"' not in page


def test_another_answer_meets_it_and_stays_whatever_the_mail_does(made: World, box: ServiceMailbox, post: Post) -> None:
    case = complaint(made, box)
    letter = answer(made, case)
    post.answer = "550 no such user"
    tasks.send()
    assert states(case) == ["met", "running"]
    call = {"channel": "phone", "direction": "out", "outcome": "reached", "text": "We have it.", "duties": [ACK]}
    actions.log_contact(actor=made.actor("associate"), ref=case.pk, **call)
    assert states(case) == ["met", "met"]
    post.answer = ""
    actions.send_again(actor=made.actor("associate"), ref=case.pk, entry_id=letter.entry_id)
    tasks.send()
    bounce(box, letter)
    assert states(case) == ["met", "met"]
    assert StatutoryResponse.objects.filter(case=case).count() == 2
    assert codes(case).count("statutory.lost") == 1
    assert ACK not in still_promised(case.pk)


def test_named_while_it_is_tried_again_it_counts_from_then(made: World, box: ServiceMailbox, post: Post) -> None:
    case, worker = complaint(made, box), made.actor("associate")
    letter = answer(made, case)
    post.answer = "550 no such user"
    tasks.send()
    again = timezone.now()
    actions.send_again(actor=worker, ref=case.pk, entry_id=letter.entry_id)
    actions.answer_by_law(actor=worker, ref=case.pk, duties=[ACK], contact_id=letter.entry_id)
    assert StatutoryResponse.objects.latest("pk").sent_at >= again
    tasks.send()
    assert states(case) == ["met", "met", "running"], "it did not go this time either"
    assert codes(case).count("statutory.lost") == 2


def test_a_retry_that_fails_again_changes_nothing(made: World, box: ServiceMailbox, post: Post) -> None:
    case = complaint(made, box)
    letter = answer(made, case)
    post.answer = "550 no such user"
    for _ in range(2):
        tasks.send()
        OutboxRow.objects.filter(idempotency_key=letter.key).update(state="pending", next_attempt_at=timezone.now())
    assert states(case) == ["met", "running"]
    assert (codes(case).count("statutory.lost"), len(told())) == (1, 1)


def test_what_fell_due_meanwhile_fires_at_its_own_instant_and_nothing_a_second_time(
    made: World, box: ServiceMailbox
) -> None:
    case = complaint(made, box, days=10, ack=5)
    [old] = clocks(case)
    answered = old.due_at - (old.due_at - old.started_at) * 0.2
    tick(now=answered)
    with time_machine.travel(answered, tick=False):
        letter = answer(made, case, who=SYSTEM)
    tick()
    assert fired(old) == [("warned", 75)]
    bounce(box, letter)
    tick()
    tick()
    [old, again] = clocks(case)
    later = [("warned", 90), ("breached", 0), ("escalated", 1), ("escalated", 2)]
    assert (fired(old), fired(again)) == ([("warned", 75)], later)
    instants = [at for _kind, _n, at in steps(again)][1:]
    assert instants == [old.due_at, old.due_at + timedelta(minutes=30), old.due_at + timedelta(minutes=120)]
    assert (again.breached_at, Case.objects.get(pk=case.pk).escalation_level) == (old.due_at, 2)
    tasks.fan_out()
    breaches = Notification.objects.filter(kind="case.clock_breached", recipient=made.users["service_lead"])
    assert breaches.count() == 1


def test_a_breach_that_somebody_took_on_before_stays_theirs(made: World, box: ServiceMailbox) -> None:
    case = complaint(made, box, days=6, ack=5)
    tick()
    [view] = owed(case.pk)
    actions.acknowledge_clock(actor=made.actor("associate"), ref=case.pk, clock_id=view.id)
    letter = answer(made, case)
    [old] = clocks(case)
    before = fired(old)
    assert ("breached", 0) in before
    bounce(box, letter)
    tick(now=timezone.now() + timedelta(days=30))
    [old, again] = clocks(case)
    assert (fired(old), fired(again)) == (before, [])
    assert (again.breached_at, again.acknowledged_at) == (old.due_at, old.acknowledged_at)


@pytest.mark.parametrize("ended", ["resolve", "close", "reject"])
def test_an_ended_case_owes_again_and_stays_ended(made: World, box: ServiceMailbox, ended: str) -> None:
    case, worker = complaint(made, box, final=56), made.actor("service_lead")
    letter = answer(made, case, FINAL)
    verbs = {"reject": ["reject"], "resolve": ["start", "resolve"], "close": ["start", "resolve", "close"]}[ended]
    for verb in verbs:
        actions.set_state(actor=worker, ref=case.pk, verb=verb, reason="Done", reject_reason="spam")
    assert not owed_cases(worker).exists()
    bounce(box, letter)
    case.refresh_from_db()
    assert case.state == {"reject": "rejected", "resolve": "resolved", "close": "closed"}[ended]
    assert (states(case, FINAL), still_owed(case)) == (["met", "running"], [FINAL])
    assert case.next_due_at == clocks(case, FINAL)[0].due_at
    assert [one.pk for one in owed_cases(worker)] == [case.pk]


def test_where_the_case_was_merged_the_survivor_owes_it(made: World, box: ServiceMailbox) -> None:
    source, target = complaint(made, box), complaint(made, box, final=56)
    letter = answer(made, source)
    due = clocks(source)[0].due_at
    actions.merge(actor=made.actor("service_lead"), source=source.pk, target=target.pk, reason="Same matter")
    assert ACK not in still_owed(target)
    settled(letter.key, "failed", "550 no")
    bounce(box, letter)
    assert (states(source), states(target)) == (["met"], ["running"])
    assert clocks(target)[0].due_at == due
    assert (codes(source).count("statutory.lost"), codes(target).count("statutory.lost")) == (0, 1)
    assert {one["case"] for one in told()} == {target.pk}
    again = answer(made, target)
    assert states(target) == ["met"]
    bounce(box, again)
    assert (states(target), clocks(target)[-1].due_at) == (["met", "running"], due)


def test_what_was_answered_after_the_merging_is_answered(made: World, box: ServiceMailbox) -> None:
    source, target = complaint(made, box), complaint(made, box)
    lost = answer(made, source)
    actions.merge(actor=made.actor("service_lead"), source=source.pk, target=target.pk, reason="Same matter")
    kept = answer(made, target)
    bounce(box, lost)
    assert (states(target), codes(target).count("statutory.lost")) == (["met"], 0)
    bounce(box, kept)
    assert states(target) == ["met", "running"]
    assert clocks(target)[-1].due_at == min(clocks(source)[0].due_at, clocks(target)[0].due_at)


def test_of_a_mark_that_was_taken_away_nothing_runs_again(made: World, box: ServiceMailbox) -> None:
    case = complaint(made, box)
    letter = answer(made, case)
    actions.lift_regulation(actor=made.actor("service_lead"), ref=case.pk, reason="A question")
    bounce(box, letter)
    assert (states(case), still_owed(case), codes(case).count("statutory.lost")) == (["met"], [], 0)
    assert ["by_law" in one for one in told()] == [False]


def test_another_complaint_that_runs_already_takes_the_earlier_day(made: World, box: ServiceMailbox) -> None:
    source, target = complaint(made, box, ack=20), complaint(made, box, ack=5)
    letter = answer(made, target)
    due = clocks(target)[0].due_at
    actions.merge(actor=made.actor("service_lead"), source=source.pk, target=target.pk, reason="Same matter")
    assert [view.due_at for view in owed(target.pk)] == [clocks(source)[0].due_at]
    bounce(box, letter)
    assert [view.due_at for view in owed(target.pk)] == [due]
    assert states(target) == ["met", "running"]


def test_words_removed_before_it_went_are_no_answer(made: World, box: ServiceMailbox) -> None:
    case = complaint(made, box)
    letter = answer(made, case)
    actions.redact_entry(actor=made.actor("service_lead"), ref=case.pk, entry_id=letter.entry_id)
    assert still_owed(case) == [ACK, FINAL]
    [entry] = TimelineEntry.objects.filter(case=case, code="statutory.lost")
    assert entry.params["how"] == "failed"
