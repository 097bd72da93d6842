"""Several people, and the worker, at the same cases at the same time; for real, on a database of its own."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from escalations import queries
from escalations.actions import assign, bulk, close_resolved, set_severity, set_state
from escalations.models import Case, Service, TimelineEntry
from partners.models import Site
from portal.accounts.rules import Actor
from sla.queries import earliest_due
from tests.databases import ROOT, Database
from tests.factories.escalations import CaseFactory, ServiceFactory, associate, coordinator, open_policy
from tests.factories.partners import SiteFactory
from tests.together import at_once

pytestmark = pytest.mark.processes


@pytest.fixture
def place(fresh_database: Database) -> tuple[Service, Site]:
    return ServiceFactory(), SiteFactory()


def test_of_two_who_saw_the_same_version_one_is_stale_and_nothing_is_overwritten(place: tuple[Service, Site]) -> None:
    service, site = place
    one, two = coordinator(site), coordinator(site)
    for _ in range(5):
        case = CaseFactory(service=service, site=site)
        results = at_once(
            lambda case=case: assign(actor=one, ref=case.ref, owner_id=one.user_id, expected_version=1),
            lambda case=case: set_severity(actor=two, ref=case.ref, signals=["safety"], expected_version=1),
        )
        assert sorted(results) == ["Stale", "done"]
        case.refresh_from_db()
        first = results[0] == "done"
        assert (case.owner_id, case.severity, case.version) == ((one.user_id, 3, 2) if first else (None, 1, 2))
        assert case.entries.count() == 2


def test_of_two_pressing_the_same_button_one_wins(place: tuple[Service, Site]) -> None:
    service, site = place
    one, two = coordinator(site), associate(service)
    for _ in range(5):
        case = CaseFactory(service=service, site=site)
        results = at_once(
            lambda case=case: set_state(actor=one, ref=case.ref, verb="resolve"),
            lambda case=case: set_state(actor=two, ref=case.ref, verb="resolve"),
        )
        assert sorted(results) == ["Refused", "done"]
        assert case.entries.filter(kind="state").count() == 1


def test_changes_that_do_not_exclude_each_other_both_hold(place: tuple[Service, Site]) -> None:
    service, site = place
    one, two = coordinator(site), coordinator(site)
    case = CaseFactory(service=service, site=site)
    assert at_once(
        lambda: assign(actor=one, ref=case.ref, owner_id=one.user_id),
        lambda: set_severity(actor=two, ref=case.ref, signals=["safety"]),
    ) == ["done", "done"]
    case.refresh_from_db()
    assert (case.owner_id, case.severity, case.version) == (one.user_id, 1, 3)


def test_bulk_from_both_ends_does_not_get_stuck(place: tuple[Service, Site]) -> None:
    service, site = place
    one, two = coordinator(site), coordinator(site)
    refs = [CaseFactory(service=service, site=site).ref for _ in range(20)]
    at_once(
        lambda: bulk(actor=one, refs=refs, operation="assign", owner_id=one.user_id),
        lambda: bulk(actor=two, refs=refs[::-1], operation="assign", owner_id=two.user_id),
    )
    # Each was assigned twice, one after the other.
    assert set(Case.objects.values_list("version", "reassign_count")) == {(3, 1)}


def test_closing_twice_at_once_closes_each_once(place: tuple[Service, Site]) -> None:
    service, site = place
    someone = associate(service)
    past = timezone.now() - timedelta(days=9)
    for _ in range(30):
        case = CaseFactory(service=service, site=site, at=past)
        set_state(actor=someone, ref=case.ref, verb="resolve", at=past)
    at_once(close_resolved, close_resolved, close_resolved)
    assert TimelineEntry.objects.filter(params__verb="close").count() == 30
    assert set(Case.objects.values_list("state", "version")) == {("closed", 3)}


TICK = """
from datetime import timedelta
from django.utils import timezone
from sla.actions.ticking import tick
print('ready', flush=True)
while True:
    tick(now=timezone.now() + timedelta(days=2))
