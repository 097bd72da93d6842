"""The gallery of components: how the pieces look and what the keys do."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PageAs, administrator
from tests.browser.helpers import DESKTOP, PHONE, axe, fits, focused, shot

pytestmark = pytest.mark.browser
GALLERY = "/ui/components/"


@pytest.fixture
def gallery(shared_page_as: PageAs) -> Page:
    return shared_page_as(administrator(), GALLERY)


def test_no_serious_accessibility_problem_and_no_sideways_scroll(gallery: Page) -> None:
    axe(gallery)
    shot(gallery, "components")
    for width in (PHONE, {"width": 768, "height": 1024}, DESKTOP, {"width": 1920, "height": 1080}):
        gallery.set_viewport_size(width)
        fits(gallery)
    gallery.set_viewport_size(PHONE)
    axe(gallery)
    gallery.get_by_role("button", name="Open navigation").click()
    expect(gallery.locator("#side")).to_be_visible()
    axe(gallery)


def test_j_and_k_move_a_cursor_with_real_focus(gallery: Page) -> None:
    current = gallery.locator("tr[aria-current=true]")
    expect(current).to_have_count(0)
    gallery.keyboard.press("j")
    expect(current).to_have_id("c20418")
    assert gallery.evaluate("document.activeElement.classList.contains('rowlink')")
    gallery.keyboard.press("j")
    gallery.keyboard.press("j")
    gallery.keyboard.press("j")
    expect(current).to_have_id("c20420")
    gallery.keyboard.press("k")
    expect(current).to_have_id("c20419")
    gallery.keyboard.press("o")
    expect(gallery).to_have_url(re.compile(r"\?case=20419$"))


def test_x_selects_and_shift_x_selects_a_range(gallery: Page) -> None:
    bulk = gallery.get_by_role("toolbar", name="Bulk actions")
    expect(bulk).to_be_hidden()
    gallery.keyboard.press("j")
    gallery.keyboard.press("x")
    expect(bulk).to_contain_text("1 selected")
    gallery.keyboard.press("j")
    gallery.keyboard.press("j")
    gallery.keyboard.press("Shift+X")
    expect(bulk).to_contain_text("3 selected")
    expect(gallery.locator("[data-select-all]")).to_be_checked()
    gallery.keyboard.press("Escape")
    expect(bulk).to_be_hidden()


def test_a_bulk_key_without_a_selection_takes_the_cursor_row(gallery: Page) -> None:
    gallery.keyboard.press("j")
    gallery.keyboard.press("a")
    expect(gallery.get_by_role("dialog", name="Assign")).to_be_visible()
    expect(gallery.locator("#c20418 input")).to_be_checked()
    gallery.keyboard.press("Escape")
    expect(gallery.get_by_role("dialog", name="Assign")).to_be_hidden()


def test_keys_are_off_while_typing_and_without_the_users_wish(shared_page_as: PageAs) -> None:
    user = administrator("Una Typist")
    page = shared_page_as(user, GALLERY)
    page.get_by_label("Message").first.fill("")
    page.keyboard.type("jcx?")
    expect(page.get_by_label("Message").first).to_have_value("jcx?")
    expect(page.locator("dialog[open], tr[aria-current=true]")).to_have_count(0)
    user.shortcuts_enabled = False
    user.save()
    page.reload()
    page.keyboard.press("j")
    page.keyboard.press("?")
    expect(page.locator("dialog[open], tr[aria-current=true]")).to_have_count(0)
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog", name="Search and commands")).to_be_visible()


def test_the_palette_opens_goes_and_gives_the_focus_back(gallery: Page) -> None:
    gallery.locator("#c20419 .rowlink").focus()
    gallery.keyboard.press("Control+k")
    palette = gallery.get_by_role("dialog", name="Search and commands")
    expect(palette.get_by_role("option", name="New case")).to_be_visible()
    axe(gallery)
    gallery.keyboard.press("Escape")
    expect(palette).to_be_hidden()
    assert gallery.evaluate("document.activeElement.closest('tr').id") == "c20419"
    gallery.keyboard.press("/")
    gallery.keyboard.type("my d")
    expect(palette.get_by_role("option")).to_have_count(1)
    gallery.keyboard.press("Enter")
    expect(gallery).to_have_url(re.compile(r":\d+/$"))


def test_the_list_of_keys_has_those_of_this_page(gallery: Page) -> None:
    gallery.keyboard.press("?")
    dialog = gallery.get_by_role("dialog", name="Keyboard shortcuts")
    for words in ("Next, previous row", "New case", "Export", "Assign", "My day"):
        expect(dialog.get_by_text(words, exact=True)).to_be_visible()
    axe(gallery)


def test_g_then_a_letter_goes_there(gallery: Page) -> None:
    gallery.keyboard.press("g")
    gallery.keyboard.press("h")
    expect(gallery).to_have_url(re.compile(r":\d+/$"))


def test_clocks_tick_change_their_state_and_say_so(shared_page_as: PageAs) -> None:
    page = shared_page_as(administrator(), "about:blank")
    page.clock.install()
    page.goto(GALLERY)
    pills = page.locator("#clocks .sla[data-due]")
    expect(pills.nth(1)).to_have_attribute("data-state", "warn")
    expect(pills.nth(2)).to_have_text("Due now: 4m")
    page.clock.fast_forward("05:00")
    expect(pills.nth(0)).to_have_text("2h 05m")
    expect(pills.nth(2)).to_have_attribute("data-state", "breached")
    expect(pills.nth(2)).to_contain_text("over")
    expect(page.locator("#announcer")).to_contain_text("Past due")
    page.clock.fast_forward("05:00")
    expect(pills.nth(1)).to_have_attribute("data-state", "late")


def test_errors_have_the_focus_and_lead_to_their_fields(gallery: Page) -> None:
    assert focused(gallery) == "form-errors"
    gallery.get_by_role("link", name="First shift: Choose today or later.").click()
    assert focused(gallery) == "id_first_shift"
    field = gallery.locator("#id_first_shift")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description("Choose today or later.")
    expect(gallery.locator("#id_title")).to_have_accessible_description("One line, no names.")


def test_the_theme_is_remembered(gallery: Page) -> None:
    gallery.get_by_role("button", name="Account menu").click()
    gallery.get_by_role("button", name="Theme: match system").click()
    expect(gallery.locator("html")).to_have_attribute("data-theme", "light")
    gallery.get_by_role("button", name="Account menu").click()
    gallery.get_by_role("button", name="Theme: light").click()
    expect(gallery.locator("html")).to_have_attribute("data-theme", "dark")
    assert gallery.url.endswith(GALLERY)
