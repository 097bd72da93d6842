"""The text filter's ways through the database: its counts, and the indexes that serve it."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from escalations import queries
from escalations.choices import State
from escalations.models import OPEN, Case, Service
from escalations.queries import QueueFilters
from escalations.queries import queue as reading
from partners.models import Site
from portal.accounts.rules import Actor
from tests.factories.escalations import CaseFactory, coordinator

pytestmark = pytest.mark.django_db


@pytest.fixture
def someone(site: Site) -> Actor:
    return coordinator(site)


def plan_of(rows: QuerySet[Case, Any]) -> str:
    sql, params = rows.order_by().values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_indexscan = off")
        cursor.execute(f"EXPLAIN {sql}", params)
        return "\n".join(line for (line,) in cursor.fetchall())


def test_words_are_looked_up_among_open_cases_alone_or_in_both_indexes(service: Service, site: Site) -> None:
    # Among few rows any index would do.
    case = CaseFactory(service=service, site=site, subject="Nothing of the kind")
    with connection.cursor() as cursor:
        columns = ", ".join(f'"{one.column}"' for one in Case._meta.concrete_fields if not one.primary_key)
        cursor.execute(
            f"INSERT INTO escalations_case ({columns}) SELECT {columns} FROM escalations_case, generate_series(1, 3000)"
            " WHERE id = %s",
            [case.pk],
        )
        cursor.execute("ANALYZE escalations_case")
    words = Case.objects.filter(queries.text_condition("refund"))
    among_open, among_all = plan_of(words.filter(OPEN)), plan_of(words)
    assert "case_search_open" in among_open
    assert "case_search_ended" not in among_open
    assert "case_search_open" in among_all
    assert "case_search_ended" in among_all


def test_what_words_find_is_counted_the_same_in_one_look_and_tab_by_tab(
    service: Service, site: Site, someone: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = [CaseFactory(service=service, site=site, subject="Refund is late") for _ in range(4)]
    Case.objects.filter(pk=cases[0].pk).update(state=State.WAITING_CUSTOMER)
    Case.objects.filter(pk=cases[1].pk).update(state=State.CLOSED, resolved_at=timezone.now())
    CaseFactory(service=service, site=site, subject="Lost key")
    filters = QueueFilters(q="refund")
    in_one_look = queries.tab_counts(someone, filters=filters)
    monkeypatch.setattr(reading, "FOUND_CAP", 1)
    reading._counting_found.cache_clear()
    tab_by_tab = queries.tab_counts(someone, filters=filters)
    reading._counting_found.cache_clear()
    assert in_one_look == tab_by_tab
    assert (in_one_look["open"], in_one_look["unassigned"], in_one_look["waiting"]) == (3, 3, 1)
    assert set(queries.tab_counts(someone, filters=QueueFilters(q="!!")).values()) == {0}


def test_a_kept_count_moves_with_time(
    service: Service, site: Site, someone: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The statement is kept between requests, its instants are not."""
    now = timezone.now()
    case = CaseFactory(service=service, site=site)
    Case.objects.filter(pk=case.pk).update(next_due_at=now + timedelta(hours=3))
    seen = []
    for hours in (0, 2, 4):
        monkeypatch.setattr(timezone, "now", lambda at=now + timedelta(hours=hours): at)
        counts = queries.tab_counts(someone)
        seen.append((counts["due_soon"], counts["breached"]))
    assert seen == [(0, 0), (1, 0), (0, 1)]
