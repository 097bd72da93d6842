"""SCIM systems that take a request and never answer: they cost one wait, and no removal at a healthy system waits behind theirs."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from access_requests.actions import dispatch, retry
from access_requests.actions.proving import recheck
from access_requests.choices import ItemState
from access_requests.models import Entitlement, Grant, GrantReason, RequestItem, System
from partners.models import Person
from portal.accounts.rules import SYSTEM
from portal.notifications import tasks
from portal.notifications.models import OutboxRow
from portal.webhooks.models import Silence
from tests.access_requests import fake_scim
from tests.access_requests.carrying import TOKEN, agent, asked, entitlement, held, run, scim_system, state
from tests.access_requests.fake_scim import FakeScim
from tests.webhooks.silence import Silent, silent

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quick(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.WEBHOOKS_ALLOW_PRIVATE = True
    settings.WEBHOOKS_TIMEOUT = 0.4
    # One wait is longer than a run, as in earnest.
    monkeypatch.setattr(tasks, "RUN_SECONDS", 0.2)


@pytest.fixture
def server() -> Iterator[FakeScim]:
    with fake_scim.running(TOKEN) as running:
        running.add_group("Agents")
        yield running


@pytest.fixture
def dead() -> Iterator[Silent]:
    with silent() as made:
        yield made


def falls_silent(system: System, dead: Silent) -> None:
    System.objects.filter(pk=system.pk).update(scim_url=dead.url)


def holders(given: Entitlement, count: int) -> list[Person]:
    """People who hold something that nothing supports any more."""
    people = [agent() for _ in range(count)]
    for person in people:
        asked(person, given)
    run()
    GrantReason.objects.filter(grant__entitlement=given).update(ended_at=timezone.now())
    return people


def removals(given: Entitlement, count: int) -> list[RequestItem]:
    """Access that is to be taken away from people who hold it, not handed over yet."""
    return [asked(person, given, "revoke") for person in holders(given, count)]


def test_removals_at_a_healthy_system_do_not_wait_behind_those_at_dead_ones(server: FakeScim, dead: Silent) -> None:
    with silent() as other:
        ill = [entitlement(scim_system(server), "Agents") for _ in range(2)]
        healthy = entitlement(scim_system(server), "Agents")
        leavers, (person,) = [(one, holders(one, 5)) for one in ill], holders(healthy, 1)
        behind = [asked(leaver, one, "revoke") for one, people in leavers for leaver in people]
        item = asked(person, healthy, "revoke")
        falls_silent(ill[0].system, dead)
        falls_silent(ill[1].system, other)
        dispatch()
        for _run in range(8):
            tasks.dispatch()
        assert (state(item), held(item.person)) == ("verified", set())
        assert (len(dead.lines), len(other.lines)) == (1, 1)
        assert {state(one) for one in behind} <= {"queued", "failed_retryable"}
        assert Grant.objects.filter(ended_at=None).count() == len(behind), "what is not proven gone counts as held"


def test_what_was_not_asked_says_so_and_goes_once_the_system_answers(server: FakeScim, dead: Silent) -> None:
    given = entitlement(scim_system(server), "Agents")
    items = removals(given, 3)
    falls_silent(given.system, dead)
    dispatch()
    for _run in range(4):
        tasks.dispatch()
    assert {state(one) for one in items} == {"failed_retryable"}
    assert sum("was not asked" in one.failure for one in items) == 2
    rows = OutboxRow.objects.filter(topic="access.revoke", state="pending")
    assert {one.next_attempt_at > timezone.now() + timedelta(seconds=290) for one in rows} == {True}
    System.objects.filter(pk=given.system.pk).update(scim_url=server.url)
    run(2)
    assert {state(one) for one in items} == {"verified"}


def test_looking_again_for_what_was_removed_costs_one_wait_as_well(server: FakeScim, dead: Silent) -> None:
    given = entitlement(scim_system(server), "Agents")
    removals(given, 3)
    run()
    falls_silent(given.system, dead)
    Grant.objects.update(recheck_at=timezone.now())
    assert recheck() == 0
    assert len(dead.lines) == 1
    assert Grant.objects.filter(recheck_at__gt=timezone.now()).count() == 3


def test_whoever_tries_again_by_hand_is_not_told_to_wait(server: FakeScim, dead: Silent) -> None:
    given = entitlement(scim_system(server), "Agents")
    (item,) = removals(given, 1)
    falls_silent(given.system, dead)
    run(12)
    assert state(item) == ItemState.FAILED_FINAL
    Silence.objects.update(until=timezone.now() + timedelta(minutes=30))
    retry(actor=SYSTEM, item_ids=[item.pk])
    assert not Silence.objects.exists()
