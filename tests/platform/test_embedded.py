"""The embedded servers: starting, sharing, stopping, and coming back after a crash."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
import redis

from portal import servers
from portal.embedded import addresses, celery_url, is_running
from portal.embedded import servers as servers_of
from portal.embedded.places import MAX_RUN_PATH, places, reachable
from portal.embedded.servers import in_use, remove, start, stop
from tests.databases import ROOT

pytestmark = pytest.mark.processes

ATTACH = """
import sys
from pathlib import Path
from portal.embedded import ensure_running
ensure_running(Path(sys.argv[1]))
print("attached", flush=True)
sys.stdin.readline()
"""


class Attached:
    """Another process that is attached until its standard input ends."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", ATTACH, str(folder)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "attached\n"

    def leave(self) -> int:
        self.process.communicate("\n", timeout=120)
        return self.process.returncode

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=120)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder that the servers' account can reach also where root runs the tests."""
    path = Path(tempfile.mkdtemp(prefix="portal-embedded-"))
    path.chmod(0o755)
    yield path
    remove(path)
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def attach() -> Iterator[Callable[[Path], Attached]]:
    begun: list[Attached] = []

    def begin(path: Path) -> Attached:
        begun.append(Attached(path))
        return begun[-1]

    yield begin
    for one in begun:
        one.kill()


def postmaster(folder: Path) -> int:
    return int((places(folder).pgdata / "postmaster.pid").read_text().split()[0])


def wait_for_guard(folder: Path) -> None:
    """Return when the guard of the servers has ended, which is when it lets go of its lock."""
    subprocess.run(["flock", str(places(folder).run / "guard.lock"), "true"], check=True, timeout=120)


def both(folder: Path) -> set[bool]:
    return set(is_running(folder).values())


def test_computing_addresses_starts_and_makes_nothing(tmp_path: Path) -> None:
    found = addresses(tmp_path / "data")
    assert found.database_url.startswith("postgres://portal_app@%2F")
    assert found.owner_url.startswith("postgres://portal_owner@%2F")
    assert celery_url(found.redis_url).startswith("redis+socket:///")
    assert celery_url(found.redis_url).endswith("/valkey.sock?virtual_host=0")
    assert celery_url("redis://cache:6379/1") == "redis://cache:6379/1"
    assert not (tmp_path / "data").exists()


def test_the_last_process_to_leave_stops_the_servers(folder: Path, attach: Callable[[Path], Attached]) -> None:
    first, second = attach(folder), attach(folder)
    assert first.leave() == 0
    assert both(folder) == {True}
    assert in_use(folder)
    assert second.leave() == 0
    assert both(folder) == {False}
    assert not in_use(folder)


def test_roles_are_no_superusers_and_the_application_owns_nothing(
    folder: Path, attach: Callable[[Path], Attached]
) -> None:
    attach(folder)
    with psycopg.connect(addresses(folder).owner_url, autocommit=True) as owner:
        owner.execute("CREATE TABLE thing (id bigint GENERATED ALWAYS AS IDENTITY, name text)")
        owner.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
        supers = owner.execute("SELECT rolname FROM pg_roles WHERE rolsuper").fetchall()
    with psycopg.connect(addresses(folder).database_url, autocommit=True) as app:
        app.execute("INSERT INTO thing (name) VALUES ('Größe 大小')")
        assert app.execute("SELECT upper(name) FROM thing WHERE name ILIKE '%gRÖ%'").fetchone() == ("GRÖßE 大小",)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("DROP TABLE thing")
        assert app.execute("SHOW timezone").fetchone() == ("UTC",)
    assert supers == [("postgres",)]
    assert redis.Redis.from_url(addresses(folder).redis_url).ping()


def test_the_guard_stops_the_servers_when_the_last_process_was_killed(
    folder: Path, attach: Callable[[Path], Attached]
) -> None:
    only = attach(folder)
    only.kill()
    wait_for_guard(folder)
    assert both(folder) == {False}


