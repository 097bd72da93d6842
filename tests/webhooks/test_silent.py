"""Receivers that take a request and never answer: they cost a run one wait, and hold up no other receiver and no other work."""

import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from portal.notifications import actions as outbox_actions
from portal.notifications import registry, tasks
from portal.notifications.delivery.dispatch import dispatch_batch
from portal.notifications.models import OutboxRow
from portal.notifications.registry import OutboxTopic, register_topic
from portal.webhooks import actions
from portal.webhooks.models import WebhookTarget
from tests.databases import Database
from tests.escalations.processes import running
from tests.factories.webhooks import WebhookTargetFactory
from tests.webhooks.receiver import Receiver
from tests.webhooks.silence import Silent, silent

_HELD = """SELECT 1 FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
WHERE locktype = 'advisory' AND datname = current_database()"""


@pytest.fixture
def dead(inside: None, settings: Settings) -> Iterator[Silent]:
    settings.WEBHOOKS_TIMEOUT = 1
    with silent() as made:
        yield made


def queue(url: str, *keys: str, target: WebhookTarget | None = None) -> WebhookTarget:
    """Events for a receiver, queued in this order."""
    found: WebhookTarget = target or WebhookTargetFactory(url=url)
    for key in keys:
        actions.send(target_id=found.pk, event="case.opened", data={}, key=key)
    return found


def row(key: str) -> OutboxRow:
    return OutboxRow.objects.get(idempotency_key=key)


@pytest.mark.django_db
def test_after_a_wait_for_nothing_the_same_receiver_is_not_asked_again_at_once(
    dead: Silent, target_server: Receiver, settings: Settings
) -> None:
    settings.WEBHOOKS_TIMEOUT = 2
    keys = [f"dead {number}" for number in range(8)]
    target = queue(dead.url, *keys)
    queue(target_server.url, "good")
    tasks.dispatch()
    assert (len(dead.lines), len(target_server.got), target.attempts.count()) == (1, 1, 1)
    rows = [row(key) for key in keys]
    assert {(one.state, one.attempts, one.leased_until) for one in rows} == {("pending", 1, None)}
    assert all(one.next_attempt_at > timezone.now() + timedelta(seconds=20) for one in rows)
    assert "ReadTimeout" in rows[0].last_error
    assert "did not answer a moment ago" in rows[-1].last_error
    # Once it was left alone for long enough it is asked again, and then as fast as it answers.
    target.attempts.update(at=timezone.now() - timedelta(seconds=10))
    WebhookTarget.objects.filter(pk=target.pk).update(url=target_server.url)
    OutboxRow.objects.update(not_before=timezone.now(), next_attempt_at=timezone.now())
    tasks.dispatch()
    assert {row(key).state for key in keys} == {"sent"}


@pytest.mark.django_db
def test_a_batch_that_took_long_gives_the_rest_back(dead: Silent) -> None:
    for number in range(5):
        queue(dead.url, f"dead {number}")
    assert dispatch_batch(until=time.monotonic()) == 5
    assert len(dead.lines) == 1
    rest = OutboxRow.objects.filter(attempts=0, leased_until=None, lease_token=None, last_error="")
    assert rest.filter(next_attempt_at__lte=timezone.now()).count() == 4


@pytest.mark.django_db
def test_dead_receivers_of_one_topic_hold_up_no_other_topic(
    dead: Silent, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.WEBHOOKS_TIMEOUT = 0.2
    monkeypatch.setattr(tasks, "RUN_SECONDS", 0.0)
    monkeypatch.setattr(registry, "_topics", dict(registry._topics))
    done: list[str] = []
    register_topic(OutboxTopic("zz.test", "Test topic", lambda row: done.append(row.idempotency_key)))
    for number in range(25):
        queue(dead.url, f"dead {number}")
    outbox_actions.queue("zz.test", {"other": {}})
    tasks.dispatch()
    assert done == ["other"]


@pytest.mark.processes
def test_while_one_worker_waits_for_a_receiver_the_others_are_free(
    fresh_database: Database, inside: None, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.setenv("WEBHOOKS_ALLOW_PRIVATE", "true")
    monkeypatch.setenv("WEBHOOKS_TIMEOUT", "60")
    settings.WEBHOOKS_TIMEOUT = 1
    with silent() as made:
        queue(made.url, "one")
        with running(fresh_database, "from portal.notifications.tasks import dispatch; dispatch()"):
            assert made.rung.wait(60)
            queue(made.url, "two")
            tasks.dispatch()
            assert (len(made.lines), row("two").attempts) == (1, 0)
        with fresh_database.connect() as watcher:
            while watcher.execute(_HELD).fetchone():
                pass
        made.rung = threading.Event()
        tasks.dispatch()
        assert (len(made.lines), row("two").attempts) == (2, 1)
