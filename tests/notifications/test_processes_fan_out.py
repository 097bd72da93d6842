"""Real workers handing events round: one dies in the middle, two run at once; each event counts once."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from portal.accounts.models import User
from portal.notifications import tasks
from portal.notifications.actions import Emission, emit
from portal.notifications.models import Notification, OutboxRow
from tests.databases import ROOT, Database
from tests.factories.notifications import ReaderFactory

pytestmark = pytest.mark.processes
READERS, EVENTS = 10, 9000
WORK = """
from portal.notifications.delivery import fanout
from tests.factories.notifications import kind, registered
plain = kind()
def resolve(payloads):
    found = plain.resolve(payloads)
    if {die}:
        input("inside\\n")
    return found
with registered(kind(resolve=resolve)):
    input("ready\\n")
    print(sum(iter(fanout.fan_out_batch, 0)))
"""


@contextmanager
def worker(database: Database, *, die: bool = False) -> Iterator[subprocess.Popen[str]]:
    """A process that hands events round once it gets a line; with `die` it stops inside its first batch."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", WORK.format(die=die)],
        cwd=ROOT, env=database.env, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        wait_for(process, "ready")
        yield process
    finally:
        process.kill()
        process.communicate()


def wait_for(process: subprocess.Popen[str], word: str) -> None:
    assert process.stdout is not None
    while (line := process.stdout.readline()) != f"{word}\n":
        assert line or process.poll() is None, "the worker ended early"


def go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def emit_everything() -> list[User]:
    readers = [ReaderFactory() for _ in range(READERS)]
    emit(
        [
            Emission("test.breached", f"e:{n}", {"subject": n, "ref": f"EC-{n}", "to": [readers[n % READERS].pk]}, "t1")
            for n in range(EVENTS)
        ]
    )
    return readers


def counts() -> list[int]:
    return list(Notification.objects.order_by("recipient_id").values_list("count", flat=True))


def test_a_worker_killed_inside_a_batch_leaves_nothing_half_done(fresh_database: Database) -> None:
    emit_everything()
    with worker(fresh_database, die=True) as process:
        go(process)
        wait_for(process, "inside")
        process.kill()
        process.wait()
    assert counts() == []
    while OutboxRow.objects.filter(topic="fanout", state="pending").exists():
        tasks.fan_out()
    assert counts() == [EVENTS // READERS] * READERS


def test_two_workers_at_once_count_each_event_once(fresh_database: Database) -> None:
    emit_everything()
    with worker(fresh_database) as one, worker(fresh_database) as two:
        go(one)
        go(two)
        done = [int(process.communicate(timeout=60)[0].split()[-1]) for process in (one, two)]
    assert sum(done) == EVENTS
    assert counts() == [EVENTS // READERS] * READERS
    assert OutboxRow.objects.filter(topic="notice").count() == READERS
