"""Finding cases: by reference, by words wherever they stand, by parts of numbers; ranked, paged and bounded."""

from collections.abc import Sequence
from itertools import takewhile

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from escalations import actions, queries
from escalations.choices import State
from escalations.models import Case, CaseOrigin, CaseWords, Service
from escalations.queries import finding, finding_asked, finding_rows
from escalations.search import page_of_cases
from partners.models import Site
from portal.accounts.rules import SYSTEM, Actor
from portal.ui.pagination import BadCursor
from portal.ui.registry import SearchAsk, SearchPage
from tests.factories.escalations import CaseFactory, actor, coordinator
from tests.factories.partners import SiteFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(site: Site) -> Actor:
    return coordinator(site)


def page(actor: Actor, text: str, *, size: int = 20, cursor: str | None = None, **filters: str) -> SearchPage:
    return page_of_cases(actor, SearchAsk(text, size, cursor, filters))


def refs(found: SearchPage | Sequence[object]) -> list[str]:
    return [str(hit.title).split()[0] for hit in found.hits] if isinstance(found, SearchPage) else []


def made(service: Service, site: Site, subject: str = "Matter", **more: str) -> Case:
    case: Case = CaseFactory(service=service, site=site, subject=subject, **more)
    return case


@pytest.mark.parametrize(
    "text", ["refund", "REFUND lisbon", "ref", "退款", "款失败", "café", "anna@hotel.example", "HM-4471", "O’Brien"]
)
def test_words_are_found_wherever_they_stand(service: Service, site: Site, reader: Actor, text: str) -> None:
    case = made(service, site)
    words = "Refund to Lisbon, 客人说退款失败. Café of O'Brien, anna@hotel.example, booking HM-4471"
    actions.add_note(actor=SYSTEM, ref=case.pk, text=words, shared=False)
    made(service, site, "Another matter")
    found = page(reader, text)
    assert refs(found) == [case.ref]
    assert any(piece.found for piece in found.hits[0].excerpt)


def test_subject_customer_and_contact_are_found(service: Service, site: Site, reader: Actor) -> None:
    case = made(service, site, "Lost key", customer_ref="BK2291XQ77", contact_hint="Anna.Weber@hotel.example, +351 912")
    for text in ("key lost", "bk2291xq77", "2291XQ", "weber@hotel", "nna.weber@"):
        assert refs(page(reader, text)) == [case.ref], text
    assert refs(page(reader, "291")) == []
    assert [piece.text for piece in page(reader, "bk2291xq77").hits[0].excerpt if piece.found] == ["BK2291XQ77"]


def test_the_number_that_a_case_had_elsewhere_is_for_those_who_are_shown_it(
    service: Service, site: Site, reader: Actor
) -> None:
    case = made(service, site)
    CaseOrigin.objects.create(case=case, source="log", external_ref="INC0047781", content_hash="x")
    assert refs(page(reader, "47781")) == [case.ref]
    assert refs(page(actor("partner_lead", site=site), "47781")) == []


def test_a_reference_comes_first_then_those_that_begin_so(service: Service, site: Site, reader: Actor) -> None:
    cases = [made(service, site) for _ in range(3)]
    words = made(service, site, f"Same guest as {cases[0].ref}")
    assert refs(page(reader, cases[0].ref.lower())) == [cases[0].ref, words.ref]
    assert refs(page(reader, f" {cases[0].pk} ")) == [cases[0].ref, words.ref]
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in str(cases[0].pk))
    for typed in (f"ec{cases[0].pk}", f"EC {cases[0].pk}", f"EC\u2013{cases[0].pk}", f"\uff25\uff23\uff0d{wide}", wide):
        assert refs(page(reader, typed))[:1] == [cases[0].ref], typed
    # Numbers that follow each other may differ in more than their last digit.
    digits = zip(*(str(one.pk) for one in (*cases, words)), strict=True)
    beginning = refs(page(reader, "".join(same[0] for same in takewhile(lambda same: len(set(same)) == 1, digits))))
    assert beginning[:4] == [one.ref for one in reversed([*cases, words])]


def test_open_ones_come_before_ended_ones_and_newer_before_older(service: Service, site: Site, reader: Actor) -> None:
    first, second, third = (made(service, site, "Deposit") for _ in range(3))
    Case.objects.filter(pk=third.pk).update(state=State.CLOSED, resolved_at=third.opened_at)
    assert refs(page(reader, "deposit")) == [second.ref, first.ref, third.ref]
    assert refs(page(reader, "deposit", state="open")) == [second.ref, first.ref]
    assert refs(page(reader, "deposit", state="ended")) == [third.ref]


def test_a_filter_by_service_follows_the_case_to_another_service(service: Service, site: Site, reader: Actor) -> None:
    other = CaseFactory(site=site, subject="Deposit").service
    case = made(service, site, "Deposit")
    actions.add_note(actor=SYSTEM, ref=case.pk, text="Zebra", shared=False)
    assert refs(page(reader, "deposit", service=str(service.pk))) == [case.ref]
    actions.change_service(actor=SYSTEM, ref=case.pk, service_id=other.pk, reason="Theirs")
    assert refs(page(reader, "zebra", service=str(service.pk))) == []
    assert refs(page(reader, "zebra", service=str(other.pk))) == [case.ref]


