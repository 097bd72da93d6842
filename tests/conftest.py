"""What every test may ask for: the database of its worker, a database of its own, the reference data."""

import gc
import os
import shutil
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings
from pytest_django import DjangoDbBlocker, Settings

from tests import databases
from tests.notifications import smtp

SHARED = databases.ROOT.parent / "shared"
# These flush tables after the test, which the append-only ones refuse.
FLUSHING = {"transactional_db", "live_server", "django_db_reset_sequences", "django_db_serialized_rollback"}


# How long an example takes says what else the machine does.
hypothesis_settings.register_profile("portal", hypothesis_settings(), deadline=None)
hypothesis_settings.load_profile("portal")


def pytest_report_header() -> str | None:
    """Say it when the reference data is not there."""
    return None if SHARED.is_dir() else "../shared is missing: the tests marked 'shared' are left out"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Refuse tests that would flush tables, and leave out those whose reference data is missing."""
    flushing = [item.nodeid for item in items if _flushes(item)]
    if flushing:
        raise pytest.UsageError(f"Use the fixture fresh_database instead of flushing tables: {', '.join(flushing)}")
    if not SHARED.is_dir():
        left_out = [item for item in items if item.get_closest_marker("shared")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
    items[:] = _long_ones_first(items)


def pytest_collection_finish() -> None:
    """Let the garbage collector pass over what lives to the end anyway, and come less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def _long_ones_first(items: list[pytest.Item]) -> list[pytest.Item]:
    """Put the long tests at the beginning of both halves: two workers get a half each, and share out what is short at the end.

    A file stays in one piece, because its tests share what was costly to build.
    """
    long_files, short = [], []
    for _file, group in groupby(items, key=lambda item: item.path):
        tests = list(group)
        (long_files if any(map(_is_long, tests)) else short).append(tests)
    flat = [test for tests in short for test in tests]
    middle = len(flat) // 2
    one = [test for tests in long_files[0::2] for test in tests]
    other = [test for tests in long_files[1::2] for test in tests]
    return [*one, *flat[:middle], *other, *flat[middle:]]


def _is_long(item: pytest.Item) -> bool:
    marked = item.get_closest_marker("processes") or item.get_closest_marker("browser")
    return bool(marked) or item.path.parent.name in {"web", "leaks", "bad_input", "demo", "platform"}


def _flushes(item: pytest.Item) -> bool:
    marker = item.get_closest_marker("django_db")
    asked = marker is not None and (
        marker.args or {"transaction", "reset_sequences", "serialized_rollback"} & set(marker.kwargs)
    )
    return bool(asked) or bool(FLUSHING & set(getattr(item, "fixturenames", ())))


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Give this worker its clone of the migrated template."""
    from django.conf import settings
    from django.db import connections

    with django_db_blocker.unblock():
        databases.make(settings.WORKER_DATABASE)
    yield
    with django_db_blocker.unblock():
        connections.close_all()
        databases.drop(settings.WORKER_DATABASE)
        databases.close()


@pytest.fixture
def fresh_database(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[databases.Database]:
    """A database of its own, for tests that commit or use several processes; Django's connection is pointed at it."""
    if "db" in request.fixturenames or request.node.get_closest_marker("django_db"):
        pytest.fail("A test takes its database from fresh_database or from db, not from both.")
    from django.core.cache import cache

    with django_db_blocker.unblock(), databases.clone() as database:
        cache.clear()
        yield database


@pytest.fixture(autouse=True)
def _empty_cache(request: pytest.FixtureRequest) -> None:
    """Rate limits and cached figures of one test must not reach the next."""
    if "db" in request.fixturenames or request.node.get_closest_marker("django_db"):
        from django.core.cache import cache

        request.getfixturevalue("django_db_setup")
        cache.clear()


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The folder with the reference data; only tests marked `shared` may ask for it."""
    return SHARED


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium to drive. Missing is an error: `make test` brings one."""
    names = (os.environ.get("PORTAL_CHROMIUM") or "none", "chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        pytest.fail("No Chromium: run `make test`, which installs one, or set PORTAL_CHROMIUM to its path.")
    return found


@pytest.fixture
def sink(settings: Settings) -> Iterator[smtp.Sink]:
    """A real SMTP server, which Django's mail goes to."""
    with smtp.running() as sink:
        settings.MAILERS = sink.mailers()
        yield sink
