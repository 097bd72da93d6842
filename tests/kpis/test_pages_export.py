"""What pages of figures give away as files: every table, with the view it was taken from."""

import csv
import io
import zipfile
from datetime import date

import pytest
from django.test import Client

from partners.models import Queue, Site
from portal.accounts.choices import Role
from tests.factories.kpis import contract, site_facts
from tests.factories.partners import PartnerFactory, SiteFactory, signed_in

FIRST, LAST = date(2026, 10, 5), date(2026, 11, 8)
VIEW = "?period=2026-11&compare=none&formula=now&excluded=with"
pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Site:
    """A site under contract with five weeks of figures."""
    made = SiteFactory(name="Chengdu", code="CTU", partner=PartnerFactory(name="Bluewave", code="BLUE"))
    site_facts(made, FIRST, LAST, agents=4)
    contract([made])
    return made


def content(client: Client, url: str, kind: str = "csv") -> bytes:
    response = client.post(url, {"format": kind})
    assert response.status_code == 200, url
    return response.getvalue()


def rows(client: Client, url: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content(client, url).decode("utf-8-sig"))))


def test_every_page_of_figures_has_an_export_that_carries_its_view(auditor: Client) -> None:
    queue = Queue.objects.all()[0]
    pages = ["export/", "partners/BLUE/export/", "sites/CTU/export/", f"queues/{queue.pk}/export/", "sites/CTU/why/service-level/",
             "sites/CTU/spread/service-level/", "spread/service-level/"]  # fmt: skip
    for page in pages:
        found = rows(auditor, f"/performance/{page}{VIEW}")
        assert found, page
        for row in found:
            assert row["Period"] == "November 2026"
            assert row["Days"] == "2026-11-01 – 2026-11-30"
            assert row["Compared with"] == ("October 2026" if "why" in page else "nothing")
            assert row["Formula"] == "Today’s formulas"
            assert row["Excluded time"] == "Counted as well"
        assert "nan" not in str(found).lower()


def test_figures_are_numbers_with_what_they_were_made_of(auditor: Client) -> None:
    row = next(
        one for one in rows(auditor, "/performance/sites/CTU/export/?period=2026-11") if one["KPI"] == "Service level"
    )
    assert float(row["Value"]) == pytest.approx(float(row["Numerator"]) / float(row["Denominator"]))
    assert float(row["Interval (95%), from"]) < float(row["Value"]) < float(row["Interval (95%), to"])
    assert row["n"]
    assert " ÷ " in row["How it is counted"]


def test_why_it_moved_gives_parts_that_add_up(auditor: Client) -> None:
    found = rows(auditor, "/performance/sites/CTU/why/service-level/?period=2026-11&by=queue")
    assert {row["Queues"] for row in found} == {"Queue A", "Queue B"}
    assert all(row["n, November 2026"] and row["Interval (95%), November 2026"] for row in found)
    response = auditor.get("/performance/sites/CTU/why/service-level/?period=2026-11&by=queue")
    assert "How Service level is counted" in response.content.decode()


def test_a_workbook_says_on_a_second_sheet_what_it_shows_and_where(auditor: Client) -> None:
    with zipfile.ZipFile(io.BytesIO(content(auditor, f"/performance/sites/CTU/export/{VIEW}", "xlsx"))) as book:
        assert "xl/worksheets/sheet2.xml" in book.namelist()
        words = book.read("xl/sharedStrings.xml").decode()
    for said in ("Chengdu", "/performance/sites/CTU/?period=2026-11&amp;compare=none", "Today’s formulas", "Taken"):
        assert said in words


def test_agents_leave_without_their_names(auditor: Client) -> None:
    found = [
        row
        for row in rows(auditor, "/performance/sites/CTU/spread/qa/?period=2026-11")
        if row["Chart"].endswith("agents")
    ]
    assert len(found) == 4
    assert {row["Row"] + row["Column"] for row in found} == {""}


def test_strangers_take_nothing(site: Site) -> None:
    for client in (signed_in(Role.PARTNER_LEAD, site=SiteFactory()), signed_in(Role.AGENT, site=site)):
        for page in ("why", "spread"):
            assert client.post(f"/performance/sites/CTU/{page}/service-level/", {"format": "csv"}).status_code == 404
