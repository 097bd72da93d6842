"""What the database itself refuses, told in SQL; and that a scorecard without weights divides by nothing."""

from datetime import date, timedelta
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from kpis.actions import results
from kpis.models import Kpi, KpiVersion, Statement
from kpis.queries import scores
from tests.kpis.contract_world import MONTH, World
from tests.kpis.test_contract_pages import client, text
from tests.kpis.test_results import drafted, sign

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    made = World()
    made.usual()
    return made


def sql(statement: str, *params: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, params)


def refused(statement: str, *params: Any, match: str | None = None) -> None:
    with pytest.raises(IntegrityError, match=match):
        sql(statement, *params)


def day(ahead: int) -> date:
    return timezone.now().date() + timedelta(days=ahead)


MOVE = "UPDATE kpis_kpiversion SET period = %s WHERE id = %s"


def test_the_last_day_of_a_formula_moves_only_among_days_to_come() -> None:
    held = KpiVersion.objects.get(kpi__code="asa")
    since = held.period.lower
    for ahead in (-400, -1, 0):
        refused(MOVE, DateRange(since, day(ahead)), held.pk, match="was in force")
    for ahead in (5, 1, 30):
        sql(MOVE, DateRange(since, day(ahead)), held.pk)
    sql(MOVE, DateRange(since, None), held.pk)
    refused(MOVE, DateRange(since + timedelta(days=1), None), held.pk, match="was in force")


def test_a_formula_that_ended_stays_so_and_one_to_come_does_not_begin_in_the_past() -> None:
    values = {"kpi": Kpi.objects.create(code="mine", unit="number", direction="up"), "numerator": {"wait": "1"}}
    ended = KpiVersion.objects.create(number=1, period=DateRange(date(2000, 1, 1), date(2020, 1, 1)), **values)
    for until in (date(2019, 12, 1), date(2020, 2, 1), None, day(9)):
        refused(MOVE, DateRange(date(2000, 1, 1), until), ended.pk, match="was in force")
    coming = KpiVersion.objects.create(number=2, period=DateRange(day(5), None), **values)
    refused(MOVE, DateRange(day(-5), None), coming.pk, match="was in force")
    refused(MOVE, DateRange(day(0), None), coming.pk, match="was in force")
    sql(MOVE, DateRange(day(2), None), coming.pk)
    sql("DELETE FROM kpis_kpiversion WHERE id = %s", coming.pk)


INSERT = """
INSERT INTO kpis_schedule (contract_id, number, period, score_cap, bonus_cap, malus_cap, earn_back_months, created_at)
VALUES (%s, 2, %s, 120, 0, 0, 0, now())
"""


def test_versions_of_a_scorecard_do_not_overlap(world: World) -> None:
    pk = world.contract.pk
    refused(INSERT, pk, DateRange(date(2027, 1, 1), None), match="schedule_overlap")
    sql("UPDATE kpis_schedule SET period = '[2026-01-01,2026-12-01)' WHERE contract_id = %s", pk)
    refused(INSERT, pk, DateRange(date(2026, 11, 30), None), match="schedule_overlap")
    refused(INSERT, pk, DateRange(date(2025, 1, 1), date(2026, 1, 2)), match="schedule_overlap")
    sql(INSERT, pk, DateRange(date(2026, 12, 1), None))
    refused("UPDATE kpis_schedule SET period = '[2026-01-01,2026-12-02)' WHERE contract_id = %s AND number = 1", pk)
    refused("UPDATE kpis_schedule SET period = 'empty' WHERE contract_id = %s AND number = 1", pk)


def test_a_signed_statement_never_changes(world: World) -> None:
    drafted(world)
    sign(world, world.by_lead)
    half = [
        "invoice_amount = 1", "currency = 'CNY'", "percent = 1", "amount = 1", "earned_back = 1", "partner_by_id = NULL",
        "partner_by_id = NULL, partner_at = NULL, amount = 0", "partner_at = now()", f"partner_by_id = {world.manager.pk}",
    ]  # fmt: skip
    for change in half:
        refused(f"UPDATE kpis_statement SET {change}", match="somebody signed")
    sign(world, world.by_manager)
    before = Statement.objects.values().get()
    whole = [
        *half,
        "state = 'draft', company_by_id = NULL",
        "company_for_id = NULL",
        "created_at = now()",
        "state = 'signed'",
    ]
    for change in whole:
        refused(f"UPDATE kpis_statement SET {change}", match="signed once")
    refused("DELETE FROM kpis_statement", match="signed once")
    for table in ("kpis_result", "kpis_resultline"):
        refused(f"DELETE FROM {table}")
        refused(f"UPDATE {table} SET score = 1")
    assert Statement.objects.values().get() == before


def test_a_scorecard_without_weights_divides_by_nothing(world: World) -> None:
    """The form refuses it; whatever brought it into the database, pages show no score and no fault."""
    results.set_invoice(actor=world.by_manager, site=world.site, month=MONTH, amount=D(1000), currency="EUR")
    world.schedule.lines.update(weight=0)
    total = scores([world.site.pk], MONTH)[world.site.pk]
    assert (total.score, [line.points for line in total.lines]) == (None, [None, None])
    code, site = world.contract.code, world.site.code
    for who in (world.lead, world.manager):
        browser = client(who)
        for url in (
            "/?period=2026-09", f"/sites/{site}/?period=2026-09", f"/contracts/{code}/", f"/contracts/{code}/v/1/",
            f"/contracts/{code}/what-if/", "/results/?month=2026-09",
        ):  # fmt: skip
            page = text(browser, url)
            assert "NaN" not in page
        assert "no KPIs with a weight" in text(browser, f"/results/{site}/2026-09/")
        assert "All weights are 0" in text(browser, f"/contracts/{code}/what-if/?target_asa=25", 422)
        assert "→" in text(browser, f"/contracts/{code}/what-if/?weight_asa=25")
