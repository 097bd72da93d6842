"""A question is withdrawn in the moment in which it is handed round, in two connections."""

from datetime import timedelta

import pytest
from django.utils import timezone

from escalations.actions import ask_colleague, withdraw_consult
from escalations.models import Case
from portal.notifications.models import OutboxRow
from tests.databases import Database
from tests.escalations.pages_world import World, world


@pytest.fixture
def made(fresh_database: Database) -> World:
    return world()


@pytest.fixture
def case(made: World) -> Case:
    return made.case_in_work()


def test_what_is_being_handed_round_counts_as_heard(fresh_database: Database, made: World, case: Case) -> None:
    due = timezone.now() + timedelta(hours=4)
    asker = made.actor("associate")
    consult = ask_colleague(
        actor=asker, ref=case.ref, user_id=made.users["service_lead"].pk, question="Which form?", due_at=due
    )
    key = f"case.consult_asked:{consult.pk}"
    with fresh_database.connect() as worker, worker.transaction():
        worker.execute("SELECT FROM notifications_outboxrow WHERE idempotency_key = %s FOR UPDATE SKIP LOCKED", [key])
        withdraw_consult(actor=asker, consult_id=consult.pk)
    assert OutboxRow.objects.filter(idempotency_key=f"case.consult_withdrawn:{consult.pk}", sent_at=None).exists()
