"""A mail gets lost while it is named as the answer by law, and while its words are removed; for real, each in a thread."""

import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import Settings

from escalations import actions
from escalations.actions.mail_out import settled
from escalations.models import Case, OutboundMail, ServiceMailbox, StatutoryResponse, TimelineEntry
from escalations.queries.statutory import owed
from portal.accounts.rules import SYSTEM, Actor
from portal.mailbox import intake
from portal.notifications import tasks
from portal.notifications.models import OutboxRow
from tests.databases import Database
from tests.escalations import post_office
from tests.escalations.pages_world import World, world
from tests.escalations.test_merging_together import waited_for
from tests.factories.case_mail import ServiceMailboxFactory
from tests.factories.mailbox import message
from tests.factories.statutory import ACK, FINAL, jurisdiction_with
from tests.together import at_once

pytestmark = pytest.mark.processes


@pytest.fixture
def here(fresh_database: Database, settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> World:
    settings.FILES_ROOT = tmp_path_factory.mktemp("files")
    return world()


def complaint(box: ServiceMailbox) -> Case:
    case = actions.create_case(actor=SYSTEM, service_id=box.service_id, site_id=None, subject="I complain")
    law, received = jurisdiction_with(ack=5, final=56), timezone.now() - timedelta(days=1)
    actions.regulate(actor=SYSTEM, ref=case.pk, jurisdiction_id=law.pk, received_at=received)
    return case


def letter_of(case: Case, who: Actor, *duties: str) -> OutboundMail:
    said = {"to": "g@guest.test", "subject": "S", "text": "T", "once": uuid.uuid4(), "duties": duties}
    return OutboundMail.objects.get(entry=actions.send_mail(actor=who, ref=case.pk, **said))


@pytest.mark.parametrize("how", ["bounced", "failed"])
def test_named_and_lost_at_once_it_is_owed_either_way(here: World, how: str) -> None:
    box, who = ServiceMailboxFactory(service=here.service), here.actor("associate")
    for _ in range(6):
        case = complaint(box)
        letter = letter_of(case, who)
        back = message("550", headers={"In-Reply-To": letter.message_id}, sender="MAILER-DAEMON@mx.test")
        if how == "bounced":
            intake.keep(box.mailbox, back)
        results = at_once(
            lambda case=case, letter=letter: actions.answer_by_law(
                actor=who, ref=case.pk, duties=[ACK], contact_id=letter.entry_id
            ),
            intake.handle_one if how == "bounced" else lambda letter=letter: settled(letter.key, "failed", "550"),
        )
        assert results in (["done", "done"], ["Refused", "done"])
        letter.refresh_from_db()
        assert letter.state == how
        assert [view.metric for view in owed(case.pk)] == [ACK, FINAL]
        named = StatutoryResponse.objects.filter(case=case).count()
        assert named == TimelineEntry.objects.filter(case=case, code="statutory.lost").count()
        assert named == (results[0] == "done")
        assert OutboxRow.objects.filter(payload__kind="case.mail_lost", payload__case=case.pk).count() == 1


def test_lost_twice_at_once_it_runs_again_once(here: World) -> None:
    box, who = ServiceMailboxFactory(service=here.service), here.actor("associate")
    for _ in range(4):
        case = complaint(box)
        letter = letter_of(case, who, ACK)
        headers = {"In-Reply-To": letter.message_id}
        intake.keep(box.mailbox, message("550", headers=headers, sender="MAILER-DAEMON@mx.test"))
        assert at_once(intake.handle_one, lambda letter=letter: settled(letter.key, "failed", "550")) == ["done"] * 2
        letter.refresh_from_db()
        assert letter.state == "bounced"
        assert [(view.metric, view.cycle) for view in owed(case.pk)] == [(ACK, 2), (FINAL, 1)]
        assert TimelineEntry.objects.filter(case=case, code="statutory.lost").count() == 1
        assert OutboxRow.objects.filter(payload__kind="case.mail_lost", payload__case=case.pk).count() == 1


def test_the_sender_waits_for_the_case_before_it_marks_its_row(here: World, settings: Settings) -> None:
    box, who = ServiceMailboxFactory(service=here.service), here.actor("service_lead")
    case = complaint(box)
    letter = letter_of(case, who, ACK)
    held, over = threading.Event(), threading.Event()

    def removing() -> None:
        """Holds the case until the sender waits for it, and then wants the letter's row."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM escalations_case WHERE id = %s FOR NO KEY UPDATE", [case.pk])
            held.set()
            while not (over.is_set() or waited_for(cursor)):
                pass
            actions.redact_entry(actor=who, ref=case.pk, entry_id=letter.entry_id)

    def sending() -> None:
        held.wait(30)
        try:
            tasks.send()
        finally:
            over.set()

    with post_office.running() as post:
        settings.MAILERS, post.answer = post.mailers(), "550 no such user"
        assert at_once(removing, sending) == ["done", "done"]
    letter.refresh_from_db()
    assert letter.state == "failed"
    assert [view.metric for view in owed(case.pk)] == [ACK, FINAL]
    assert TimelineEntry.objects.filter(case=case, code="statutory.lost").count() == 1
