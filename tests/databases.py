"""Databases for tests: a migrated template, built once for one state of the migrations, and clones of it.

Nothing is ever flushed: a test either runs in a transaction on its worker's clone, or gets a clone of
its own that is dropped afterwards. A lock in the server marks every database that a live run uses, so
that what a killed run left behind is found and dropped.
"""

import hashlib
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from portal.embedded import Addresses, ensure_running
from tests.lean_states import lean_states

ROOT = Path(__file__).resolve().parent.parent
OWNER = "portal_owner"


@dataclass(frozen=True)
class Database:
    """A clone of the template that Django's connection of this process is pointed at."""

    name: str
    database_url: str
    owner_url: str

    @property
    def env(self) -> dict[str, str]:
        """The environment for a process that shall use this database."""
        return {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "DATABASE_URL": self.database_url,
            "DATABASE_OWNER_URL": self.owner_url,
        }

    def connect(self, *, as_owner: bool = False) -> "psycopg.Connection[tuple[object, ...]]":
        """A raw connection in autocommit mode, as the application's role or as the owner of the schema."""
        return psycopg.connect(self.owner_url if as_owner else self.database_url, autocommit=True)


@cache
def servers() -> Addresses:
    """The embedded servers of this test run, started when they do not run."""
    return ensure_running(Path(os.environ["PORTAL_DATA_DIR"]))


@cache
def _admin() -> "psycopg.Connection[tuple[object, ...]]":
    """The superuser's connection, which holds the locks of this run until it closes."""
    return psycopg.connect(servers().admin_url, autocommit=True)


def close() -> None:
    """Close the superuser's connection, and let go of its locks."""
    if _admin.cache_info().currsize:
        _admin().close()
        _admin.cache_clear()


def template() -> str:
    """The name of the migrated template for the migrations as they are now; builds it when there is none."""
    name = f"template_{_state_of_migrations()}"
    admin = _admin()
    admin.execute("SELECT pg_advisory_lock(hashtext('portal test template'))")
    try:
        # Held to the end of the run, so that no other run drops the template meanwhile.
        admin.execute("SELECT pg_advisory_lock_shared(hashtext(%s))", [name])
        if name not in _names():
            _drop_leftovers()
            _build(name)
    finally:
        admin.execute("SELECT pg_advisory_unlock(hashtext('portal test template'))")
    return name


def make(name: str) -> Database:
    """Clone the template."""
    return _create(name, template())


def named(name: str) -> Database:
    """The database of this name, whether or not there is one now."""
    found = servers()
    return Database(name, _renamed(found.database_url, name), _renamed(found.owner_url, name))


def _create(name: str, source: str) -> Database:
    _admin().execute("SELECT pg_advisory_lock_shared(hashtext(%s))", [name])
    # Without fsync, copying files takes half as long as writing every block into the log too.
    _admin().execute(_statement("CREATE DATABASE {} TEMPLATE {} OWNER {} STRATEGY file_copy", name, source, OWNER))
    return named(name)


def drop(name: str) -> None:
    """Drop a clone, closing whatever is still connected to it."""
    _admin().execute(_statement("DROP DATABASE IF EXISTS {} WITH (FORCE)", name))
    _admin().execute("SELECT pg_advisory_unlock_shared(hashtext(%s))", [name])


@contextmanager
def clone(name: str = "") -> Iterator[Database]:
    """A clone of the template, dropped afterwards; Django's connections of all threads go there meanwhile.

    The caller has unblocked database access and holds no open transaction. Without a name it gets one of its own.
    """
    database = make(name or f"test_fresh_{uuid.uuid4().hex[:12]}")
    try:
        with pointed_at(database.name):
            yield database
    finally:
        drop(database.name)


@contextmanager
def empty() -> Iterator[Database]:
    """A database without any table, dropped afterwards. Django's connection stays where it is."""
    database = _create(f"test_empty_{uuid.uuid4().hex[:12]}", "template1")
    try:
        yield database
    finally:
        drop(database.name)


@contextmanager
def pointed_at(name: str, user: str = "portal_app") -> Iterator[None]:
    """Point Django's default connection at another database, in all threads that connect from now on."""
    from django.db import connection

    connection.close()
    before = {key: connection.settings_dict[key] for key in ("NAME", "USER")}
    connection.settings_dict.update(NAME=name, USER=user)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)


def _build(name: str) -> None:
    from django.core.management import call_command

    half = f"{name}_half"
    _admin().execute(_statement("DROP DATABASE IF EXISTS {} WITH (FORCE)", half))
    _admin().execute(_statement("CREATE DATABASE {} OWNER {}", half, OWNER))
    with pointed_at(half, OWNER), lean_states():
        call_command("migrate", verbosity=0, interactive=False)
    _admin().execute(_statement("ALTER DATABASE {} RENAME TO {}", half, name))
    _admin().execute(_statement("ALTER DATABASE {} ALLOW_CONNECTIONS false", name))


def _drop_leftovers() -> None:
    """Drop test databases and templates that no live run has locked."""
    for name in _names():
        if not name.startswith(("test_", "template_")):
            continue
        row = _admin().execute("SELECT pg_try_advisory_lock(hashtext(%s))", [name]).fetchone()
        if row is not None and row[0]:
            _admin().execute(_statement("DROP DATABASE IF EXISTS {} WITH (FORCE)", name))
            _admin().execute("SELECT pg_advisory_unlock(hashtext(%s))", [name])


def _names() -> list[str]:
    rows = _admin().execute("SELECT datname FROM pg_database WHERE NOT datistemplate").fetchall()
    return [str(name) for (name,) in rows]


def _state_of_migrations() -> str:
    """A hash over what the schema is made from: the migrations here, and the versions of those in packages."""
    found = hashlib.sha256(f"{version('django')} {version('django-allauth')}".encode())
    for path in sorted(ROOT.glob("*/migrations/*.py")) + sorted(ROOT.glob("portal/*/migrations/*.py")):
        found.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return found.hexdigest()[:16]


def _statement(text: str, *names: str) -> sql.Composed:
    return sql.SQL(text).format(*(sql.Identifier(name) for name in names))


def _renamed(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
