"""Clocks of many subjects at once are the clocks that would have been made one by one."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from portal.accounts.rules import SYSTEM
from sla import actions
from sla.actions import NewClock
from sla.models import Clock, ClockEvent
from tests.factories.sla import ALWAYS, CalendarFactory, PolicyFactory
from tests.sla.subjects import Memory, remembered

pytestmark = pytest.mark.django_db
NINE = datetime(2026, 11, 19, 9, tzinfo=UTC)
SUBJECT = {"service": "1", "severity": "2"}


@pytest.fixture(autouse=True)
def memory() -> Iterator[Memory]:
    with remembered() as found:
        yield found


def start_all(*rows: NewClock) -> int:
    return actions.start_many(actor=SYSTEM, subject_kind="thing", rows=rows, at=NINE)


def test_by_policy_and_to_an_instant_and_twice_is_once() -> None:
    PolicyFactory.create(subject_kind="thing")
    due = NINE + timedelta(hours=5)
    rows = [
        NewClock(1, "first_response", SUBJECT),
        NewClock(2, "resolution", due_at=due),
        NewClock(3, "unknown", SUBJECT),
    ]
    assert start_all(*rows) == 2
    began = Clock.objects.order_by("subject_id").values_list("subject_id", "due_at")
    assert list(began) == [(1, NINE + timedelta(hours=1)), (2, due)]
    alone = actions.start(
        actor=SYSTEM, subject_kind="thing", subject_id=9, dimensions=SUBJECT, metrics=["first_response"], at=NINE
    )
    made = Clock.objects.get(subject_id=1)
    for name in ("plan_at", "plan_code", "plan_pos", "next_event_at", "policy_version_id", "target_seconds", "state"):
        assert getattr(made, name) == getattr(alone[0], name)
    [noted] = ClockEvent.objects.filter(clock=made)
    [other] = ClockEvent.objects.filter(clock=alone[0])
    assert (noted.kind, noted.at, noted.due_at, noted.params) == (other.kind, other.at, other.due_at, other.params)
    assert start_all(*rows) == 0


def test_what_was_due_before_it_began_is_due_at_once() -> None:
    start_all(NewClock(1, "resolution", due_at=NINE - timedelta(days=1)))
    assert Clock.objects.get().due_at == NINE


def test_many_are_met_or_cancelled_with_what_fell_due_before() -> None:
    start_all(*(NewClock(pk, "resolution", due_at=NINE + timedelta(hours=pk)) for pk in (1, 2, 3)))
    late = NINE + timedelta(hours=1, minutes=30)
    met = actions.meet_many(actor=SYSTEM, subject_kind="thing", subject_ids=[1, 2], metric="resolution", at=late)
    gone = actions.cancel_many(actor=SYSTEM, subject_kind="thing", subject_ids=[2, 3], at=late)
    assert (met, gone) == (2, 1)
    assert dict(Clock.objects.values_list("subject_id", "state")) == {1: "met", 2: "met", 3: "cancelled"}
    breached = ClockEvent.objects.filter(kind="breached").values_list("clock__subject_id", "at")
    assert list(breached) == [(1, NINE + timedelta(hours=1))]


def test_what_ends_in_a_set_is_what_would_have_ended_alone() -> None:
    start_all(*(NewClock(pk, "resolution", due_at=NINE + timedelta(hours=2)) for pk in (1, 2, 3, 4)))
    early, late = NINE + timedelta(hours=1), NINE + timedelta(hours=3)
    actions.meet_many(actor=SYSTEM, subject_kind="thing", subject_ids=[1], metric="resolution", at=early)
    actions.meet(actor=SYSTEM, subject_kind="thing", subject_id=2, metric="resolution", at=early)
    actions.tick(now=late)
    actions.meet_many(actor=SYSTEM, subject_kind="thing", subject_ids=[3], metric="resolution", at=late)
    actions.meet(actor=SYSTEM, subject_kind="thing", subject_id=4, metric="resolution", at=late)
    facts = {one.subject_id: (one.state, one.met_at, one.breached_at, one.next_event_at) for one in Clock.objects.all()}
    assert facts[1] == facts[2] == ("met", early, None, None)
    assert facts[3] == facts[4] == ("met", late, NINE + timedelta(hours=2), None)
    events = ClockEvent.objects.filter(kind="met").order_by("clock__subject_id")
    assert [(one.at, one.due_at, one.threshold, one.silent) for one in events] == [
        (at, NINE + timedelta(hours=2), 0, False) for at in (early, early, late, late)
    ]


def test_states_pause_and_resume_many() -> None:
    always = CalendarFactory.create(hours=ALWAYS)
    PolicyFactory.create(subject_kind="thing", pause_states=("waiting",), calendar=always)
    start_all(
        NewClock(1, "resolution", SUBJECT), NewClock(2, "resolution", SUBJECT), NewClock(3, "resolution", due_at=NINE)
    )
    at = NINE + timedelta(hours=1)
    states = {1: "waiting", 2: "working", 3: "waiting"}
    assert actions.states_changed(actor=SYSTEM, subject_kind="thing", states=states, at=at) == 2
    assert dict(Clock.objects.values_list("subject_id", "state")) == {1: "paused", 2: "running", 3: "running"}
    actions.states_changed(actor=SYSTEM, subject_kind="thing", states={1: "working"}, at=at + timedelta(hours=1))
    moved = Clock.objects.get(subject_id=1)
    assert (moved.state, moved.due_at - Clock.objects.get(subject_id=2).due_at) == ("running", timedelta(hours=1))
