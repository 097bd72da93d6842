"""The pages of figures: what they show, to whom, and with how many queries."""

from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from partners.models import Person, Queue, Site, Team
from portal.accounts.choices import Role
from tests.factories.kpis import contract, site_facts
from tests.factories.partners import PartnerFactory, SiteFactory, signed_in
from tests.kpis.reading import text

FIRST, LAST = date(2026, 10, 19), date(2026, 11, 8)
NOVEMBER = "?period=2026-11"
pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Site:
    """A site under contract with three weeks of figures."""
    made = SiteFactory(name="Chengdu", code="CTU", partner=PartnerFactory(name="Bluewave", code="BLUE"))
    site_facts(made, FIRST, LAST)
    contract([made])
    return made


def test_the_network_shows_each_site_by_the_kpis_of_its_contract(auditor: Client) -> None:
    body = text(auditor, f"/performance/{NOVEMBER}")
    assert ">Chengdu</a>" in body
    assert "Bluewave" in body
    for label in ("Service level", "NPS", "Productivity", "QA score", "Abandonment"):
        assert label in body
    assert 'data-rag="' in body
    assert 'class="spark"' in body
    assert "Data to 8 Nov 2026" in body


def test_without_figures_the_network_says_how_they_come_in() -> None:
    assert "No figures in this period" in text(signed_in(Role.AUDITOR), "/performance/")


def test_a_period_before_the_first_figure_is_empty_not_broken(auditor: Client) -> None:
    assert "Chengdu" in text(auditor, "/performance/?period=2025-03")
    text(auditor, "/performance/sites/CTU/?period=2025-W10&compare=year")


@pytest.mark.parametrize("query", ["2026-11-04", "2026-W45", "2026-11", "2026-Q4", "2026-11-08~"])
def test_every_grain_has_its_page(auditor: Client, query: str) -> None:
    assert "Service level" in text(auditor, f"/performance/sites/CTU/?period={query}&compare=year")


def test_the_scorecard_shows_contract_formula_and_reading(auditor: Client) -> None:
    body = text(auditor, f"/performance/sites/CTU/{NOVEMBER}&kpi=abandonment")
    assert "Against contract" in body
    assert "Weighted score" in body
    assert "(Offered − Short abandoned)" in body
    assert "too few for control limits" in body
    assert "Guest support" in body
    assert "Queue A" in body
    assert "Lotus" in body


def test_every_subject_has_a_scorecard_with_the_way_back(auditor: Client, site: Site) -> None:
    queue, team, person = Queue.objects.all()[0], Team.objects.get(), Person.objects.all()[0]
    for url in (
        "/performance/partners/BLUE/",
        f"/performance/programmes/{queue.programme_id}/",
        f"/performance/queues/{queue.pk}/",
        f"/performance/teams/{team.pk}/",
        f"/performance/people/{person.pk}/",
    ):
        body = text(auditor, url + NOVEMBER)
        assert 'href="/performance/?period=2026-11"' in body, url
        assert "Choose another period, or look at" not in body, url


@pytest.mark.parametrize("formula", ["then", "now", "1", "7"])
def test_a_formula_of_another_time_can_be_chosen(auditor: Client, formula: str) -> None:
    text(auditor, f"/performance/sites/CTU/{NOVEMBER}&formula={formula}")


@pytest.mark.parametrize(
    "query",
    ["period=2026-13", "period=x", "period=9999-01", "compare=z", "formula=0", "sort=1", "kpi=%00", "partner=a'b", "grain=x"],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused(auditor: Client, query: str) -> None:
    for page in ("/performance/", "/performance/sites/CTU/"):
        assert auditor.get(f"{page}?{query}").status_code == 400, query


def test_strangers_find_nothing(site: Site) -> None:
    other = SiteFactory()
    queue, team, person = Queue.objects.all()[0], Team.objects.get(), Person.objects.all()[0]
    pages = [
        "/performance/sites/CTU/", "/performance/partners/BLUE/", f"/performance/queues/{queue.pk}/",
        f"/performance/programmes/{queue.programme_id}/", f"/performance/teams/{team.pk}/",
        f"/performance/people/{person.pk}/",
    ]  # fmt: skip
    lead = signed_in(Role.PARTNER_LEAD, site=other)
    assert "Chengdu" not in text(lead, "/performance/")
    for client in (lead, signed_in(Role.COORDINATOR, site=other), signed_in(Role.AGENT, site=site)):
        assert [client.get(url).status_code for url in pages] == [404] * len(pages)
        assert [client.post(f"{url}export/").status_code for url in pages] == [404] * len(pages)
    assert signed_in(Role.IT).get("/performance/").status_code == 404
    own = signed_in(Role.PARTNER_LEAD, site=site)
    assert [own.get(url).status_code for url in pages] == [200] * len(pages)


def test_the_number_of_queries_does_not_grow_with_the_sites(auditor: Client, site: Site) -> None:
    def counted(url: str) -> int:
        auditor.get(url)
        with CaptureQueriesContext(
            connection,
        ) as found:
            auditor.get(url)
        return len(found)

    urls = [f"/performance/{NOVEMBER}", f"/performance/sites/CTU/{NOVEMBER}", f"/performance/partners/BLUE/{NOVEMBER}"]
    before = [counted(url) for url in urls]
    more = [SiteFactory(partner=site.partner) for _at in range(3)]
    for one in more:
        site_facts(one, date(2026, 11, 1), LAST, queues=3)
    contract(more)
    assert [counted(url) for url in urls] == before


def test_exports_hold_what_the_page_shows_and_leave_a_trail(auditor: Client) -> None:
    from portal.audit.models import AuditEntry

    response = auditor.post(f"/performance/export/{NOVEMBER}", {"format": "csv"})
    lines = b"".join(response.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert lines[0].startswith("\ufeffPartner,Site,Score,KPI,Value")
    assert len(lines) == 6
    response = auditor.post(f"/performance/sites/CTU/export/{NOVEMBER}", {"format": "xlsx"})
    assert b"".join(response.streaming_content)[:2] == b"PK"  # type: ignore[attr-defined]
    assert AuditEntry.objects.filter(verb="figures.exported").count() == 2
    assert auditor.get("/performance/export/").status_code == 405
