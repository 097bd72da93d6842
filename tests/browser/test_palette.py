"""The palette by keyboard and by touch, in both languages: find, act, go; with Chinese being composed; and without script."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from escalations import actions
from portal.accounts.rules import SYSTEM
from tests.browser.conftest import PageAs
from tests.browser.helpers import DESKTOP, PHONE, axe, fits, shot
from tests.escalations.pages_world import World, world

pytestmark = pytest.mark.browser


@pytest.fixture
def here(fresh_database: object) -> World:
    return world()


def test_a_case_is_found_by_the_words_of_a_note_and_opened_by_keyboard(here: World, page_as: PageAs) -> None:
    case = here.case("Guest locked out overnight")
    actions.add_note(actor=SYSTEM, ref=case.pk, text="The deposit box was empty", shared=False)
    other = here.case("Another matter")
    page = page_as(here.users["associate"], f"/cases/{other.ref}/")
    page.locator("#case-more").focus()
    page.keyboard.press("Control+k")
    palette = page.get_by_role("dialog", name="Search and commands")
    field = palette.get_by_role("combobox")
    expect(field).to_be_focused()
    expect(palette.get_by_role("group", name=f"On {other.ref}").get_by_role("option", name="Assign A")).to_be_visible()
    page.keyboard.type("deposit bo")
    found = palette.get_by_role("option", name=f"{case.ref} Guest locked out overnight")
    expect(found).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", str(found.get_attribute("id")))
    expect(page.locator("#palette-status")).to_have_text("1 result")
    axe(page)
    page.keyboard.press("Escape")
    expect(palette).to_be_hidden()
    expect(page.locator("#case-more")).to_be_focused()
    page.keyboard.press("Control+k")
    expect(field).to_have_value("")
    page.keyboard.type("deposit bo")
    expect(found).to_be_visible()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"/cases/{case.ref}/$"))


def test_an_act_opens_its_form_and_a_note_its_field(here: World, page_as: PageAs) -> None:
    case = here.case("Guest locked out overnight")
    page = page_as(here.users["associate"], f"/cases/{case.ref}/")
    page.keyboard.press("Control+k")
    palette = page.get_by_role("dialog", name="Search and commands")
    page.keyboard.type("escal")
    expect(palette.get_by_role("option", name="Escalate E")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name=f"Escalate {case.ref}").get_by_role("textbox")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    page.keyboard.type("add no")
    expect(palette.get_by_role("option", name="Add note N")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(palette).to_be_hidden()
    expect(page.locator("#note-text")).to_be_focused()


def test_arrows_go_round_and_nothing_found_is_said(here: World, page_as: PageAs) -> None:
    page = page_as(here.users["associate"], "/inbox/")
    page.keyboard.press("Control+k")
    palette = page.get_by_role("dialog", name="Search and commands")
    chosen = palette.locator("[role=option][aria-selected=true]")
    first, last = palette.get_by_role("option").first, palette.get_by_role("option").last
    expect(first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowUp")
    expect(last).to_have_attribute("aria-selected", "true")
    expect(chosen).to_have_count(1)
    page.keyboard.press("ArrowDown")
    expect(first).to_have_attribute("aria-selected", "true")
    page.keyboard.type("qqzzxx")
    expect(page.locator("#palette-status")).to_have_text("Nothing found")
    expect(chosen).to_have_count(0)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/search/\?q=qqzzxx$"))


def test_while_chinese_is_composed_nothing_is_asked(here: World, page_as: PageAs) -> None:
    case = here.case("客人等待退款")
    user = here.users["associate"]
    user.language = "zh-hans"
    user.save(update_fields=["language"])
    page = page_as(user, "/inbox/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/ui/palette/" in request.url else None)
    page.keyboard.press("Control+k")
    expect(page.locator("#palette [role=option]").first).to_be_visible()
    asked.clear()
    page.evaluate(
        """() => {
          const field = document.getElementById("palette-q");
          field.dispatchEvent(new CompositionEvent("compositionstart"));
          field.value = "tui";
          field.dispatchEvent(new InputEvent("input", {isComposing: true, bubbles: true}));
          field.dispatchEvent(new KeyboardEvent("keydown", {key: "Enter", isComposing: true, bubbles: true}));
        }"""
    )
    # What was not put off by now would have been asked for: another request goes and comes back first.
    page.evaluate("new Promise(done => setTimeout(done, 200)).then(() => fetch('/healthz'))")
    assert asked == []
    page.evaluate(
        """() => {
          const field = document.getElementById("palette-q");
          field.value = "退款";
          field.dispatchEvent(new CompositionEvent("compositionend"));
        }"""
    )
    expect(page.locator("#palette [role=option]").filter(has_text=case.ref)).to_be_visible()
    assert len(asked) == 1
    shot(page, "palette-zh")


def test_an_answer_that_comes_too_late_is_dropped(here: World, page_as: PageAs) -> None:
    first, second = here.case("Zebra"), here.case("Giraffe")
    page = page_as(here.users["associate"], "/inbox/")
    held: list[Route] = []

    def hold(route: Route) -> None:
        if "q=zebra" in route.request.url:
            held.append(route)
        else:
            route.continue_()

    page.route("**/ui/palette/**", hold)
    page.keyboard.press("Control+k")
    with page.expect_request(re.compile("q=zebra")):
        page.keyboard.type("zebra")
    page.locator("#palette-q").fill("giraffe")
    options = page.locator("#palette [role=option]")
    expect(options.filter(has_text=second.ref)).to_be_visible()
    for route in held:
        route.abort()
    expect(options.filter(has_text=second.ref)).to_be_visible()
    expect(options.filter(has_text=first.ref)).to_have_count(0)


def test_enter_awaits_the_answer_to_what_was_typed(here: World, page_as: PageAs) -> None:
    case, other = here.case("Guest locked out overnight"), here.case("Another matter")
    page = page_as(here.users["associate"], f"/cases/{other.ref}/")
    held = _held(page, case.ref)
    page.keyboard.press("Control+k")
    options = page.locator("#palette [role=option]")
    expect(options.first).to_have_attribute("aria-selected", "true")
    with page.expect_request(re.compile(f"q={case.ref}")):
        page.keyboard.type(case.ref, delay=30)
        page.keyboard.press("Enter")
    # Neither arrows nor another Enter reach the options of the text before.
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.evaluate("fetch('/healthz')")
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(page).to_have_url(re.compile(rf"/cases/{other.ref}/$"))
    _next(page, held).continue_()
    assert held == []
    expect(page).to_have_url(re.compile(rf"/cases/{case.ref}/$"))


def test_an_enter_that_was_thought_better_of_does_nothing(here: World, page_as: PageAs) -> None:
    case = here.case("Zebras")
    page = page_as(here.users["associate"], "/inbox/")
    held = _held(page, "zebra")
    options = page.locator("#palette [role=option]")
    page.keyboard.press("Control+k")
    expect(options.first).to_be_visible()
    with page.expect_request(re.compile("q=zebra")):
        page.keyboard.type("zebra")
        page.keyboard.press("Enter")
    page.keyboard.type("s")
    expect(options.filter(has_text=case.ref)).to_be_visible()
    _next(page, held).abort()
    page.locator("#palette-q").fill("")
    expect(options.filter(has_text="New case")).to_be_visible()
    with page.expect_request(re.compile("q=zebra")):
        page.keyboard.type("zebra")
        page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    _next(page, held).abort()
    page.keyboard.press("Control+k")
    expect(options.filter(has_text="New case")).to_be_visible()
    # An answer that failed is none; the next Enter leads to the search.
    with page.expect_request(re.compile("q=zebra")):
        page.keyboard.type("zebra")
        page.keyboard.press("Enter")
    _next(page, held).fulfill(status=500, body='<a role="option" id="po-x" href="/people/">x</a>')
    expect(page.locator("#palette-status")).to_have_text("Nothing found")
    expect(page).to_have_url(re.compile(r"/inbox/$"))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/search/\?q=zebra$"))


def test_opened_again_at_once_it_lists_anew(here: World, page_as: PageAs) -> None:
    page = page_as(here.users["associate"], "/inbox/")
    page.keyboard.press("Control+k")
    options = page.locator("#palette [role=option]")
    expect(options.filter(has_text="New case")).to_be_visible()
    # The event of the closing comes when the window stands open again.
    page.evaluate(
        """() => {
          document.getElementById("palette").close();
          document.getElementById("palette-open").click();
        }"""
    )
    expect(options.filter(has_text="New case")).to_be_visible()


def _next(page: Page, held: list[Route]) -> Route:
    """What is held, as soon as it is: that a request was sent is known before it is caught."""
    for _turn in range(200):
        if held:
            break
        page.evaluate("fetch('/healthz')")
    return held.pop()


def _held(page: Page, text: str) -> list[Route]:
    """The questions for this text, which get no answer by themselves."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        if route.request.url.partition("?")[2].startswith(f"q={text}&"):
            held.append(route)
        else:
            route.continue_()

    page.route("**/ui/palette/**", hold)
    return held


