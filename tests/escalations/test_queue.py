"""The queue: order, tabs, filters, counts, pages, and a constant number of queries."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from escalations import queries
from escalations.actions import add_note, assign, set_state
from escalations.models import Case, Service
from escalations.queries import QueueFilters
from partners.models import Site
from portal.accounts.rules import Actor
from tests.factories.escalations import (
    CaseFactory,
    IssueTypeFactory,
    ServiceFactory,
    actor,
    associate,
    coordinator,
    open_policy,
)
from tests.factories.partners import SiteFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def someone(site: Site) -> Actor:
    return coordinator(site)


def subjects(someone: Actor, **asked: Any) -> list[str]:
    return [row.case.subject for row in queries.queue_rows(someone, **asked).items]


def due(case: Case, minutes: float | None) -> None:
    at = None if minutes is None else timezone.now() + timedelta(minutes=minutes)
    Case.objects.filter(pk=case.pk).update(next_due_at=at)


@pytest.fixture
def several(service: Service, site: Site, someone: Actor) -> dict[str, Case]:
    """Cases in every position, with the person at work on one of them."""
    found = {name: CaseFactory(service=service, site=site, subject=name) for name in "abcdef"}
    for name, minutes in {"a": 300, "b": -5, "c": 60, "d": None, "e": 30}.items():
        due(found[name], minutes)
    assign(actor=someone, ref=found["a"].ref, owner_id=someone.user_id)
    set_state(actor=someone, ref=found["d"].ref, verb="wait_customer")
    set_state(actor=someone, ref=found["f"].ref, verb="resolve")
    return found


def test_tabs_and_their_counts(someone: Actor, several: dict[str, Case]) -> None:
    expected = {
        "open": ["b", "e", "c", "a", "d"],
        "mine": ["a"],
        "unassigned": ["b", "e", "c", "d"],
        "due_soon": ["e", "c"],
        "breached": ["b"],
        "waiting": ["d"],
        "resolved_today": ["f"],
    }
    assert {tab: subjects(someone, tab=tab) for tab in expected} == expected
    scope = queries.scope_of(someone)
    with CaptureQueriesContext(connection) as asked:
        counts = queries.tab_counts(someone, scope=scope)
    assert counts == {tab: len(rows) for tab, rows in expected.items()}
    assert len(asked) == 1


def test_each_filter_narrows(service: Service, site: Site, several: dict[str, Case]) -> None:
    other, parent = ServiceFactory(), IssueTypeFactory()
    issue = IssueTypeFactory(parent=parent, level=2)
    odd = CaseFactory(
        service=other, site=site, subject="Refund late", issue_type_id=issue.pk, severity=2, customer_ref="GUEST-77"
    )
    Case.objects.filter(pk=odd.pk).update(opened_at=timezone.now() - timedelta(days=40))
    reader = coordinator(site)
    for wanted in (
        {"service": (other.pk,)},
        {"severity": (2,)},
        {"issue": (parent.pk,)},
        {"issue": (issue.pk,)},
        {"age": "older"},
        {"q": "refund"},
        {"q": "refu"},
        {"q": "GUEST-77"},
        {"q": odd.ref.lower()},
        {"q": str(odd.pk)},
    ):
        assert subjects(reader, filters=QueueFilters(**wanted)) == ["Refund late"], wanted
    for nothing in (
        {"site": (SiteFactory().pk,)},
        {"q": "zzz"},
        {"q": "&|!():*'"},
        {"owner": (10**12,)},
        {"q": "EC-1"},
    ):
        assert subjects(reader, filters=QueueFilters(**nothing)) == [], nothing
    assert subjects(reader, filters=QueueFilters(owner=(0,), age="1d")) == ["b", "e", "c", "d"]
    assert subjects(reader, filters=QueueFilters(state=("resolved",))) == ["f"]
    assert subjects(reader, filters=QueueFilters(state=("waiting_customer", "resolved"))) == ["f", "d"]


def test_chinese_is_found_by_two_characters(service: Service, site: Site, someone: Actor) -> None:
    CaseFactory(service=service, site=site, subject="房客投诉退款延迟")
    assert subjects(someone, filters=QueueFilters(q="退款")) == ["房客投诉退款延迟"]
    assert subjects(someone, filters=QueueFilters(q="款退")) == []


def test_pages_cover_everything_once_in_order(service: Service, site: Site, someone: Actor) -> None:
    for number in range(23):
        due(CaseFactory(service=service, site=site, subject=str(number)), None if number > 18 else number % 5)
    whole, cursor, pages = subjects(someone, size=100), None, []
    while True:
        page = queries.queue_rows(someone, cursor=cursor, size=5)
        pages += [row.case.subject for row in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert pages == whole
    assert len(set(pages)) == 23


def test_a_page_costs_the_same_with_one_row_and_with_many(service: Service, site: Site, someone: Actor) -> None:
    open_policy()

    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            for row in queries.queue_rows(someone).items:
                str((row.case.service, row.case.site, row.case.owner, row.clock))
        return len(asked)

    CaseFactory(service=service, site=site)
    once = cost()
    for _ in range(12):
        CaseFactory(service=service, site=site, owner=associate(service).user_id)
    assert cost() == once <= 3


def test_the_clock_shown_is_the_one_that_is_due_first(service: Service, site: Site, someone: Actor) -> None:
    open_policy()
    case = CaseFactory(service=service, site=site)
    (row,) = queries.queue_rows(someone).items
    assert row.clock is not None
    assert (row.clock.metric, row.clock.due_at) == ("first_response", row.case.next_due_at)
    set_state(actor=someone, ref=case.ref, verb="wait_customer")
    (row,) = queries.queue_rows(someone).items
    assert row.clock is not None
    assert (row.clock.state, row.case.next_due_at) == ("paused", None)


def test_the_version_changes_with_what_is_shown_and_not_otherwise(several: dict[str, Case], someone: Actor) -> None:
    before = queries.queue_version(someone)
    assert queries.queue_version(someone) == before
    add_note(actor=someone, ref=several["b"].ref, text="Seen", shared=False)
    after_note = queries.queue_version(someone)
    due(several["b"], 500)
    after_due = queries.queue_version(someone)
    set_state(actor=someone, ref=several["c"].ref, verb="resolve")
    assert len({before, after_note, after_due, queries.queue_version(someone)}) == 4


def test_a_case_page_costs_the_same_with_a_short_and_a_long_stream(
    service: Service, site: Site, someone: Actor
) -> None:
    case = CaseFactory(service=service, site=site)

    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            queries.entry_lines(queries.entries_visible_to(someone, case))
        return len(asked)

    assign(actor=someone, ref=case.ref, owner_id=associate(service).user_id)
    short = cost()
    for _ in range(10):
        assign(actor=someone, ref=case.ref, owner_id=associate(service).user_id)
        add_note(actor=someone, ref=case.ref, text="Note", shared=True)
    # The entries, the people they name, their case; what came along from elsewhere, and the cases it goes with.
    assert cost() == short <= 5


def test_assignable_people_come_least_loaded_first(service: Service, site: Site, someone: Actor) -> None:
    busy, free = associate(service), associate(service)
    associate(ServiceFactory())
    for _ in range(2):
        CaseFactory(service=service, site=site, owner=busy.user_id)
    found = [(one.id, one.open_cases) for one in queries.assignable_users(someone, service.pk, site.pk)]
    assert sorted(found, key=lambda pair: pair[1])[-1] == (busy.user_id, 2)
    assert {pk for pk, _ in found} == {busy.user_id, free.user_id, someone.user_id}


def test_filters_offer_what_the_reader_may_see(service: Service, site: Site) -> None:
    SiteFactory(name="Elsewhere")
    offered = queries.filter_choices(actor("partner_lead", site=site))
    assert ([label for _, label in offered.sites], offered.owners) == (["Dalian"], [])
