"""The worker's tick: whoever is busy waits, whatever raises is postponed, the rest goes on."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from portal.accounts.rules import SYSTEM
from sla import actions, registry
from sla.actions.ticking import POSTPONED, tick
from sla.models import Clock, ClockEvent
from sla.tasks import tick as tick_task
from tests.factories.sla import PolicyFactory
from tests.sla.subjects import Memory, remembered

pytestmark = pytest.mark.django_db
NINE = datetime(2026, 11, 19, 9, tzinfo=UTC)
NOON = NINE + timedelta(hours=3)


@pytest.fixture
def memory() -> Iterator[Memory]:
    with remembered() as found:
        PolicyFactory(subject_kind="thing", targets={"resolution": 60}, warn=(), levels=())
        yield found


def start(*ids: int) -> None:
    for pk in ids:
        actions.start(actor=SYSTEM, subject_kind="thing", subject_id=pk, dimensions={}, metrics=["resolution"], at=NINE)


def breached() -> list[int]:
    rows = ClockEvent.objects.filter(kind="breached").order_by("clock__subject_id")
    return list(rows.values_list("clock__subject_id", flat=True))


def replace_kind(**changes: Any) -> None:
    registry._kinds["thing"] = replace(registry._kinds["thing"], **changes)


def test_a_clock_that_raises_stops_no_other_and_is_tried_again(
    memory: Memory, caplog: pytest.LogCaptureFixture
) -> None:
    start(*range(1, 12))
    memory.raises_for = {4, 9}
    tally = tick(now=NOON)
    assert (tally.events, tally.postponed) == (9, 2)
    assert breached() == [1, 2, 3, 5, 6, 7, 8, 10, 11]
    broken = Clock.objects.filter(subject_id__in=[4, 9]).order_by("subject_id")
    assert [(c.next_event_at, c.error_count, c.last_error) for c in broken] == [
        (NOON + POSTPONED, 1, "RuntimeError: cannot write about {4}"),
        (NOON + POSTPONED, 1, "RuntimeError: cannot write about {9}"),
    ]
    assert [record.levelname for record in caplog.records if record.name == "sla.actions.ticking"] == ["ERROR"] * 2
    assert tick(now=NOON + timedelta(minutes=4)).events == 0
    memory.raises_for = set()
    assert tick(now=NOON + timedelta(minutes=6)).events == 2
    assert {e.at for e in ClockEvent.objects.filter(kind="breached")} == {NINE + timedelta(hours=1)}
    assert len(memory.fired) == 11


def test_a_busy_subject_waits_for_the_next_tick_and_holds_up_nobody(memory: Memory) -> None:
    start(*range(1, 8))
    memory.busy = {1, 2, 3}
    assert tick(now=NOON, batch=2).events == 4
    assert breached() == [4, 5, 6, 7]
    memory.busy = set()
    assert tick(now=NOON, batch=2).events == 3


def test_all_that_is_due_goes_out_in_batches_oldest_first(memory: Memory) -> None:
    for hours, pk in enumerate((3, 1, 2)):
        actions.start(
            actor=SYSTEM, subject_kind="thing", subject_id=pk, dimensions={}, metrics=["resolution"],
            at=NINE + timedelta(minutes=hours),
        )  # fmt: skip
    tick(now=NOON, batch=1)
    assert [event.subject_id for event in memory.fired] == [3, 1, 2]


def test_a_lost_connection_blames_no_clock(memory: Memory) -> None:
    start(1)

    def lost(events: object) -> None:
        raise OperationalError("server closed the connection")

    replace_kind(on_events=lost)
    with pytest.raises(OperationalError):
        tick(now=NOON)
    assert Clock.objects.get().error_count == 0
    assert breached() == []


def test_an_idle_tick_asks_once_per_kind(memory: Memory) -> None:
    start(1)
    with CaptureQueriesContext(connection) as asked:
        assert tick(now=NINE).events == 0
    assert len(asked) == 1


def test_the_index_serves_the_tick(memory: Memory) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT id FROM sla_clock WHERE subject_kind = 'thing' AND state = 'running' AND next_event_at < now()"
            " ORDER BY next_event_at, id LIMIT 10"
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "sla_clock_due" in plan
    assert "Sort" not in plan


def test_events_that_are_there_already_are_not_repeated(memory: Memory) -> None:
    """As after a crash between two statements, if that were possible: the key holds."""
    start(1)
    clock = Clock.objects.get()
    ClockEvent.objects.create(clock=clock, kind="breached", at=clock.due_at, due_at=clock.due_at)
    assert tick(now=NOON).events == 0
    clock.refresh_from_db()
    assert clock.next_event_at is None
    assert memory.fired == []


def test_steps_that_are_done_may_lie_later_than_those_ahead(memory: Memory) -> None:
    """As after a recomputation; several steps at once, one of them now, which has not passed yet."""
    start(1)
    minutes = [timedelta(minutes=n) for n in (90, 30, 60, 60, 180)]
    Clock.objects.update(
        plan_at=[NINE + one for one in minutes],
        plan_code=["warned:90", "warned:50", "breached:0", "escalated:1", "escalated:2"],
        plan_pos=1,
        next_event_at=NINE + minutes[1],
    )
    assert tick(now=NINE + timedelta(minutes=60)).events == 1
    assert tick(now=NOON).events == 2
    assert [(e.kind, e.threshold, e.at - NINE) for e in memory.fired] == [
        ("warned", 50, minutes[1]),
        ("breached", 0, minutes[2]),
        ("escalated", 1, minutes[3]),
    ]
    clock = Clock.objects.get()
    assert (clock.plan_pos, clock.next_event_at, clock.breached_at) == (4, NOON, NINE + minutes[2])


def test_the_task_expires_after_one_interval_and_acknowledges_late() -> None:
    assert (tick_task.name, tick_task.acks_late, tick_task.ignore_result) == ("sla.tick", True, True)
    from portal.celery import TICK_SECONDS, app

    entry = app.conf.beat_schedule["sla-tick"]
    assert (entry["task"], entry["schedule"], entry["options"]["expires"]) == ("sla.tick", TICK_SECONDS, TICK_SECONDS)
