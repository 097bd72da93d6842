"""Real processes of the portal, which tests let run or kill in the middle."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.browser.test_worker_dies import PATIENCE, held_up
from tests.databases import ROOT, Database


@contextmanager
def running(database: Database, code: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A process of the portal that does this, killed in the end."""
    words = [sys.executable, "manage.py", "shell", "--no-imports", "-c", code]
    process = subprocess.Popen(words, cwd=ROOT, env=database.env | {"LOG_LEVEL": "ERROR"})
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def run(database: Database, code: str) -> None:
    """Let a process do this to the end."""
    with running(database, code) as process:
        assert process.wait(PATIENCE) == 0


def killed_at(database: Database, table: str, code: str) -> None:
    """Let a process do this, and kill it when it wants to write into this table."""
    with database.connect(as_owner=True) as owner, database.connect() as watcher:
        with owner.transaction():
            owner.execute(f"LOCK TABLE {table} IN SHARE MODE")
            with running(database, code):
                backend = held_up(watcher, owner.info.backend_pid)
        while watcher.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", [backend]).fetchone():
            pass
