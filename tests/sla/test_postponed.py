"""Clocks that were put off because something raised: the screen, another attempt, who may."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.accounts.choices import Role
from portal.accounts.models import User
from portal.accounts.rules import SYSTEM
from portal.audit.models import AuditEntry
from sla import actions
from sla.models import Clock, ClockEvent
from sla.queries.postponed import postponed_clocks
from tests.factories.accounts import administrator, somebody
from tests.factories.sla import ALWAYS, CalendarFactory, PolicyFactory
from tests.sla.subjects import Memory, remembered
from tests.sla.test_screens import client_of, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def memory() -> Iterator[Memory]:
    with remembered() as found:
        PolicyFactory(subject_kind="thing", calendar=CalendarFactory(hours=ALWAYS), targets={"resolution": 60})
        yield found


@pytest.fixture
def host() -> User:
    return administrator()


def postponed_clock(memory: Memory, subject_id: int = 7) -> Clock:
    """A clock whose warnings are due and whose wing raised when it heard of them."""
    start = timezone.now() - timedelta(minutes=50)
    actions.start(
        actor=SYSTEM, subject_kind="thing", subject_id=subject_id, dimensions={}, metrics=["resolution"], at=start
    )
    memory.raises_for.add(subject_id)
    assert actions.tick().postponed == 1
    return Clock.objects.get(subject_id=subject_id)


def retry(client: Client, clock: Clock) -> str:
    return words(client.post(reverse("sla:postponed-retry", args=[clock.pk]), follow=True))


def test_the_screen_says_what_raised_and_when_it_is_tried_next(memory: Memory, host: User) -> None:
    clock = postponed_clock(memory)
    memory.visible.add(clock.subject_id)
    page = words(client_of(host).get(reverse("sla:postponed")))
    assert "TH-7: Resolution RuntimeError: cannot write about {7} 1 attempt" in page
    assert "1 clock is postponed after an error" in words(client_of(host).get(reverse("home:day")))


def test_whose_clock_it_is_stays_unsaid_to_who_may_not_see_it(memory: Memory, host: User) -> None:
    clock = postponed_clock(memory)
    page = client_of(host).get(reverse("sla:postponed"))
    assert "Thing: Resolution RuntimeError 1 attempt" in words(page)
    assert "TH-7" not in page.content.decode()
    assert reverse("sla:clock", args=[clock.pk]) not in page.content.decode()


def test_an_attempt_fires_what_lies_behind_once_and_is_audited(memory: Memory, host: User) -> None:
    clock = postponed_clock(memory)
    memory.raises_for.clear()
    client = client_of(host)
    assert "Done. The clock runs on." in retry(client, clock)
    assert [event.threshold for event in memory.fired] == [50, 75]
    clock.refresh_from_db()
    assert (clock.error_count, clock.last_error, clock.next_event_at) == (0, "", clock.due_at)
    assert "This clock no longer waits." in retry(client, clock)
    assert ClockEvent.objects.filter(clock=clock, kind="warned").count() == 2
    assert AuditEntry.objects.filter(verb="clock.retried", subject_id=clock.pk, actor_id=host.pk).count() == 1
    assert "No clock is postponed" in words(client.get(reverse("sla:postponed")))


def test_an_attempt_that_raises_again_is_counted_and_leaves_nothing_behind(memory: Memory, host: User) -> None:
    clock = postponed_clock(memory)
    assert "It failed again." in retry(client_of(host), clock)
    clock.refresh_from_db()
    assert (clock.error_count, clock.plan_pos) == (2, 0)
    assert not ClockEvent.objects.filter(clock=clock, kind="warned").exists()
    assert AuditEntry.objects.filter(verb="clock.retry_failed", subject_id=clock.pk).count() == 1


def test_a_busy_subject_is_left_alone(memory: Memory, host: User) -> None:
    clock = postponed_clock(memory)
    memory.busy.add(clock.subject_id)
    assert "Somebody works on this case now." in retry(client_of(host), clock)
    clock.refresh_from_db()
    assert clock.error_count == 1


def test_a_clock_that_came_through_since_is_not_listed(memory: Memory) -> None:
    clock = postponed_clock(memory)
    memory.raises_for.clear()
    actions.tick(now=timezone.now() + timedelta(minutes=6))
    clock.refresh_from_db()
    assert clock.error_count == 1
    assert not postponed_clocks().exists()


def test_only_administrators_see_the_screen(memory: Memory) -> None:
    clock = postponed_clock(memory)
    client = client_of(somebody(Role.AUDITOR))
    assert client.get(reverse("sla:postponed")).status_code == 404
    assert client.post(reverse("sla:postponed-retry", args=[clock.pk])).status_code == 404
    assert Clock.objects.get().error_count == 1


def test_the_list_costs_the_same_however_long_it_is(memory: Memory, host: User, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    client = client_of(host)
    for number in (1, 2, 3):
        postponed_clock(memory, number)
        memory.raises_for.clear()
    client.get(reverse("sla:postponed"))
    with django_assert_max_num_queries(9):
        page = words(client.get(reverse("sla:postponed")))
    assert page.count("Try now") == 3


def test_the_trail_names_the_clock_by_its_number(memory: Memory, host: User) -> None:
    clock = postponed_clock(memory)
    retry(client_of(host), clock)
    page = words(client_of(host).get(reverse("audit:trail")))
    assert f"Clock #{clock.pk}" in page
    assert "TH-7" not in page
