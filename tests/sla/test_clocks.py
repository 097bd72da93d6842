"""What happens to clocks: the same events whenever the worker runs."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import DatabaseError

from portal.accounts.rules import SYSTEM
from sla import actions, queries
from sla.actions.ticking import tick
from sla.models import Clock, ClockEvent
from tests.factories.sla import ALWAYS, CalendarFactory, PolicyFactory
from tests.sla.clock_steps import ALICE, at, events, start
from tests.sla.subjects import Memory, remembered

pytestmark = pytest.mark.django_db


@pytest.fixture
def memory() -> Iterator[Memory]:
    with remembered() as found:
        yield found


def test_a_clock_warns_breaches_and_escalates_at_its_instants(memory: Memory) -> None:
    PolicyFactory(subject_kind="thing")
    clock = start()["first_response"]
    assert (clock.due_at, clock.target_seconds) == (at("10:00"), 3600)
    assert tick(now=at("09:30")).events == 0, "an instant is past when it is before now"
    assert tick(now=at("09:31")).events == 1
    tick(now=at("20 12:00"))
    tick(now=at("20 12:00"))
    assert events(clock) == [
        "19 09:00 started",
        "19 09:30 warned 50",
        "19 09:45 warned 75",
        "19 10:00 breached",
        "19 10:30 escalated 1",
        "19 12:00 escalated 2",
    ]
    clock.refresh_from_db()
    assert (clock.breached_at, clock.next_event_at, clock.state) == (at("10:00"), None, "running")
    heard = [(e.kind, e.threshold, e.at, e.due_at) for e in memory.fired if e.clock_id == clock.pk]
    assert heard[0] == ("warned", 50, at("09:30"), at("10:00"))
    assert [kind for kind, *_ in heard] == ["warned", "warned", "breached", "escalated", "escalated"]


def test_a_late_worker_changes_nothing_about_the_events(memory: Memory) -> None:
    """The breach at 10:00 is noticed by the one who replies at 10:20, before any worker came by."""
    PolicyFactory(subject_kind="thing")
    clock = start()["first_response"]
    actions.meet(actor=ALICE, subject_kind="thing", subject_id=1, metric="first_response", at=at("10:20"))
    assert events(clock) == [
        "19 09:00 started", "19 09:30 warned 50", "19 09:45 warned 75", "19 10:00 breached", "19 10:20 met",
    ]  # fmt: skip
    assert [e.kind for e in memory.fired] == ["warned", "warned", "breached"]
    assert tick(now=at("12:00")).events == 0 + len([e for e in memory.fired if e.metric == "resolution"])
    [view] = [v for v in queries.clocks_of("thing", [1])[1] if v.metric == "first_response"]
    assert (view.in_time, queries.pill(view, at("12:00")).state) == (False, "missed")


def test_met_at_the_due_instant_is_in_time(memory: Memory) -> None:
    PolicyFactory(subject_kind="thing")
    clock = start()["first_response"]
    tick(now=at("10:01"))
    met = actions.meet(actor=ALICE, subject_kind="thing", subject_id=1, metric="first_response", at=at("10:00"))
    assert met is not None
    assert (met.pk, met.state, met.breached_at) == (clock.pk, "met", None)
    assert queries.clocks_of("thing", [1])[1][0].in_time is True
    assert (
        actions.meet(actor=ALICE, subject_kind="thing", subject_id=1, metric="first_response", at=at("11:00")) is None
    )


def test_waiting_moves_the_due_instant_by_business_time(memory: Memory) -> None:
    PolicyFactory(subject_kind="thing")
    clock = start(begun="16:00")["resolution"]
    assert clock.due_at == at("20 16:00")
    actions.state_changed(actor=ALICE, subject_kind="thing", subject_id=1, state="waiting", at=at("16:30"))
    clock.refresh_from_db()
    assert (clock.state, clock.paused_at, clock.next_event_at) == ("paused", at("16:30"), None)
    assert tick(now=at("25 12:00")).events == 0
    assert queries.earliest_due("thing", [1, 2]) == {1: None, 2: None}
    actions.state_changed(actor=ALICE, subject_kind="thing", subject_id=1, state="open", at=at("23 10:00"))
    clock.refresh_from_db()
    assert clock.due_at == at("24 09:30"), "half an hour on Thursday, seven and a half from Monday, ten o'clock"
    assert events(clock) == ["19 16:00 started", "19 16:30 paused 1", "23 10:00 resumed 1"]
    actions.state_changed(actor=ALICE, subject_kind="thing", subject_id=1, state="waiting", at=at("23 11:00"))
    actions.meet(actor=ALICE, subject_kind="thing", subject_id=1, metric="resolution", at=at("25 11:00"))
    clock.refresh_from_db()
    assert clock.met_at is not None
    assert clock.met_at <= clock.due_at, "met while it waited: the wait does not count"
    assert queries.clocks_of("thing", [1])[1][-1].paused_seconds == pytest.approx(
        (at("23 10:00") - at("16:30") + (at("25 11:00") - at("23 11:00"))).total_seconds()
    )


def test_what_was_due_before_the_pause_still_happens(memory: Memory) -> None:
    PolicyFactory(subject_kind="thing")
    clock = start()["first_response"]
    actions.state_changed(actor=ALICE, subject_kind="thing", subject_id=1, state="waiting", at=at("09:40"))
    actions.state_changed(actor=ALICE, subject_kind="thing", subject_id=1, state="open", at=at("11:40"))
    tick(now=at("12:01"))
    assert events(clock) == [
        "19 09:00 started", "19 09:30 warned 50", "19 09:40 paused 1", "19 11:40 resumed 1", "19 11:45 warned 75",
        "19 12:00 breached",
    ]  # fmt: skip


def test_starting_in_a_waiting_state_and_starting_twice(memory: Memory) -> None:
    PolicyFactory(subject_kind="thing", targets={"resolution": 480})
    clocks = start(state="waiting")
    assert {metric: clock.state for metric, clock in clocks.items()} == {"resolution": "paused"}, "no target, no clock"
    assert start() == {}
    actions.cancel(actor=ALICE, subject_kind="thing", subject_id=1, at=at("10:00"))
    assert start() == {}, "not again in the same cycle"
    assert start(cycle=2)["resolution"].cycle == 2


def test_the_first_policy_that_matches_holds(memory: Memory) -> None:
    PolicyFactory(subject_kind="thing", targets={"resolution": 480})
    PolicyFactory(subject_kind="thing", match={"severity": ["1"]}, targets={"resolution": 60}, position=1)
    PolicyFactory(subject_kind="other", targets={"resolution": 5}, position=1)
    assert start(1)["resolution"].target_seconds == 480 * 60
    assert start(2, dimensions={"severity": "1"})["resolution"].target_seconds == 3600
    assert start(3, dimensions={})["resolution"].target_seconds == 480 * 60


def test_no_policy_no_clock(memory: Memory) -> None:
    PolicyFactory(subject_kind="thing", match={"service": ["2"]})
    assert start() == {}


def test_an_import_is_silent_about_the_past(memory: Memory) -> None:
    PolicyFactory(subject_kind="thing")
    clock = start(silent_before=at("09:40"))["first_response"]
    assert tick(now=at("09:41")).events == 1
    assert events(clock) == ["19 09:00 started", "19 09:30 warned 50"]
    assert memory.fired == []
    assert ClockEvent.objects.get(clock=clock, kind="warned").silent
    tick(now=at("09:46"))
    assert [(e.kind, e.threshold) for e in memory.fired if e.clock_id == clock.pk] == [("warned", 75)]


def test_a_history_told_step_by_step_is_silent_and_right(memory: Memory) -> None:
    """A later step of the past must not find that an earlier one was settled up to now."""
    PolicyFactory(subject_kind="thing")
    told = {"actor": SYSTEM, "subject_kind": "thing", "subject_id": 1, "silent_before": at("16:00")}
    actions.start(**told, dimensions={}, metrics=["first_response"], at=at("09:00"))  # type: ignore[arg-type]
    actions.state_changed(**told, state="waiting", at=at("09:20"))  # type: ignore[arg-type]
    actions.state_changed(**told, state="open", at=at("15:20"))  # type: ignore[arg-type]
    tick(now=at("16:00"))
    tick(now=at("16:01"))
    assert events(Clock.objects.get()) == [
        "19 09:00 started", "19 09:20 paused 1", "19 15:20 resumed 1", "19 15:30 warned 50", "19 15:45 warned 75",
        "19 16:00 breached",
    ]  # fmt: skip
    assert [e.kind for e in memory.fired] == ["breached"]


def test_many_clocks_with_a_history(memory: Memory) -> None:
    PolicyFactory(subject_kind="thing", calendar=CalendarFactory(hours=ALWAYS))
    rows = [
        actions.BulkClock(1, "first_response", {}, at("09:00"), met_at=at("09:50")),
        actions.BulkClock(
            2, "resolution", {}, at("01 09:00"),
            states=[(at("01 09:00"), "open"), (at("01 12:00"), "waiting"), (at("02 12:00"), "open")],
        ),
        actions.BulkClock(3, "resolution", {}, at("09:00"), states=[(at("09:30"), "waiting")]),
        actions.BulkClock(4, "resolution", {}, at("18 09:00"), cancelled_at=at("18 10:00")),
        actions.BulkClock(5, "no_such_metric", {}, at("18 09:00")),
    ]  # fmt: skip
    made = actions.bulk_start(actor=SYSTEM, subject_kind="thing", rows=rows, silent_before=at("19 12:00"))
    assert [(clock.subject_id, clock.state) for clock in made] == [
        (1, "met"), (2, "running"), (3, "paused"), (4, "cancelled"),
    ]  # fmt: skip
    assert [events(clock) for clock in made] == [
        ["19 09:00 started", "19 09:30 warned 50", "19 09:45 warned 75", "19 09:50 met"],
        ["01 09:00 started", "01 12:00 paused 1", "02 12:00 resumed 1", "02 13:00 warned 50", "02 15:00 warned 75",
         "02 17:00 breached", "02 17:30 escalated 1", "02 19:00 escalated 2"],
        ["19 09:00 started", "19 09:30 paused 1"],
        ["18 09:00 started", "18 10:00 cancelled"],
    ]  # fmt: skip
    assert (memory.fired, memory.changed) == ([], [])
    assert tick(now=at("25 12:00")).events == 0


def test_events_and_versions_cannot_be_changed(memory: Memory) -> None:
    PolicyFactory(subject_kind="thing")
    clock = start()["first_response"]
    for statement in (
        "UPDATE sla_clockevent SET at = now()",
        "DELETE FROM sla_clockevent",
        "TRUNCATE sla_clockevent",
        "UPDATE sla_calendarversion SET number = 9",
        "DELETE FROM sla_policyversion",
        "UPDATE sla_policytarget SET minutes = 1",
        "DELETE FROM sla_escalationlevel",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    with pytest.raises(IntegrityError), transaction.atomic():
        ClockEvent.objects.create(clock=clock, kind="started", at=at("09:00"), due_at=at("10:00"), revision=3)
    with pytest.raises(IntegrityError), transaction.atomic():
        Clock.objects.filter(pk=clock.pk).update(paused_at=at("09:00"))
    with pytest.raises(IntegrityError), transaction.atomic():
        Clock.objects.filter(pk=clock.pk).update(plan_code=["warned:50"])


def test_the_pill_follows_the_policys_warnings(memory: Memory) -> None:
    PolicyFactory(subject_kind="thing")
    start(begun="16:30")
    view = queries.clocks_of("thing", [1])[1][0]
    assert view.due_at == at("20 09:30")
    looks = [
        (queries.pill(view, moment).state, round(queries.pill(view, moment).pct))
        for moment in (at("16:30"), at("16:45"), at("17:00"), at("20 09:15"), at("20 09:30"), at("20 09:31"))
    ]
    assert looks == [("ok", 100), ("ok", 75), ("warn", 50), ("late", 25), ("late", 0), ("breached", 0)]


def test_what_is_overdue_is_known(memory: Memory) -> None:
    PolicyFactory(subject_kind="thing")
    assert queries.oldest_due_age() == 0
    now = datetime.now(UTC)
    clocks = actions.start(
        actor=ALICE,
        subject_kind="thing",
        subject_id=1,
        dimensions={},
        metrics=["resolution"],
        at=now - timedelta(days=30),
    )
    assert queries.oldest_due_age() >= (now - clocks[0].plan_at[0]).total_seconds()
    tick()
    assert queries.oldest_due_age() == 0
