"""The pages of figures in a real browser, with half a year of four sites."""

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from kpis.models import Annotation
from partners.models import Queue, Team
from portal.accounts.choices import Role
from portal.accounts.models import User
from tests.browser.conftest import PageAs
from tests.browser.helpers import DESKTOP, PHONE, axe, fits, shot
from tests.databases import Database
from tests.factories.kpis import annotation, contract, site_facts
from tests.factories.partners import PartnerFactory, SiteFactory, user

pytestmark = pytest.mark.browser
LAST = date(2026, 11, 15)
FIRST = LAST - timedelta(days=195)
SITES = (
    ("CTU", "Chengdu", "成都", "Bluewave", 0.90),
    ("KRK", "Kraków", "克拉科夫", "Veltora", 0.86),
    ("PEN", "Penang", "槟城", "Kestrelline", 0.70),
    ("BOG", "Bogotá", "波哥大", "Sumara", 0.80),
)


@pytest.fixture
def manager(fresh_database: Database) -> User:
    """An administrator over four sites under contract."""
    made = user(Role.ADMINISTRATOR)
    for code, name, name_zh, partner, level in SITES:
        site = SiteFactory(code=code, name=name, name_zh=name_zh, partner=PartnerFactory(name=partner))
        named = ("Booking support", "Payments")
        site_facts(site, FIRST, LAST, level=level, agents=4, named=named)
        contract([site], name=f"Schedule {code}")
        annotation(made, LAST - timedelta(days=60), site=site, text_zh="台风停工")
    assert Annotation.objects.count() == len(SITES)
    return made


def test_pages_look_right_in_both_themes_and_on_a_phone(manager: User, page_as: PageAs) -> None:
    queue, team = Queue.objects.order_by("pk")[0], Team.objects.order_by("pk")[0]
    pages = {
        "network": "/performance/?period=2026-11",
        "site": "/performance/sites/CTU/?period=2026-11",
        "why": "/performance/sites/PEN/why/service-level/?period=2026-11&by=queue",
        "spread": "/performance/sites/CTU/spread/service-level/?period=2026-11",
        "network_spread": "/performance/spread/service-level/?period=2026-11",
        "queue": f"/performance/queues/{queue.pk}/?period=2026-11",
        "team": f"/performance/teams/{team.pk}/?period=2026-11",
        "note": "/performance/notes/new/?site=CTU",
        "scorecards": "/performance/sites/",
    }
    for name, url in pages.items():
        page = page_as(manager, url, viewport=DESKTOP)
        shot(page, f"performance_{name}")
        fits(page)
        axe(page)
        page.context.close()
        page = page_as(manager, url, viewport=PHONE, color_scheme="dark")
        shot(page, f"performance_{name}_phone_dark")
        fits(page)
        page.context.close()
    manager.language = "zh-hans"
    manager.save()
    for name in ("network", "site", "why"):
        page = page_as(manager, pages[name], viewport=DESKTOP)
        shot(page, f"performance_{name}_zh")
        page.context.close()


def test_the_chart_of_why_needs_no_sideways_scroll(manager: User, page_as: PageAs) -> None:
    """Columns where they have room, rows on a phone, in either theme and language; one of the two forms at a time."""
    for language in ("en", "zh-hans"):
        manager.language = language
        manager.save()
        for viewport, scheme in ((PHONE, "light"), (PHONE, "dark"), (DESKTOP, "light"), (DESKTOP, "dark")):
            url = "/performance/why/service-level/?period=2026-11"
            page = page_as(manager, url, viewport=viewport, color_scheme=scheme)
            columns, rows = page.locator(".chart-turns > .chart"), page.locator(".chart-turned")
            assert (columns.is_visible(), rows.is_visible()) == (viewport is DESKTOP, viewport is PHONE)
            shown = rows if viewport is PHONE else columns
            assert shown.evaluate("box => box.scrollWidth <= box.clientWidth")
            assert shown.locator("text").count() > len(SITES)
            fits(page)
            shot(page, f"why_{language}_{scheme}_{viewport['width']}")
            axe(page)
            page.context.close()


def test_a_figure_says_by_key_how_it_was_counted(manager: User, page_as: PageAs) -> None:
    page = page_as(manager, "/performance/?period=2026-11", viewport=DESKTOP)
    link = page.get_by_role("link", name="How Service level is counted, Penang")
    told = page.locator("#how")
    assert told.is_hidden()
    link.focus()
    page.keyboard.press("Enter")
    told.wait_for()
    assert "Answered in time" in told.inner_text()
    assert "95-percent interval" in told.inner_text()
    shot(page, "performance_how")
    axe(page)
    page.keyboard.press("Escape")
    expect(told).to_be_hidden()
    expect(link).to_be_focused()
    expect(link).not_to_have_attribute("aria-expanded", re.compile(".*"))


