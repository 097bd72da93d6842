"""Lists as people paste them: nothing breaks them, nobody is taken for somebody else, many cost what one costs."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from access_requests.choices import RequestKind
from access_requests.forms import intake
from access_requests.queries.people import known_people
from access_requests.queries.preview import Wish, preview
from access_requests.rules import lists
from partners.models import Engagement, Person, Placement, Site
from portal.imports.errors import ImportRefused
from tests.factories.access import EntitlementFactory, SodRuleFactory, bundle_of
from tests.factories.partners import JobRoleFactory, SiteFactory, days

WORDS = st.text(st.characters(codec="utf-8"), max_size=12)
KNOWN = lists.Known(
    {1: "Wang Fang", 2: "Liu Yang", 3: "Wang Fang"},
    {1: "wang fang", 2: "liu yang", 3: "wang fang"},
    by_number={"bw-1": frozenset({1}), "bw-2": frozenset({2})},
    by_email={"liu@example.com": frozenset({2})},
    by_name={"wang fang": frozenset({1, 3}), "liu yang": frozenset({2})},
)


@given(
    st.one_of(st.text(max_size=400), st.lists(st.lists(WORDS, max_size=6).map("\t".join), max_size=8).map("\n".join))
)
@settings(max_examples=300, deadline=None)
def test_any_text_is_rows_or_a_refusal(text: str) -> None:
    try:
        rows, _unused = intake.read_text(text)
    except ImportRefused:
        return
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
    assert all("\0" not in cell for row in rows for cell in row.cells.values())
    for found in lists.check(rows, KNOWN):
        assert found.is_ready == (found.person_id is not None)


CELL = st.sampled_from(["", "BW-1", "bw-2", "BW-9", "Wang Fang", "Liu Yang", "liu@example.com", "x@y", "2026-11-24"])


@given(st.lists(st.dictionaries(st.sampled_from(lists.CELLS), CELL), max_size=12))
def test_no_row_means_two_people_and_no_person_is_meant_twice(cells: list[dict[str, str]]) -> None:
    found = lists.check([lists.Row(n, one) for n, one in enumerate(cells, 1)], KNOWN)
    people = [one.person_id for one in found if one.is_ready]
    assert len(people) == len(set(people))
    for one in found:
        if one.is_ready and one.row.cells.get("employee_no"):
            assert one.person_id in KNOWN.by_number[one.row.cells["employee_no"].casefold()]


@given(st.lists(st.dictionaries(st.sampled_from(lists.CELLS), CELL, min_size=1), min_size=1, max_size=6))
@settings(suppress_health_check=[HealthCheck.filter_too_much])
def test_what_is_shown_again_reads_as_the_same(cells: list[dict[str, str]]) -> None:
    rows = [lists.Row(n, {k: v for k, v in one.items() if v}) for n, one in enumerate(cells, 1)]
    rows = [row for row in rows if row.cells]
    if not rows:
        return
    again, unused = intake.read_text(intake.as_text(rows))
    assert [row.cells for row in again] == [row.cells for row in rows]
    assert unused == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("employee_no\nBW-1", "ready"),
        ("Employee No.;Name\nBW-1;Fang Wang", "ready"),
        ("工号,姓名\nbw-1,", "ready"),
        ("employee_no,name\nBW-1,Liu Yang", "belongs_to"),
        ("email\nliu@example.com", "ready"),
        ("name\nWang Fang", "several"),
        ("name\nNobody", "unknown_name"),
        ("employee_no,first_shift\nBW-1,24/11/2026", "day_unknown"),
        ("employee_no,first_shift\nBW-1,2020-02-30", "day_unknown"),
        ("employee_no,first_shift\nBW-1,9999-12-31", "day_unknown"),
        ("employee_no,first_shift\nBW-1,2020-02-03", "day_over"),
    ],
)
def test_rows_mean_whom_they_should(text: str, code: str) -> None:
    rows, _unused = intake.read_text(text)
    (found,) = lists.check(rows, KNOWN, today=timezone.now().date())
    assert found.code == code


@pytest.mark.parametrize(
    "text", ["employee_no", "what,ever\n1,2", "a,a\n1,2", "employee_no\n" + "x\n" * (lists.MAX_ROWS + 1), "\0"]
)
def test_what_is_no_list_is_refused_in_words(text: str) -> None:
    with pytest.raises(ImportRefused):
        intake.read_text(text)


def crowd(site: Site, number: int) -> list[int]:
    role = JobRoleFactory.create()
    people = Person.objects.bulk_create(Person(name=f"Agent {n:04}") for n in range(number))
    period = days("2024-01-01")
    Engagement.objects.bulk_create(
        Engagement(person=one, employer=site.partner, period=period, employee_number=f"{site.code}-{one.pk}")
        for one in people
    )
    Placement.objects.bulk_create(Placement(person=one, site=site, job_role=role, period=period) for one in people)
    return [one.pk for one in people]


@pytest.mark.django_db
def test_five_hundred_people_cost_the_queries_of_one() -> None:
    site: Site = SiteFactory.create()
    tools = [EntitlementFactory.create() for _ in range(15)]
    bundle_of(*tools, job_role=JobRoleFactory.create())
    SodRuleFactory.create(left=tools[0], right=tools[1])
    people = crowd(site, 500)

    def cost(ids: list[int]) -> int:
        rows = [lists.Row(n, {"employee_no": f"{site.code}-{pk}"}) for n, pk in enumerate(ids, 1)]
        with CaptureQueriesContext(connection) as found:
            checked = lists.check(rows, known_people(site.pk, RequestKind.JOINER, rows))
            chosen = tuple(one.person_id for one in checked if one.person_id is not None)
            made = preview(site, Wish(RequestKind.JOINER, chosen), timezone.now())
        assert (len(made.people), made.gets, made.clashes) == (len(ids), 15 * len(ids), len(ids))
        return len(found)

    assert cost(people[:1]) == cost(people)
