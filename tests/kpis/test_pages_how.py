"""Beside every figure stands how it was counted; a page can be read by another formula, and with the time that both sides took out."""

import html
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange
from django.test import Client

from kpis.models import Exclusion, Kpi, KpiVersion, Line, Schedule
from partners.models import Queue, Site, Team
from portal.accounts.choices import Role
from tests.factories.kpis import STANDARD, annotation, contract, count_days, site_facts
from tests.factories.partners import PartnerFactory, SiteFactory, signed_in, user
from tests.kpis.reading import text

FIRST, LAST = date(2026, 10, 19), date(2026, 11, 8)
CHANGE = date(2026, 11, 4)
pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Site:
    """A site under contract with three weeks of figures."""
    made = SiteFactory(name="Chengdu", code="CTU", time_zone="Asia/Shanghai", partner=PartnerFactory(code="BLUE"))
    site_facts(made, FIRST, LAST)
    two_formulas()
    contract([made], (*STANDARD, ("in-time", 10, "up", "0.60", "0.75", "0.90")))
    return made


def how(client: Client, url: str, key: str) -> str:
    """What the popover of a figure says, without its markup, by the link that stands beside the figure."""
    found = re.search(rf'class="[^"]* how-at" href="([^"]*[?&;]how={re.escape(key)})"', text(client, url))
    assert found, key
    response = client.get(url.partition("?")[0] + html.unescape(found[1]), headers={"HX-Request": "true"})
    assert response.status_code == 200, key
    body = response.content.decode()
    assert "<html" not in body
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


def value(client: Client, url: str, key: str) -> str:
    """The figure that a popover tells of."""
    said = how(client, url, key)
    found = re.search(r"−?[\d,.]+%?", said.partition("=")[0])
    assert found, key
    return found[0]


def two_formulas() -> None:
    """A KPI whose formula changed in the middle of the period: what was abandoned in time counts no longer."""
    kpi = Kpi.objects.create(code="in-time", name="In time", unit="percent", direction="up", position=1)
    for number, first, end, below in (
        (1, date(2020, 1, 1), CHANGE, {"offered": "1"}),
        (2, CHANGE, None, {"answered": "1"}),
    ):
        KpiVersion.objects.create(
            kpi=kpi,
            number=number,
            period=DateRange(first, end),
            numerator={"answered_in_t": "1"},
            denominator=below,
            interval="wilson",
        )


def exclude(site: Site, since: datetime, until: datetime, queue: Queue | None = None) -> Exclusion:
    """Time that both sides took out, and sums that know it."""
    made = Exclusion.objects.create(
        site=site, queue=queue, period=DateTimeTZRange(since, until), reason="outage", note="The dialler was down", state="approved",
        proposed_side="partner", proposed_by=user(Role.PARTNER_LEAD, site=site), decided_by=user(Role.MANAGER, site=site),
        decided_at=until,
    )  # fmt: skip
    count_days(site, FIRST, LAST)
    return made


def test_every_figure_of_every_page_says_how_it_was_counted(auditor: Client) -> None:
    queue, team = Queue.objects.all()[0], Team.objects.get()
    pages = {
        "/performance/": ["CTU.service-level", "CTU.nps", "all.service-level", "service-level"],
        "/performance/partners/BLUE/": [f"site-{queue.programme.site_id}.service-level"],
        "/performance/sites/CTU/": ["service-level", "qa", f"queue-{queue.pk}.abandonment", f"team-{team.pk}.qa"],
        f"/performance/programmes/{queue.programme_id}/": ["service-level", f"queue-{queue.pk}.service-level"],
        f"/performance/teams/{team.pk}/": ["qa"],
        "/performance/sites/CTU/spread/service-level/": ["service-level"],
    }
    for url, keys in pages.items():
        body = text(auditor, f"{url}?period=2026-11")
        for key in keys:
            said = how(auditor, f"{url}?period=2026-11", key)
            assert " ÷ " in said, key
            assert "Version 1" in said, key
        keys_there = re.findall(r'[?&;]how=([^"]+)"', body)
        assert len(keys_there) == len(set(keys_there)), url
        # Also on paper, where nothing opens.
        assert "How these figures are counted" in body or "spread" in url


def test_numerator_denominator_sample_and_interval_stand_there(auditor: Client) -> None:
    said = how(auditor, "/performance/?period=2026-11", "CTU.service-level")
    assert re.search(r"Numerator [\d,]+ Denominator [\d,]+ n [\d,]+ 95-percent interval [\d.]+% – [\d.]+%", said), said
    assert "Threshold" in said


def test_a_period_over_two_formulas_names_both_and_each_can_be_chosen(auditor: Client) -> None:
    url = "/performance/sites/CTU/?period=2026-11"
    both = how(auditor, url, "in-time")
    assert "Version 1, 1 Jan 2020 to 3 Nov 2026" in both
    assert "Version 2, from 4 Nov 2026 on" in both
    old, new = (f"{url}&formula={number}" for number in (1, 2))
    assert "Version 2" not in how(auditor, old, "in-time")
    assert "Version 1" not in how(auditor, new, "in-time")
    assert value(auditor, old, "in-time") != value(auditor, new, "in-time")
    assert value(auditor, f"{url}&formula=now", "in-time") == value(auditor, new, "in-time")
    assert "By version 1 of the formulas" in text(auditor, old)


