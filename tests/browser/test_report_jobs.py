"""Report jobs and kinds of review in a real browser, on a desk and on a phone, in both languages."""

import pytest
from playwright.sync_api import expect

from portal.accounts.choices import Role
from portal.accounts.models import User
from reviews.actions.making import make_packs
from tests.browser.conftest import PageAs
from tests.browser.helpers import PHONE, axe, fits, shot
from tests.databases import Database
from tests.factories.partners import PartnerFactory, SiteFactory, user

pytestmark = pytest.mark.browser
JOBS, KINDS = "/reviews/jobs/", "/reviews/kinds/"


@pytest.fixture
def coordinator(fresh_database: Database) -> User:
    """Of a site with a lead."""
    site = SiteFactory(code="CEB", name="Cebu", name_zh="宿务", partner=PartnerFactory(name="Harbour"))
    lead = user(Role.PARTNER_LEAD, site=site)
    lead.name = "Lee Lead"
    lead.save()
    return user(Role.COORDINATOR, site=site)


def test_a_weekly_pack_is_scheduled_and_made_at_once(coordinator: User, page_as: PageAs) -> None:
    page = page_as(coordinator, JOBS)
    shot(page, "report_jobs_none")
    page.get_by_role("link", name="New report job").first.press("Enter")
    page.locator("#id_kind").select_option(label="Weekly pack")
    page.locator("#id_about").select_option(label="Cebu")
    page.locator("#id_at").fill("")
    page.get_by_role("button", name="Add job").press("Enter")
    expect(page.locator("#id_at")).to_have_attribute("aria-invalid", "true")
    shot(page, "report_job_error")
    page.locator("#id_at").fill("08:30")
    page.get_by_role("button", name="Add job").press("Enter")
    page.get_by_label("Lee Lead").check()
    axe(page)
    shot(page, "report_job_recipients")
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.get_by_text("Lee Lead")).to_be_visible()
    page.get_by_role("button", name="Make it now").press("Enter")
    expect(page.get_by_text("is being made").first).to_be_visible()
    assert make_packs() == 0, "it is not due"
    axe(page)
    shot(page, "report_job")
    page.set_viewport_size(PHONE)
    fits(page)
    shot(page, "report_job_phone")
    page.goto(JOBS)
    fits(page)
    shot(page, "report_jobs_phone")


def test_sections_are_put_in_order(coordinator: User, page_as: PageAs) -> None:
    coordinator.language = "zh-hans"
    coordinator.save()
    page = page_as(coordinator, KINDS)
    axe(page)
    shot(page, "review_kinds_zh")
    page.goto(f"{KINDS}weekly/change/")
    page.locator("#id_trends-on").uncheck()
    page.locator("#id_volume-position").fill("1")
    page.locator("#id_summary-position").fill("2")
    axe(page)
    shot(page, "review_kind_zh")
    page.set_viewport_size(PHONE)
    fits(page)
    shot(page, "review_kind_phone_zh")
    page.locator("form button[type=submit]").last.press("Enter")
    expect(page.locator("main table")).to_be_visible()
    fits(page)
