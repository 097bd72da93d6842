"""Of how many a figure has to be to be shown: the contract's smallest sample, else the definition's, else 30; alike on every page."""

import html
import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client

from kpis.models import Kpi, KpiVersion, Line
from kpis.queries import cards
from kpis.queries.signals import smallest_samples
from kpis.rules.samples import FEWEST, least
from kpis.rules.scoring import Terms
from partners.models import Queue, Site
from portal.accounts.choices import Role
from tests.factories.kpis import contract
from tests.factories.partners import PartnerFactory, QueueFactory, SiteFactory, signed_in
from tests.kpis.filling import MONDAY, queue_day

DAY = f"?period={MONDAY}"


@pytest.mark.parametrize(
    ("contracted", "defined", "sampled", "expected"),
    [(10, 50, True, 10), (0, 50, True, 0), (None, 50, True, 50), (None, 5, True, 5), (None, 0, True, FEWEST), (None, 0, False, 0)],
)  # fmt: skip
def test_whose_smallest_sample_counts(contracted: int | None, defined: int, sampled: bool, expected: int) -> None:
    terms = None if contracted is None else Terms("x", Decimal(1), "up", Decimal(0), Decimal(1), minimum_n=contracted)
    assert least(terms, defined, sampled=sampled) == expected


@pytest.fixture
def queue() -> Queue:
    """A queue with 20 contacts on a Monday, 10 of them in time."""
    site = SiteFactory(code="CTU", name="Chengdu", partner=PartnerFactory(code="BLUE"))
    made: Queue = QueueFactory(programme__site=site)
    queue_day(made, MONDAY, offered=20, answered=20, answered_in_t=10)
    return made


def quick(minimum_n: int) -> Kpi:
    kpi = Kpi.objects.create(code="quick", name="Quick", unit="percent", direction="up", position=1)
    KpiVersion.objects.create(
        kpi=kpi, number=1, period=DateRange(date(2020, 1, 1), None), numerator={"answered_in_t": "1"},
        denominator={"answered": "1"}, interval="wilson", minimum_n=minimum_n,
    )  # fmt: skip
    return kpi


def plain(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, url
    return html.unescape(response.content.decode())


def told(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def shown(site: Site) -> dict[str, str]:
    """The KPI in the matrix, on the scorecard and in its explanation."""
    client = signed_in(Role.AUDITOR)
    matrix = plain(client, f"/performance/{DAY}")
    row = re.search(rf'<tr id="site-{site.code}">.*?</tr>', matrix, re.DOTALL)
    line = re.search(r'<tr id="k-quick">.*?</tr>', plain(client, f"/performance/sites/{site.code}/{DAY}"), re.DOTALL)
    assert row
    assert line
    explained = plain(client, f"/performance/sites/{site.code}/{DAY}&how=quick")
    return {"matrix": told(row[0]), "scorecard": told(line[0]), "explanation": told(explained)}


@pytest.mark.django_db
@pytest.mark.parametrize(("minimum_n", "seen"), [(0, False), (50, False), (20, True), (5, True)])
def test_without_a_contract_the_definition_s_counts_else_thirty(queue: Queue, minimum_n: int, seen: bool) -> None:
    kpi = quick(minimum_n)
    for page, text in shown(queue.programme.site).items():
        assert ("50.0%" in text) == seen, page
    needs = f"n = 20, needs {minimum_n or 30}"
    assert (needs in shown(queue.programme.site)["explanation"]) == (not seen)
    assert smallest_samples([kpi], None, MONDAY) == {kpi.pk: minimum_n or 30}


@pytest.mark.django_db
@pytest.mark.parametrize(("contracted", "seen"), [(0, True), (20, True), (21, False)])
def test_under_a_contract_its_own_counts(queue: Queue, contracted: int, seen: bool) -> None:
    kpi, site = quick(1000), queue.programme.site
    contract([site], [("quick", 100, "up", "0.60", "0.80", "0.90")])
    Line.objects.update(minimum_n=contracted)
    found: dict[str, Any] = shown(site)
    for page, text in found.items():
        assert ("50.0%" in text) == seen, page
    assert ("n = 20, needs 21" in found["scorecard"]) == (not seen)
    card = cards([site.pk], MONDAY)[site.pk]
    assert smallest_samples([kpi], card, MONDAY) == {kpi.pk: contracted}


@pytest.mark.django_db
def test_parts_and_hours_take_it_too(queue: Queue) -> None:
    quick(5)
    client = signed_in(Role.AUDITOR)
    page = plain(client, f"/performance/sites/CTU/{DAY}")
    assert "50.0%" in told(page[page.index('id="p-queue"') :])
