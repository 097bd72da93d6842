"""A line of a contract may name a formula: it is chosen in the form, kept when the form is saved, and counted by."""

from datetime import date, timedelta
from decimal import Decimal as D
from typing import Any

import pytest
from django.utils import timezone

from kpis.actions import definitions
from kpis.actions.definitions import FormulaValues
from kpis.models import Kpi, KpiVersion, Line
from kpis.queries import scores
from kpis.wording.periods import day_text
from portal.accounts.choices import Role
from tests.factories.partners import actor
from tests.kpis.contract_world import MONTH, World
from tests.kpis.test_contract_pages import client, line, post, scorecard, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    made = World()
    made.usual()
    return made


@pytest.fixture
def newer(world: World) -> KpiVersion:
    """A formula of the service level to come: of all offered."""
    kpi = Kpi.objects.get(code="service-level")
    return definitions.add_version(
        actor=actor(Role.ADMINISTRATOR), code=kpi.code, version=kpi.version, reason="Agreed",
        formula=FormulaValues(numerator={"answered_in_t": D("0.5")}, denominator={"offered": D(1)}, sample="offered"),
        first=timezone.now().date() + timedelta(days=3),
    )  # fmt: skip


def address(world: World) -> str:
    return f"/contracts/{world.contract.code}/v/1/"


def filled(**more: Any) -> dict[str, Any]:
    level = Kpi.objects.get(code="service-level").pk
    return scorecard(line(0, kpi=level, weight="50", red="70", target="80", **more))


def test_a_formula_is_named_kept_and_taken_back(world: World, newer: KpiVersion) -> None:
    browser = client(world.manager)
    page = text(browser, address(world))
    assert f"Service level: version 2, from {day_text(newer.period.lower)}" in page
    post(browser, address(world), **filled(version=newer.pk))
    assert Line.objects.get(schedule=world.schedule).version == newer
    assert "Always by formula version 2" in text(browser, f"/contracts/{world.contract.code}/")
    again = text(browser, address(world))
    assert f'<option value="{newer.pk}" selected>' in again
    post(browser, address(world), **filled(version=newer.pk))
    assert Line.objects.get(schedule=world.schedule).version == newer
    post(browser, address(world), **filled(version=""))
    assert Line.objects.get(schedule=world.schedule).version is None


def test_what_is_named_counts_in_every_month_and_goes_into_the_next_version(world: World, newer: KpiVersion) -> None:
    browser = client(world.manager)
    post(browser, address(world), **filled(version=newer.pk))
    reading = scores([world.site.pk], MONTH)[world.site.pk].lines[0].reading
    assert (reading.value, reading.versions) == (D(230) / 600, (2,))
    post(browser, f"/contracts/{world.contract.code}/version/", first="2026-10")
    assert Line.objects.get(schedule__contract=world.contract, schedule__number=2).version == newer


def test_a_formula_of_another_kpi_is_refused_at_its_field(world: World) -> None:
    browser = client(world.manager)
    other = KpiVersion.objects.get(kpi__code="asa")
    assert "belongs to another KPI" in post(browser, address(world), 422, **filled(version=other.pk))
    for wrong in ("999999", "x", "\0"):
        assert "choice" in post(browser, address(world), 422, **filled(version=wrong)).lower()
    assert world.schedule.lines.filter(version=None).count() == 2


def test_the_form_costs_the_same_for_many_formulas(
    world: World, newer: KpiVersion, django_assert_max_num_queries: Any
) -> None:
    browser = client(world.manager)
    with django_assert_max_num_queries(25):
        assert day_text(date(2000, 1, 1)) in text(browser, address(world))