def test_pages_follow_each_other_without_gap_or_repetition(service: Service, site: Site, reader: Actor) -> None:
    cases = [made(service, site, "Deposit") for _ in range(7)]
    Case.objects.filter(pk=cases[5].pk).update(state=State.CLOSED, resolved_at=cases[5].opened_at)
    seen, cursor = [], None
    for _ in range(4):
        found = page(reader, "deposit", size=2, cursor=cursor)
        seen += refs(found)
        cursor = found.next_cursor
    wanted = [case for case in reversed(cases) if case != cases[5]]
    assert seen == [one.ref for one in [*wanted, cases[5]]]
    assert cursor is None


@pytest.mark.parametrize("cursor", ["x", "20", "2" * 40, "201\x00", "4012", "-1", "２０１"])
def test_a_cursor_of_another_list_is_refused(reader: Actor, cursor: str) -> None:
    with pytest.raises(BadCursor):
        page(reader, "deposit", cursor=cursor)


def test_of_very_many_the_newest_are_ranked_and_the_page_says_so(
    service: Service, site: Site, reader: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "NEWEST", 3)
    monkeypatch.setattr(finding_rows, "NEWEST", 3)
    monkeypatch.setattr(finding_asked, "_FEW", 0)
    monkeypatch.setattr(queries, "NEWEST", 3)
    cases = [made(service, site, "Deposit") for _ in range(5)]
    found = page(reader, "deposit")
    assert refs(found) == [one.ref for one in reversed(cases[2:])]
    assert found.note == "The newest 3 of many. Say more to narrow it down."
    assert page(reader, "matter deposit").note == ""


@pytest.mark.parametrize("few", [10, -1])
def test_windows_of_newer_cases_lose_nothing_of_the_older_ones(
    service: Service, site: Site, reader: Actor, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    """References far apart: the old case is in none of the windows of the newest. Looked for as a rare and as a common word."""
    monkeypatch.setattr(finding_asked, "_FEW", few)
    old = made(service, site, "Deposit")
    columns = ", ".join(f'"{one.column}"' for one in Case._meta.concrete_fields if not one.primary_key)
    with connection.cursor() as cursor:
        for number in (400_000, 450_000):
            cursor.execute(
                f"INSERT INTO escalations_case (id, {columns}) SELECT %s, {columns} FROM escalations_case WHERE id = %s",
                [number, old.pk],
            )
    assert refs(page(reader, "deposit")) == ["EC-450000", "EC-400000", old.ref]


def test_a_mistyped_word_is_guessed_from_what_the_reader_sees(service: Service, site: Site, reader: Actor) -> None:
    case = made(service, site, "Guest waits for cancellation")
    found = page(reader, "cancelation")
    assert refs(found) == [case.ref]
    assert found.note == "Nothing holds “cancelation”. This is for “cancellation”."
    assert refs(page(reader, "cancelation xylophone")) == []
    assert refs(page(reader, "gusest cancelation")) == [case.ref]


def test_what_stands_in_a_merged_case_leads_to_the_one_that_goes_on(
    service: Service, site: Site, reader: Actor
) -> None:
    ended, stays = made(service, site, "Zebra crossing"), made(service, site, "Street")
    actions.add_note(actor=SYSTEM, ref=ended.pk, text="Giraffe", shared=False)
    actions.merge(actor=SYSTEM, source=ended.pk, target=stays.pk, reason="Same")
    for text in ("zebra", "giraffe"):
        found = page(reader, text)
        assert refs(found) == [stays.ref]
        assert f"from {ended.ref}" in str(found.hits[0].detail)
    assert refs(page(reader, ended.ref))[0] == ended.ref


def test_one_case_is_one_hit_however_often_it_holds_the_word(service: Service, site: Site, reader: Actor) -> None:
    case = made(service, site, "Deposit")
    for _ in range(3):
        actions.add_note(actor=SYSTEM, ref=case.pk, text="Deposit again", shared=False)
    assert refs(page(reader, "deposit")) == [case.ref]
    assert CaseWords.objects.filter(case=case).count() == 4


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.text(max_size=60),
        st.text(alphabet="退款EC-0123456789 &|!:*'()<->@%_\\\x00\"", max_size=40),
        st.integers(min_value=0).map(str),
    )
)
def test_whatever_is_typed_is_looked_for_without_an_error(service: Service, site: Site, text: str) -> None:
    made(service, site, "Matter")
    found = page(coordinator(site), text)
    assert len(found.hits) <= 20


def test_where_more_rows_hold_a_word_than_are_looked_at_the_newest_are_found_and_the_page_says_so(
    service: Service, site: Site, reader: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = [CaseFactory(service=service, site=site, subject=f"Zqoften {number}") for number in range(7)]
    assert page(reader, "zqoften").note == ""
    monkeypatch.setattr(finding_rows, "ROWS_AT_MOST", 3)
    found = page(reader, "zqoften")
    assert refs(found) == [case.ref for case in reversed(cases[-3:])]
    assert found.note == "Many cases hold some of these words. Only the newest were looked through."


def test_a_word_that_others_hold_more_often_is_found_at_the_own_site(
    service: Service, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is out of sight must not fill what is looked at."""
    own = CaseFactory(service=service, site=site, subject="Zqoften here")
    for _number in range(5):
        CaseFactory(service=service, site=SiteFactory(), subject="Zqoften there")
    monkeypatch.setattr(finding_rows, "ROWS_AT_MOST", 3)
    assert refs(page(coordinator(site), "zqoften")) == [own.ref]
