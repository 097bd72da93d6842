"""Playbooks in a real browser: worked by keyboard on the case, arranged by keyboard, and how they look."""

import pytest
from playwright.sync_api import Page, expect

from escalations import actions
from escalations.models import Case, IssueType, Playbook
from portal.accounts.rules import SYSTEM
from portal.demo.playbooks import PLAYBOOKS, build_playbooks
from tests.browser.conftest import PageAs
from tests.browser.helpers import focused, looks_right, shot
from tests.escalations.pages_world import World, world
from tests.factories.escalations import IssueTypeFactory

pytestmark = pytest.mark.browser


@pytest.fixture
def here(fresh_database: object) -> World:
    made = world()
    issues: dict[tuple[str, ...], int] = {}
    for facts in PLAYBOOKS:
        top = IssueTypeFactory(name=facts.path[0])
        middle = IssueTypeFactory(name=facts.path[1], parent=top, level=2)
        issues[facts.path] = IssueTypeFactory(name=facts.path[2], parent=middle, level=3).pk
    build_playbooks({"social": made.service.pk, "payments": made.other_service.pk}, issues)
    return made


@pytest.fixture
def case(here: World) -> Case:
    locked = IssueType.objects.get(name="Locked out")
    made = here.case("Guest locked out overnight with infant; host unreachable", issue_type_id=locked.pk)
    actions.set_state(actor=SYSTEM, ref=made.pk, verb="start")
    return made


def panel(page: Page) -> Page:
    expect(page.locator("#playbook .checks")).to_be_visible()
    return page


def test_working_along_it_by_keyboard(here: World, case: Case, page_as: PageAs) -> None:
    page = panel(page_as(here.users["associate"], f"/cases/{case.ref}/"))
    expect(page.locator("#playbook")).to_contain_text("0 of 7")
    page.locator("#quick-verb").click()
    expect(page.get_by_text("asks for this step first: Confirm guest is safe and indoors")).to_be_visible()
    page.keyboard.press("Escape")
    page.locator("#step-confirm-guest-is-safe-and-indoors summary").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Outside or at risk").focus()
    page.keyboard.press("Space")
    page.locator("#do-step-confirm-guest-is-safe-and-indoors").press("Enter")
    expect(page.locator("#playbook")).to_contain_text("Send them to the nearest open hotel lobby")
    expect(page.locator("#playbook")).to_contain_text("1 of 8")
    expect(page.locator("#act ~ *, .timeline").last).to_contain_text("Outside or at risk")
    page.locator("#tick-record-known-facts").focus()
    page.keyboard.press("Space")
    expect(page.locator("#playbook")).to_contain_text("2 of 8")
    assert focused(page) == "tick-record-known-facts"
    page.keyboard.press("z")
    expect(page.locator("#toasts")).to_contain_text("undone")
    panel(page)
    expect(page.locator("#playbook")).to_contain_text("1 of 8")
    looks_right(page, "case_playbook")


def test_words_that_are_missing_are_asked_for_in_place(here: World, case: Case, page_as: PageAs) -> None:
    page = panel(page_as(here.users["associate"], f"/cases/{case.ref}/"))
    page.locator("#step-try-host-and-emergency-contact summary").click()
    page.get_by_label("What was done").fill(" ")
    page.locator("#do-step-try-host-and-emergency-contact").click()
    expect(page.locator("#step-try-host-and-emergency-contact")).to_contain_text("This field is required")
    page.get_by_label("What was done").fill("Called three times.")
    page.locator("#do-step-try-host-and-emergency-contact").click()
    expect(page.locator("#playbook")).to_contain_text("Called three times.")
    page.locator("#step-supply-follow-up-on-lock summary").click()
    page.get_by_role("textbox", name="Why it is skipped").fill("No lock there")
    page.locator("#skip-supply-follow-up-on-lock").click()
    expect(page.locator("#playbook")).to_contain_text("Skipped")
    shot(page, "case_playbook_skipped")


def test_without_script(here: World, case: Case, page_as: PageAs) -> None:
    page = page_as(here.users["associate"], f"/cases/{case.ref}/", java_script_enabled=False)
    page.locator("#playbook a").click()
    page.locator("#step-record-known-facts").get_by_role("button", name="Done").click()
    expect(page.locator("#playbook")).to_contain_text("1 of 7")
    page.locator("#step-record-known-facts").get_by_role("button", name="Open again").click()
    expect(page.locator("#playbook")).to_contain_text("0 of 7")


def test_arranging_by_keyboard_keeps_the_place(here: World, page_as: PageAs) -> None:
    book = Playbook.objects.get(name="Late refund")
    page = page_as(here.users["administrator"], f"/playbooks/{book.pk}/")
    page.get_by_role("button", name="Edit as next version").click()
    page.locator("#down-tell-the-customer-the-date").press("Enter")
    page.wait_for_url("**/#down-tell-the-customer-the-date")
    titles = page.locator("main li.panel h2").all_inner_texts()
    assert titles[-2:] == ["Offer a credit for the wait", "Tell the customer the date"]
    looks_right(page, "playbook_draft")
    page.get_by_role("button", name="Publish version 2").click()
    expect(page.locator("#toasts")).to_contain_text("Version 2 is in use")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_how_the_pages_look(here: World, case: Case, page_as: PageAs, language: str) -> None:
    for user in here.users.values():
        user.language = language
        user.save()
    book = Playbook.objects.get(name="Stranded guest")
    addresses = {
        "list": "/playbooks/",
        "one": f"/playbooks/{book.pk}/",
        "preview": f"/playbooks/{book.pk}/preview/",
        "settings": f"/playbooks/{book.pk}/settings/",
        "panel": f"/cases/{case.ref}/playbook/",
    }
    for name, address in addresses.items():
        page = page_as(here.users["administrator" if name != "panel" else "associate"], address)
        looks_right(page, f"playbook_{name}_{language}")
        page.emulate_media(color_scheme="dark")
        shot(page, f"playbook_{name}_{language}_dark")
        page.close()
