"""Real workers: two at once make one pack, and one that is killed while it freezes leaves nothing behind but the turn of another."""

import os
import signal
import subprocess
import sys

import psycopg
import pytest

from reviews.actions.freezing import freeze_packs
from reviews.models import Line, Pack, PackFile, ReportJob
from tests.databases import ROOT, Database
from tests.factories.reviews import PackFactory, ReportJobFactory
from tests.reviews.packing import a_site

pytestmark = pytest.mark.processes
TICKS = """
import django; django.setup()
from reviews.tasks import freeze_packs, make_packs
print(make_packs(), freeze_packs(), flush=True)
"""
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'"


def ticks(database: Database) -> "subprocess.Popen[str]":
    """A worker that makes and freezes what is due."""
    return subprocess.Popen(
        [sys.executable, "-c", TICKS], cwd=ROOT, env=database.env, stdout=subprocess.PIPE, text=True
    )


def waited(database: Database, workers: int = 1) -> None:
    """Until so many wait for a lock."""
    with database.connect() as watcher:
        while (watcher.execute(WAITING, [database.name]).fetchone() or (0,))[0] != workers:
            pass


def holding(database: Database, table: str) -> "psycopg.Connection[tuple[object, ...]]":
    """Keep others from reading a table, until this is closed."""
    holder = psycopg.connect(database.owner_url)
    holder.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
    return holder


def let_go(database: Database) -> None:
    """Until the session of a killed worker is over."""
    held = "SELECT 1 FROM pg_locks l JOIN pg_database d ON d.oid = l.database WHERE l.locktype = 'advisory' AND d.datname = %s"
    with database.connect() as watcher:
        while watcher.execute(held, [database.name]).fetchone():
            pass


def test_killed_while_freezing(fresh_database: Database) -> None:
    pack = PackFactory.create(site=a_site(), formats=["pdf"])
    # What is to be rendered is written last: numbers, lines and the draft stand in the transaction that dies.
    with holding(fresh_database, "reviews_packfile"), ticks(fresh_database) as worker:
        waited(fresh_database)
        assert freeze_packs() == 0, "another worker has it in hand"
        pack.refresh_from_db()
        assert (pack.state, pack.attempts) == ("waiting", 1)
        os.kill(worker.pid, signal.SIGKILL)
    let_go(fresh_database)
    assert (Line.objects.count(), PackFile.objects.count()) == (0, 0)
    assert freeze_packs() == 1
    pack.refresh_from_db()
    assert (pack.state, pack.attempts, PackFile.objects.count()) == ("draft", 2, 1)
    assert Line.objects.count() == Line.objects.values("section", "key").distinct().count() > 0


def test_two_ticks_at_once_make_one_pack(fresh_database: Database) -> None:
    jobs = [ReportJobFactory.create(site=a_site()) for _at in range(2)]
    with holding(fresh_database, "reviews_pack"):
        workers = [ticks(fresh_database) for _at in range(2)]
        waited(fresh_database, 2)
    said = [worker.communicate()[0].split() for worker in workers]
    assert all(worker.returncode == 0 for worker in workers)
    made, frozen = (sum(int(one[at]) for one in said) for at in range(2))
    weeks = Pack.objects.values("site", "first_day").distinct().count()
    assert (made, Pack.objects.count()) == (weeks, weeks)
    assert {job.pk for job in jobs} == set(Pack.objects.values_list("job", flat=True))
    assert frozen + freeze_packs() == weeks
    assert not ReportJob.objects.filter(next_period="2026-11-09").exists()
    assert Line.objects.count() == Line.objects.values("pack", "section", "key").distinct().count()
