"""Receivers that take a request and never answer: they cost one wait in minutes, and hold up no other receiver and no other work."""

import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from portal.accounts.queries import actor_for
from portal.notifications import actions as outbox_actions
from portal.notifications import registry, tasks
from portal.notifications.delivery.dispatch import dispatch_batch
from portal.notifications.models import OutboxRow
from portal.notifications.registry import OutboxTopic, register_topic
from portal.webhooks import actions
from portal.webhooks.models import Silence, WebhookTarget
from portal.webhooks.silence import seconds_of
from tests.databases import Database
from tests.escalations.processes import running
from tests.factories.accounts import administrator
from tests.factories.webhooks import WebhookTargetFactory
from tests.webhooks.receiver import Answer, Receiver
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


def silent_for() -> float:
    """For how many seconds more the one receiver is left alone."""
    return (Silence.objects.get().until - timezone.now()).total_seconds()


def later() -> None:
    """Every wait is over, and a run comes by."""
    past = timezone.now() - timedelta(seconds=1)
    Silence.objects.update(until=past)
    OutboxRow.objects.update(not_before=past, next_attempt_at=past)
    tasks.dispatch()


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
    assert all(one.next_attempt_at > timezone.now() + timedelta(seconds=290) for one in rows)
    assert "ReadTimeout" in rows[0].last_error
    assert "did not answer a moment ago" in rows[-1].last_error
    # Once it was left alone for long enough it is asked again, and then as fast as it answers.
    WebhookTarget.objects.filter(pk=target.pk).update(url=target_server.url)
    later()
    assert {row(key).state for key in keys} == {"sent"}


@pytest.mark.django_db
def test_several_dead_receivers_cost_a_wait_each_and_then_the_others_have_their_turn(
    target_server: Receiver, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.WEBHOOKS_TIMEOUT = 0.5
    # One wait is longer than a run, as in earnest.
    monkeypatch.setattr(tasks, "RUN_SECONDS", 0.2)
    with silent() as first, silent() as second, silent() as third:
        dead = (first, second, third)
        targets = [queue(one.url) for one in dead]
        for number in range(12):
            for at, target in enumerate(targets):
                queue("", f"dead {at} {number}", target=target)
        queue(target_server.url, "good")
        for _run in range(12):
            tasks.dispatch()
        assert (row("good").state, [len(one.lines) for one in dead]) == ("sent", [1, 1, 1])


@pytest.mark.django_db
def test_silence_doubles_until_there_is_an_answer(target_server: Receiver, settings: Settings) -> None:
    settings.WEBHOOKS_TIMEOUT = 0.5
    target_server.answers = [Answer(stream=lambda _write, stop: stop.wait(5)) for _ in range(2)] + [Answer(400)]
    queue(target_server.url, "one")
    tasks.dispatch()
    assert 290 < silent_for() <= 300
    later()
    assert 590 < silent_for() <= 600
    later()
    assert (len(target_server.got), Silence.objects.exists()) == (3, False)


def test_nobody_is_left_alone_for_longer_than_half_an_hour(settings: Settings) -> None:
    settings.WEBHOOKS_SILENCE = 300
    assert [seconds_of(misses) for misses in (1, 2, 3, 4, 100)] == [300, 600, 1200, 1800, 1800]


@pytest.mark.django_db
def test_who_refuses_connections_at_once_is_no_silent_receiver(inside: None) -> None:
    queue("http://127.0.0.1:1/", "one", "two")
    tasks.dispatch()
    assert (Silence.objects.exists(), row("two").attempts) == (False, 1)


@pytest.mark.django_db
def test_a_test_is_sent_to_a_silent_receiver_all_the_same_and_its_answer_ends_the_silence(
    target_server: Receiver, settings: Settings
) -> None:
    settings.WEBHOOKS_TIMEOUT = 0.5
    target_server.answers = [Answer(stream=lambda _write, stop: stop.wait(5))]
    target = queue(target_server.url, "one")
    tasks.dispatch()
    queue("", "two", target=target)
    tasks.dispatch()
    assert (len(target_server.got), row("two").state) == (1, "pending")
    actions.send_test(actor=actor_for(administrator()), target_id=target.pk)
    tasks.dispatch()
    assert (len(target_server.got), Silence.objects.exists()) == (2, False)


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
