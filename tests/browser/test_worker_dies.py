"""A worker is killed while hundreds of clocks of real cases fire: what people see afterwards is what happened, once."""

import re
import subprocess
import time
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from celery.canvas import Signature
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import expect

from portal.celery import app
from portal.notifications.tasks import fan_out
from sla.actions import tick
from tests.browser.conftest import PageAs
from tests.databases import Database
from tests.escalations.pages_world import World, world
from tests.sla.processes import celery, gone, kill, rows_of

pytestmark = [pytest.mark.processes, pytest.mark.browser]
CASES = 150
# Each case has two clocks, and each clock warns twice, breaches and goes through two levels.
EVENTS = CASES * 2 * 5
PATIENCE = 90.0


@pytest.fixture
def overdue(fresh_database: Database) -> World:
    """Cases whose clocks have everything behind them and nothing fired."""
    made = world()
    month_ago = timezone.now() - timedelta(days=30)
    with transaction.atomic():
        for n in range(CASES):
            made.case(f"Case {n}", at=month_ago + timedelta(minutes=n))
    fan_out()
    return made


def picture() -> dict[str, list[tuple[Any, ...]]]:
    """Everything that firing clocks leaves, without running numbers and without the minute in which it was told."""
    asked = {
        "events": "SELECT clock_id, kind, threshold, revision, at FROM sla_clockevent",
        "clocks": "SELECT id, state, plan_pos, next_event_at, breached_at FROM sla_clock",
        "entries": "SELECT t.case_id, t.code, t.at, t.params, e.clock_id, e.threshold FROM escalations_timelineentry t "
        "JOIN sla_clockevent e ON e.id = t.clock_event_id",
        "cases": "SELECT id, escalation_level, next_due_at FROM escalations_case",
        "told": "SELECT recipient_id, kind, sum(count) FROM notifications_notification GROUP BY 1, 2",
    }
    return rows_of(asked)


def without_faults() -> dict[str, list[tuple[Any, ...]]]:
    """What a run without faults leaves; rolled back."""
    with transaction.atomic():
        assert tick().events == EVENTS
        fan_out()
        found = picture()
        transaction.set_rollback(True)
    return found


def worker(database: Database) -> AbstractContextManager["subprocess.Popen[bytes]"]:
    """A Celery worker as the portal runs it, on a queue of its own; killed in the end with its children."""
    quiet = ("--without-gossip", "--without-mingle", "--include", "tests.browser.announcing")
    return celery(
        database, "--quiet", "--skip-checks", "worker", "--concurrency", "1", "--queues", database.name, *quiet
    )


def send(database: Database, *names: str) -> None:
    for name in names:
        Signature(name, app=app).apply_async(queue=database.name, expires=600)


def killed_at(database: Database, table: str, *tasks: str) -> None:
    """Let a worker begin these tasks, and kill it in the midst of a batch, when it wants to write into this table."""
    with database.connect(as_owner=True) as owner, database.connect() as watcher:
        with owner.transaction(), worker(database) as process:
            owner.execute(f"LOCK TABLE {table} IN SHARE MODE")
            send(database, *tasks)
            backend = held_up(watcher, owner.info.backend_pid)
            kill(process)
        gone(database, backend)


def held_up(watcher: "psycopg.Connection[Any]", by: int) -> int:
    """The backend that waits for the lock."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        row = watcher.execute("SELECT pid FROM pg_locks WHERE NOT granted AND %s = ANY(pg_blocking_pids(pid))", [by])
        if found := row.fetchone():
            return int(found[0])
    pytest.fail("no worker came to the lock in time")


def run(database: Database, *tasks: str) -> None:
    """Let a worker run these tasks, one after the other."""
    with database.connect() as ear:
        ear.execute("LISTEN done")
        with worker(database):
            send(database, *tasks)
            heard = [word.payload for word in ear.notifies(timeout=PATIENCE, stop_after=len(tasks))]
    assert heard == list(tasks)


def test_killed_while_clocks_fire_and_while_word_goes_round(
    fresh_database: Database, overdue: World, page_as: PageAs
) -> None:
    expected, before = without_faults(), picture()
    killed_at(fresh_database, "escalations_timelineentry", "sla.tick")
    assert picture() == before, "of a batch all or nothing"
    run(fresh_database, "sla.tick")
    fired = picture()
    assert {**fired, "told": []} == {**expected, "told": []}
    assert len(fired["entries"]) == EVENTS
    killed_at(fresh_database, "notifications_notification", "notifications.fan_out")
    assert picture() == fired
    run(fresh_database, "notifications.fan_out")
    assert picture() == expected
    run(fresh_database, "sla.tick", "notifications.fan_out")
    assert picture() == expected, "nothing happens twice"
    page = page_as(overdue.users["coordinator"], "/queue/?tab=breached")
    expect(page.locator(".head")).to_contain_text(f"{CASES} breached")
    page.goto("/inbox/")
    expect(page.locator("main")).to_contain_text(re.compile(rf"{CASES * 2} breaches were escalated"))
