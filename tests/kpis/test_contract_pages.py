"""The pages of contracts, disputed ranges and results, tried as their readers would."""

from datetime import date
from decimal import Decimal as D
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client

from kpis.actions import exclusions, recompute
from kpis.models import Contract, Exclusion, Result, Schedule, SiteCover, Statement
from portal.accounts.choices import Role
from tests.factories.files import PDF, upload
from tests.factories.partners import SiteFactory, signed_in
from tests.kpis.contract_world import World
from tests.kpis.test_exclusions import propose

pytestmark = pytest.mark.django_db
BASE = "/performance"


@pytest.fixture
def world() -> World:
    made = World()
    made.usual()
    return made


def client(who: Any) -> Client:
    made = Client()
    made.force_login(who)
    return made


def text(browser: Client, url: str, status: int = 200) -> str:
    response = browser.get(BASE + url)
    assert response.status_code == status, response.content.decode()[:2000]
    return response.content.decode()


def post(browser: Client, url: str, status: int = 302, **data: Any) -> str:
    response = browser.post(BASE + url, data)
    assert response.status_code == status, response.content.decode()[-3000:]
    return response.content.decode()


def line(place: int, **values: object) -> dict[str, object]:
    return {f"line-{place}-{name}": value for name, value in values.items()}


def scorecard(*lines: dict[str, object], **more: object) -> dict[str, object]:
    data: dict[str, object] = {
        "line-TOTAL_FORMS": len(lines), "line-INITIAL_FORMS": 0, "band-TOTAL_FORMS": 1, "band-INITIAL_FORMS": 0,
        "band-0-from_score": "90", "band-0-percent": "2", "score_cap": "120", "bonus_cap": "5", "malus_cap": "5",
        "earn_back_months": "0", "earn_back_score": "",
    }  # fmt: skip
    for one in lines:
        data |= one
    return data | more


def test_a_contract_from_nothing(world: World) -> None:
    site = SiteFactory(partner=world.site.partner)
    browser = client(world.manager)
    assert "No contracts" not in text(browser, "/contracts/")
    values = {"partner": site.partner_id, "name": "Chat", "code": "chat", "currency": "CNY", "first": "2026-08"}
    post(browser, "/contracts/new/", **values)
    assert "has this code" in post(browser, "/contracts/new/", 422, **values)
    post(browser, "/contracts/chat/cover/", site=site.pk, first="2026-08")
    assert "under a contract" in post(browser, "/contracts/chat/cover/", 422, site=world.site.pk, first="2026-08")
    level = world.schedule.lines.get(kpi__code="service-level").kpi_id
    text(browser, "/contracts/chat/v/1/")
    zero = scorecard(line(0, kpi=level, weight="0", red="70", target="80"))
    assert "All weights are 0" in post(browser, "/contracts/chat/v/1/", 422, **zero)
    wrong = scorecard(line(0, kpi=level, weight="50", red="85", target="80"))
    assert "red has to be below" in post(browser, "/contracts/chat/v/1/", 422, **wrong)
    post(
        browser,
        "/contracts/chat/v/1/",
        **scorecard(line(0, kpi=level, weight="50", red="70", target="80", stretch="92.5")),
    )
    kept = Contract.objects.get(code="chat").schedules.get().lines.get()
    assert (kept.target, kept.stretch, kept.direction) == (D("0.8"), D("0.925"), "up")
    shown = text(browser, "/contracts/chat/")
    assert "80.0%" in shown
    assert site.label in shown
    post(browser, "/contracts/chat/version/", first="2026-10")
    assert Schedule.objects.filter(contract__code="chat", number=2, lines__target=D("0.8")).exists()
    assert "begin later" in post(browser, "/contracts/chat/version/", 422, first="2026-10")


def test_a_month_from_the_dispute_to_the_signature(world: World) -> None:
    manager, lead = client(world.manager), client(world.lead)
    page = f"/results/{world.site.code}/2026-09/"
    assert "What would be frozen now" in text(lead, page)
    post(lead, page + "freeze/", 403)
    post(manager, page + "freeze/")
    post(manager, page + "invoice/", amount="1000", currency="EUR")
    before = text(manager, page)
    assert "−80.00 EUR" in before
    values = {
        "site": world.site.code, "queue": "", "since": "2026-09-10T12:00", "until": "2026-09-10T13:00", "reason": "outage",
        "note": "The phones were down.", "evidence": upload("outage.pdf", PDF),
    }  # fmt: skip
    post(lead, "/exclusions/new/", **values)
    held = Exclusion.objects.get()
    for browser in (lead, manager):
        shown = text(browser, f"/exclusions/{held.pk}/")
        assert "What it would change" in shown
        assert "outage.pdf" in shown
        assert "1,000.00" not in shown
    assert "The other side decides" in post(lead, f"/exclusions/{held.pk}/decide/", 422, verdict="approved")
    post(manager, f"/exclusions/{held.pk}/decide/", verdict="approved")
    assert "Already decided: Approved by both sides" in post(
        manager, f"/exclusions/{held.pk}/decide/", 409, verdict="declined", answer="no"
    )
    recompute()
    assert "required" in post(manager, page + "revise/", 422, reason="")
    post(manager, page + "revise/", reason="Outage of the 10th")
    shown = text(manager, page)
    assert "Revision 2 against 1" in shown
    statement = Statement.objects.get(result__revision=2)
    for browser in (lead, manager):
        seen = text(browser, page).split('name="seen" value="')[1].split('"')[0]
        post(browser, page + "sign/", seen=seen)
    statement.refresh_from_db()
    assert statement.state == "signed"
    assert "Signed by both sides" in text(lead, page)
    assert "has changed since revision 2" in post(manager, page + "revise/", 422, reason="Again")


