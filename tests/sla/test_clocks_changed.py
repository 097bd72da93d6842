"""Clocks whose promise changes: another severity or policy, a merge, an acknowledgement, a history."""

from collections.abc import Iterator

import pytest

from sla import actions, queries
from sla.actions.ticking import tick
from sla.models import ClockEvent
from tests.factories.sla import PolicyFactory
from tests.sla.clock_steps import ALICE, at, events, start
from tests.sla.subjects import Memory, remembered

pytestmark = pytest.mark.django_db


@pytest.fixture
def memory() -> Iterator[Memory]:
    with remembered() as found:
        yield found


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
