"""What only a browser knows of how pages behave: swapped forms are ready at once, zoomed pages keep their width."""

import pytest
from playwright.sync_api import expect

from escalations import actions
from tests.browser.conftest import PageAs
from tests.browser.helpers import DESKTOP, PHONE, fits
from tests.escalations.pages_world import World, world

pytestmark = pytest.mark.browser

#: What 1280 px leave at 200 % zoom.
ZOOMED = {"width": 640, "height": 400}


@pytest.fixture
def here(fresh_database: object) -> World:
    return world()


def test_what_is_swapped_in_is_ready_before_the_next_key(here: World, page_as: PageAs) -> None:
    case = here.case()
    page = page_as(here.users["coordinator"], f"/cases/{case.ref}/")
    page.evaluate(
        """() => {
          window.order = [];
          // What a page asks for by itself (counts, panels) comes at its own time: only what the key asked for is told.
          const told = (event, what) => event.detail.pathInfo.requestPath.includes("/severity/") && order.push(what);
          addEventListener("htmx:afterSwap", (event) => setTimeout(() => told(event, "next key")));
          addEventListener("htmx:afterSettle", (event) => told(event, "ready"));
        }"""
    )
    page.keyboard.press("s")
    expect(page.get_by_label("Impact")).to_be_visible()
    page.wait_for_function("order.includes('next key')")
    assert page.evaluate("order.slice(0, 2)") == ["ready", "next key"]


def test_pages_keep_their_width_at_twice_the_size(here: World, page_as: PageAs) -> None:
    cases = [here.case("Guest locked out overnight with an infant " * 4) for _ in range(3)]
    page = page_as(here.users["coordinator"], "/queue/", viewport=ZOOMED)
    for path in ("/queue/", f"/cases/{cases[0].ref}/", "/cases/new/", "/account/", "/inbox/"):
        page.goto(path)
        fits(page)


def test_words_without_a_space_break(here: World, page_as: PageAs) -> None:
    owner = here.users["associate"]
    owner.name = "Wolkenstein-Trostburg " * 3 + "Donaudampfschifffahrtsgesellschaft"
    owner.save(update_fields=["name"])
    case = here.case("https://example.com/" + "0123456789" * 12)
    actions.assign(actor=here.actor("coordinator"), ref=case.pk, owner_id=owner.pk)
    page = page_as(here.users["coordinator"], f"/cases/{case.ref}/")
    for viewport in (PHONE, DESKTOP):
        page.set_viewport_size(viewport)
        for path in (f"/cases/{case.ref}/", "/", "/queue/", "/search/?q=example.com"):
            page.goto(path)
            fits(page)
