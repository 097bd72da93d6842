"""Signals, saved views and their mail in a real browser: by keyboard, on a phone, in Chinese."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from kpis.actions.alerts import look_for_signals
from kpis.models import AlertEvent, Follow, Mailing
from portal.accounts.choices import Role
from portal.accounts.models import User
from portal.notifications.delivery.fanout import fan_out_batch
from tests.browser.conftest import PageAs
from tests.browser.helpers import DESKTOP, PHONE, axe, fits, focused, shot
from tests.databases import Database
from tests.factories.partners import PartnerFactory, ProgrammeFactory, QueueFactory, SiteFactory, user
from tests.kpis.following import NOW, steady_weeks, under_contract

pytestmark = pytest.mark.browser
ALERTS = "/performance/alerts/"
LONG = "Guest support for long stays, cancellations and everything else in the south"


@pytest.fixture
def queue(fresh_database: Database) -> Any:
    """A queue of a site under contract, whose last week went wrong."""
    site = SiteFactory(code="CEB", name="Cebu", name_zh="宿务", partner=PartnerFactory(name="Harbour"))
    made = QueueFactory(programme=ProgrammeFactory(site=site, name=LONG))
    under_contract(site)
    return made


@pytest.fixture
def reader(queue: Any) -> User:
    """A coordinator of the site."""
    return user(Role.COORDINATOR, site=queue.programme.site)


def looks_right(page: Page, name: str) -> None:
    """In both themes and on a phone."""
    shot(page, name)
    axe(page)
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size(PHONE)
    fits(page)
    shot(page, f"{name}_phone_dark")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(DESKTOP)


def test_a_signal_is_followed_found_in_the_inbox_and_seen_as_a_chart(queue: Any, reader: User, page_as: PageAs) -> None:
    page = page_as(reader, ALERTS)
    expect(page.get_by_text("Nothing has crossed red")).to_be_visible()
    looks_right(page, "alerts_none")
    page.locator("#id_site").select_option(label="Cebu")
    page.get_by_role("button", name="Follow", exact=True).press("Enter")
    expect(page.locator("#follows li")).to_contain_text("All KPIs · Cebu")
    assert Follow.objects.get().user == reader
    steady_weeks(queue, 690)
    assert look_for_signals(NOW) == 2
    fan_out_batch()
    page.goto("/inbox/")
    page.get_by_role("link", name="2 new signals").click()
    page.wait_for_url(f"**{ALERTS}")
    looks_right(page, "alerts")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Cebu: Service level")
    expect(page.locator(".plot")).to_be_visible()
    expect(page.locator("main p", has_text="below the lower limit: a signal, not chance")).to_be_visible()
    looks_right(page, "alert")
    page.get_by_role("link", name="Open the scorecard").click()
    expect(page.get_by_role("heading", name="Service level: signal or noise")).to_be_visible()
    page.goto(ALERTS)
    page.get_by_role("button", name="Stop following").press("Enter")
    expect(page.get_by_text("Nothing yet. New signals of what you follow")).to_be_visible()
    assert not Follow.objects.exists()


def test_a_signal_in_chinese(queue: Any, reader: User, page_as: PageAs) -> None:
    reader.language = "zh-hans"
    reader.save()
    steady_weeks(queue, 690)
    look_for_signals(NOW)
    page = page_as(reader, f"{ALERTS}{AlertEvent.objects.filter(kind='red').get().pk}/", viewport=PHONE)
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_contain_text("宿务")
    expect(heading).to_contain_text("69.0%")
    fits(page)
    shot(page, "alert_phone_zh")
    page.goto(ALERTS)
    fits(page)
    shot(page, "alerts_phone_zh")


def test_a_view_is_saved_renamed_and_mailed_monthly_by_keyboard(queue: Any, reader: User, page_as: PageAs) -> None:
    steady_weeks(queue, 690)
    page = page_as(reader, "/performance/views/")
    expect(page.get_by_text("No saved views")).to_be_visible()
    page.goto("/performance/sites/CEB/?period=2026-W46")
    page.get_by_role("button", name="Views").press("Enter")
    page.locator("#view-name").fill("Mondays")
    page.keyboard.press("Enter")
    page.wait_for_url("**/performance/views/")
    looks_right(page, "views")
    page.get_by_role("link", name="Rename or mail Mondays").press("Enter")
    page.locator("#id_name").fill(LONG)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(LONG)
    page.locator("#id_every").select_option("month")
    page.locator("#id_monthday").select_option(label="the last one")
    page.locator("#id_at").fill("")
    page.get_by_role("button", name="Mail it").press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator("#id_at")).to_have_attribute("aria-invalid", "true")
    assert not Mailing.objects.exists()
    looks_right(page, "view_error")
    page.locator("#id_at").fill("08:00")
    page.locator("#id_at").focus()
    while focused(page) == "id_at":
        # Hours, minutes and the picker are stops of their own.
        page.keyboard.press("Tab")
    assert focused(page) == "mail-it"
    page.keyboard.press("Enter")
    expect(page.get_by_text("It is mailed to you as a PDF")).to_be_visible()
    assert (Mailing.objects.get().every, Mailing.objects.get().monthday) == ("month", 31)
    looks_right(page, "view")
    page.goto("/performance/views/")
    page.get_by_role("link", name=LONG, exact=True).press("Enter")
    page.wait_for_url("**/performance/sites/CEB/?period=2026-W46")