def test_by_touch_and_on_a_phone(here: World, page_as: PageAs) -> None:
    here.case("Guest locked out overnight")
    page = page_as(here.users["associate"], "/inbox/", viewport=PHONE, has_touch=True)
    fits(page)
    page.locator("#palette-open").tap()
    palette = page.get_by_role("dialog", name="Search and commands")
    expect(palette.get_by_role("option").first).to_be_visible()
    fits(page)
    palette.get_by_role("combobox").fill("locked")
    option = palette.get_by_role("option").filter(has_text="Guest locked out")
    expect(option).to_be_visible()
    axe(page)
    shot(page, "palette-phone")
    option.tap()
    expect(page).to_have_url(re.compile(r"/cases/EC-\d+/$"))


def test_without_script_the_button_leads_to_the_search(here: World, page_as: PageAs) -> None:
    case = here.case("Guest <b>locked</b> out overnight")
    actions.add_note(actor=SYSTEM, ref=case.pk, text="The <i>deposit</i> box was empty", shared=False)
    page = page_as(here.users["associate"], "/inbox/", java_script_enabled=False)
    page.locator("#palette-open").click()
    expect(page).to_have_url(re.compile(r"/search/$"))
    _looked_for(page, "deposit")
    expect(page.locator("mark")).to_have_text("deposit")
    expect(page.locator("#hit-cases-1")).to_contain_text("The <i>deposit</i> box was empty")
    page.get_by_label("Kind").select_option("cases")
    _looked_for(page, "locked")
    page.get_by_label("State").select_option("ended")
    _looked_for(page, "locked")
    expect(page.get_by_text("Nothing found", exact=True)).to_be_visible()


def _looked_for(page: Page, text: str) -> None:
    page.get_by_label("Search for").fill(text)
    page.locator("#search-go").click()


def test_the_page_of_the_search_is_for_everybody(here: World, page_as: PageAs) -> None:
    case = here.case("Guest locked out overnight")
    actions.add_note(actor=SYSTEM, ref=case.pk, text="The deposit box was empty. 客人等待退款。", shared=False)
    page = page_as(here.users["associate"], "/search/?q=deposit&kind=cases")
    for width in (DESKTOP, PHONE):
        page.set_viewport_size(width)
        fits(page)
        axe(page)
        shot(page, f"search-{width['width']}")


def test_own_keys_of_a_page_stand_before_what_was_found(here: World, page_as: PageAs) -> None:
    case = here.case("New plumbing")
    page = page_as(here.users["administrator"], "/playbooks/")
    own = page.locator("main [data-key=c]")
    expect(own).to_contain_text("New playbook")
    page.keyboard.press("Control+k")
    page.keyboard.type("new pl")
    options = page.locator("#palette [role=option]")
    expect(options).to_have_text([re.compile("New playbook"), re.compile(f"{case.ref} New plumbing")])
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/playbooks/new/$"))
