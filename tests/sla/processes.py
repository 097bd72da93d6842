"""Workers, beats and brokers as processes that can be killed."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis
from django.db import connection

from portal.embedded.binaries import valkey_program
from portal.embedded.places import celery_url, places
from tests.databases import ROOT, Database

PATIENCE = 90.0


class Broker:
    """A Valkey of the test's own, that may be stopped and started again at the same place."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "v.sock"
        self.program = str(valkey_program(places(Path(os.environ["PORTAL_DATA_DIR"]))))
        self.process: subprocess.Popen[bytes] | None = None
        self.url = f"unix://{self.socket}?db=0"

    def start(self) -> None:
        self.process = subprocess.Popen(
            [self.program, "--port", "0", "--unixsocket", str(self.socket), "--save", "", "--appendonly", "no", "--loglevel", "warning"],
            cwd=self.socket.parent, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        client = redis.Redis(unix_socket_path=str(self.socket))
        while True:
            try:
                client.ping()
                return client.close()
            except redis.ConnectionError:
                assert self.process.poll() is None

    def stop(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        self.socket.unlink(missing_ok=True)


@contextmanager
def celery(database: Database, *words: str, **env: str) -> Iterator[subprocess.Popen[bytes]]:
    """A Celery process in a group of its own, killed in the end with its children."""
    process = subprocess.Popen(
        [sys.executable, "-m", "celery", "-A", "portal.celery", *words],
        cwd=ROOT, env=database.env | {"LOG_LEVEL": "ERROR"} | env, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield process
    finally:
        kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def worker(database: Database, broker: Broker, processes: int = 1) -> Any:
    quiet = ("--without-gossip", "--without-mingle", "--include", "tests.sla.worker")
    return celery(database, "worker", "--concurrency", str(processes), *quiet, REDIS_URL=broker.url)


def beat(database: Database, broker: Broker, folder: Path, name: str) -> Any:
    return celery(database, "beat", "--schedule", str(folder / name), "--pidfile", "", REDIS_URL=broker.url)


def send_tick(broker: Broker) -> None:
    from portal.celery import app

    with app.connection_for_write(celery_url(broker.url)) as link:
        app.send_task("sla.tick", connection=link, expires=600)


@contextmanager
def listening(database: Database, *channels: str) -> Iterator["psycopg.Connection[Any]"]:
    with database.connect() as ear:
        for channel in channels:
            ear.execute(f"LISTEN {channel}")
        yield ear


def hear(ear: "psycopg.Connection[Any]") -> str:
    """The next word on the channels."""
    for word in ear.notifies(timeout=PATIENCE, stop_after=1):
        return word.payload
    pytest.fail("nothing was heard in time")


def hear_until(ear: "psycopg.Connection[Any]", reached: Any) -> None:
    while not reached():
        hear(ear)


def rows_of(asked: Mapping[str, str]) -> dict[str, list[tuple[Any, ...]]]:
    """What the database holds now: the rows of each statement, in an order of their own."""
    found = {}
    with connection.cursor() as cursor:
        for name, sql in asked.items():
            cursor.execute(sql)
            found[name] = sorted(cursor.fetchall(), key=str)
    return found


def gone(database: Database, backend: int | str) -> None:
    """Return when the server has noticed that the client of a backend is dead."""
    with database.connect() as watcher:
        while watcher.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", [int(backend)]).fetchone():
            pass
