"""Imports at the same time, and one that is killed: no row twice, none half written; sums that several workers make are made once."""

import json
import os
import select
import signal
import subprocess
import sys
import threading
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from kpis.actions import mark_dirty, recompute
from kpis.importing import Made, Upload, import_facts
from kpis.models import Batch, ContactInterval, DirtyBucket, QueueDay
from tests.databases import ROOT, Database
from tests.factories.kpis import site_facts
from tests.kpis.importing import CONTACTS, HEADING, site, written

pytestmark = pytest.mark.processes
FIRST = date(2026, 9, 1)


def month(path: Path, offered: int) -> Path:
    """A month of half hours at CD1."""
    at = [f"2026-09-{day:02} {hour:02}:{minute:02}" for day in range(1, 31) for hour in range(24) for minute in (0, 30)]
    return written(path, HEADING, [("CD1", "VOICE", one, offered, offered, "", "", "") for one in at])


def waiting(database: Database) -> None:
    """Until somebody waits for a lock."""
    asked = "SELECT 1 FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'"
    with database.connect() as watcher:
        while not watcher.execute(asked, [database.name]).fetchone():
            pass


def test_the_same_intervals_at_once(fresh_database: Database, tmp_path: Path) -> None:
    site()
    one, other = month(tmp_path / "one.csv", 5), month(tmp_path / "other.csv", 6)
    found: list[Any] = []

    def second() -> None:
        try:
            found.append(import_facts(Upload(other, CONTACTS)).made)
        finally:
            connection.close()

    with transaction.atomic():
        assert import_facts(Upload(one, CONTACTS)).made == Made(rows=1440, added=1440)
        thread = threading.Thread(target=second)
        thread.start()
        waiting(fresh_database)
    thread.join()
    assert found == [Made(rows=1440, replaced=1440)], "the second saw what the first had written"
    assert (ContactInterval.objects.count(), ContactInterval.objects.filter(offered=6).count()) == (1440, 1440)


def test_killed_in_the_middle(fresh_database: Database, tmp_path: Path) -> None:
    here = site()
    path, mapping = month(tmp_path / "one.csv", 5), tmp_path / "m.yml"
    mapping.write_text(json.dumps(CONTACTS))
    with fresh_database.connect() as holder:
        holder.execute("SELECT pg_advisory_lock(hashtext('kpis facts'), %s)", [here.pk])
        process = subprocess.Popen(
            [sys.executable, "manage.py", "import_facts", str(path), f"--mapping={mapping}"], cwd=ROOT, env=fresh_database.env,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        waiting(fresh_database)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert (ContactInterval.objects.count(), Batch.objects.count(), DirtyBucket.objects.count()) == (0, 0, 0)
    assert import_facts(Upload(path, CONTACTS)).made == Made(rows=1440, added=1440)


WORKER = """
import django; django.setup()
from kpis.actions import recompute
while recompute(2):
    print("made", flush=True)
"""


def worker(database: Database) -> "subprocess.Popen[str]":
    """A process that makes sums, two days at a time."""
    return subprocess.Popen(
        [sys.executable, "-c", WORKER], cwd=ROOT, env=database.env, stdout=subprocess.PIPE, text=True
    )


def test_workers_side_by_side_and_one_killed(fresh_database: Database) -> None:
    here = site("BRN", "Europe/Bratislava")
    days = [FIRST + timedelta(days=step) for step in range(40)]
    site_facts(here, days[0], days[-1])
    expected = list(QueueDay.objects.order_by("day", "queue").values_list("day", "queue", "offered", "talk", "paid"))
    QueueDay.objects.all().delete()
    mark_dirty((here.pk, day) for day in days)
    workers = [worker(fresh_database), worker(fresh_database)]
    # Whichever begins first is killed: the other may have made everything before a slow one has started.
    begun = select.select([one.stdout for one in workers], [], [])[0][0]
    killed, other = sorted(workers, key=lambda one: one.stdout is not begun)
    assert begun.readline() == "made\n"
    killed.kill()
    killed.communicate()
    other.communicate()
    while recompute():
        pass
    assert DirtyBucket.objects.count() == 0
    assert (
        list(QueueDay.objects.order_by("day", "queue").values_list("day", "queue", "offered", "talk", "paid"))
        == expected
    )


def test_a_mark_made_while_a_worker_has_the_day_is_kept(fresh_database: Database) -> None:
    here = site()
    mark_dirty([(here.pk, FIRST)])

    def mark() -> None:
        try:
            mark_dirty([(here.pk, FIRST)])
        finally:
            connection.close()

    with transaction.atomic():
        assert recompute() == 1
        thread = threading.Thread(target=mark)
        thread.start()
        waiting(fresh_database)
    thread.join()
    assert DirtyBucket.objects.count() == 1, "what changed meanwhile is summed up in the next round"