def test_without_script_a_page_says_how_a_figure_was_counted(manager: User, page_as: PageAs) -> None:
    page = page_as(manager, "/performance/sites/PEN/?period=2026-11", viewport=PHONE)
    page.goto(page.get_by_role("link", name="How Service level is counted", exact=True).evaluate("link => link.href"))
    expect(page.get_by_role("heading", name="How Service level is counted")).to_be_visible()
    expect(page.get_by_text("95-percent interval")).to_be_visible()
    fits(page)
    axe(page)
    page.get_by_role("link", name="Back to the figures").click()
    expect(page.get_by_role("heading", name="Penang", exact=True)).to_be_visible()


def test_the_whole_view_goes_down_and_comes_back(manager: User, page_as: PageAs) -> None:
    page = page_as(manager, "/performance/?period=2026-11&compare=year", viewport=DESKTOP)
    assert page.get_by_role("button", name="Show").count() == 0
    page.get_by_role("button", name="Formula: In force then").click()
    page.get_by_role("link", name="Today’s formulas").click()
    page.get_by_role("link", name="Penang", exact=True).click()
    page.get_by_role("link", name="Booking support").first.click()
    page.wait_for_url("**/performance/queues/**")
    for shown in ("period=2026-11", "compare=year", "formula=now"):
        assert shown in page.url
    expect(page.get_by_role("button", name="Compare: Nov 2025")).to_be_visible()
    page.get_by_role("navigation", name="Breadcrumb").get_by_role("link", name="Network").click()
    expect(page.get_by_role("heading", name="Network performance")).to_be_visible()
    for shown in ("period=2026-11", "compare=year", "formula=now"):
        assert shown in page.url


def test_another_site_is_compared_by_choosing_it(manager: User, page_as: PageAs) -> None:
    page = page_as(manager, "/performance/sites/PEN/?period=2026-11", viewport=DESKTOP)
    page.get_by_role("button", name="Compare: Oct 2026").click()
    page.get_by_label("Another site").select_option("site:CTU")
    page.wait_for_url("**/sites/PEN/?*compare=site*")
    expect(page.get_by_role("button", name="Compare: Chengdu")).to_be_visible()
    expect(page.get_by_role("columnheader", name="vs Chengdu")).to_be_visible()


def test_a_cell_of_the_heat_map_leads_to_its_days(manager: User, page_as: PageAs) -> None:
    page = page_as(manager, "/performance/sites/CTU/spread/service-level/?period=2026-10", viewport=DESKTOP)
    page.get_by_role("link", name="By half-hour").click()
    page.locator(".plot a").first.click()
    table = page.get_by_role("table").filter(has=page.get_by_role("columnheader", name="Day"))
    expect(table.get_by_role("row").nth(1)).to_be_visible()
    fits(page)
    axe(page)
    table.get_by_role("link").first.click()
    page.wait_for_url("**period=2026-10-*")
    expect(page.get_by_role("heading", name="Chengdu", exact=True)).to_be_visible()


def test_a_remark_on_a_queue_leads_back_to_where_it_began(manager: User, page_as: PageAs) -> None:
    queue = Queue.objects.order_by("pk")[0]
    page = page_as(manager, f"/performance/queues/{queue.pk}/?period=2026-11&formula=now", viewport=DESKTOP)
    page.get_by_role("link", name="Annotate").click()
    page.get_by_role("textbox", name="From", exact=True).fill("2026-11-03")
    page.get_by_label("Text", exact=True).fill("New routing")
    page.get_by_label("Kind").select_option("launch")
    page.get_by_role("button", name="Add annotation").click()
    page.wait_for_url(f"**/performance/queues/{queue.pk}/?period=2026-11&formula=now*")
    expect(page.locator(".plot").filter(has_text="New routing")).to_have_count(1)


def test_from_a_red_cell_to_why_to_the_queue_to_a_remark(manager: User, page_as: PageAs) -> None:
    page = page_as(manager, "/performance/?period=2026-11", viewport=DESKTOP)
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name="Penang", exact=True))
    red = row.get_by_role("cell").filter(has=page.get_by_text("Off target", exact=True)).first
    red.locator("a.cell").click()
    page.wait_for_url("**/performance/sites/PEN/?*kpi=service-level*")
    page.get_by_role("link", name="Why did it move?").first.click()
    page.wait_for_url("**/performance/sites/PEN/why/**")
    page.get_by_role("link", name="Queues", exact=True).click()
    page.wait_for_url("**by=queue*")
    page.get_by_role("table").get_by_role("link", name="Payments").first.click()
    page.wait_for_url("**/performance/queues/**")
    page.get_by_role("link", name="Annotate").click()
    page.get_by_role("textbox", name="From", exact=True).fill("2026-11-03")
    page.get_by_label("Text", exact=True).fill("Switch failed")
    page.get_by_label("Kind").select_option("outage")
    page.get_by_role("button", name="Add annotation").click()
    page.wait_for_url("**/performance/queues/**")
    expect(page.locator(".plot").filter(has_text="Switch failed")).to_have_count(1)
