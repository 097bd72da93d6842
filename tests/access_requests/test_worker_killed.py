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
from tests.access_requests import fake_desk, fake_scim
from tests.access_requests.carrying import TOKEN, agent, asked, entitlement, held, run, scim_system, state
from tests.access_requests.fake_desk import FakeDesk
from tests.access_requests.fake_scim import FakeScim, Fault
from tests.browser import test_worker_dies as workers
from tests.databases import Database
from tests.factories.access import SystemFactory
from tests.factories.webhooks import WebhookTargetFactory

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


def killed_in_the_call(database: Database, server: FakeScim | FakeDesk) -> None:
    """Let a worker come as far as the next call, let the system carry it out, and kill the worker before it hears of it."""
    server.holding.clear()
    with workers.worker(database) as process:
        workers.send(database, TASK)
        assert server.holding.wait(workers.PATIENCE)
        workers.kill(process)
    server.apply_late()
    freed(database)


def freed(database: Database) -> None:
    """The killed worker's locks are gone, and its rows are due again."""
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
    server.faults = [Fault("PATCH", "/Groups", late=True)]
    killed_in_the_call(fresh_database, server)
    assert (state(item), Grant.objects.get().confirmed_at) == ("sent", None), "the system may know"
    workers.run(fresh_database, TASK)
    assert state(item) == "verified"
    assert server.done == [("create", person.email), ("join", "Agents", person.email)]

    report_leavers(
        actor=SYSTEM, site_id=person.placements.get().site_id, person_ids=[person.pk], last_shift_at=timezone.now()
    )
    dispatch()
    server.faults = [Fault("PATCH", "/Users", late=True)]
    killed_in_the_call(fresh_database, server)
    assert held(person) == {"Agents"}
    workers.run(fresh_database, TASK)
    assert (server.live(person.email), server.left_in_groups(person.email), held(person)) == (set(), set(), set())


@pytest.fixture
def desk(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeDesk]:
    settings.WEBHOOKS_ALLOW_PRIVATE = True
    monkeypatch.setenv("WEBHOOKS_ALLOW_PRIVATE", "1")
    monkeypatch.setenv("WEBHOOKS_TIMEOUT", "30")
    with fake_desk.running() as running:
        yield running


@pytest.mark.parametrize("fault", ["late", "lost"])
def test_between_the_call_of_a_webhook_and_its_mark(fresh_database: Database, desk: FakeDesk, fault: str) -> None:
    person = agent()
    target = WebhookTargetFactory.create(url=desk.url)
    item = asked(
        person, entitlement(SystemFactory.create(code="crm", channel="webhook", webhook_target=target), "agent")
    )
    dispatch()
    desk.faults = [fault]
    killed_in_the_call(fresh_database, desk)
    assert (state(item), held(person)) == ("sent", {"agent"}), "the system may know"
    workers.run(fresh_database, TASK)
    assert (state(item), desk.done) == ("claimed_done", [("grant", person.email, "agent")])

    removal = report_leavers(
        actor=SYSTEM, site_id=person.placements.get().site_id, person_ids=[person.pk], last_shift_at=timezone.now()
    ).items.get()
    dispatch()
    desk.faults = [fault]
    killed_in_the_call(fresh_database, desk)
    assert (state(removal), held(person)) == ("sent", {"agent"})
    workers.run(fresh_database, TASK)
    assert (state(removal), desk.held) == ("claimed_done", set())
    assert [verb for verb, *_rest in desk.done] == ["grant", "revoke"]


def test_a_grant_in_flight_and_a_worker_killed_leave_nothing_after_the_removal(
    fresh_database: Database, desk: FakeDesk
) -> None:
    person = agent()
    target = WebhookTargetFactory.create(url=desk.url)
    asked(person, entitlement(SystemFactory.create(code="crm", channel="webhook", webhook_target=target), "agent"))
    dispatch()
    desk.faults = ["late"]
    desk.holding.clear()
    with workers.worker(fresh_database) as process:
        workers.send(fresh_database, TASK)
        assert desk.holding.wait(workers.PATIENCE)
        workers.kill(process)
    freed(fresh_database)
    report_leavers(
        actor=SYSTEM, site_id=person.placements.get().site_id, person_ids=[person.pk], last_shift_at=timezone.now()
    )
    dispatch()
    workers.run(fresh_database, TASK)
    desk.apply_late()
    assert desk.held == set()
    assert [verb for verb, *_rest in desk.done] == ["revoke"]


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
