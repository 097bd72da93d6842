"""A migrated database for each benchmark, kept between runs under its name."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from portal.embedded import ensure_running

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Bench:
    """Where a benchmark's data is, and the environment for processes that shall use it."""

    name: str
    database_url: str
    owner_url: str
    redis_url: str
    is_new: bool

    @property
    def env(self) -> dict[str, str]:
        """The environment for a process on this database."""
        return {
            **os.environ,
            "DATABASE_URL": self.database_url,
            "DATABASE_OWNER_URL": self.owner_url,
            "REDIS_URL": self.redis_url,
            "LOG_LEVEL": "WARNING",
        }

    def connect(self) -> "psycopg.Connection[tuple[object, ...]]":
        """A raw connection as the owner, in autocommit mode."""
        return psycopg.connect(self.owner_url, autocommit=True)

    def manage(self, *words: str) -> str:
        """Run a management command; returns what it printed."""
        command = [sys.executable, str(ROOT / "manage.py"), *words]
        return subprocess.run(command, env=self.env, check=True, capture_output=True, text=True).stdout


def database(name: str, *, fresh: bool = False, of: str = "template1") -> Bench:
    """The database of that name, migrated; with `fresh` it is made anew. A new one is a copy of the files of another one, `of`."""
    found = ensure_running(Path(os.environ["PORTAL_DATA_DIR"]))
    with psycopg.connect(found.admin_url, autocommit=True) as admin:
        if fresh:
            _drop(admin, name)
        known = admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        if not known:
            made = sql.SQL("CREATE DATABASE {} OWNER portal_owner TEMPLATE {} STRATEGY FILE_COPY")
            admin.execute(made.format(sql.Identifier(name), sql.Identifier(of)))
    bench = Bench(name, _renamed(found.database_url, name), _renamed(found.owner_url, name), found.redis_url, not known)
    bench.manage("migrate", "--verbosity", "0")
    return bench


def drop(name: str) -> None:
    """Give back the room that a database takes."""
    found = ensure_running(Path(os.environ["PORTAL_DATA_DIR"]))
    with psycopg.connect(found.admin_url, autocommit=True) as admin:
        _drop(admin, name)


def _drop(admin: "psycopg.Connection[tuple[object, ...]]", name: str) -> None:
    admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _renamed(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def table(title: str, head: list[str], rows: list[list[object]]) -> None:
    """Print a Markdown table."""
    print(f"\n## {title}\n\n| {' | '.join(head)} |\n|{'---|' * len(head)}")
    for row in rows:
        print(f"| {' | '.join(str(cell) for cell in row)} |", flush=True)
