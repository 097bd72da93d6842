"""A pack in a real browser: the manager comments, the lead acknowledges on a phone in Chinese, the manager publishes, its hash is checked."""

import re

import pytest
from playwright.sync_api import Page, expect

from reviews.actions.freezing import freeze
from reviews.models import Pack
from tests.browser.conftest import PageAs
from tests.browser.helpers import DESKTOP, PHONE, arrived, axe, fits, shot
from tests.reviews.pack_world import World
from tests.reviews.packing import a_site, frozen_pack

pytestmark = pytest.mark.browser


@pytest.fixture
def here(fresh_database: object) -> World:
    """A weekly pack of real figures with a red line; its lead reads Chinese."""
    made = World(site=a_site(level=0.5, name="Chengdu", name_zh="成都"), first_day="2026-10-26", last_day="2026-11-01")
    made.lead.language = "zh-hans"
    made.lead.save()
    made.pack = frozen_pack(made.site)
    return made


def looked_at(page: Page, name: str) -> None:
    """Nothing hinders anybody, in either theme, and nothing runs out of the page."""
    shot(page, f"packs_{name}")
    fits(page)
    axe(page)


def test_from_the_first_comment_to_the_checked_hash(here: World, page_as: PageAs) -> None:
    manager = page_as(here.manager, "/reviews/packs/", viewport=DESKTOP)
    looked_at(manager, "archive")
    manager.locator(f"#pack-{here.pack.pk} a.rowlink").click()
    looked_at(manager, "draft")
    while (form := arrived(manager).locator("li:has(.badge[data-tone=amber]) form").first).count():
        form.locator("textarea").fill("Two were ill, and a storm closed the road.")
        form.locator("button").click()
        expect(manager.locator(".toast").first).to_be_visible()
    acknowledge = manager.get_by_role("button", name="Acknowledge")
    acknowledge.click()
    expect(manager.locator("section[aria-labelledby='sides-h']")).to_contain_text("Maria Manager")
    lead = page_as(here.lead, "/", viewport=PHONE)
    expect(lead.locator("#home-packs")).to_be_visible()
    lead.locator(f"section[aria-labelledby='home-packs'] a[href$='/packs/{here.pack.pk}/']", has_text="成都").click()
    lead.wait_for_url(f"**/reviews/packs/{here.pack.pk}/")
    looked_at(lead, "acknowledging_zh")
    lead.locator("form[action$='/acknowledge/'] button").click()
    expect(lead.locator("section[aria-labelledby='sides-h']")).to_contain_text("Li Lead")
    here.lead.name = "Ana Marchenko Herrera"
    here.lead.save()
    lead.reload()
    expect(lead.locator("section[aria-labelledby='sides-h']")).to_contain_text(here.lead.name)
    fits(lead)
    manager.reload()
    manager.get_by_role("button", name="Publish").click()
    expect(manager.get_by_role("button", name="Publish")).to_have_count(0)
    looked_at(manager, "published")
    content = Pack.objects.get(pk=here.pack.pk).content_hash
    manager.get_by_role("link", name=content).click()
    expect(manager.locator("main")).to_contain_text(re.compile("It is this pack"))
    looked_at(manager, "checked")
    revised(manager, here)


def test_an_action_is_raised_from_an_exception(here: World, page_as: PageAs) -> None:
    page = page_as(here.coordinator, f"/reviews/packs/{here.pack.pk}/", viewport=DESKTOP)
    line = here.pack.lines.get(key="service-level")
    row = page.locator("tr", has=page.get_by_role("rowheader", name="Service level"))
    expect(row.get_by_role("link", name="Raise an action on Service level")).to_be_visible()
    page.locator(f"#line-{line.pk}").get_by_role("link", name="Raise an action on Service level").click()
    expect(page.get_by_text("Comes out of: ")).to_contain_text("Service level")
    page.get_by_label("What is to be done").fill("Coach the late shift")
    page.get_by_label("Owner").select_option(label="Li Lead")
    looked_at(page, "action_from_line")
    page.get_by_role("button", name="Raise the action").click()
    page.locator(f"a[href='/reviews/packs/{here.pack.pk}/#line-{line.pk}']").click()
    expect(page.locator(f"#line-{line.pk}")).to_contain_text("Coach the late shift")
    looked_at(page, "line_with_action")
    phone = page_as(here.lead, f"/reviews/packs/{here.pack.pk}/", viewport=PHONE)
    looked_at(phone, "lines_on_a_phone")


def revised(page: Page, here: World) -> None:
    """A revision is begun, and its page goes on by itself."""
    page.goto(f"/reviews/packs/{here.pack.pk}/")
    page.locator("summary", has_text="Make a revision").click()
    page.locator("[name=reason]").fill("A day was missing.")
    page.locator("form[action$='/revise/'] button").click()
    expect(page.locator("#progress")).to_contain_text("The numbers are being frozen")
    made = Pack.objects.get(site=here.site, first_day=here.pack.first_day, revision=2)
    frozen_again(made)
    expect(page.locator("#exceptions-h")).to_be_visible(timeout=15_000)
    page.get_by_role("link", name="What has changed").click()
    looked_at(page, "changes")


def frozen_again(pack: Pack) -> None:
    """As a worker would."""
    assert freeze(pack.pk)