"""
ACT = """
import random
from portal.accounts.models import User
from portal.accounts.queries import actor_for
from escalations.actions import Refused, assign, log_contact, set_severity, set_state
from escalations.models import Case
actor, refs, rng = actor_for(User.objects.get(pk=USER)), list(Case.objects.values_list('pk', flat=True)), random.Random(USER)
acts = [
    lambda ref, n: log_contact(actor=actor, ref=ref, channel='phone', direction='in', outcome='reached', text='x'),
    lambda ref, n: log_contact(actor=actor, ref=ref, channel='phone', direction='out', outcome='reached', text='x'),
    lambda ref, n: set_state(actor=actor, ref=ref, verb=rng.choice(['start', 'wait_customer', 'resume', 'resolve', 'reopen'])),
    lambda ref, n: set_severity(actor=actor, ref=ref, override=1 + n % 4, reason='x'),
    lambda ref, n: assign(actor=actor, ref=ref, owner_id=actor.user_id if n % 2 else None),
]
print('ready', flush=True)
refused = 0
for n in range(ROUNDS):
    try:
        rng.choice(acts)(rng.choice(refs), n)
    except Refused:
        refused += 1
print('finished', refused, flush=True)
"""


@contextmanager
def process(database: Database, code: str) -> Iterator[subprocess.Popen[str]]:
    """A process of its own that runs the code, from its word "ready" on."""
    running = subprocess.Popen(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", code],
        cwd=ROOT, env=database.env, text=True, stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert running.stdout is not None
        while running.stdout.readline() != "ready\n":
            assert running.poll() is None, "the process ended before it began"
        yield running
    finally:
        running.kill()
        running.communicate()


def acting(who: Actor, rounds: int) -> str:
    return ACT.replace("USER", str(who.user_id)).replace("ROUNDS", str(rounds))


def test_a_thousand_rounds_of_people_and_workers_at_the_same_cases(
    fresh_database: Database, place: tuple[Service, Site]
) -> None:
    service, site = place
    open_policy(
        targets={"first_response": 1, "next_reply": 1, "resolution": 2},
        levels=((1, ("owner",)), (2, ("service_lead",))),
    )
    for _ in range(6):
        CaseFactory(service=service, site=site)
    people = [coordinator(site), coordinator(site)]
    with ExitStack() as stack:
        killed = stack.enter_context(process(fresh_database, TICK))
        stack.enter_context(process(fresh_database, TICK))
        workers = [stack.enter_context(process(fresh_database, acting(one, 500))) for one in people]
        first_end = workers[0].communicate(timeout=300)[0]
        killed.kill()
        ends = [first_end, workers[1].communicate(timeout=300)[0]]
    assert [end.split()[0] for end in ends] == ["finished", "finished"]
    agrees_with_its_clocks()


def agrees_with_its_clocks() -> None:
    """Every fired event has its entry and its outbox row, once; the due column is what the clocks say."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM sla_clockevent WHERE kind IN ('warned', 'breached', 'escalated') ORDER BY id")
        fired = [pk for (pk,) in cursor.fetchall()]
        cursor.execute("SELECT idempotency_key FROM notifications_outboxrow WHERE idempotency_key LIKE 'clock:%'")
        told = sorted(int(key.removeprefix("clock:")) for (key,) in cursor.fetchall())
    entries = TimelineEntry.objects.filter(clock_event_id__isnull=False).order_by("clock_event_id")
    assert list(entries.values_list("clock_event_id", flat=True)) == fired == told
    assert len(fired) > 50
    cases = dict(Case.objects.values_list("pk", "next_due_at"))
    assert earliest_due(queries.KIND, list(cases)) == cases
    assert set(Case.objects.values_list("version", flat=True)) != {1}
