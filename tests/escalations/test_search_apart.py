"""Words that stand in different rows of a case: found, once, after what stands in one row, and within bounds."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from escalations import actions
from escalations.choices import State
from escalations.models import Case, Service, TimelineEntry
from escalations.queries import finding_apart, finding_asked, finding_rows
from escalations.search import page_of_cases
from partners.models import Site
from portal.accounts.models import User
from portal.accounts.rules import SYSTEM, Actor
from portal.ui.registry import SearchAsk, SearchPage
from tests.factories.escalations import CaseFactory, actor, coordinator
from tests.factories.partners import SiteFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(site: Site) -> Actor:
    return coordinator(site)


def page(actor: Actor, text: str, *, size: int = 20, cursor: str | None = None, **filters: str) -> SearchPage:
    return page_of_cases(actor, SearchAsk(text, size, cursor, filters))


def refs(found: SearchPage) -> list[str]:
    return [str(hit.title).split()[0] for hit in found.hits]


def case_of(service: Service, site: Site, subject: str, *notes: str, shared: bool = False) -> Case:
    case: Case = CaseFactory(service=service, site=site, subject=subject)
    for text in notes:
        note(case, text, shared=shared)
    return case


def note(case: Case, text: str, *, shared: bool = False) -> TimelineEntry:
    return actions.add_note(actor=SYSTEM, ref=case.pk, text=text, shared=shared)


@pytest.fixture(params=[10, -1], ids=["rare", "common"])
def ways(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the way of rare words and by the one of common words."""
    monkeypatch.setattr(finding_asked, "_FEW", request.param)


@pytest.mark.usefixtures("ways")
@pytest.mark.parametrize(
    "text",
    [
        "refund müller",
        "müller refund",
        "REFUND mül",
        "refund late müller",
        "退款 米勒",
        "退款müller",
        "refund 米勒女",
        "lisbon müller",
    ],
)
def test_words_in_different_rows_find_the_case(service: Service, site: Site, reader: Actor, text: str) -> None:
    case = case_of(service, site, "Refund late 退款", "Frau Müller 米勒女士 rang", "From Lisbon")
    case_of(service, site, "Refund late 退款", "From Lisbon")
    case_of(service, site, "Other", "Frau Müller 米勒女士 rang")
    found = page(reader, text)
    assert refs(found) == [case.ref]
    assert found.note == ""
    assert any(piece.found for piece in found.hits[0].excerpt)


@pytest.mark.parametrize("text", ["anna@hotel.example", "hm-4471", "退款失败"])
def test_what_is_typed_as_one_must_stand_together(service: Service, site: Site, reader: Actor, text: str) -> None:
    case_of(service, site, "Anna hm 退款", "hotel 4471 款失", "example 失败")
    assert refs(page(reader, text)) == []


@pytest.mark.usefixtures("ways")
def test_a_row_that_the_reader_may_not_read_completes_nothing(service: Service, site: Site, reader: Actor) -> None:
    case = case_of(service, site, "Refund", "Frau Müller rang")
    lead = actor("partner_lead", site=site)
    assert refs(page(reader, "refund müller")) == [case.ref]
    assert refs(page(lead, "refund müller")) == []
    told = note(case, "Müller it is", shared=True)
    assert refs(page(lead, "refund müller")) == [case.ref]
    actions.redact_entry(actor=SYSTEM, ref=case.pk, entry_id=told.pk)
    assert refs(page(lead, "refund müller")) == []
    actions.set_sensitivity(actor=SYSTEM, ref=case.pk, sensitivity="restricted")
    assert refs(page(reader, "refund müller")) == []


@pytest.mark.usefixtures("ways")
def test_filters_narrow_what_stands_apart_too(service: Service, site: Site, reader: Actor) -> None:
    case = case_of(service, site, "Refund", "Müller")
    other = CaseFactory(site=site).service
    assert refs(page(reader, "refund müller", service=str(service.pk), state="open")) == [case.ref]
    assert refs(page(reader, "refund müller", service=str(other.pk))) == []
    assert refs(page(reader, "refund müller", state="ended")) == []


def test_what_stands_apart_in_a_merged_case_leads_on(service: Service, site: Site, reader: Actor) -> None:
    ended, stays = case_of(service, site, "Refund", "Müller"), case_of(service, site, "Street")
    actions.merge(actor=SYSTEM, source=ended.pk, target=stays.pk, reason="Same")
    found = page(reader, "refund müller")
    assert refs(found) == [stays.ref]
    assert f"from {ended.ref}" in str(found.hits[0].detail)


