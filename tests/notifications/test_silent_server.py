"""A mail server that takes every connection and never answers: it costs one wait in a minute, and holds up nobody else."""

import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from pytest_django import Settings

from portal.notifications import tasks
from portal.notifications.delivery.sender import send_batch
from portal.notifications.models import OutboxRow
from tests.databases import Database
from tests.escalations.processes import running
from tests.factories.notifications import MailRowFactory
from tests.notifications.smtp import Sink
from tests.webhooks.silence import Silent, silent

_HELD = """SELECT 1 FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
WHERE locktype = 'advisory' AND datname = current_database()"""


def lead_to(settings: Settings, port: int, timeout: float = 0.4) -> None:
    """Mail goes to this port of loopback, where it waits so many seconds for each answer."""
    options = {"host": "127.0.0.1", "port": port, "timeout": timeout}
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}}


def port_of(dead: Silent) -> int:
    found = urlsplit(dead.url).port
    assert found
    return found


@pytest.fixture
def dead(settings: Settings) -> Iterator[Silent]:
    with silent() as made:
        lead_to(settings, port_of(made))
        yield made


def rows() -> list[tuple[str, str, int, bool]]:
    found = OutboxRow.objects.order_by("pk").values_list("idempotency_key", "state", "attempts", "leased_until")
    return [(key, state, attempts, leased is not None) for key, state, attempts, leased in found]


@pytest.mark.django_db
def test_one_mail_pays_and_then_the_server_is_left_alone(dead: Silent, sink: Sink, settings: Settings) -> None:
    lead_to(settings, port_of(dead))
    for number in range(3):
        MailRowFactory(idempotency_key=f"m{number}")
    tasks.send()
    assert len(dead.lines) == 1
    waiting = [("m0", "pending", 1, False), ("m1", "pending", 0, False), ("m2", "pending", 0, False)]
    assert rows() == waiting
    assert "imed" in OutboxRow.objects.get(idempotency_key="m0").last_error
    lead_to(settings, sink.port)
    tasks.send()
    assert (rows(), sink.connections) == (waiting, 0)
    # A minute later.
    cache.delete(tasks.SILENT)
    tasks.send()
    assert sorted(sink.subjects) == ["m1", "m2"]


@pytest.mark.django_db
def test_a_server_that_falls_silent_in_the_middle_is_left_alone_too(sink: Sink, settings: Settings) -> None:
    lead_to(settings, sink.port)
    sink.stall = True
    for number in range(3):
        MailRowFactory(idempotency_key=f"m{number}")
    tasks.send()
    sink.stall = False
    tasks.send()
    assert (sink.connections, [attempts for _key, _state, attempts, _leased in rows()]) == (1, [1, 0, 0])


@pytest.mark.django_db
def test_who_refuses_connections_at_once_is_no_silent_server(sink: Sink, settings: Settings) -> None:
    lead_to(settings, 1)
    MailRowFactory(idempotency_key="m0")
    MailRowFactory(idempotency_key="m1")
    tasks.send()
    lead_to(settings, sink.port)
    tasks.send()
    assert sink.subjects == ["m1"]


@pytest.mark.django_db
def test_a_batch_that_took_long_gives_the_rest_back(sink: Sink) -> None:
    for number in range(4):
        MailRowFactory(idempotency_key=f"m{number}")
    assert send_batch(until=time.monotonic()) == 4
    assert sink.subjects == ["m0"]
    assert rows()[1:] == [(f"m{number}", "pending", 0, False) for number in (1, 2, 3)]


@pytest.mark.processes
def test_while_one_worker_waits_for_the_server_the_others_are_free(
    fresh_database: Database, sink: Sink, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with silent() as made:
        for name, value in (sink.environment() | {"EMAIL_PORT": str(port_of(made)), "EMAIL_TIMEOUT": "60"}).items():
            monkeypatch.setenv(name, value)
        MailRowFactory(idempotency_key="one")
        with running(fresh_database, "from portal.notifications.tasks import send; send()"):
            assert made.rung.wait(60)
            MailRowFactory(idempotency_key="two")
            tasks.send()
            assert (len(made.lines), sink.connections) == (1, 0)
        with fresh_database.connect() as watcher:
            while watcher.execute(_HELD).fetchone():
                pass
        tasks.send()
        assert sink.subjects == ["two"]
