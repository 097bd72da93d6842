"""An action from a scorecard to its verification in a real browser: wide and on a phone, in both languages."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PageAs
from tests.browser.helpers import axe, fits, shot
from tests.escalations.pages_world import World, world
from tests.reviews.action_world import done, in_days, raised

pytestmark = pytest.mark.browser
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture
def made(live_portal: str) -> World:
    return world()


def checked(page: Page, name: str) -> None:
    fits(page)
    axe(page)
    shot(page, name)


def test_raise_do_and_verify(made: World, page_as: PageAs) -> None:
    page = page_as(made.users["coordinator"], "/reviews/actions/new/", viewport=WIDE)
    page.get_by_label("What is to be done").fill("Coach the late shift")
    page.get_by_label("Owner").select_option(label="Lead")
    page.get_by_label("KPI that it is to move").select_option(label="Service level")
    page.get_by_label("Expected change").fill("5")
    checked(page, "action_new")
    page.get_by_role("button", name="Raise the action").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Coach the late shift")
    url = page.url.split("/", 3)[3]
    lead = page_as(made.users["lead"], f"/{url}", viewport=PHONE)
    lead.get_by_role("button", name="Take it on").click()
    lead.locator("summary", has_text="It is done").click()
    lead.get_by_label("What shows that it is done").fill("Two more on Monday")
    checked(lead, "action_phone")
    lead.get_by_role("button", name="It is done").click()
    expect(lead.get_by_text("Done: somebody else verifies it")).to_be_visible()
    page.reload()
    page.locator("summary", has_text="Verify").click()
    page.get_by_role("button", name="Verify").click()
    expect(page.locator(".head-meta")).to_contain_text("Verified")
    checked(page, "action_verified")


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_list_and_board(made: World, page_as: PageAs, viewport: dict[str, int], language: str) -> None:
    for at in range(3):
        raised(made, title=f"Renew the headsets of team {at}", due_at=in_days(at + 1))
    done(made, raised(made, title="Call the landlord"))
    user = made.users["coordinator"]
    user.language = language
    user.save()
    page = page_as(user, "/reviews/actions/", viewport=viewport)
    expect(page.locator("tbody tr")).to_have_count(3)
    checked(page, f"actions_{language}_{viewport['width']}")
    page.goto(page.url + "board/")
    expect(page.locator(".cards li")).to_have_count(4)
    checked(page, f"action_board_{language}_{viewport['width']}")
