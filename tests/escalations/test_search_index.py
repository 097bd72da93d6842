"""The index behind the search: kept by the database with every write, brought up to date for old rows, and used."""

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from escalations import actions, queries
from escalations.actions.indexing import index_words
from escalations.models import Case, CaseWords, Service, TimelineEntry
from escalations.search import page_of_cases
from partners.models import Site
from portal.accounts.rules import SYSTEM
from portal.ui.registry import SearchAsk
from portal.ui.textsearch import index_text
from tests.factories.escalations import CaseFactory, coordinator

pytestmark = pytest.mark.django_db


def terms(row: CaseWords) -> set[str]:
    """The words of a row without its marks."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tsvector_to_array(words) FROM escalations_casewords WHERE id = %s", [row.pk])
        return {word for word in cursor.fetchall()[0][0] if not word.startswith("@")}


def marks(case: Case) -> set[str]:
    """Marks that all rows of a case have."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tsvector_to_array(words) FROM escalations_casewords WHERE case_id = %s", [case.pk])
        rows = [{word for word in found if word.startswith("@") and word != "@p"} for (found,) in cursor.fetchall()]
    assert all(row == rows[0] for row in rows)
    return rows[0]


def case_of(service: Service, site: Site, subject: str = "Matter") -> Case:
    case: Case = CaseFactory(service=service, site=site, subject=subject)
    return case


def test_words_come_with_the_entry_and_go_with_their_removal(service: Service, site: Site) -> None:
    case = case_of(service, site)
    entry = actions.add_note(actor=SYSTEM, ref=case.pk, text="Zebra 退款", shared=False)
    row = CaseWords.objects.get(entry=entry)
    assert (row.case_id, row.is_internal, terms(row)) == (case.pk, True, {"zebra", "退", "款", "退款"})
    actions.redact_entry(actor=SYSTEM, ref=case.pk, entry_id=entry.pk)
    assert not CaseWords.objects.filter(entry=entry).exists()
    index_words()
    assert not CaseWords.objects.filter(entry=entry).exists()


def test_what_is_undone_leaves_no_words(service: Service, site: Site) -> None:
    case = case_of(service, site)
    with transaction.atomic():
        actions.add_note(actor=SYSTEM, ref=case.pk, text="Zebra", shared=False)
        transaction.set_rollback(True)
    assert not CaseWords.objects.filter(words="zebra").exists()


def test_marks_follow_the_case_on_all_its_rows(service: Service, site: Site) -> None:
    case = case_of(service, site)
    actions.add_note(actor=SYSTEM, ref=case.pk, text="Zebra", shared=True)
    assert {f"@s{site.pk}", f"@v{service.pk}", "@o"} <= marks(case)
    other = CaseFactory(site=site).service
    actions.change_service(actor=SYSTEM, ref=case.pk, service_id=other.pk, reason="Theirs")
    actions.change_details(
        actor=SYSTEM, ref=case.pk, subject="Giraffe", issue_type_id=None, customer_ref="", contact_hint=""
    )
    Case.objects.filter(pk=case.pk).update(state="rejected", reject_reason="not_escalation")
    assert {f"@v{other.pk}", "@e"} <= marks(case)
    assert not {f"@v{service.pk}", "@o"} & marks(case)
    assert "giraffe" in terms(CaseWords.objects.get(case=case, entry=None))
    assert "@e" in marks(case)


# Letters of Europe, Chinese, and what stands between words.
_LETTERS = st.one_of(
    st.sampled_from("aZ9é退款失败の .,-_@’'&|!:*<>(){}\\\"\n%"),
    st.characters(min_codepoint=0x00C0, max_codepoint=0x024F),
    st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet=_LETTERS, max_size=60))
@example("\u01309")
def test_the_database_cuts_texts_as_the_query_does(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tsvector_to_array(escalations_words(%s))", [text])
        ours = set(cursor.fetchall()[0][0])
        cursor.execute("SELECT tsvector_to_array(to_tsvector('simple', %s))", [index_text(text)])
        theirs = set(cursor.fetchall()[0][0])
    assert ours == theirs


@pytest.mark.parametrize("text", ["", " ", "\t\n", "é" * 30_000, "退款失败" * 10_000, "x" * 100_000, "@a1 & | ! :*"])
def test_any_text_can_be_kept(service: Service, site: Site, text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_column_size(escalations_words(%s))", [text])
        assert cursor.fetchall()[0][0] < 1_000_000


def test_old_rows_are_indexed_once_however_often_one_asks(service: Service, site: Site) -> None:
    cases = [case_of(service, site, "Deposit") for _ in range(3)]
    for case in cases:
        actions.add_note(actor=SYSTEM, ref=case.pk, text="Zebra", shared=False)
    before = list(
        CaseWords.objects.order_by("case", "entry").values_list("case", "entry", "is_internal", "words", "handle")
    )
    CaseWords.objects.all().delete()
    assert index_words(batch=2) == (len(before), True)
    assert (
        list(CaseWords.objects.order_by("case", "entry").values_list("case", "entry", "is_internal", "words", "handle"))
        == before
    )
    assert index_words() == (0, True)
    call_command("index_words")


def test_the_database_refuses_words_that_are_kept_twice_or_where_they_do_not_belong(
    service: Service, site: Site
) -> None:
    case = case_of(service, site)
    entry = TimelineEntry.objects.filter(case=case).order_by("pk")[0]
    for values in (
        {"case": case},
        {"case": case, "entry": entry, "handle": "x"},
        {"case": case_of(service, site), "is_internal": True},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            CaseWords.objects.create(words="x", **values)


@pytest.fixture
def many(service: Service, site: Site) -> Site:
    """Enough rows for an index to be worth it."""
    case = case_of(service, site)
    columns = ", ".join(f'"{one.column}"' for one in Case._meta.concrete_fields if not one.primary_key)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO escalations_case ({columns}) SELECT {columns} FROM escalations_case, generate_series(1, 3000)"
            " WHERE id = %s",
            [case.pk],
        )
        cursor.execute("ANALYZE escalations_case")
        cursor.execute("ANALYZE escalations_casewords")
        cursor.execute("SET LOCAL enable_seqscan = off")
    return site


@pytest.mark.parametrize("text", ["refund", "refu", "退款", "BK2291XQ", "EC-100", "matter", "zebra matter"])
def test_no_text_is_looked_for_in_every_row(many: Site, text: str) -> None:
    with CaptureQueriesContext(connection) as asked:
        page_of_cases(coordinator(many), SearchAsk(text, 20))
    with connection.cursor() as cursor:
        for query in asked:
            if "escalations_c" in query["sql"]:
                cursor.execute(f"EXPLAIN {query['sql']}")
                plan = "\n".join(line for (line,) in cursor.fetchall())
                assert "Seq Scan on escalations_case" not in plan, query["sql"]
                if "@@" in query["sql"]:
                    assert "case_words" in plan, plan


@pytest.mark.parametrize("text", ["matter", "refund", "EC-1", "mattre"])
def test_a_search_asks_a_bounded_number_of_queries(many: Site, text: str) -> None:
    reader = coordinator(many)
    with CaptureQueriesContext(connection) as asked:
        page_of_cases(reader, SearchAsk(text, 20))
    assert len(asked) <= 16


def test_the_sight_of_the_system_has_no_edge(service: Service, site: Site) -> None:
    case = case_of(service, site, "Deposit")
    assert [one.case_id for one in queries.find_cases(queries.sight_of(SYSTEM), "deposit").cases] == [case.pk]
