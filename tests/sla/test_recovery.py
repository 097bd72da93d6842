"""Real workers, beats and brokers that die: what is in the database afterwards is what a run without faults leaves."""

import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from portal.accounts.rules import SYSTEM
from sla import actions, queries
from sla.actions.ticking import tick
from sla.models import Clock, ClockEvent
from tests.databases import Database
from tests.factories.sla import ALWAYS, CalendarFactory, PolicyFactory
from tests.sla import subjects
from tests.sla.processes import Broker, beat, gone, hear, hear_until, kill, listening, rows_of, send_tick, worker
from tests.sla.subjects import TRAP_LOCK

pytestmark = pytest.mark.processes


SUBJECTS = 300


@pytest.fixture
def things(fresh_database: Database) -> Iterator[Database]:
    """Subjects whose clocks have everything behind them and nothing fired."""
    with fresh_database.connect(as_owner=True) as owner:
        owner.execute(subjects.TABLES)
        owner.execute("INSERT INTO thing SELECT n FROM generate_series(1, %s) n", [SUBJECTS])
    with subjects.stored():
        calendar = CalendarFactory(hours=ALWAYS)
        PolicyFactory(subject_kind="thing", calendar=calendar, targets={"first_response": 60, "resolution": 480})
        yield fresh_database


def start_clocks() -> None:
    month_ago = timezone.now() - timedelta(days=30)
    actions.bulk_start(
        actor=SYSTEM,
        subject_kind="thing",
        rows=[
            actions.BulkClock(pk, metric, {}, month_ago + timedelta(seconds=pk))
            for pk in range(1, SUBJECTS + 1)
            for metric in ("first_response", "resolution")
        ],
        silent_before=month_ago,
    )
    subjects.keep_due(range(1, SUBJECTS + 1))


def picture() -> dict[str, list[tuple[Any, ...]]]:
    """Everything that a tick leaves, without the running numbers."""
    asked = {
        "events": "SELECT clock_id, kind, threshold, revision, at FROM sla_clockevent",
        "clocks": "SELECT id, state, plan_pos, next_event_at, breached_at, error_count FROM sla_clock",
        "entries": "SELECT thing_id, kind, threshold, at FROM thing_entry",
        "outbox": "SELECT count(*), count(DISTINCT key) FROM thing_outbox",
        "due": "SELECT id, next_due_at FROM thing",
    }
    return rows_of(asked)


def without_faults() -> dict[str, list[tuple[Any, ...]]]:
    """What a run without faults leaves; rolled back."""
    with transaction.atomic():
        assert tick().events == SUBJECTS * 10
        found = picture()
        transaction.set_rollback(True)
    return found


@pytest.fixture
def broker() -> Iterator[Broker]:
    with tempfile.TemporaryDirectory(prefix="sla") as folder:
        found = Broker(Path(folder))
        found.start()
        yield found
        found.stop()


@pytest.mark.parametrize("point", ["locked", "fired", "written"])
def test_a_worker_killed_inside_a_batch(things: Database, broker: Broker, point: str) -> None:
    start_clocks()
    expected = without_faults()
    nothing = picture()
    with things.connect(as_owner=True) as owner, listening(things, "inside", "done") as ear:
        owner.execute("UPDATE thing_trap SET point = %s", [point])
        owner.execute("SELECT pg_advisory_lock(%s)", [TRAP_LOCK])
        with worker(things, broker) as process:
            send_tick(broker)
            backend = hear(ear)
            kill(process)
        owner.execute("SELECT pg_advisory_unlock(%s)", [TRAP_LOCK])
        gone(things, backend)
        assert picture() == nothing, "all of the batch or nothing of it"
        owner.execute("UPDATE thing_trap SET point = ''")
        with worker(things, broker):
            send_tick(broker)
            assert hear(ear) == "sla.tick"
    assert picture() == expected


def test_two_beats_and_two_workers(things: Database, broker: Broker, tmp_path: Path) -> None:
    start_clocks()
    expected = without_faults()
    with (
        listening(things, "done") as ear,
        worker(things, broker, 2),
        worker(things, broker, 2),
        beat(things, broker, tmp_path, "one"),
        beat(things, broker, tmp_path, "two"),
    ):
        hear_until(ear, lambda: queries.oldest_due_age() == 0)
        for _more in range(6):
            hear(ear)
    assert picture() == expected


def test_a_broker_that_goes_away_and_comes_back_empty(things: Database, broker: Broker, tmp_path: Path) -> None:
    with (
        listening(things, "done") as ear,
        worker(things, broker),
        beat(things, broker, tmp_path, "beat") as ticking,
    ):
        hear_until(ear, lambda: hear(ear) == "sla.tick")
        broker.stop()
        start_clocks()
        expected = without_faults()
        assert ticking.poll() is None, "beat survives a broker that is away"
        broker.start()
        hear_until(ear, lambda: queries.oldest_due_age() == 0)
    assert picture() == expected


ROUNDS = 1000


HANDS = 3


def test_users_act_while_their_clocks_fire(things: Database) -> None:
    """No deadlock in a thousand rounds, and the due column is right in the end."""
    start_clocks()
    stop = threading.Event()

    def keep_ticking() -> None:
        while not stop.is_set():
            tick(batch=50)

    with ThreadPoolExecutor() as threads:
        ticking = [threads.submit(and_close, keep_ticking) for _ in range(2)]
        hands = [threads.submit(and_close, act, Random(seed), ROUNDS // HANDS + 1) for seed in range(HANDS)]
        failed = [hand.exception() for hand in hands]
        stop.set()
        failed += [thread.exception() for thread in ticking]
    assert failed == [None] * 5
    tick()
    due = queries.earliest_due("thing", range(1, SUBJECTS + 1))
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, next_due_at FROM thing")
        assert dict(cursor.fetchall()) == due
        cursor.execute("SELECT count(*), count(DISTINCT key) FROM thing_outbox")
        told, keys = cursor.fetchone()
    fired = ClockEvent.objects.filter(kind__in=["warned", "breached", "escalated"]).count()
    assert told == keys == fired
    assert not Clock.objects.filter(error_count__gt=0).exists()


def and_close(work: Any, *given: Any) -> None:
    try:
        work(*given)
    finally:
        connection.close()


def act(choose: Random, rounds: int) -> None:
    """One round: take a subject or two, and do to their clocks what people do."""
    for turn in range(rounds):
        ids = sorted(choose.sample(range(1, 40), 2))
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT id FROM thing WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", [ids])
            now = timezone.now()
            about: dict[str, Any] = {"actor": SYSTEM, "subject_kind": "thing", "subject_id": ids[0], "at": now}
            verb = turn % 6
            if verb == 0:
                actions.state_changed(**about, state="waiting")
            elif verb == 1:
                actions.state_changed(**about, state="open")
            elif verb == 2:
                actions.meet(**about, metric="first_response")
            elif verb == 3:
                cycle = 1 + max(view.cycle for view in queries.clocks_of("thing", [ids[0]])[ids[0]])
                back = {**about, "at": now - timedelta(hours=choose.randint(0, 9))}
                actions.start(**back, dimensions={}, metrics=["first_response", "resolution"], cycle=cycle)
            elif verb == 4:
                actions.merge_due(actor=SYSTEM, subject_kind="thing", source_id=ids[0], target_id=ids[1], at=now)
            else:
                actions.recompute(**about, dimensions={}, state="open")
