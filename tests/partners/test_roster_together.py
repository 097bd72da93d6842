"""Two rosters of a site at the same moment, on connections of their own, and one whose process is killed."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from partners.importing import locking, run
from partners.importing.schema import mapping_from
from partners.models import Person, Placement, Roster, Site
from portal.accounts.choices import Role
from portal.accounts.models import User
from portal.accounts.queries import actor_for
from portal.audit.models import AuditEntry
from tests.databases import ROOT, Database
from tests.factories.partners import SiteFactory, placed, user

HEAD = "employee_no,name,email,first_day\n"
FILE = HEAD + "BW-1,Lin Xia,lin@bw.example,2026-11-24\nBW-2,Wang Fang,wang@bw.example,\n"
OTHER = HEAD + "BW-1,Lin Xia,lin@bw.example,2026-11-24\nBW-3,Chen Jie,chen@bw.example,\n"
DAY = date(2026, 11, 1)
DEFAULT = ROOT / "partners" / "mappings" / "default.yml"
PATIENCE = 120.0


@pytest.fixture
def site(fresh_database: Database) -> Site:
    site: Site = SiteFactory.create(code="CTU", name="Chengdu")
    placed(site, name="Zhao Min", email="zhao@bw.example")
    return site


@pytest.fixture
def coordinators(site: Site) -> tuple[User, User]:
    """Two of the site, the second in a zone of half hours."""
    first, second = (user(Role.COORDINATOR, site=site) for _ in range(2))
    first.name, second.time_zone = "Ann Ford", "Asia/Kolkata"
    first.save()
    second.save()
    return first, second


def signed_in(who: User) -> Client:
    client = Client()
    client.force_login(who)
    return client


def upload(client: Client, content: str) -> Any:
    file = SimpleUploadedFile("roster.csv", content.encode())
    data = {"site": "CTU", "as_of": DAY.isoformat(), "file": file}
    return client.post(reverse("partners:roster_new"), data, follow=True)


def brought(who: User, site: Site, content: str, folder: Path) -> Roster:
    path = folder / f"{who.pk}.csv"
    path.write_text(content, encoding="utf-8")
    mapping = mapping_from({"key": "employee_no", "name": "name", "email": "email"}, create=False)
    return run.upload(actor=actor_for(who), site=site, upload=run.Upload(path, DAY, mapping, path.name))


def begun(pool: ThreadPoolExecutor, call: Callable[[], Any]) -> "Future[Any]":
    def run_it() -> Any:
        try:
            return call()
        finally:
            connection.close()

    return pool.submit(run_it)


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    barrier = Barrier(len(calls))

    def ready(call: Callable[[], Any]) -> Any:
        connection.ensure_connection()
        barrier.wait(timeout=30)
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [one.result(timeout=PATIENCE) for one in [begun(pool, lambda c=call: ready(c)) for call in calls]]


@contextmanager
def held(database: Database, table: str) -> "Iterator[Callable[[], int]]":
    """Nobody writes into the table meanwhile; yields what waits until somebody wants to, and gives their backend."""
    with database.connect(as_owner=True) as owner, database.connect() as watcher, owner.transaction():
        owner.execute(f"LOCK TABLE {table} IN SHARE MODE")
        yield lambda: _waiting(watcher, owner.info.backend_pid)


def _waiting(watcher: "psycopg.Connection[Any]", by: int) -> int:
    until = time.monotonic() + PATIENCE
    # The server is left alone for a moment after each look: it has the other process to serve.
    asked = "SELECT pid FROM pg_locks, pg_sleep(0.05) WHERE NOT granted AND %s = ANY(pg_blocking_pids(pid))"
    while time.monotonic() < until:
        row = watcher.execute(asked, [by])
        if found := row.fetchone():
            return int(found[0])
    pytest.fail("nobody came to the lock in time")


def picture() -> dict[str, int]:
    """How much there is of everything that a roster writes."""
    tables = (
        "partners_person", "partners_engagement", "partners_placement", "partners_roster", "partners_rosterproposal",
        "audit_auditentry", "access_requests_accessrequest", "notifications_outboxrow",
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE tablename LIKE ANY (%s)", [["%request%", *tables]])
        names = sorted(row[0] for row in cursor.fetchall())
        found = {}
        for name in names:
            cursor.execute(f'SELECT count(*) FROM "{name}"')
            found[name] = int(cursor.fetchone()[0])
    return found


def test_two_uploads_at_the_same_moment_are_both_read_whole(
    site: Site, coordinators: tuple[User, User], tmp_path: Path
) -> None:
    first, second = coordinators
    one, two = at_once(
        lambda: brought(first, site, FILE, tmp_path),
        lambda: brought(second, site, OTHER, tmp_path),
    )
    assert [(roster.rows, roster.joiners, roster.leavers, roster.errors) for roster in (one, two)] == [(2, 2, 1, 0)] * 2
    assert [row.proposals.filter(row__isnull=False).count() for row in (one, two)] == [2, 2]
    page = signed_in(second).get(reverse("partners:roster", args=[two.pk])).text
    assert "Ann Ford brought another roster of this site" in page


def test_of_two_applied_at_the_same_moment_one_is_written_and_the_other_looked_at_again(
    site: Site, coordinators: tuple[User, User], tmp_path: Path
) -> None:
    rosters = [brought(who, site, content, tmp_path) for who, content in zip(coordinators, (FILE, OTHER), strict=True)]
    done = at_once(
        *(
            lambda who=who, row=row: run.apply(actor=actor_for(who), roster_id=row.pk)
            for who, row in zip(coordinators, rosters, strict=True)
        )
    )
    assert sorted(done) == [False, True]
    assert sorted(Roster.objects.values_list("state", flat=True)) == ["applied", "previewed"]
    assert Person.objects.count() == 3
    names = set(
        Placement.objects.filter(period__contains=DAY + timedelta(days=60)).values_list("person__name", flat=True)
    )
    assert names in ({"Lin Xia", "Wang Fang"}, {"Lin Xia", "Chen Jie"})
    left = Roster.objects.get(state="previewed")
    assert (left.joiners, left.leavers, left.unchanged) == (1, 1, 1)
    assert AuditEntry.objects.filter(verb="roster.applied").count() == 1


@pytest.mark.parametrize("second_does", ["upload", "apply"])
def test_whoever_comes_second_hears_who_is_at_it_and_since_when(
    fresh_database: Database, site: Site, coordinators: tuple[User, User], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, second_does: str,
) -> None:  # fmt: skip
    monkeypatch.setattr(locking, "LOCK_SECONDS", 0.3)
    first, second = coordinators
    mine, theirs = brought(first, site, FILE, tmp_path), brought(second, site, OTHER, tmp_path)
    url = "partners:roster_apply"
    before, since = picture(), timezone.now()
    with ThreadPoolExecutor(1) as pool:
        with held(fresh_database, "partners_engagement") as somebody_waits:
            applying = begun(pool, lambda: signed_in(first).post(reverse(url, args=[mine.pk]), follow=True))
            somebody_waits()
            client = signed_in(second)
            if second_does == "upload":
                page = upload(client, OTHER)
                assert page.status_code == 422
            else:
                page = client.post(reverse(url, args=[theirs.pk]), follow=True)
            found = re.search(r"Ann Ford has been at a roster of this site since (\d\d:\d\d)\. Try again", page.text)
            assert {**picture(), "audit_auditentry": 0} == {**before, "audit_auditentry": 0}
        assert "Roster applied: 3 people" in applying.result(timeout=PATIENCE).text
    assert found, page.text
    kolkata = ZoneInfo("Asia/Kolkata")
    assert found[1] in {f"{at.astimezone(kolkata):%H:%M}" for at in (since, timezone.now())}
    if second_does == "upload":
        assert upload(client, OTHER).context["roster"].joiners == 1
    else:
        page = client.post(reverse(url, args=[theirs.pk]), follow=True)
        assert "Not applied: the directory changed since the preview." in page.text


def command(database: Database, path: Path, *options: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "manage.py", "roster_diff", str(path), f"--mapping={DEFAULT}", "--site=CTU",
         f"--as-of={DAY}", "--json", *options],
        cwd=ROOT, env=database.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip


@pytest.mark.processes
@pytest.mark.parametrize("table", ["partners_placement", "partners_roster"])
def test_a_process_killed_while_it_applies_leaves_nothing(
    fresh_database: Database, site: Site, coordinators: tuple[User, User], tmp_path: Path, table: str
) -> None:
    path = tmp_path / "roster.csv"
    path.write_text(FILE, encoding="utf-8")
    before = picture()
    with fresh_database.connect() as watcher:
        with held(fresh_database, table) as somebody_waits:
            process = command(fresh_database, path, "--apply")
            backend = somebody_waits()
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
        while watcher.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", [backend]).fetchone():
            pass
    assert picture() == before
    again = command(fresh_database, path, "--apply")
    out, err = again.communicate(timeout=PATIENCE)
    assert json.loads(out.splitlines()[-1])["joiners"] == 2, err
    assert Placement.objects.filter(person__name="Wang Fang").count() == 1


@pytest.mark.processes
def test_a_command_beside_an_upload_is_told_by_name(
    fresh_database: Database, site: Site, coordinators: tuple[User, User], tmp_path: Path
) -> None:
    roster = brought(coordinators[0], site, FILE, tmp_path)
    path = tmp_path / "roster.csv"
    path.write_text(OTHER, encoding="utf-8")
    with ThreadPoolExecutor(1) as pool:
        with held(fresh_database, "partners_engagement") as somebody_waits:
            applying = begun(pool, lambda: run.apply(actor=actor_for(coordinators[0]), roster_id=roster.pk))
            somebody_waits()
            second = command(fresh_database, path, "--apply")
            _out, err = second.communicate(timeout=PATIENCE)
        assert applying.result(timeout=PATIENCE) is True
    assert "Ann Ford has been at a roster of this site since" in err
    assert second.returncode == 1
    assert not Person.objects.filter(name="Chen Jie").exists()
