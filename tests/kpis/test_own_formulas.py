"""Contracts may name formulas of their own: figures are only set beside what is counted by the same ones."""

import re
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.test.utils import CaptureQueriesContext

from kpis.models import Kpi, KpiVersion, Line, QueueDay
from portal.accounts.choices import Role
from portal.accounts.models import Membership, User
from tests.factories.kpis import contract
from tests.factories.partners import PartnerFactory, SiteFactory, signed_in, user
from tests.kpis.test_bands import MARKERS, calls, others

pytestmark = pytest.mark.django_db
SEPTEMBER = "?period=2026-09"
CODE = "agreed-level"
LINE = ((CODE, 25, "up", "0.70", "0.80", "0.90"),)


@pytest.fixture
def half() -> KpiVersion:
    """A formula to come, by which the figure is half of what it is now."""
    kpi = Kpi.objects.create(code=CODE, name="Agreed level", unit="percent", direction="up", position=1)
    for number, first, end, factor in (
        (1, date(2020, 1, 1), date(2090, 1, 1), "1"),
        (2, date(2090, 1, 1), None, "0.5"),
    ):
        last = KpiVersion.objects.create(
            kpi=kpi, number=number, period=DateRange(first, end), numerator={"answered_in_t": factor},
            denominator={"offered": "1"}, interval="wilson",
        )  # fmt: skip
    return last


def site(code: str, share: str, partner: Any, version: KpiVersion | None = None) -> Any:
    """A site at this level, whose contract shows the band, perhaps with a formula of its own."""
    made = SiteFactory(code=code, name=code.title(), partner=partner)
    calls(made, share)
    agreed = contract([made], LINE, shows_band=True)
    Line.objects.filter(schedule__contract=agreed).update(version=version)
    return made


def lead_of(*sites: Any) -> User:
    """A lead of all of them."""
    made = user(Role.PARTNER_LEAD, site=sites[0])
    for one in sites[1:]:
        Membership.objects.create(user=made, role=Role.PARTNER_LEAD, site=one)
    return made


def page(browser: Client, path: str) -> str:
    response = browser.get(path)
    assert response.status_code == 200
    return str(response.content.decode())


def test_each_own_site_stands_beside_others_counted_as_it_is_itself(half: KpiVersion) -> None:
    partner = PartnerFactory()
    own = [site("PLAIN", "0.8000", partner), site("HALVED", "0.8000", partner, half)]
    others(*MARKERS)
    browser = Client()
    browser.force_login(lead_of(*own))
    band = page(browser, f"/performance/{SEPTEMBER}").split('aria-labelledby="band-h"')[1].split("</section>")[0]
    plain, halved = band.split("<table")[1:]
    assert re.findall(r"[\d.]+%", plain) == ["80.0%", "73.0%", "90.7%", "82.9%"]
    assert re.findall(r"[\d.]+%", halved) == ["40.0%", "36.5%", "45.4%", "41.4%"]
    assert "Plain" in plain
    assert "Halved" in halved
    with CaptureQueriesContext(connection) as two:
        page(browser, f"/performance/{SEPTEMBER}")
    Line.objects.update(version=None)
    with CaptureQueriesContext(connection) as one:
        page(browser, f"/performance/{SEPTEMBER}")
    assert len(two) == len(one)


@pytest.mark.parametrize("compare", ["previous", "year"])
def test_a_site_is_compared_with_itself_by_its_own_formula(half: KpiVersion, compare: str) -> None:
    partner = PartnerFactory()
    own = [site("PLAIN", "0.8000", partner), site("HALVED", "0.8000", partner, half)]
    for one in own:
        day = QueueDay.objects.get(site=one)
        day.pk, day.day = None, date(2026, 8, 12) if compare == "previous" else date(2025, 9, 10)
        day.save()
    body = page(signed_in(Role.AUDITOR), f"/performance/{SEPTEMBER}&compare={compare}")
    assert _small(body, "PLAIN").endswith("0.0")
    assert _small(body, "HALVED").endswith("0.0")


def test_a_site_is_compared_with_another_that_the_filter_leaves_out_by_the_formula_of_its_own(half: KpiVersion) -> None:
    here, there = PartnerFactory(code="HERE"), PartnerFactory(code="THERE")
    site("PLAIN", "0.8000", here)
    site("HALVED", "0.8000", here, half)
    site("OTHER", "0.6000", there)
    for narrowed in ("", "&partner=HERE"):
        body = page(signed_in(Role.AUDITOR), f"/performance/{SEPTEMBER}&compare=site:OTHER{narrowed}")
        assert _small(body, "PLAIN").endswith("+20.0")
        assert _small(body, "HALVED").endswith("+10.0")


def _small(body: str, code: str) -> str:
    """What stands below the figure of a site."""
    row = body.split(f'<tr id="site-{code}">')[1]
    return row.split("<small>")[1].split("</small>")[0]
