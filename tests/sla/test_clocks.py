"""What happens to clocks: the same events whenever the worker runs."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import DatabaseError

from portal.accounts.rules import SYSTEM, Actor
from sla import actions, queries
from sla.actions.ticking import tick
from sla.models import Clock, ClockEvent
from tests.factories.sla import ALWAYS, CalendarFactory, PolicyFactory
from tests.sla.subjects import Memory, remembered

pytestmark = pytest.mark.django_db
ALICE = Actor(user_id=7)


def at(text: str) -> datetime:
    """A time of Thursday, 19 November 2026, or a day and a time of that month, in UTC."""
    day, _, clock = text.rpartition(" ")
    return datetime.fromisoformat(f"2026-11-{day or 19}T{clock}:00+00:00")


@pytest.fixture
def memory() -> Iterator[Memory]:
    with remembered() as found:
        yield found


def start(subject_id: int = 1, begun: str = "09:00", **given: object) -> dict[str, Clock]:
    defaults: dict[str, object] = {
        "actor": ALICE,
        "dimensions": {"service": "1", "severity": "2"},
        "metrics": ["first_response", "resolution"],
    }
    clocks = actions.start(subject_kind="thing", subject_id=subject_id, at=at(begun), **(defaults | given))  # type: ignore[arg-type]
    return {clock.metric: clock for clock in clocks}


def events(clock: Clock) -> list[str]:
    found = ClockEvent.objects.filter(clock=clock).order_by("at", "pk")
    return [f"{e.at.astimezone(UTC):%d %H:%M} {e.kind}{f' {e.threshold}' if e.threshold else ''}" for e in found]


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


def test_a_graver_severity_counts_from_the_original_start_and_keeps_pauses(memory: Memory) -> None:
    PolicyFactory(subject_kind="thing", targets={"resolution": 480})
    PolicyFactory(subject_kind="thing", match={"severity": ["1"]}, targets={"resolution": 120}, position=1, levels=())
    clock = start()["resolution"]
    actions.state_changed(actor=ALICE, subject_kind="thing", subject_id=1, state="waiting", at=at("10:00"))
    actions.state_changed(actor=ALICE, subject_kind="thing", subject_id=1, state="open", at=at("11:00"))
    assert tick(now=at("11:30")).events == 0
    actions.recompute(
        actor=ALICE, subject_kind="thing", subject_id=1, dimensions={"severity": "1"}, at=at("11:45"), state="open"
    )
    clock.refresh_from_db()
    assert (clock.due_at, clock.started_at, clock.revision) == (at("12:00"), at("09:00"), 1)
    tick(now=at("11:46"))
    assert events(clock)[-3:] == ["19 11:00 resumed 1", "19 11:30 warned 75", "19 11:45 recomputed"]
    assert "19 10:00 warned 50" in events(clock), "what the new policy says was due is made up for, at its instant"
    changed = ClockEvent.objects.get(clock=clock, kind="recomputed")
    assert changed.params["due_before"] == at("20 10:00").isoformat().replace("+00:00", "+00:00")


def test_a_longer_target_may_warn_and_breach_again(memory: Memory) -> None:
    PolicyFactory(subject_kind="thing", targets={"resolution": 60}, match={"severity": ["1"]})
    PolicyFactory(subject_kind="thing", targets={"resolution": 120})
    clock = start(dimensions={"severity": "1"})["resolution"]
    tick(now=at("10:01"))
    actions.recompute(actor=ALICE, subject_kind="thing", subject_id=1, dimensions={}, at=at("10:05"))
    clock.refresh_from_db()
    assert (clock.due_at, clock.breached_at) == (at("11:00"), None)
    tick(now=at("11:01"))
    assert events(clock) == [
        "19 09:00 started", "19 09:30 warned 50", "19 09:45 warned 75", "19 10:00 breached", "19 10:05 recomputed",
        "19 10:30 warned 75", "19 11:00 breached",
    ]  # fmt: skip


def test_recomputing_without_a_change_writes_nothing(memory: Memory) -> None:
    PolicyFactory(subject_kind="thing")
    clock = start()["resolution"]
    memory.changed.clear()
    actions.recompute(actor=ALICE, subject_kind="thing", subject_id=1, dimensions={}, at=at("09:05"), state="open")
    assert events(clock) == ["19 09:00 started"]
    assert memory.changed == []


def test_a_policy_without_the_metric_cancels_it(memory: Memory) -> None:
    PolicyFactory(subject_kind="thing")
    PolicyFactory(subject_kind="thing", match={"severity": ["1"]}, targets={"resolution": 60}, position=1)
    clock = start()["first_response"]
    actions.recompute(actor=ALICE, subject_kind="thing", subject_id=1, dimensions={"severity": "1"}, at=at("09:05"))
    clock.refresh_from_db()
    assert clock.state == "cancelled"


def test_a_statutory_deadline_never_pauses_nor_moves(memory: Memory) -> None:
    PolicyFactory(subject_kind="thing")
    clock = actions.start_fixed(
        actor=ALICE, subject_kind="thing", subject_id=1, metric="statutory", at=at("09:00"), due_at=at("29 09:00")
    )
    actions.state_changed(actor=ALICE, subject_kind="thing", subject_id=1, state="waiting", at=at("09:30"))
    actions.recompute(actor=ALICE, subject_kind="thing", subject_id=1, dimensions={}, at=at("09:40"))
    tick(now=at("28 12:00"))
    tick(now=at("29 09:01"))
    assert events(clock) == ["19 09:00 started", "26 21:00 warned 75", "28 09:00 warned 90", "29 09:00 breached"]
    with pytest.raises(ValueError, match="already"):
        actions.start_fixed(
            actor=ALICE, subject_kind="thing", subject_id=1, metric="statutory", at=at("09:00"), due_at=at("29 09:00")
        )
    with pytest.raises(ValueError, match="before it starts"):
        actions.start_fixed(
            actor=ALICE, subject_kind="thing", subject_id=2, metric="statutory", at=at("09:00"), due_at=at("08:00")
        )


def test_merging_gives_the_survivor_the_earlier_due(memory: Memory) -> None:
    PolicyFactory(subject_kind="thing", targets={"first_response": 60, "resolution": 480, "next_reply": 30})
    start(1, "09:00", metrics=["first_response", "resolution", "next_reply"])
    kept = start(2, "10:00")
    actions.meet(actor=ALICE, subject_kind="thing", subject_id=2, metric="first_response", at=at("10:10"))
    actions.merge_due(actor=ALICE, subject_kind="thing", source_id=1, target_id=2, at=at("10:20"))
    source = {view.metric: view.state for view in queries.clocks_of("thing", [1])[1]}
    assert source == dict.fromkeys(["first_response", "resolution", "next_reply"], "cancelled")
    survivor = [(v.metric, v.cycle, v.state, v.due_at) for v in queries.clocks_of("thing", [2])[2]]
    assert survivor == [
        ("first_response", 1, "met", at("11:00")),
        ("next_reply", 1, "running", at("09:30")),
        ("resolution", 1, "running", at("17:00")),
        ("first_response", 2, "running", at("10:00")),
    ]
    assert events(kept["resolution"])[-1] == "19 10:20 recomputed"
    assert queries.earliest_due("thing", [2]) == {2: at("09:30")}


def test_merging_a_later_due_leaves_the_survivor_alone(memory: Memory) -> None:
    PolicyFactory(subject_kind="thing", targets={"resolution": 60})
    start(1, "09:30")
    kept = start(2, "09:00")["resolution"]
    actions.merge_due(actor=ALICE, subject_kind="thing", source_id=1, target_id=2, at=at("09:40"))
    kept.refresh_from_db()
    assert (kept.due_at, kept.revision) == (at("10:00"), 0)


@pytest.mark.parametrize(
    ("source", "target", "due"),
    [
        ("waiting", "open", "10:15"),
        ("open", "waiting", "10:45"),
        ("waiting", "waiting", "11:00"),
        ("open", "open", "10:00"),
    ],
)
def test_merging_keeps_the_pauses_of_the_promise_that_goes_on(
    memory: Memory, source: str, target: str, due: str
) -> None:
    PolicyFactory(subject_kind="thing", targets={"resolution": 60}, pause_states=("waiting",))
    start(1, "09:00")
    kept = start(2, "09:25")["resolution"]
    for subject, state in ((1, source), (2, target)):
        actions.state_changed(actor=ALICE, subject_kind="thing", subject_id=subject, state=state, at=at("09:30"))
    actions.merge_due(actor=ALICE, subject_kind="thing", source_id=1, target_id=2, at=at("09:45"))
    actions.state_changed(actor=ALICE, subject_kind="thing", subject_id=2, state="open", at=at("10:30"))
    kept.refresh_from_db()
    assert (kept.state, kept.due_at) == ("running", at(due))


def test_who_acknowledges_a_breach_stops_its_escalation(memory: Memory) -> None:
    PolicyFactory(subject_kind="thing")
    clock = start()["first_response"]
    assert actions.acknowledge(actor=ALICE, clock_id=clock.pk, at=at("09:30")) is None, "nothing is late yet"
    tick(now=at("10:31"))
    assert actions.acknowledge(actor=ALICE, clock_id=clock.pk, at=at("10:40")) is not None
    assert actions.acknowledge(actor=ALICE, clock_id=clock.pk, at=at("10:41")) is None
    tick(now=at("16:00"))
    assert events(clock)[-3:] == ["19 10:00 breached", "19 10:30 escalated 1", "19 10:40 acknowledged"]
    assert ClockEvent.objects.get(clock=clock, kind="acknowledged").actor_id == 7
    actions.state_changed(actor=ALICE, subject_kind="thing", subject_id=1, state="waiting", at=at("16:10"))
    actions.state_changed(actor=ALICE, subject_kind="thing", subject_id=1, state="open", at=at("16:20"))
    tick(now=at("25 16:00"))
    assert "escalated 2" not in " ".join(events(clock))


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