def test_what_if_without_saving(world: World) -> None:
    url = f"/contracts/{world.contract.code}/what-if/"
    browser = client(world.lead)
    propose(world)
    shown = text(browser, url)
    assert "Time ranges left out" in shown
    for query in (
        f"?site={world.site.code}&target_service-level=75", f"?site={world.site.code}&asked=1&with={Exclusion.objects.get().pk}",
        f"?site={world.site.code}&weight_asa=0",
    ):  # fmt: skip
        shown = text(browser, url + query)
        assert "→" in shown
        assert "September" in shown
    assert "All weights are 0" in text(browser, url + "?weight_asa=0&weight_service-level=0", 422)
    assert "red has to be below" in text(browser, url + "?target_service-level=60", 422)
    for bad in ("?target_asa=NaN", "?target_asa=abc", "?weight_asa=1e400", "?asked=1&with=999999", "?asked=1&with=x"):
        text(browser, url + bad, 422)
    text(browser, url + "?site=ELSEWHERE", 404)
    assert world.schedule.lines.get(kpi__code="service-level").target == D("0.8")


def test_others_get_404(world: World) -> None:
    held = propose(world)
    urls = [f"/contracts/{world.contract.code}/", f"/contracts/{world.contract.code}/v/1/", f"/exclusions/{held.pk}/"]
    urls += [f"/contracts/{world.contract.code}/what-if/", f"/results/{world.site.code}/2026-09/"]
    for stranger in (signed_in(Role.PARTNER_LEAD, site=SiteFactory()), signed_in(Role.AGENT, site=world.site)):
        for url in urls:
            text(stranger, url, 404)
        post(stranger, f"/exclusions/{held.pk}/decide/", 404, verdict="approved")
    other = signed_in(Role.PARTNER_LEAD, site=SiteFactory())
    for url in ("/contracts/", "/exclusions/?state=all", "/results/?month=2026-09"):
        assert world.site.label not in text(other, url)
    auditor = signed_in(Role.AUDITOR)
    for url in urls:
        text(auditor, url)
    post(auditor, f"/results/{world.site.code}/2026-09/freeze/", 403)


@pytest.mark.parametrize(
    "url", ["/results/?month=9999-99", "/exclusions/?state=%00", "/results/?month=x", "/contracts/?q=1"]
)
def test_odd_queries_are_answered(world: World, url: str) -> None:
    text(client(world.manager), url)


def test_odd_ranges_have_a_message(world: World) -> None:
    browser = client(world.lead)
    values = {"site": world.site.code, "reason": "outage", "note": "x"}
    for since, until, said in (
        ("2026-09-10T12:00", "2026-09-10T11:00", "later than the beginning"), ("x", "2026-09-10T11:00", "valid date"),
        ("2026-01-01T00:00", "2026-09-01T00:00", "At most 31 days"), ("9999-12-31T23:59", "9999-12-31T23:59", "later than"),
    ):  # fmt: skip
        assert said in post(browser, "/exclusions/new/", 422, since=since, until=until, **values)
    assert Exclusion.objects.count() == 0
    world.site.time_zone = "Europe/Berlin"
    world.site.save()
    gap = {"since": "2026-03-29T02:30", "until": "2026-03-29T04:00"}
    assert "Clocks went forward" in post(browser, "/exclusions/new/", 422, **gap, **values)


def test_a_frozen_version_says_that_it_stays(world: World) -> None:
    browser = client(world.manager)
    post(browser, f"/results/{world.site.code}/2026-09/freeze/")
    assert Result.objects.get().lines.count() == 2
    assert "so it stays as it is" in text(browser, f"/contracts/{world.contract.code}/v/1/")
    level = world.schedule.lines.get(kpi__code="service-level").kpi_id
    data = scorecard(line(0, kpi=level, weight="50", red="70", target="80"))
    assert "so it stays as it is" in post(browser, f"/contracts/{world.contract.code}/v/1/", 422, **data)
    assert "Choose a later month" in post(browser, f"/contracts/{world.contract.code}/version/", 422, first="2026-09")
    assert exclusions.MAX_DAYS == 31


def test_a_contract_shows_the_months_that_were_frozen_under_it_alone(world: World) -> None:
    other = Contract.objects.create(partner=world.site.partner, code="later", name="Later", currency="EUR")
    Schedule.objects.create(contract=other, number=1, period=DateRange(date(2026, 10, 1), None))
    world.contract.covers.update(period=DateRange(date(2026, 1, 1), date(2026, 10, 1)))
    SiteCover.objects.create(contract=other, site=world.site, period=DateRange(date(2026, 10, 1), None))
    browser = client(world.manager)
    post(browser, f"/results/{world.site.code}/2026-09/freeze/")
    assert "September 2026" in text(browser, f"/contracts/{world.contract.code}/")
    assert "September 2026" not in text(browser, "/contracts/later/")
