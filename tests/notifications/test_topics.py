"""Outbox rows of topics that rooms register: carried out once, tried again, given up, nobody held up."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from portal.notifications import actions, queries, registry, tasks
from portal.notifications.delivery import dispatch, outbox
from portal.notifications.models import OutboxRow
from portal.notifications.registry import OutboxTopic, RetryLater, Undeliverable, register_topic
from portal.notifications.rules import MAX_ATTEMPTS
from tests.factories.accounts import administrator

pytestmark = pytest.mark.django_db
KEY = "test.topic"


class Receiver:
    """Takes rows; `answers` say what the next deliveries raise."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.answers: dict[str, Callable[[], Exception]] = {}
        self.gave_up: list[tuple[str, str]] = []

    def deliver(self, row: OutboxRow) -> None:
        """Take a row, or fail as told."""
        if row.idempotency_key in self.answers:
            raise self.answers[row.idempotency_key]()
        self.taken.append(row.idempotency_key)

    def lost(self, row: OutboxRow, why: str) -> None:
        """Hear that a row will not come."""
        self.gave_up.append((row.idempotency_key, why))


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Receiver:
    """A topic that only this test knows."""
    monkeypatch.setattr(registry, "_topics", {})
    made = Receiver()
    register_topic(OutboxTopic(KEY, "Test topic", made.deliver, made.lost))
    return made


def row(key: str) -> OutboxRow:
    return OutboxRow.objects.get(idempotency_key=key)


def overdue() -> None:
    past = timezone.now() - timedelta(seconds=1)
    OutboxRow.objects.update(next_attempt_at=past, not_before=past)


def test_a_row_is_carried_out_once(receiver: Receiver) -> None:
    actions.queue(KEY, {"one": {"a": 1}})
    actions.queue(KEY, {"one": {"a": 2}, "two": {}})
    tasks.dispatch()
    tasks.dispatch()
    assert sorted(receiver.taken) == ["one", "two"]
    assert (row("one").state, row("one").payload) == ("sent", {"a": 1})


def test_what_fails_waits_longer_each_time_and_holds_up_nobody(receiver: Receiver) -> None:
    receiver.answers = {"bad": lambda: RetryLater("502"), "worse": lambda: KeyError("x")}
    actions.queue(KEY, {"bad": {}, "worse": {}, "good": {}})
    tasks.dispatch()
    assert receiver.taken == ["good"]
    assert (row("bad").last_error, row("worse").last_error) == ("502", "KeyError: 'x'")
    assert row("bad").next_attempt_at > timezone.now() + timedelta(seconds=20)
    receiver.answers = {}
    overdue()
    tasks.dispatch()
    assert receiver.taken == ["good", "bad", "worse"]


def test_who_asks_to_be_left_alone_is_left_alone_but_not_for_ever(receiver: Receiver) -> None:
    receiver.answers = {
        "an hour": lambda: RetryLater("429", after=3600),
        "a year": lambda: RetryLater("429", after=3e7),
    }
    actions.queue(KEY, {"an hour": {}, "a year": {}})
    tasks.dispatch()
    now = timezone.now()
    assert timedelta(minutes=59) < row("an hour").next_attempt_at - now < timedelta(minutes=61)
    assert row("a year").next_attempt_at - now < timedelta(hours=25)


def test_what_cannot_succeed_is_given_up_at_once_and_the_room_hears_of_it(receiver: Receiver, client: Client) -> None:
    receiver.answers = {"gone": lambda: Undeliverable("410 Gone")}
    actions.queue(KEY, {"gone": {}})
    tasks.dispatch()
    assert (row("gone").state, receiver.gave_up) == ("dead", [("gone", "410 Gone")])
    client.force_login(administrator())
    page = client.get("/inbox/failed/").content.decode()
    assert "Test topic" in page
    assert "410 Gone" in page


def test_after_many_attempts_it_is_given_up(receiver: Receiver) -> None:
    receiver.answers = {"bad": lambda: RetryLater("500")}
    actions.queue(KEY, {"bad": {}})
    for _attempt in range(MAX_ATTEMPTS):
        overdue()
        tasks.dispatch()
    assert (row("bad").state, row("bad").attempts, receiver.gave_up) == ("dead", MAX_ATTEMPTS, [("bad", "500")])


def test_a_worker_that_died_leaves_its_row_to_the_next(receiver: Receiver) -> None:
    actions.queue(KEY, {"one": {}})
    outbox.claim_topics([KEY], 10)
    assert dispatch.dispatch_batch() == 0  # the lease still runs
    OutboxRow.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    tasks.dispatch()
    assert receiver.taken == ["one"]


def test_a_row_that_killed_its_worker_every_time_is_given_up(receiver: Receiver) -> None:
    actions.queue(KEY, {"one": {}})
    OutboxRow.objects.update(attempts=MAX_ATTEMPTS)
    tasks.dispatch()
    assert receiver.gave_up == [("one", "the worker died each time")]


def test_a_room_that_cannot_be_told_keeps_its_row(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(row: OutboxRow, why: str) -> None:
        raise RuntimeError("busy")

    monkeypatch.setattr(registry, "_topics", {})
    register_topic(OutboxTopic(KEY, "Test topic", receiver.deliver, broken))
    receiver.answers = {"gone": lambda: Undeliverable("410")}
    actions.queue(KEY, {"gone": {}})
    tasks.dispatch()
    assert (row("gone").state, row("gone").last_error) == ("pending", "RuntimeError: busy")


def test_unknown_topics_are_refused_and_a_failed_transaction_queues_nothing(receiver: Receiver) -> None:
    with pytest.raises(ValueError, match="no outbox topic"):
        actions.queue("nobody", {"x": {}})
    with pytest.raises(ValueError, match="taken"):
        register_topic(OutboxTopic(KEY, "Another", receiver.deliver))
    with transaction.atomic():
        actions.queue(KEY, {"x": {}})
        transaction.set_rollback(True)
    assert not OutboxRow.objects.filter(idempotency_key="x").exists()


def test_rows_that_wait_count_for_the_health_page(receiver: Receiver) -> None:
    actions.queue(KEY, {"x": {}}, not_before=timezone.now() - timedelta(hours=1))
    assert (queries.oldest_unsent_age() or 0) > 3500