@pytest.mark.usefixtures("ways")
def test_one_case_is_one_hit_and_words_in_one_row_come_first(service: Service, site: Site, reader: Actor) -> None:
    whole = case_of(service, site, "Refund for Müller", "Müller again", "refund again")
    apart = case_of(service, site, "Refund", "Müller", "Müller again")
    assert refs(page(reader, "refund müller")) == [whole.ref, apart.ref]


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_pages_go_on_from_one_kind_into_the_other(service: Service, site: Site, reader: Actor, size: int) -> None:
    whole = [case_of(service, site, "Refund for Müller") for _ in range(3)]
    apart = [case_of(service, site, "Refund", "Müller") for _ in range(4)]
    Case.objects.filter(pk=apart[3].pk).update(state=State.CLOSED, resolved_at=apart[3].opened_at)
    seen, cursor = [], None
    for _ in range(8):
        found = page(reader, "refund müller", size=size, cursor=cursor)
        seen += refs(found)
        cursor = found.next_cursor
        if cursor is None:
            break
    assert seen == [one.ref for one in [*reversed(whole), *reversed(apart[:3]), apart[3]]]


def test_a_page_that_is_full_looks_no_further(
    service: Service, site: Site, reader: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        case_of(service, site, "Refund for Müller", "Müller")
    case_of(service, site, "Refund", "Müller")
    with CaptureQueriesContext(connection) as short:
        page(reader, "refund müller", size=2)
    with CaptureQueriesContext(connection) as whole:
        page(reader, "refund müller", size=3)
    assert "bool_or" not in str(short.captured_queries).lower()
    assert "bool_or" in str(whole.captured_queries).lower()


@pytest.mark.usefixtures("ways")
def test_of_very_many_the_newest_are_looked_through_and_the_page_says_so(
    service: Service, site: Site, reader: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding_apart, "_CASES", 2)
    cases = [case_of(service, site, "Refund", "Müller") for _ in range(3)]
    found = page(reader, "refund müller")
    assert refs(found) == [cases[2].ref, cases[1].ref]
    assert found.note == "Many cases hold some of these words. Only the newest were looked through."
    assert refs(page(reader, "refund")) == [one.ref for one in reversed(cases)]


def test_words_of_very_many_rows_are_not_intersected_in_all_of_them(
    service: Service, site: Site, reader: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """References far apart: the oldest are in none of the windows of the newest."""
    old = case_of(service, site, "Refund for Müller")
    columns = ", ".join(f'"{one.column}"' for one in Case._meta.concrete_fields if not one.primary_key)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO escalations_case (id, {columns}) SELECT 450000, {columns} FROM escalations_case WHERE id = %s",
            [old.pk],
        )
    assert refs(page(reader, "refund müller")) == ["EC-450000", old.ref]
    monkeypatch.setattr(finding_asked, "_HEAVY", -1)
    found = page(reader, "refund müller")
    assert "EC-450000" in refs(found)
    assert found.note == "Many cases hold some of these words. Only the newest were looked through."


@pytest.mark.usefixtures("ways")
@pytest.mark.parametrize(
    "text", ["refund müller", "refund rang müller 米勒 frau", " ".join(f"w{at}" for at in range(40))]
)
def test_it_asks_a_bounded_number_of_queries(service: Service, site: Site, reader: Actor, text: str) -> None:
    case_of(service, site, "Refund", "Frau", "Müller", "rang", "米勒")
    with CaptureQueriesContext(connection) as asked:
        page(reader, text)
    assert len(asked) <= 24


def test_the_rows_of_a_case_are_found_by_index(service: Service, site: Site, reader: Actor) -> None:
    case_of(service, site, "Refund", "Müller")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    with CaptureQueriesContext(connection) as asked:
        page(reader, "refund müller")
    with connection.cursor() as cursor:
        for query in asked:
            if "escalations_c" in query["sql"]:
                cursor.execute(f"EXPLAIN {query['sql']}")
                plan = "\n".join(line for (line,) in cursor.fetchall())
                assert "Seq Scan on escalations_case" not in plan, query["sql"]


def test_where_nothing_was_found_among_the_newest_the_page_says_that_it_looked_no_further(
    client: Client, service: Service, site: Site, reader: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding_asked, "_FEW", -1)
    monkeypatch.setattr(finding_apart, "_CASES", 1)
    case_of(service, site, "Refund", "Frau Müller rang")
    case_of(service, site, "Refund", "Nobody rang")
    case_of(service, site, "Refund", "Nobody rang")
    case_of(service, site, "Other", "Frau Müller rang")
    client.force_login(User.objects.get(pk=reader.user_id))
    for kind in ("", "cases"):
        text = client.get("/search/", {"q": "refund müller", "kind": kind}).text
        assert "Only the newest were looked through." in text
        assert "What you may not see is not searched." not in text


def test_what_others_hold_does_not_hide_what_is_in_sight(
    service: Service, site: Site, reader: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More rows of another site than are looked at, and none of them tells the reader anything."""
    case = case_of(service, site, "Refund", "Frau Müller rang")
    there = SiteFactory()
    for _number in range(5):
        case_of(service, there, "Refund", "Frau Müller rang")
    monkeypatch.setattr(finding_rows, "ROWS_AT_MOST", 3)
    found = page(reader, "refund müller")
    assert (refs(found), found.note) == ([case.ref], "")
