"""KPIs of one's own, from component to matrix, in a real browser."""

from datetime import date, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import expect

from kpis.actions.facts import hand_in
from kpis.models import Kpi
from portal.accounts.models import User
from tests.browser.conftest import PageAs, administrator
from tests.browser.helpers import DESKTOP, PHONE, axe, fits, shot
from tests.databases import Database
from tests.factories.kpis import site_facts
from tests.factories.partners import PartnerFactory, SiteFactory

pytestmark = pytest.mark.browser
LAST = date(2026, 11, 15)
LIST = "/performance/definitions/"


@pytest.fixture
def manager(fresh_database: Database) -> User:
    """An administrator of a site with two weeks of figures."""
    site = SiteFactory(code="CEB", name="Cebu", name_zh="宿务", partner=PartnerFactory(name="Harbour"))
    site_facts(site, LAST - timedelta(days=13), LAST)
    return administrator()


def test_a_kpi_of_own_components_needs_no_code(manager: User, page_as: PageAs) -> None:
    page = page_as(manager, "/performance/definitions/components/")
    page.get_by_role("link", name="New component").press("Enter")
    page.get_by_role("button", name="Add").press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator("#id_code")).to_have_attribute("aria-invalid", "true")
    shot(page, "component_error")
    page.locator("#id_code").fill("complaints")
    page.locator("#id_name").fill("Complaints")
    page.locator("#id_name_zh").fill("投诉")
    page.locator("#id_unit").select_option(label="Number")
    page.locator("#id_name_zh").press("Enter")
    expect(page.get_by_role("link", name="Complaints")).to_be_visible()
    axe(page)
    shot(page, "components")

    site = SiteFactory._meta.model.objects.get(code="CEB")
    days = [date(2026, 11, 2) + timedelta(days=step) for step in range(7)]
    hand_in(key="complaints", component_code="complaints", rows=[(site.pk, None, None, day, 3) for day in days])

    page.goto(f"{LIST}new/")
    shot(page, "kpi_new")
    for name, value in {"code": "complaint-rate", "name": "Complaints per 1,000", "name_zh": "千次投诉", "scale": "1000",
                        "first": "2026-01-01", "position": "0"}.items():  # fmt: skip
        page.locator(f"#id_{name}").fill(value)
    page.locator("#id_unit").select_option(label="Number")
    page.locator("#id_direction").select_option("down")
    page.locator("#id_numerator-1").select_option("complaints")
    page.locator("#id_denominator-1").select_option("answered")
    page.get_by_role("button", name="Add").press("Enter")
    expect(page.get_by_text("Complaints per 1,000 =")).to_be_visible()
    expect(page.get_by_text("1,000 × Complaints ÷ Answered")).to_be_visible()
    shot(page, "kpi_own")

    out = StringIO()
    call_command("kpi_value", "complaint-rate", site="CEB", first="2026-11-02", last="2026-11-08", stdout=out)
    assert "numerator 21" in out.getvalue()
    value = f"{float(out.getvalue().split(': ')[1].split(';')[0]):.1f}"
    # Without a contract the matrix shows the first KPIs by their place.
    page.goto("/performance/?period=2026-W45")
    expect(page.get_by_role("table").first).to_contain_text("Complaints per 1,000")
    shot(page, "matrix_own")
    page.get_by_role("button", name="Export").press("Enter")
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").press("Enter")
    written = Path(download.value.path()).read_text(encoding="utf-8-sig")
    assert "complaint-rate" in written or "Complaints per 1,000" in written
    expect(page.locator("main td").filter(has_text=value).first).to_be_visible()


def test_a_formula_to_come_waits_for_its_day(manager: User, page_as: PageAs) -> None:
    page = page_as(manager, f"{LIST}service-level/")
    page.keyboard.press("e")
    ahead = timezone.now().date() + timedelta(days=5)
    page.locator("#id_first").fill(ahead.isoformat())
    page.locator("#id_numerator-1").select_option("answered")
    page.get_by_role("button", name="Save formula").press("Enter")
    expect(page.locator("#id_reason")).to_have_attribute("aria-invalid", "true")
    axe(page)
    shot(page, "formula_error")
    page.locator("#id_reason").fill("As the contract says")
    page.get_by_role("button", name="Save formula").press("Enter")
    expect(page.get_by_text("To come")).to_be_visible()
    expect(page.get_by_text("In force", exact=True)).to_be_visible()
    assert Kpi.objects.get(code="service-level").versions.count() == 2
    axe(page)
    shot(page, "definition_ahead")
    page.set_viewport_size(PHONE)
    page.emulate_media(color_scheme="dark")
    fits(page)
    shot(page, "definition_phone_dark")
    page.set_viewport_size(DESKTOP)
    page.get_by_role("button", name="Withdraw").press("Enter")
    expect(page.get_by_text("To come")).to_have_count(0)


def test_definitions_in_chinese_on_a_phone(manager: User, page_as: PageAs) -> None:
    manager.language = "zh-hans"
    manager.save()
    for name, url in {"definitions": LIST, "components": f"{LIST}components/", "kpi_new": f"{LIST}new/"}.items():
        page = page_as(manager, url, viewport=PHONE)
        fits(page)
        shot(page, f"{name}_phone_zh")
        page.context.close()
