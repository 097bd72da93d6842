"""A brief in a real browser: from the case's rail to a version, a copy and its paper; on a desktop and on a phone."""

import pytest
from playwright.sync_api import Page, expect

from escalations.models import Brief
from tests.browser.conftest import PageAs
from tests.browser.helpers import DESKTOP, PHONE, SCHEMES, axe, fits, shot
from tests.escalations.briefing import rich_case, written
from tests.escalations.pages_world import World, world

pytestmark = pytest.mark.browser


@pytest.fixture
def here(fresh_database: object) -> World:
    return world()


def looks(page: Page, name: str) -> None:
    """At both sizes, light and dark."""
    for size, viewport in (("1440", DESKTOP), ("390", PHONE)):
        page.set_viewport_size(viewport)
        fits(page)
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            shot(page, f"{name}-{size}-{scheme}")
    page.set_viewport_size(DESKTOP)
    axe(page)


def test_a_brief_is_written_from_the_rail_and_given(here: World, page_as: PageAs) -> None:
    case = rich_case(here)
    page = page_as(here.users["associate"], f"/cases/{case.ref}/")
    page.get_by_role("link", name="Write a brief").click()
    expect(page.get_by_role("heading", level=1, name=f"Brief of {case.ref}")).to_be_visible()
    looks(page, "brief-draft")
    page.get_by_label("Situation", exact=True).fill("A family of four stands before a locked flat.")
    page.get_by_label("Next step").fill("Ask Associate to call again")
    page.get_by_role("button", name="Write this version").click()
    expect(page.get_by_text("Take out: Associate").first).to_be_visible()
    page.get_by_label("Next step").fill("Confirm the new key code by phone")
    page.get_by_role("button", name="Write this version").click()
    expect(page.get_by_role("heading", name="What changed")).to_be_visible()
    looks(page, "brief")
    page.get_by_role("link", name="Outside").click()
    expect(page.get_by_text("A family of four")).to_have_count(0)
    page.get_by_role("link", name="Give a copy").click()
    page.get_by_label("Somebody of the portal").select_option(label="Lead")
    page.get_by_label("Level", exact=True).select_option(label="Outside")
    looks(page, "brief-give")
    page.get_by_role("button", name="Give a copy").click()
    expect(page.get_by_text("Copy for Lead · Outside · version 1")).to_be_visible()
    looks(page, "brief-copy")
    with page.expect_download() as paper:
        page.get_by_role("link", name="As PDF").click()
    assert paper.value.suggested_filename == f"brief-{case.ref}-v1-outside.pdf"


def test_the_rail_and_the_list_show_versions(here: World, page_as: PageAs) -> None:
    case = rich_case(here)
    written(here, case)
    written(here, case, language="zh-hans", situation="客人带着两个孩子站在锁着的门前，没有地方过夜。")
    assert Brief.objects.count() == 2
    page = page_as(here.users["service_lead"], f"/cases/{case.ref}/")
    expect(page.get_by_role("link", name="Version 2")).to_be_visible()
    looks(page, "brief-rail")
    page.get_by_role("link", name="All versions").click()
    expect(page.get_by_role("link", name="Version 1")).to_be_visible()
    looks(page, "brief-list")
    page.get_by_role("link", name="Version 2").click()
    expect(page.get_by_text("客人带着两个孩子")).to_be_visible()
    looks(page, "brief-zh")
