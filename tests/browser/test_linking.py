"""Hints while a case is typed, links and splitting in a real browser: by keyboard, with and without script."""

import re

import pytest
from playwright.sync_api import expect

from escalations import actions
from portal.accounts.rules import SYSTEM
from tests.browser.conftest import PageAs
from tests.browser.helpers import DESKTOP, PHONE, axe, too_wide
from tests.escalations.pages_world import World, world

pytestmark = pytest.mark.browser


@pytest.fixture
def here(fresh_database: object) -> World:
    return world()


def test_a_hint_comes_while_typing_and_the_case_can_be_raised_all_the_same(here: World, page_as: PageAs) -> None:
    known = here.case("Refund for cancelled stay not arrived")
    page = page_as(here.users["coordinator"], "/cases/new/")
    page.get_by_label("Subject").press_sequentially("Refund for cancelled stay has not arrived")
    hint = page.locator("#similar")
    expect(hint).to_contain_text("May be the same as")
    expect(hint.get_by_role("link", name=known.ref)).to_be_visible()
    assert hint.get_attribute("role") == "status"
    # Typing goes on where it was, and what no longer fits goes away.
    expect(page.get_by_label("Subject")).to_be_focused()
    page.get_by_label("Subject").fill("Key lost in the lake")
    expect(hint).to_be_empty()
    page.get_by_label("Subject").fill("Refund for cancelled stay not arrived")
    expect(hint).to_contain_text(known.ref)
    page.keyboard.press("Tab")
    expect(hint.get_by_role("link", name=known.ref)).to_be_focused()
    axe(page)
    page.get_by_label("What happened").fill("Nothing came.")
    page.get_by_label("Service").select_option(label="Social media")
    page.get_by_label("Impact").select_option(label="Money")
    page.get_by_label("Urgency").select_option(label="This week")
    page.get_by_role("button", name="Create case").click()
    expect(page).to_have_url(re.compile(r"/cases/EC-\d+/$"))


def test_without_script_one_looks_before_a_case_is_raised_twice(here: World, page_as: PageAs) -> None:
    known = here.case("Refund for cancelled stay not arrived")
    page = page_as(here.users["coordinator"], "/cases/new/", java_script_enabled=False)
    page.get_by_label("Subject").fill("Refund for cancelled stay has not arrived")
    page.get_by_label("What happened").fill("Nothing came.")
    page.get_by_label("Service").select_option(label="Social media")
    page.get_by_label("Impact").select_option(label="Money")
    page.get_by_label("Urgency").select_option(label="This week")
    page.get_by_role("button", name="Create case").click()
    expect(page.locator("#similar")).to_contain_text("Not created yet")
    expect(page.locator("#similar")).to_contain_text(known.ref)
    page.get_by_role("button", name="Create case").click()
    expect(page).to_have_url(re.compile(r"/cases/EC-\d+/$"))


def test_what_may_be_the_same_is_linked_or_told_apart_beside_the_case(here: World, page_as: PageAs) -> None:
    one, two = (here.case("Refund for cancelled stay not arrived", customer_ref="G-1") for _ in range(2))
    three = here.case("Refund for cancelled stay not arrived")
    page = page_as(here.users["coordinator"], f"/cases/{one.ref}/")
    panel = page.locator("#linked")
    expect(panel).to_contain_text("May be the same as")
    expect(panel.locator(f"#alike-{two.ref}")).to_contain_text("same customer")
    axe(page)
    panel.locator(f"#alike-{three.ref}").get_by_role("button", name="Not the same").click()
    expect(page.locator("#toasts")).to_contain_text("It is not pointed out any more.")
    expect(panel.locator(f"#alike-{three.ref}")).to_have_count(0)
    panel.locator(f"#alike-{two.ref}").get_by_role("button", name="Link").click()
    expect(panel.locator(f"#alike-{two.ref}")).to_have_count(0)
    expect(panel).to_contain_text("Duplicate")
    expect(page.locator("#case-main")).to_contain_text(f"Linked as a duplicate of {two.ref}")
    panel.get_by_role("button", name=re.compile(rf"Remove.*{two.ref}")).click()
    expect(page.locator("#case-main")).to_contain_text(f"No longer linked to {two.ref}")
    page.keyboard.press("l")
    expect(page.get_by_label("Other case", exact=True)).to_be_focused()


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE])
def test_a_message_becomes_a_case(here: World, page_as: PageAs, viewport: object) -> None:
    case = here.case("Refund, and noise")
    actions.add_note(actor=SYSTEM, ref=case.pk, text="The neighbours sing at night", shared=False)
    page = page_as(here.users["associate"], f"/cases/{case.ref}/", viewport=viewport)
    page.get_by_role("link", name="Make a case of this").click()
    expect(page.get_by_label("The neighbours sing at night")).to_be_checked()
    axe(page)
    assert too_wide(page) == []
    page.get_by_label("Subject").fill("Noise at night")
    page.get_by_label("Impact").select_option(label="Inconvenience")
    page.get_by_label("Urgency").select_option(label="This week")
    page.get_by_role("button", name="Make it a case").click()
    expect(page.locator("h1")).to_have_text("Noise at night")
    expect(page.locator("#case-main")).to_contain_text("The neighbours sing at night")
    expect(page.locator("#case-main")).to_contain_text(f"Split from {case.ref}")
    expect(page.locator("#linked")).to_contain_text("This case was split from it")
