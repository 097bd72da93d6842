"""What pages say of a figure that rolls over months: its window, its days where there are fewer, no control limits, two windows compared."""

import html
import re
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from kpis.queries import figures
from kpis.queries.signals import weekly
from kpis.rules.periods import containing, run_up
from kpis.rules.signals import appeared, limits_of
from kpis.wording.values import value_text
from partners.models import Site
from portal.accounts.choices import Role
from tests.factories.kpis import STANDARD, contract, site_facts
from tests.factories.partners import PartnerFactory, SiteFactory, signed_in
from tests.kpis import reading
from tests.kpis.filling import scope_of
from tests.kpis.test_pages_export import rows
from tests.kpis.test_windows import attrition, employed

OCTOBER = date(2026, 10, 1)
NOVEMBER, MARCH = "?period=2026-11", "?period=2026-03"
ATTRITION = ("attrition", 10, "down", "0.40", "0.20", "0.10")
pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Site:
    """A site under a contract that names attrition: of 10 one left in April and two in November, since 1 February."""
    made: Site = SiteFactory(name="Chengdu", code="CTU", time_zone="Asia/Shanghai", partner=PartnerFactory(code="BLUE"))
    site_facts(made, date(2026, 11, 1), date(2026, 11, 21), agents=1, queues=1)
    left = {date(2026, 4, 7): 1, date(2026, 11, 9): 1, date(2026, 11, 10): 1}
    employed(made, date(2026, 2, 1), date(2026, 11, 21), 10, left)
    contract([made], (*STANDARD, ATTRITION))
    return made


def text(client: Client, url: str) -> str:
    return html.unescape(reading.text(client, url))


def row_of(page: str, code: str) -> str:
    found = re.search(rf'<tr id="k-{code}">.*?</tr>', page, re.DOTALL)
    assert found, code
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found[0]))


def test_every_page_shows_the_rolling_figure_and_over_how_many_days(auditor: Client) -> None:
    days = (date(2026, 11, 21) - date(2026, 2, 1)).days + 1
    rate = value_text(3 * 365 / (10 * days), "percent", 1)
    scorecard = text(auditor, f"/performance/sites/CTU/{NOVEMBER}")
    assert f"{rate} " in row_of(scorecard, "attrition")
    assert f"n = {10 * days:,}, over {days} days" in row_of(scorecard, "attrition")
    assert "365 × Leavers ÷ Headcount, summed over days, rolling 12 months" in scorecard
    assert "Window 12 months" not in scorecard
    matrix = text(auditor, f"/performance/{NOVEMBER}")
    assert re.search(rf"<b>{rate}</b>.*?over {days} days", matrix, re.DOTALL)
    month = text(auditor, f"/performance/sites/CTU/{MARCH}")
    assert "over 59 days" in row_of(month, "attrition")
    assert "0.0%" in row_of(month, "attrition")
    partner = text(auditor, f"/performance/partners/BLUE/{NOVEMBER}")
    assert f"over {days} days" in partner
    popover = text(auditor, f"/performance/sites/CTU/{NOVEMBER}&how=attrition")
    assert f"<dd>over {days} days</dd>" in popover


def test_its_tile_says_over_how_many_days(site: Site) -> None:
    contract([SiteFactory(partner=site.partner)], [("attrition", 90, *ATTRITION[2:])])
    tiles = text(signed_in(Role.AUDITOR), f"/performance/{NOVEMBER}").split('aria-label="Network figures"')[1]
    tile = re.search(r'<div class="tile">(?:(?!</div>).)*Attrition.*?</div>', tiles.split("</section>")[0], re.DOTALL)
    assert tile
    assert "over 294 days" in tile[0]


def test_its_chart_has_no_limits_and_says_why(auditor: Client) -> None:
    page = text(auditor, f"/performance/sites/CTU/{NOVEMBER}&kpi=attrition")
    chart = page.split('id="control"')[1].split("</section>")[0]
    assert (
        "Each week shows the 12 months up to its end, so the weeks overlap: without control limits and signals."
        in chart
    )
    assert "chance alone" not in chart
    assert chart.count("period=2026-W") >= 13, "its weeks are drawn"


def test_it_gives_no_control_signals(site: Site) -> None:
    weeks = run_up(containing("week", date(2026, 11, 12)), 26)
    read = weekly(site.pk, [attrition()], weeks)["attrition"]
    values = [float(one.value) for one in read if one.value is not None]
    assert len(values) == 26
    assert values[-1] > 1.5 * max(values[-9:-1]), "as plain weeks that would be a point outside"
    assert appeared(read, "percent", 0, set()) == []
    assert limits_of(read, "percent").segments == ()


def test_why_it_moved_compares_two_windows(auditor: Client) -> None:
    page = text(auditor, f"/performance/sites/CTU/why/attrition/{NOVEMBER}")
    assert "Two windows are compared, 1 Nov 2025 – 31 Oct 2026 and 1 Dec 2025 – 30 Nov 2026" in page
    assert "Attrition, annualised rose from 13.4% to 37.2%." in page
    plain = text(auditor, f"/performance/sites/CTU/why/service-level/{NOVEMBER}")
    assert "Two windows" not in plain


def test_a_site_that_closed_counts_in_why_as_it_does_in_the_whole(site: Site) -> None:
    """Lisbon closed on 30 September: three of its 20 are still in October's window, as in the figure of the network."""
    closed = SiteFactory(name="Lisbon", code="LIS")
    employed(closed, date(2026, 2, 1), date(2026, 9, 30), 20, {date(2026, 6, 2): 3})
    october, september, kpi = containing("month", OCTOBER), containing("month", date(2026, 9, 1)), attrition()
    scope = scope_of(site, closed)
    whole = [figures(scope, [kpi], one.first, one.last)[()]["attrition"] for one in (september, october)]
    auditor = signed_in(Role.AUDITOR)
    page = text(auditor, "/performance/why/attrition/?period=2026-10")
    before, after = (value_text(float(one.value or 0), "percent", 1) for one in whole)
    assert f"Attrition, annualised fell from {before} to {after}." in page
    assert "Lisbon" in page
    parts = rows(auditor, "/performance/why/attrition/?period=2026-10&by=site")
    assert sorted(one["Sites"] for one in parts) == ["Chengdu", "Lisbon"]
    counted = [sum(float(one[f"n, {month}"]) for one in parts) for month in ("September 2026", "October 2026")]
    assert counted == [one.n for one in whole]
    assert figures(scope, [kpi], october.first, october.last, ("site",)).keys() == {(site.pk,)}, "no line in the matrix"


def test_where_all_have_closed_there_is_nothing_to_compare(site: Site, auditor: Client) -> None:
    assert "Nothing to compare" in text(auditor, "/performance/why/attrition/?period=2026-12")


def test_it_takes_no_query_more_than_a_figure_of_its_period(site: Site, auditor: Client) -> None:
    def asked(url: str) -> int:
        auditor.get(url)
        with CaptureQueriesContext(connection) as queries:
            auditor.get(url)
        return len(queries)

    pages = [
        "/performance/",
        "/performance/sites/CTU/",
        "/performance/partners/BLUE/",
        "/performance/sites/CTU/why/attrition/",
    ]
    rolling = [asked(f"{page}{NOVEMBER}") for page in pages]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kpis.models.definitions.months_of", lambda _parameters: 0)
        assert [asked(f"{page}{NOVEMBER}") for page in pages] == rolling