@pytest.mark.parametrize(
    "page", ["", "partners/BLUE/", "sites/CTU/", "sites/CTU/why/in-time/", "sites/CTU/spread/in-time/", "spread/in-time/"]
)  # fmt: skip
def test_formula_and_excluded_time_can_be_chosen_everywhere_and_go_along(auditor: Client, page: str) -> None:
    view = "period=2026-11&amp;formula=2&amp;excluded=with"
    body = text(auditor, f"/performance/{page}?{view.replace('&amp;', '&')}")
    for label in (
        "In force then",
        "Today’s formulas",
        "Version 1",
        "Version 2",
        "Left out, as in contracts",
        "Counted as well",
    ):
        assert label in body
    assert "By version 2 of the formulas" in body
    assert "With excluded time" in body
    links = re.findall(r'href="(/performance/(?:sites|partners|programmes|queues|teams|people)/[^"]+\?[^"]*)"', body)
    assert links or page == ""
    assert all("formula=2" in link and "excluded=with" in link for link in links), links


def test_time_taken_out_counts_only_where_asked_for_and_is_drawn(site: Site, auditor: Client) -> None:
    url = "/performance/sites/CTU/?period=2026-11"
    plain = how(auditor, url, "service-level")
    exclude(site, datetime(2026, 11, 2, 20, tzinfo=UTC), datetime(2026, 11, 4, 12, tzinfo=UTC))
    assert how(auditor, url, "service-level") != plain == how(auditor, f"{url}&excluded=with", "service-level")
    without = text(auditor, url)
    assert "Excluded: Our tools were down" in without
    assert "3 Nov 2026 – 4 Nov 2026" in without
    whole = value(auditor, f"{url}&excluded=with", "service-level")
    assert value(auditor, "/performance/?period=2026-11&excluded=with", "CTU.service-level") == whole
    cells = [
        text(auditor, f"/performance/sites/CTU/spread/service-level/?period=2026-11-03{more}")
        for more in ("", "&excluded=with")
    ]
    assert "Nothing to draw" not in cells[1]
    assert '<th scope="row">Tue</th>' not in cells[0]


def test_a_queue_knows_only_remarks_and_exclusions_of_its_own(site: Site, auditor: Client) -> None:
    first, second = Queue.objects.order_by("pk")
    annotation(user(Role.ADMINISTRATOR), LAST - timedelta(days=8), "New routing", site=site, queue=first)
    exclude(site, datetime(2026, 10, 20, tzinfo=UTC), datetime(2026, 10, 21, tzinfo=UTC), first)
    bodies = [text(auditor, f"/performance/queues/{one.pk}/?period=2026-11") for one in (first, second)]
    assert ["New routing" in body for body in bodies] == [True, False]
    assert ["Excluded: " in body for body in bodies] == [True, False]
    assert "Queue A: New routing" in text(auditor, "/performance/sites/CTU/?period=2026-11")


def test_a_sample_too_small_is_never_red(auditor: Client, site: Site) -> None:
    body = text(auditor, "/performance/sites/CTU/?period=2026-11-03")
    row = re.search(r'<tr id="k-nps">.*?</tr>', body, re.DOTALL)
    assert row
    assert 'data-rag="n"' in row[0]
    assert 'data-rag="r"' not in row[0]
    assert "needs 30" in row[0]


def test_without_script_a_page_says_how_and_leads_back(auditor: Client) -> None:
    body = text(auditor, "/performance/sites/CTU/?period=2026-11&formula=now&how=service-level")
    assert "<h1>How Service level is counted</h1>" in body
    assert "Numerator" in body
    assert 'href="?period=2026-11&amp;formula=now"' in body
    assert 'class="table"' not in body


@pytest.mark.parametrize("page", ["", "sites/CTU/", "sites/CTU/why/service-level/", "sites/CTU/spread/service-level/"])
def test_who_may_not_see_a_figure_learns_nothing_of_it(auditor: Client, site: Site, page: str) -> None:
    assert auditor.get(f"/performance/{page}?period=2026-11&how=CTU.no%00such").status_code == 404
    stranger = signed_in(Role.PARTNER_LEAD, site=SiteFactory())
    for key in ("service-level", "CTU.service-level"):
        answer = stranger.get(f"/performance/{page}?period=2026-11&how={key}", headers={"HX-Request": "true"})
        assert answer.status_code == 404, key


def test_no_two_figures_share_a_key_whatever_hyphens_their_codes_hold(site: Site) -> None:
    other = SiteFactory(code="CTU-X", name="Chengdu X", time_zone="Asia/Shanghai", partner=site.partner)
    site_facts(other, FIRST, LAST)
    contract([other], [("nps", 50, "up", "20", "45", "60")])
    two = [Kpi.objects.create(code=code, name=code, unit="number", direction="up") for code in ("nps-x", "X-nps")]
    for kpi in two:
        below = {"offered": "1"} if kpi.code == "X-nps" else {}
        KpiVersion.objects.create(
            kpi=kpi, number=1, period=DateRange(date(2020, 1, 1), None), numerator={"offered": "1"}, denominator=below
        )
        Line.objects.create(
            schedule=Schedule.objects.order_by("pk")[0], kpi=kpi, weight=1, direction="up", red=1, target=2
        )
    reader = signed_in(Role.AUDITOR)
    url = "/performance/?period=2026-11"
    assert "NPS" in how(reader, url, "CTU-X.nps")
    assert "X-nps 1.0" in how(reader, url, "CTU.X-nps")
