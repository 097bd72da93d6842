"""Policies are put together once per process, and anew as soon as one of them, their order or a calendar changes."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.accounts.rules import SYSTEM
from sla import actions
from sla.models import Policy
from sla.queries.rulebook import rulebook
from tests.factories.sla import ALWAYS, CalendarFactory, PolicyFactory, content_of
from tests.sla.clock_steps import at, start
from tests.sla.subjects import Memory, remembered

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def memory() -> Iterator[Memory]:
    with remembered() as found:
        yield found


def cost() -> int:
    """How many statements it takes to know the policies."""
    with CaptureQueriesContext(connection) as asked:
        rulebook("thing")
    return len(asked)


def test_what_has_not_changed_is_not_read_again() -> None:
    PolicyFactory(subject_kind="thing")
    assert cost() > 1
    assert cost() == 1
    first = rulebook("thing")
    assert rulebook("thing") is first
    PolicyFactory(subject_kind="other")
    assert rulebook("thing") is first


def test_a_change_counts_with_the_next_clock() -> None:
    office = CalendarFactory(name="Office")
    policy = PolicyFactory(subject_kind="thing", calendar=office)
    assert start(1)["resolution"].due_at == at("17:00")

    quick = content_of(match={}, targets={"resolution": 60}, calendar=office)
    actions.change_policy(
        actor=SYSTEM, policy_id=policy.pk, name="Quick", name_zh="", content=quick, position=1, expected=1
    )
    assert start(2, "16:30")["resolution"].due_at == at("20 09:30")

    always = actions.resolved(time_zone="UTC", hours=ALWAYS)
    actions.change_calendar(actor=SYSTEM, calendar_id=office.pk, name="Office", name_zh="", content=always, expected=1)
    assert start(3, "16:30")["resolution"].due_at == at("17:30")

    before = PolicyFactory(subject_kind="thing", calendar=office, targets={"resolution": 30})
    assert start(4)["resolution"].due_at == at("10:00")
    Policy.objects.filter(pk=policy.pk).update(position=1000)
    assert start(5)["resolution"].due_at == at("09:30")
    actions.archive_policy(actor=SYSTEM, policy_id=before.pk, archived=True)
    assert start(6)["resolution"].due_at == at("10:00")
