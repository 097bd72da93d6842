"""A promise to a fixed instant whose answer did not count runs on as another round; what was met stays as it was written."""

from collections.abc import Iterator
from typing import Any

import pytest

from sla import actions
from sla.actions.ticking import tick
from sla.models import Clock, ClockEvent
from sla.queries import decided
from tests.sla.clock_steps import ALICE, at, events
from tests.sla.subjects import Memory, remembered

pytestmark = pytest.mark.django_db
LEVELS = ((1, 600), (2, 7200))


@pytest.fixture
def memory() -> Iterator[Memory]:
    with remembered() as found:
        yield found


def met(when: str, **more: Any) -> Clock:
    """From nine to ten, met at this time."""
    clock = actions.start_fixed(
        actor=ALICE, subject_kind="thing", subject_id=1, metric="resolution", at=at("09:00"), due_at=at("10:00"),
        levels=LEVELS, **more,
    )  # fmt: skip
    tick(now=at(when))
    actions.meet(actor=ALICE, subject_kind="thing", subject_id=1, metric="resolution", at=at(when))
    clock.refresh_from_db()
    return clock


def again(clock: Clock, when: str, **more: Any) -> Clock:
    terms = {"subject_id": 1, "started_at": clock.started_at, "due_at": clock.due_at, "at": at(when)} | more
    return actions.run_again(actor=ALICE, clock_id=clock.pk, **terms)


def test_what_was_fired_stays_and_the_rest_fires_at_its_instants(memory: Memory) -> None:
    first = met("09:50")
    before = (Clock.objects.filter(pk=first.pk).values().get(), list(ClockEvent.objects.filter(clock=first).values()))
    second = again(first, "10:30")
    assert (second.cycle, second.due_at, second.breached_at) == (2, at("10:00"), None)
    tick(now=at("10:31"))
    tick(now=at("10:31"))
    assert events(first) == ["19 09:00 started", "19 09:45 warned 75", "19 09:50 met"]
    assert events(second) == [
        "19 09:00 started", "19 09:54 warned 90", "19 10:00 breached", "19 10:10 escalated 1",
    ]  # fmt: skip
    tick(now=at("12:01"))
    assert events(second)[-1] == "19 12:00 escalated 2"
    assert before == (
        Clock.objects.filter(pk=first.pk).values().get(),
        list(ClockEvent.objects.filter(clock=first).values()),
    )


def test_it_runs_once_and_takes_up_a_breach_with_whoever_took_it_on(memory: Memory) -> None:
    first = actions.start_fixed(
        actor=ALICE, subject_kind="thing", subject_id=1, metric="resolution", at=at("09:00"), due_at=at("10:00"),
        levels=LEVELS,
    )  # fmt: skip
    with pytest.raises(ValueError, match="runs already"):
        again(first, "09:30")
    tick(now=at("10:20"))
    actions.acknowledge(actor=ALICE, clock_id=first.pk, at=at("10:30"))
    actions.meet(actor=ALICE, subject_kind="thing", subject_id=1, metric="resolution", at=at("10:40"))
    second = again(first, "11:00")
    assert (second.breached_at, second.acknowledged_at) == (at("10:00"), at("10:30"))
    tick(now=at("20 10:00"))
    assert events(second) == ["19 09:00 started"]


def test_towards_a_later_instant_the_breach_is_not_taken_along(memory: Memory) -> None:
    second = again(met("10:20"), "10:30", due_at=at("11:00"))
    assert (second.due_at, second.breached_at) == (at("11:00"), None)
    tick(now=at("11:11"))
    assert events(second)[-2:] == ["19 11:00 breached", "19 11:10 escalated 1"]


def test_a_promise_that_ran_again_is_counted_once_by_its_last_round(memory: Memory) -> None:
    first = met("09:50")
    assert [one.kept for one in decided("thing", [1])] == [True]
    again(first, "09:55")
    assert decided("thing", [1]) == []
    tick(now=at("10:01"))
    assert [(one.at, one.kept) for one in decided("thing", [1])] == [(at("10:00"), False)]
    actions.meet(actor=ALICE, subject_kind="thing", subject_id=1, metric="resolution", at=at("10:05"))
    assert [(one.at, one.kept) for one in decided("thing", [1])] == [(at("10:00"), False)]
