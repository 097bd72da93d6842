"""The same request from several processes at the same moment, for real; and a server that is killed."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from escalations.models import Case, Service, TimelineEntry
from partners.models import Site
from portal.api.models import IdempotentRequest
from tests.databases import ROOT, Database
from tests.factories.accounts import somebody
from tests.factories.api import ApiTokenFactory
from tests.factories.escalations import ServiceFactory
from tests.factories.partners import SiteFactory

pytestmark = pytest.mark.processes
ASK = """
import json, sys
from django.test import Client
client = Client()
print("ready", flush=True)
for line in sys.stdin:
    key, subject = line.split()
    answer = client.post(
        "/api/v1/cases", json.dumps({"service": "payments", "site": "DLC", "subject": subject}), content_type="application/json",
        headers={"Authorization": "Bearer pop_together", "Idempotency-Key": key, "Host": "localhost"},
    )
    print(answer.status_code, answer.json().get("ref") or answer.json()["code"], flush=True)
"""
# Dies with its work done and not committed.
DIES = f"""
import os, signal, sys
import portal.api.http
sys.modules["portal.api.http.once"].insert = lambda rows: os.kill(os.getpid(), signal.SIGKILL)
{ASK}"""


@pytest.fixture
def place(fresh_database: Database) -> tuple[Service, Site]:
    service, site = ServiceFactory(code="payments"), SiteFactory(code="DLC")
    ApiTokenFactory(user=somebody("coordinator", site=site), text="pop_together")
    return service, site


@contextmanager
def process(database: Database, code: str) -> Iterator[subprocess.Popen[str]]:
    """A process of its own that asks what it is told to, from its word "ready" on."""
    running = subprocess.Popen(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", code], cwd=ROOT,
        env={**database.env, "API_REQUESTS_PER_MINUTE": "100000"}, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert running.stdout is not None
        while running.stdout.readline() != "ready\n":
            assert running.poll() is None, "the process ended before it began"
        yield running
    finally:
        running.kill()
        running.communicate()


def ask(one: subprocess.Popen[str], key: str, subject: str) -> None:
    assert one.stdin is not None
    one.stdin.write(f"{key} {subject}\n")
    one.stdin.flush()


def told(one: subprocess.Popen[str]) -> list[str]:
    assert one.stdout is not None
    return one.stdout.readline().split()


def test_of_two_processes_with_one_key_one_does_it_and_both_hear_the_same(
    fresh_database: Database, place: tuple[Service, Site]
) -> None:
    with ExitStack() as stack:
        both = [stack.enter_context(process(fresh_database, ASK)) for _ in range(2)]
        for number in range(100):
            for one in both:
                ask(one, f"key-{number}", f"Matter-{number}")
        answers = [[told(one) for _ in range(100)] for one in both]
    assert answers[0] == answers[1]
    assert {status for status, _ref in answers[0]} == {"201"}
    assert len({ref for _status, ref in answers[0]}) == 100
    assert (Case.objects.count(), IdempotentRequest.objects.count()) == (100, 100)
    assert TimelineEntry.objects.filter(kind="opened").count() == 100


def test_of_two_bodies_under_one_key_one_is_refused(fresh_database: Database, place: tuple[Service, Site]) -> None:
    with ExitStack() as stack:
        both = [stack.enter_context(process(fresh_database, ASK)) for _ in range(2)]
        for number in range(50):
            for letter, one in zip("AB", both, strict=True):
                ask(one, f"key-{number}", f"Matter-{letter}-{number}")
        pairs = [sorted(told(one)[0] for one in both) for _ in range(50)]
    assert pairs == [["201", "422"]] * 50
    assert Case.objects.count() == 50


def test_a_server_killed_before_its_commit_has_done_nothing_and_the_key_is_free(
    fresh_database: Database, place: tuple[Service, Site]
) -> None:
    with process(fresh_database, DIES) as doomed:
        ask(doomed, "key", "Matter")
        assert told(doomed) == []
        assert doomed.wait(30) == -signal.SIGKILL
    assert (Case.objects.count(), TimelineEntry.objects.count(), IdempotentRequest.objects.count()) == (0, 0, 0)
    with process(fresh_database, ASK) as second:
        ask(second, "key", "Matter")
        assert told(second)[0] == "201"
        ask(second, "key", "Matter")
        assert told(second)[0] == "201"
    assert Case.objects.count() == 1
