"""Real senders: one is killed between sending and marking, two run at once."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.utils import timezone

from portal.notifications import tasks
from portal.notifications.delivery.composing import message_id
from portal.notifications.models import OutboxRow
from tests.databases import ROOT, Database
from tests.factories.notifications import MailRowFactory
from tests.notifications.smtp import Sink

pytestmark = pytest.mark.processes
SEND = "from portal.notifications.delivery.sender import send_batch; input('ready\\n'); print(sum(iter(send_batch, 0)))"


@contextmanager
def sender(database: Database, sink: Sink) -> Iterator[subprocess.Popen[str]]:
    """A process that sends until nothing is due, once it gets a line."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", SEND],
        cwd=ROOT, env=database.env | sink.environment(), text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        while process.stdout.readline() != "ready\n":
            assert process.poll() is None, "the sender ended before it began"
        yield process
    finally:
        process.kill()
        process.communicate()


def go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def test_a_sender_killed_before_it_could_mark_is_followed_by_one_that_sends_the_same_mail(
    fresh_database: Database, sink: Sink
) -> None:
    row = MailRowFactory()
    sink.stall = True
    with sender(fresh_database, sink) as process:
        go(process)
        assert sink.arrived.wait(30)
        process.kill()
        process.wait()
    row.refresh_from_db()
    assert (row.state, row.attempts, row.sent_at) == ("pending", 1, None)
    assert row.leased_until > timezone.now()

    sink.stall = False
    tasks.send()
    assert len(sink.messages) == 1, "nobody takes the row up while the lease runs"

    OutboxRow.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    tasks.send()
    row.refresh_from_db()
    assert (row.state, row.attempts, row.lease_token) == ("sent", 2, None)
    assert [message["Message-ID"] for message in sink.messages] == [message_id(row.idempotency_key)] * 2


def test_two_senders_at_once_send_each_row_once(fresh_database: Database, sink: Sink) -> None:
    for number in range(150):
        MailRowFactory(idempotency_key=f"m{number:03}")
    with sender(fresh_database, sink) as one, sender(fresh_database, sink) as two:
        go(one)
        go(two)
        counts = [int(process.communicate(timeout=60)[0]) for process in (one, two)]
    assert sorted(sink.subjects) == [f"m{number:03}" for number in range(150)]
    assert sum(counts) == 150
    assert set(OutboxRow.objects.values_list("state", "attempts")) == {("sent", 1)}


def test_a_sender_that_lost_its_lease_marks_nothing(fresh_database: Database, sink: Sink) -> None:
    from portal.notifications.delivery import outbox

    MailRowFactory()
    (late,) = outbox.claim_messages(1)
    OutboxRow.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    (current,) = outbox.claim_messages(1)
    assert not outbox.mark_sent(late)
    outbox.postpone(late, "late", 5)
    outbox.bury(late, "late")
    row = OutboxRow.objects.get()
    assert (row.state, row.lease_token, row.attempts) == ("pending", current.token, 2)
    assert outbox.mark_sent(current)