def test_a_killed_owner_does_not_take_the_servers_from_others(folder: Path, attach: Callable[[Path], Attached]) -> None:
    owner, other = attach(folder), attach(folder)
    owner.kill()
    with psycopg.connect(addresses(folder).database_url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    other.leave()
    assert both(folder) == {False}


def test_crashed_servers_come_back_with_their_data(folder: Path, attach: Callable[[Path], Attached]) -> None:
    first = attach(folder)
    with psycopg.connect(addresses(folder).owner_url, autocommit=True) as owner:
        owner.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    os.kill(postmaster(folder), signal.SIGKILL)
    first.kill()
    attach(folder)
    with psycopg.connect(addresses(folder).owner_url) as owner:
        assert owner.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_a_stale_record_naming_a_live_foreign_process_is_found_out(
    folder: Path, attach: Callable[[Path], Attached]
) -> None:
    attach(folder).leave()
    pgdata, account = places(folder).pgdata, places(folder).account
    record = pgdata / "postmaster.pid"
    record.write_text(f"{os.getpid()}\n{pgdata}\n1700000000\n5432\n{places(folder).run}\n\n0 0\nready\n")
    (places(folder).valkey / "pid").write_text(f"{os.getpid()}\n")
    if account.uid is not None and account.gid is not None:
        os.chown(record, account.uid, account.gid)
    attach(folder)
    assert both(folder) == {True}
    assert postmaster(folder) != os.getpid()


def test_a_long_data_path_gets_a_short_socket(folder: Path, attach: Callable[[Path], Attached]) -> None:
    deep = folder / ("a long name of a folder " * 4) / ("and another one " * 4)
    assert len(str(places(deep).run)) <= MAX_RUN_PATH
    assert places(deep).home == deep
    attach(deep)
    assert both(deep) == {True}
    remove(deep)


@pytest.mark.skipif(os.getuid() != 0, reason="only root hands the servers to another account")
def test_root_finds_a_place_when_the_servers_may_not_enter_the_folder(
    tmp_path: Path, attach: Callable[[Path], Attached]
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    where = places(closed / "data")
    assert not reachable(closed, where.account)
    assert reachable(where.home, where.account)
    attach(closed / "data").leave()
    assert (where.pgdata / "PG_VERSION").exists()
    remove(closed / "data")
    assert not where.home.exists()


def test_two_that_start_at_once_share_one_pair_of_servers(folder: Path) -> None:
    command = [sys.executable, "-c", ATTACH, str(folder)]
    several = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    said = [one.stdout.readline() for one in several if one.stdout is not None]
    running = both(folder)
    for one in several:
        one.communicate("\n", timeout=120)
    assert said == ["attached\n"] * 3
    assert running == {True}
    assert [one.returncode for one in several] == [0, 0, 0]
    assert both(folder) == {False}


def test_folders_appear_with_their_owner_however_many_make_them_at_once(folder: Path) -> None:
    account = places(folder).account
    owner = account.uid if account.uid is not None else os.getuid()
    places(folder).home.mkdir(parents=True, exist_ok=True)
    begin = threading.Barrier(8)

    def make() -> set[int]:
        begin.wait(60)
        where = servers_of._make_folders(folder)
        return {one.stat().st_uid for one in (where.pgdata, where.valkey, where.run)}

    with ThreadPoolExecutor(8) as pool:
        owners = [made.result(60) for made in [pool.submit(make) for _ in range(8)]]
    assert owners == [{owner}] * 8
    assert not list(places(folder).home.glob(".*-*"))


def test_started_servers_stay_until_they_are_stopped(folder: Path, attach: Callable[[Path], Attached]) -> None:
    start(folder)
    attach(folder).leave()
    assert both(folder) == {True}
    stop(folder)
    assert both(folder) == {False}


def test_named_servers_are_used_instead_of_embedded_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("DATABASE_URL", "postgres://portal_app@database/portal")
    monkeypatch.setenv("REDIS_URL", "redis://cache/0")
    servers.ensure_servers()
    assert not (tmp_path / "data").exists()


def test_a_run_folder_of_somebody_else_is_refused(folder: Path, tmp_path: Path) -> None:
    run = places(folder).run
    run.symlink_to(tmp_path)
    with pytest.raises(RuntimeError, match="belongs to another account"):
        start(folder)
    run.unlink()
