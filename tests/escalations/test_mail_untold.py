"""A database that fails while the sender notes how a letter ended: nothing is sent twice, and its case hears of it all the same."""

import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from escalations import actions
from escalations.actions.mail_out import settled
from escalations.models import Case, OutboundMail, ServiceMailbox, StatutoryResponse
from escalations.queries.statutory import owed
from escalations.tasks import settle_mail
from portal.notifications import tasks
from portal.notifications.actions import retry
from portal.notifications.models import OutboxRow
from portal.notifications.rules import MAX_ATTEMPTS
from sla.actions import tick
from tests.databases import Database
from tests.escalations import post_office
from tests.escalations.pages_world import World, world
from tests.escalations.post_office import Post
from tests.factories.case_mail import ServiceMailboxFactory
from tests.factories.statutory import ACK, FINAL, jurisdiction_with

# The sequence goes on when what it was asked in is rolled back, so that the fault happens so many times.
FAULT = """
CREATE SEQUENCE faults;
CREATE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    IF nextval('faults') <= {times} THEN RAISE EXCEPTION 'no space left on device' USING ERRCODE = 'disk_full'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER fault BEFORE UPDATE ON escalations_outboundmail FOR EACH ROW EXECUTE FUNCTION fault();
"""
Break = Callable[[int], None]


@pytest.fixture
def post(settings: Settings, tmp_path: Path) -> Iterator[Post]:
    """A mail server on loopback."""
    settings.FILES_ROOT = tmp_path / "files"
    with post_office.running() as running:
        settings.MAILERS = running.mailers()
        yield running


@pytest.fixture
def made(fresh_database: Database) -> World:
    return world()


@pytest.fixture
def broken(fresh_database: Database) -> Break:
    """So many times from now on the database does not take how a letter ended."""

    def broken(times: int) -> None:
        with fresh_database.connect(as_owner=True) as owner:
            owner.execute(FAULT.format(times=times))

    return broken


@pytest.fixture
def case(made: World) -> Case:
    """A complaint of two answers by law."""
    box: ServiceMailbox = ServiceMailboxFactory(service=made.service)
    found = made.case(service_id=box.service_id)
    law, received = jurisdiction_with(ack=5, final=56), timezone.now() - timedelta(days=1)
    actions.regulate(actor=made.actor("associate"), ref=found.pk, jurisdiction_id=law.pk, received_at=received)
    return found


def write(made: World, case: Case, *duties: str) -> OutboundMail:
    """A letter that is the answer to these."""
    said = {"to": "ming@guest.test", "subject": "S", "text": "We have it.", "once": uuid.uuid4(), "duties": duties}
    return OutboundMail.objects.get(entry=actions.send_mail(actor=made.actor("associate"), ref=case.pk, **said))


def again() -> None:
    """Later, when what was put off is due."""
    OutboxRow.objects.filter(state="pending").update(next_attempt_at=timezone.now())
    tasks.send()


def state(letter: OutboundMail) -> tuple[str, str, str]:
    """As its case shows it, as the outbox has it, and what the case was told."""
    letter.refresh_from_db()
    told = OutboxRow.objects.filter(topic="fanout", payload__kind="case.mail_lost").count()
    return letter.state, OutboxRow.objects.get(idempotency_key=letter.key).state, "told" if told else ""


def test_what_failed_and_could_not_be_told_is_tried_again(made: World, case: Case, post: Post, broken: Break) -> None:
    letter = write(made, case, ACK)
    broken(1)
    post.answer = "550 5.1.1 no such user"
    tasks.send()
    assert state(letter) == ("queued", "pending", "")
    assert [view.metric for view in owed(case.pk)] == [FINAL]
    again()
    assert (state(letter), letter.error) == (("failed", "dead", "told"), "550 5.1.1 no such user")
    assert {view.metric for view in owed(case.pk)} == {ACK, FINAL}
    post.answer = ""
    client, url = made.client("associate"), f"/cases/{case.ref}/entries/{letter.entry_id}/mail/again/"
    assert client.post(url).status_code == 302
    tasks.send()
    assert (state(letter)[:2], len(post.got)) == (("sent", "sent"), 1)
    assert [view.metric for view in owed(case.pk)] == [FINAL]


def test_the_reason_is_kept_when_nobody_tries_to_send_it_any_more(
    made: World, case: Case, post: Post, broken: Break
) -> None:
    letter = write(made, case, ACK)
    OutboxRow.objects.filter(idempotency_key=letter.key).update(attempts=MAX_ATTEMPTS - 1)
    broken(2)
    post.answer = "450 busy"
    tasks.send()
    assert state(letter) == ("queued", "pending", "")
    post.answer = ""
    again()
    assert (state(letter), post.got) == (("queued", "pending", ""), []), "it was tried often enough"
    again()
    assert (state(letter), letter.error, post.got) == (("failed", "dead", "told"), "450 busy", [])


