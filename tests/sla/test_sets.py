"""Clocks of many subjects at once are the clocks that would have been made one by one."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from portal.accounts.rules import SYSTEM
from sla import actions
from sla.actions import NewClock
from sla.models import Clock, ClockEvent
from tests.factories.sla import PolicyFactory
from tests.sla.subjects import Memory, remembered

pytestmark = pytest.mark.django_db
NINE = datetime(2026, 11, 19, 9, tzinfo=UTC)
SUBJECT = {"service": "1", "severity": "2"}


@pytest.fixture(autouse=True)
def memory() -> Iterator[Memory]:
    with remembered() as found:
        yield found


def start_all(*rows: NewClock) -> list[Clock]:
    return actions.start_many(actor=SYSTEM, subject_kind="thing", rows=rows, at=NINE)


def test_by_policy_and_to_an_instant_and_twice_is_once() -> None:
    PolicyFactory.create(subject_kind="thing")
    due = NINE + timedelta(hours=5)
    rows = [
        NewClock(1, "first_response", SUBJECT),
        NewClock(2, "resolution", due_at=due),
        NewClock(3, "unknown", SUBJECT),
    ]
    assert [(one.subject_id, one.due_at) for one in start_all(*rows)] == [(1, NINE + timedelta(hours=1)), (2, due)]
    alone = actions.start(
        actor=SYSTEM, subject_kind="thing", subject_id=9, dimensions=SUBJECT, metrics=["first_response"], at=NINE
    )
    made = Clock.objects.get(subject_id=1)
    assert (made.plan_at, made.plan_code) == (alone[0].plan_at, alone[0].plan_code)
    assert start_all(*rows) == []


def test_what_was_due_before_it_began_is_due_at_once() -> None:
    (clock,) = start_all(NewClock(1, "resolution", due_at=NINE - timedelta(days=1)))
    assert clock.due_at == NINE


def test_many_are_met_or_cancelled_with_what_fell_due_before() -> None:
    start_all(*(NewClock(pk, "resolution", due_at=NINE + timedelta(hours=pk)) for pk in (1, 2, 3)))
    late = NINE + timedelta(hours=1, minutes=30)
    met = actions.meet_many(actor=SYSTEM, subject_kind="thing", subject_ids=[1, 2], metric="resolution", at=late)
    gone = actions.cancel_many(actor=SYSTEM, subject_kind="thing", subject_ids=[2, 3], at=late)
    assert (met, gone) == (2, 1)
    assert dict(Clock.objects.values_list("subject_id", "state")) == {1: "met", 2: "met", 3: "cancelled"}
    breached = ClockEvent.objects.filter(kind="breached").values_list("clock__subject_id", "at")
    assert list(breached) == [(1, NINE + timedelta(hours=1))]
