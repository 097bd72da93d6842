"""My day in a real browser: the first piece at once, the others after it; without script each is a page."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PageAs
from tests.browser.helpers import DESKTOP, PHONE, axe, fits, shot
from tests.escalations.pages_world import World, world
from tests.factories.handing import ConsultFactory

pytestmark = pytest.mark.browser


@pytest.fixture
def here(fresh_database: object) -> World:
    """Cases of a site, a question to a colleague; the coordinator reads English, the associate Chinese."""
    made = world()
    for number in range(3):
        made.case(f"Guest locked out {number}")
    asked = made.case("客人被锁在门外")
    ConsultFactory(case=asked, asked_by=made.users["service_lead"], to_user=made.users["associate"])
    made.users["associate"].language = "zh-hans"
    made.users["associate"].save()
    return made


def test_the_pieces_of_the_day_come_after_the_page(here: World, page_as: PageAs) -> None:
    page = page_as(here.users["coordinator"], "/", viewport=DESKTOP)
    expect(page.locator("#home-breaching")).to_be_visible()
    expect(page.locator("#home-waiting")).to_be_visible()
    expect(page.locator("#home-new_cases")).to_be_visible()
    expect(page.locator("#home-pulse")).to_be_visible()
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    expect(page.locator("section[aria-labelledby=home-waiting]")).to_contain_text("Cases that nobody works yet")
    shot(page, "day_coordinator")
    fits(page)
    axe(page)
    page.locator("section[aria-labelledby=home-acts]").get_by_role("link", name="New case").click()
    page.wait_for_url("**/cases/new/")


def test_the_day_of_an_associate_on_a_phone_in_chinese(here: World, page_as: PageAs) -> None:
    page = page_as(here.users["associate"], "/", viewport=PHONE)
    expect(page.locator("#home-mine")).to_be_visible()
    expect(page.locator("#home-consults")).to_be_visible()
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    shot(page, "day_associate_zh")
    fits(page)
    axe(page)


def test_without_script_each_piece_has_a_page(here: World, page_as: PageAs) -> None:
    page = page_as(here.users["coordinator"], "/", java_script_enabled=False, viewport=PHONE)
    expect(page.locator("#home-breaching")).to_be_visible()
    page.get_by_role("link", name="Waits for you").click()
    page.wait_for_url("**/day/waiting/")
    expect(page.locator("#home-waiting")).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="My day").click()
    expect(page.get_by_role("link", name="Packs that wait for you")).to_be_visible()