def test_what_is_out_stays_sent_and_its_case_hears_of_it_later(
    made: World, case: Case, post: Post, broken: Break
) -> None:
    letter = write(made, case, ACK)
    broken(2)
    tasks.send()
    assert state(letter) == ("queued", "sent", "")
    again()
    assert (settle_mail(), state(letter)[0]) == (0, "queued"), "the database fails once more"
    assert (settle_mail(), state(letter)) == (1, ("sent", "sent", ""))
    at = letter.settled_at
    assert (settle_mail(), state(letter)[0], letter.settled_at) == (0, "sent", at)
    assert len(post.got) == 1
    assert [view.metric for view in owed(case.pk)] == [FINAL]


def test_a_case_that_somebody_holds_makes_no_letter_go_twice(
    fresh_database: Database, made: World, case: Case, post: Post
) -> None:
    letter = write(made, case, ACK)
    with fresh_database.connect(as_owner=True) as other, other.transaction():
        other.execute("SELECT FROM escalations_case WHERE id = %s FOR UPDATE", [case.pk])
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '200ms'")
        tasks.send()
        assert (state(letter)[:2], settle_mail()) == (("queued", "sent"), 0)
    assert settle_mail() == 1
    again()
    assert (state(letter)[:2], len(post.got)) == (("sent", "sent"), 1)


def test_what_an_administrator_had_tried_again_is_noted_later_as_well(
    made: World, case: Case, post: Post, broken: Break
) -> None:
    letter = write(made, case, ACK)
    post.answer = "550 5.1.1 no such user"
    tasks.send()
    assert state(letter) == ("failed", "dead", "told")
    post.answer = ""
    retry(actor=made.actor("administrator"), row_id=OutboxRow.objects.get(idempotency_key=letter.key).pk)
    broken(1)
    tasks.send()
    assert (state(letter)[:2], len(post.got)) == (("queued", "sent"), 1)
    assert {view.metric for view in owed(case.pk)} == {ACK, FINAL}
    assert (settle_mail(), state(letter)[:2]) == (1, ("sent", "sent"))
    assert [view.metric for view in owed(case.pk)] == [FINAL]


def test_noted_after_the_deadline_it_counts_from_when_it_went(
    made: World, case: Case, post: Post, broken: Break
) -> None:
    letter = write(made, case, ACK)
    post.answer = "550 5.1.1 no such user"
    tasks.send()
    post.answer = ""
    actions.send_again(actor=made.actor("associate"), ref=case.pk, entry_id=letter.entry_id)
    broken(1)
    tasks.send()
    went = OutboxRow.objects.get(idempotency_key=letter.key).sent_at
    with time_machine.travel(timezone.now() + timedelta(days=9), tick=False):
        tick()
        assert settle_mail() == 1
    assert state(letter)[0] == "sent"
    response = StatutoryResponse.objects.filter(case=case).latest("pk")
    assert {letter.settled_at, response.sent_at, response.clock.met_at, response.entry.at} == {went}
    assert went is not None
    assert went < response.clock.due_at
    settled(letter.key, "sent", "", letter.queued_at - timedelta(hours=1))
    letter.refresh_from_db()
    assert letter.settled_at == letter.queued_at, "never before it was on its way"


def test_what_an_earlier_version_left_without_a_word_is_owed_again(made: World, case: Case, post: Post) -> None:
    letter, waiting = write(made, case, ACK), write(made, case)
    rows = OutboxRow.objects.filter(idempotency_key=letter.key)
    rows.update(state="dead", last_error="550 no such user")
    assert settle_mail() == 1
    assert (state(letter), letter.error) == (("failed", "dead", "told"), "550 no such user")
    assert {view.metric for view in owed(case.pk)} == {ACK, FINAL}
    assert state(waiting)[:2] == ("queued", "pending"), "what is on its way is left alone"


def test_letters_that_wait_are_found_by_indexes(made: World, case: Case) -> None:
    write(made, case)
    with CaptureQueriesContext(connection) as caught:
        assert settle_mail() == 0
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        cursor.execute(f"EXPLAIN {caught[0]['sql']}")
        plan = " ".join(line for (line,) in cursor.fetchall())
    assert (len(caught), "outbound_mail_queued" in plan, "outbox_key_once" in plan) == (1, True, True), plan
