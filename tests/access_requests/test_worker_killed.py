"""A real worker is killed while a system carries out its call: another one settles it, and nothing is granted twice."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from access_requests.actions import dispatch, report_leavers
from access_requests.actions.carrying import turn
from access_requests.models import Grant
from portal.accounts.rules import SYSTEM
from portal.notifications.models import OutboxRow
from portal.notifications.registry import RetryLater
from tests.access_requests import fake_scim
from tests.access_requests.carrying import TOKEN, agent, asked, entitlement, held, run, scim_system, state
from tests.access_requests.fake_scim import FakeScim, Fault
from tests.browser import test_worker_dies as workers
from tests.databases import Database

pytestmark = pytest.mark.processes
TASK = "notifications.dispatch"


@pytest.fixture
def server(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeScim]:
    settings.WEBHOOKS_ALLOW_PRIVATE = True
    monkeypatch.setenv("WEBHOOKS_ALLOW_PRIVATE", "1")
    monkeypatch.setenv("WEBHOOKS_TIMEOUT", "30")
    with fake_scim.running(TOKEN) as running:
        running.add_group("Agents")
        yield running


def killed_in_the_call(database: Database, server: FakeScim, fault: Fault) -> None:
    """Let a worker come as far as this call, let the system carry it out, and kill the worker before it hears of it."""
    server.holding.clear()
    server.faults = [fault]
    with workers.worker(database) as process:
        workers.send(database, TASK)
        assert server.holding.wait(workers.PATIENCE)
        workers.kill(process)
    server.apply_late()
    with database.connect() as watcher:
        held_locks = "SELECT 1 FROM pg_locks l JOIN pg_database d ON d.oid = l.database WHERE l.locktype = 'advisory' AND d.datname = %s"
        while watcher.execute(held_locks, [database.name]).fetchone():
            pass
    OutboxRow.objects.filter(leased_until__isnull=False).update(leased_until=timezone.now() - timedelta(seconds=1))


def test_between_the_call_and_its_mark(fresh_database: Database, server: FakeScim) -> None:
    person = agent()
    agents = entitlement(scim_system(server), "Agents")
    item = asked(person, agents)
    dispatch()
    killed_in_the_call(fresh_database, server, Fault("PATCH", "/Groups", late=True))
    assert (state(item), Grant.objects.get().confirmed_at) == ("sent", None), "the system may know"
    workers.run(fresh_database, TASK)
    assert state(item) == "verified"
    assert server.done == [("create", person.email), ("join", "Agents", person.email)]

    report_leavers(
        actor=SYSTEM, site_id=person.placements.get().site_id, person_ids=[person.pk], last_shift_at=timezone.now()
    )
    dispatch()
    killed_in_the_call(fresh_database, server, Fault("PATCH", "/Users", late=True))
    assert held(person) == {"Agents"}
    workers.run(fresh_database, TASK)
    assert (server.live(person.email), server.left_in_groups(person.email), held(person)) == (set(), set(), set())


def test_one_change_of_an_account_at_a_time(fresh_database: Database, server: FakeScim) -> None:
    item = asked(agent(), entitlement(scim_system(server), "Agents"))
    with fresh_database.connect() as other:
        key = f"access:{item.entitlement.system_id}:{item.person_id}"
        other.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [key])
        with pytest.raises(RetryLater), turn(item.entitlement.system_id, item.person_id):
            pytest.fail("two at once")
        run()
        assert (state(item), server.requests) == ("queued", [])
    run()
    assert state(item) == "verified"
