"""A process is killed while a message is recorded as the answer by law: both stand there, or neither."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from escalations import actions
from escalations.models import OutboundMail, StatutoryResponse, TimelineEntry
from escalations.queries.statutory import owed
from portal.accounts.rules import SYSTEM
from portal.notifications.models import OutboxRow
from tests.databases import Database
from tests.escalations.pages_world import world
from tests.escalations.processes import killed_at, run
from tests.factories.case_mail import ServiceMailboxFactory
from tests.factories.statutory import ACK, FINAL, jurisdiction_with

pytestmark = pytest.mark.processes
WRITE = """
import uuid
from escalations import actions
from portal.accounts.models import User
from portal.accounts.queries import actor_for
actions.send_mail(actor=actor_for(User.objects.get(pk={user})), ref={case}, to="g@guest.test", subject="S", text="T",
                  once=uuid.UUID("{once}"), duties=["statutory_ack"])
"""


def test_no_letter_without_its_answer_and_no_answer_without_its_letter(fresh_database: Database) -> None:
    made = world()
    box = ServiceMailboxFactory(service=made.service)
    case = actions.create_case(actor=SYSTEM, service_id=box.service_id, site_id=None, subject="I complain")
    law, received = jurisdiction_with(ack=5, final=56), timezone.now() - timedelta(days=1)
    actions.regulate(actor=SYSTEM, ref=case.pk, jurisdiction_id=law.pk, received_at=received)
    write = WRITE.format(user=made.users["associate"].pk, case=case.pk, once=uuid.uuid4())
    killed_at(fresh_database, "escalations_statutoryresponse", write)
    assert not TimelineEntry.objects.filter(case=case, code__in=("mail.out", "statutory.answered")).exists()
    assert not OutboundMail.objects.exists()
    assert not OutboxRow.objects.filter(topic="mail").exists()
    assert [view.metric for view in owed(case.pk)] == [ACK, FINAL]
    run(fresh_database, write + write)
    letter, response = OutboundMail.objects.get(), StatutoryResponse.objects.get()
    assert (response.contact_id, response.sent_at) == (letter.entry_id, letter.entry.at)
    assert [view.metric for view in owed(case.pk)] == [FINAL]
    assert OutboxRow.objects.filter(topic="mail").count() == 1
