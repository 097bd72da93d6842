"""Two people merging at the same time; for real, on a database of its own."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from escalations.actions import add_note, correct_fact, keep_card, merge, record_fact, set_state
from escalations.models import Case, CaseFact, Service
from partners.models import Site
from portal.accounts.rules import Actor
from tests.databases import Database
from tests.factories.escalations import CaseFactory, ServiceFactory, associate, coordinator, open_policy
from tests.factories.partners import SiteFactory
from tests.together import at_once

pytestmark = pytest.mark.processes
WHY = "One matter"


@pytest.fixture
def place(fresh_database: Database) -> tuple[Service, Site]:
    open_policy()
    return ServiceFactory(), SiteFactory()


def test_each_into_the_other_neither_gets_stuck_and_one_wins(place: tuple[Service, Site]) -> None:
    service, site = place
    one, two = coordinator(site), associate(service)
    for _ in range(10):
        a, b = CaseFactory(service=service, site=site), CaseFactory(service=service, site=site)
        results = at_once(
            lambda a=a, b=b: merge(actor=one, source=a.ref, target=b.ref, reason=WHY),
            lambda a=a, b=b: merge(actor=two, source=b.ref, target=a.ref, reason=WHY),
        )
        assert sorted(results) == ["Refused", "done"]
        ended, stays = (a, b) if results[0] == "done" else (b, a)
        states = dict(Case.objects.filter(pk__in=[a.pk, b.pk]).values_list("pk", "merged_into"))
        assert states == {ended.pk: stays.pk, stays.pk: None}
        assert Case.objects.get(pk=ended.pk).next_due_at is None


def test_the_same_merge_twice_happens_once(place: tuple[Service, Site]) -> None:
    service, site = place
    one, two = coordinator(site), associate(service)
    for _ in range(5):
        a, b = CaseFactory(service=service, site=site), CaseFactory(service=service, site=site)
        results = at_once(
            lambda a=a, b=b: merge(actor=one, source=a.ref, target=b.ref, reason=WHY),
            lambda a=a, b=b: merge(actor=two, source=a.ref, target=b.ref, reason=WHY),
        )
        assert sorted(results) == ["Refused", "done"]
        assert b.entries.filter(kind="link").count() == 1


def test_a_ring_of_merges_leaves_one_survivor_and_no_chain(place: tuple[Service, Site]) -> None:
    service, site = place
    people = [coordinator(site), associate(service), associate(service)]
    for _ in range(5):
        ring = [CaseFactory(service=service, site=site) for _ in range(3)]
        jobs = [_merging(people[i], ring[i], ring[(i + 1) % 3]) for i in range(3)]
        results = at_once(*jobs)
        assert 1 <= results.count("done") <= 2
        assert not Case.objects.filter(merged_into__state="merged").exists()
        assert Case.objects.filter(pk__in=[one.pk for one in ring], state="new").count() == 3 - results.count("done")


def _merging(who: object, source: Case, target: Case) -> Callable[[], object]:
    return lambda: merge(actor=who, source=source.ref, target=target.ref, reason=WHY)  # type: ignore[arg-type]


def test_work_on_the_one_that_ends_comes_before_it_or_not_at_all(place: tuple[Service, Site]) -> None:
    service, site = place
    one, two = coordinator(site), associate(service)
    for _ in range(5):
        a, b = CaseFactory(service=service, site=site), CaseFactory(service=service, site=site)
        results = at_once(
            lambda a=a, b=b: merge(actor=one, source=a.ref, target=b.ref, reason=WHY),
            lambda a=a: add_note(actor=two, ref=a.ref, text="x", shared=False),
            lambda b=b: set_state(actor=two, ref=b.ref, verb="resolve"),
        )
        assert results[1] in ("done", "Refused")
        assert (results[0], results[2]).count("done") >= 1
        codes = list(a.entries.order_by("recorded_at", "pk").values_list("code", flat=True))
        if results[:2] == ["done", "done"]:
            assert codes.index("note.added") < codes.index("link.merged_into")
        a.refresh_from_db()
        b.refresh_from_db()
        # A resolved survivor owes nothing: what it took over was answered with it, or it was refused.
        assert (a.state, b.state) in {("merged", "resolved"), ("new", "resolved")}
        assert b.next_due_at is None


def waited_for(cursor: CursorWrapper) -> bool:
    """Whether somebody waits for this connection, looked at after a moment in which the server is left alone."""
    cursor.execute(
        "SELECT 1 FROM pg_locks, pg_sleep(0.05) WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
    )
    return cursor.fetchone() is not None


def _correcting(who: Actor, case: Case, fact: CaseFact) -> None:
    correct_fact(actor=who, ref=case.ref, fact_id=fact.pk, text="German", source="customer")


def _emptying(who: Actor, case: Case, fact: CaseFact) -> None:
    keep_card(actor=who, ref=case.ref, values={fact.key: ""}, source="customer")


@pytest.mark.parametrize("changing", [_correcting, _emptying])
def test_what_a_merged_case_knows_is_changed_while_its_survivor_is_merged_on(
    place: tuple[Service, Site], changing: Callable[[Actor, Case, CaseFact], None]
) -> None:
    service, site = place
    one, two = coordinator(site), associate(service)
    first, second, third = (CaseFactory(service=service, site=site) for _ in range(3))
    fact = record_fact(actor=one, ref=first.ref, key="language", text="Chinese", source="customer")
    merge(actor=one, source=first.ref, target=second.ref, reason=WHY)

    def merging_slowly() -> None:
        """The locks of a merge one by one: the first is held until somebody waits for it, who must hold none of the others."""
        with transaction.atomic(), connection.cursor() as cursor:
            for one_case in (first, second, third):
                cursor.execute("SELECT 1 FROM escalations_case WHERE id = %s FOR NO KEY UPDATE", [one_case.pk])
                held.set()
                while not (over.is_set() or waited_for(cursor)):
                    pass
            merge(actor=one, source=second.ref, target=third.ref, reason=WHY)

    def changed() -> None:
        held.wait(30)
        try:
            changing(two, second, fact)
        finally:
            over.set()

    held, over = threading.Event(), threading.Event()
    assert at_once(merging_slowly, changed) == ["done", "Refused"]
    assert list(CaseFact.objects.values_list("pk", flat=True)) == [fact.pk]


def test_a_case_that_is_merged_in_while_a_card_is_emptied_makes_that_form_old(place: tuple[Service, Site]) -> None:
    service, site = place
    one, two = coordinator(site), associate(service)
    early, stays = (CaseFactory(service=service, site=site) for _ in range(2))
    record_fact(actor=one, ref=early.ref, key="language", text="Chinese", source="customer")

    def merging() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            merge(actor=one, source=early.ref, target=stays.ref, reason=WHY)
            held.set()
            while not (over.is_set() or waited_for(cursor)):
                pass

    def emptying() -> None:
        held.wait(30)
        try:
            keep_card(actor=two, ref=stays.ref, values={"language": ""}, source="customer")
        finally:
            over.set()

    held, over = threading.Event(), threading.Event()
    assert at_once(merging, emptying) == ["done", "Stale"]
    assert CaseFact.objects.count() == 1
    keep_card(actor=two, ref=stays.ref, values={"language": ""}, source="customer")
    assert CaseFact.objects.latest("pk").withdrawn
