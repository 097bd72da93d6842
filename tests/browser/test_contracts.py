"""A contract in a real browser: defined by keyboard, disputed on a phone in Chinese, decided, frozen, and signed by both sides."""

from decimal import Decimal as D

import pytest
from playwright.sync_api import Page, expect

from kpis.actions import recompute, results
from kpis.models import Exclusion, Line, Statement
from tests.browser.conftest import PageAs
from tests.browser.helpers import DESKTOP, PHONE, axe, fits, shot
from tests.factories.files import PDF
from tests.kpis.contract_world import MONTH, World

pytestmark = pytest.mark.browser


@pytest.fixture
def here(fresh_database: object) -> World:
    """A site in Shanghai time with September's contacts and an invoice, and a person of each side."""
    made = World()
    made.site.name, made.site.name_zh = "Chengdu", "成都"
    made.site.save()
    made.usual()
    results.set_invoice(actor=made.by_manager, site=made.site, month=MONTH, amount=D(1000), currency="EUR")
    made.lead.language = "zh-hans"
    made.lead.save()
    return made


def looked_at(page: Page, name: str) -> None:
    """Nothing hinders anybody, in either theme, and nothing runs out of the page."""
    shot(page, f"contracts_{name}")
    fits(page)
    axe(page)


def by_tab(page: Page, target: str) -> None:
    """Go on with the Tab key until this element has the focus."""
    for _step in range(400):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", target):
            return
    raise AssertionError(f"the Tab key never comes to {target}")


def typed(page: Page, target: str, text: str) -> None:
    """Replace what a field says, by keyboard."""
    by_tab(page, target)
    page.keyboard.press("Control+a")
    page.keyboard.type(text)


def test_a_manager_defines_a_version_by_keyboard(here: World, page_as: PageAs) -> None:
    url = f"/performance/contracts/{here.contract.code}/"
    page = page_as(here.manager, url, viewport=DESKTOP)
    looked_at(page, "contract")
    by_tab(page, "a[href$='/version/']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/version/")
    looked_at(page, "version")
    by_tab(page, "main form button.btn--primary")
    page.keyboard.press("Enter")
    page.wait_for_url("**/v/2/")
    looked_at(page, "terms")
    typed(page, "[name='line-0-weight']", "0")
    typed(page, "[name='line-1-weight']", "0")
    page.keyboard.press("Enter")
    expect(page.locator("main [role='alert']").first).to_contain_text("All weights are 0")
    looked_at(page, "refused")
    by_tab(page, "[name='line-0-version']")
    page.keyboard.press("ArrowDown")
    typed(page, "[name='line-0-weight']", "70")
    typed(page, "[name='line-0-target']", "82.5")
    typed(page, "[name='line-1-weight']", "30")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{url}")
    kept = Line.objects.get(schedule__number=2, kpi__code="service-level")
    assert (kept.weight, kept.target) == (70, D("0.825"))
    page.goto(f"{url}what-if/")
    typed(page, "[name='target_service-level']", "75")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="The quarter as it was")).to_be_visible()
    looked_at(page, "what_if")


def test_from_the_dispute_on_a_phone_to_two_signatures(here: World, page_as: PageAs) -> None:
    lead = page_as(here.lead, f"/performance/exclusions/new/?site={here.site.code}", viewport=PHONE)
    disputed(lead)
    held = Exclusion.objects.get()
    manager = page_as(here.manager, f"/performance/exclusions/{held.pk}/", viewport=DESKTOP)
    effect = manager.locator("section[aria-labelledby='effect-h']")
    expect(effect).to_contain_text("77.78 → 112.00")
    expect(effect).to_contain_text("−80.00 EUR → 3.00% · 30.00 EUR")
    expect(manager.get_by_role("link", name="outage.pdf")).to_be_visible()
    looked_at(manager, "effect")
    manager.get_by_role("button", name="Approve").click()
    expect(manager.locator("main")).to_contain_text("Approved by both sides")
    recompute()
    url = f"/performance/results/{here.site.code}/2026-09/"
    manager.goto(url)
    looked_at(manager, "draft")
    manager.get_by_role("button", name="Freeze the month").click()
    expect(manager.locator("main")).to_contain_text("Frozen, revision 1")
    expect(manager.locator("section[aria-labelledby='statement-h']")).to_contain_text("30.00 EUR")
    manager.get_by_role("button", name="Sign for your side").click()
    expect(manager.get_by_role("button", name="Sign for your side")).to_have_count(0)
    lead.goto(url)
    looked_at(lead, "sign_phone_zh")
    lead.locator("section[aria-labelledby='statement-h'] button.btn--primary").click()
    expect(lead.locator("section[aria-labelledby='statement-h'] button")).to_have_count(0)
    assert Statement.objects.get().state == "signed"
    looked_at(lead, "signed_phone_zh")
    for path in (
        "/performance/contracts/",
        "/performance/exclusions/?state=all",
        "/performance/results/?month=2026-09",
    ):
        lead.goto(path)
        looked_at(lead, path.strip("/").split("/")[1] + "_phone_zh")


def disputed(page: Page) -> None:
    """A bad hour of the tenth, with evidence."""
    assert page.evaluate("document.documentElement.lang").startswith("zh")
    looked_at(page, "dispute_phone_zh")
    page.locator("[name='site']").select_option(index=1)
    page.locator("[name='since']").fill("2026-09-10T12:00")
    page.locator("[name='until']").fill("2026-09-10T13:00")
    page.locator("[name='reason']").select_option("outage")
    page.locator("[name='note']").fill("电话系统中断。")
    page.locator("[name='evidence']").set_input_files(
        {"name": "outage.pdf", "mimeType": "application/pdf", "buffer": PDF}
    )
    page.locator("main form button.btn--primary").click()
    page.wait_for_url("**/exclusions/*/")
    expect(page.locator("main")).to_contain_text("成都")
    expect(page.locator("section[aria-labelledby='effect-h']")).to_contain_text("77.78 → 112.00")
    expect(page.get_by_role("link", name="outage.pdf")).to_be_visible()
    looked_at(page, "disputed_phone_zh")
