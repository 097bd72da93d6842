"""Working cases by keyboard in a real browser: the queue, the case, two people at once, and without script."""

import re

import pytest
from playwright.sync_api import Page, expect

from escalations import actions
from escalations.models import Case
from tests.browser.conftest import PageAs
from tests.browser.helpers import PHONE
from tests.escalations.pages_world import World, world

pytestmark = pytest.mark.browser


@pytest.fixture
def here(fresh_database: object) -> World:
    return world()


def cursor(page: Page) -> str | None:
    """The id of the row that the keyboard cursor stands on."""
    found: str | None = page.evaluate("document.querySelector('[data-rows] [aria-current=true]')?.id")
    return found


def test_assigning_from_the_queue_without_a_mouse(here: World, page_as: PageAs) -> None:
    cases = [here.case(f"Case {n}") for n in range(4)]
    page = page_as(here.users["coordinator"], "/queue/")
    for key in ("j", "x", "j", "x", "a"):
        page.keyboard.press(key)
    owner = page.get_by_label("Assign to")
    expect(owner).to_be_focused()
    owner.select_option(label="Associate (0 open)")
    page.get_by_role("button", name="Assign", exact=True).last.click()
    expect(page.locator("#toasts")).to_contain_text("2 cases given to Associate")
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.locator("tr", has_text="Associate")).to_have_count(2)
    assert cursor(page) == f"c{cases[1].pk}"
    expect(page.locator("tbody :checked")).to_have_count(0)
    page.keyboard.press("o")
    expect(page).to_have_url(re.compile(rf"/cases/{cases[1].ref}/$"))


def test_news_come_by_themselves_and_disturb_nothing(here: World, page_as: PageAs) -> None:
    first, second = here.case("First"), here.case("Second")
    page = page_as(here.users["coordinator"], "/queue/")
    for key in ("j", "j"):
        page.keyboard.press(key)
    actions.set_state(actor=here.actor("manager"), ref=first.pk, verb="triage")
    page.evaluate("htmx.trigger('#results', 'portal:poll')")
    expect(page.locator(f"#c{first.pk}")).to_contain_text("Triaged")
    assert cursor(page) == f"c{second.pk}"
    expect(page.locator(f"#open-{second.pk}")).to_be_focused()


def test_severity_with_its_preview_and_undo(here: World, page_as: PageAs) -> None:
    case = here.case()
    page = page_as(here.users["coordinator"], f"/cases/{case.ref}/")
    page.keyboard.press("s")
    page.get_by_label("Impact").select_option("people")
    page.get_by_label("Urgency").select_option("now")
    expect(page.locator("#severity-preview")).to_contain_text("S1")
    page.get_by_role("button", name="Set severity").click()
    expect(page.locator("#case-head")).to_contain_text("S1")
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.keyboard.press("z")
    expect(page.locator("#toasts")).to_contain_text("undone")
    case.refresh_from_db()
    assert case.severity == 3


def test_the_words_stay_when_somebody_else_was_faster(here: World, page_as: PageAs) -> None:
    case = here.case()
    page = page_as(here.users["coordinator"], f"/cases/{case.ref}/")
    page.keyboard.press("a")
    note = page.get_by_label("Handover note")
    note.fill("My long handover note")
    page.get_by_label("Assign to").select_option(label="Associate (0 open)")
    actions.set_state(actor=here.actor("manager"), ref=case.pk, verb="triage")
    page.get_by_role("button", name="Assign", exact=True).last.click()
    toast = page.locator("#toasts .toast")
    expect(toast).to_contain_text("Not saved. Manager changed this case a moment ago.")
    expect(toast.get_by_role("link", name="Reload")).to_be_visible()
    expect(note).to_have_value("My long handover note")
    assert Case.objects.get(pk=case.pk).owner_id is None


def test_a_note_by_keyboard_clears_the_composer(here: World, page_as: PageAs) -> None:
    case = here.case()
    page = page_as(here.users["associate"], f"/cases/{case.ref}/")
    page.keyboard.press("n")
    page.keyboard.type("Called the host twice")
    page.get_by_role("button", name="Add note").click()
    expect(page.locator(".timeline")).to_contain_text("Called the host twice")
    expect(page.locator("#note-text")).to_have_value("")


def test_everything_works_without_script_on_a_phone(here: World, page_as: PageAs) -> None:
    case = here.case()
    page = page_as(here.users["coordinator"], "/queue/", java_script_enabled=False, viewport=PHONE)
    page.get_by_role("link", name="All filters").click()
    page.get_by_label("Text").fill("locked")
    page.get_by_role("button", name="Show cases").click()
    page.get_by_role("link", name="Guest locked out").click()
    page.get_by_role("link", name="Assign", exact=True).click()
    page.get_by_label("Assign to").select_option(label="Associate (0 open)")
    page.get_by_role("button", name="Assign", exact=True).click()
    expect(page.locator("#case-rail")).to_contain_text("Associate")
    page.get_by_role("button", name="Mark triaged").click()
    expect(page.locator("#case-head")).to_contain_text("Triaged")
    assert Case.objects.get(pk=case.pk).state == "triaged"
