"""Words that somebody typed outlast the end of their session: they sign in beside the page and send again."""

import re

import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings

from escalations import actions
from escalations.models import Case, TimelineEntry
from tests.browser.casework import dialog
from tests.browser.conftest import PageAs
from tests.databases import Database
from tests.escalations.pages_world import World, world
from tests.factories.accounts import PASSWORD

pytestmark = pytest.mark.browser
WORDS = "Called the host twice, she is on her way"
SIGNED_OUT = "You were signed out. What you typed is still here"


@pytest.fixture
def here(fresh_database: Database, settings: Settings) -> World:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    made = world()
    for who in ("associate", "coordinator"):
        made.users[who].set_password(PASSWORD)
        made.users[who].save()
    return made


@pytest.fixture
def case(here: World) -> Case:
    return here.case("Locked out of the flat")


def session_ends(page: Page) -> None:
    page.context.clear_cookies(name="sessionid")


def signed_in_beside(page: Page, here: World, who: str) -> Page:
    """Somebody signs in by the link of the message, in a tab of its own that leads to the page of the first."""
    with page.expect_popup() as opened:
        page.locator("#toasts").get_by_role("button", name="Sign in").click()
    beside = opened.value
    beside.get_by_label("E-mail").fill(here.users[who].email)
    beside.get_by_label("Password").fill(PASSWORD)
    beside.get_by_role("button", name="Sign in").click()
    expect(beside).to_have_url(page.url)
    return beside


def written(case: Case) -> list[tuple[str, str]]:
    """The notes of the case: who wrote what."""
    return list(TimelineEntry.objects.filter(case=case, kind="note").values_list("actor__name", "body__text"))


def test_a_note_stays_when_the_session_has_ended(here: World, case: Case, page_as: PageAs) -> None:
    page = page_as(here.users["associate"], f"/cases/{case.ref}/")
    note = page.locator("#note-text")
    note.fill(WORDS)
    session_ends(page)
    page.get_by_role("button", name="Add note").click()
    expect(page.locator("#toasts")).to_contain_text(SIGNED_OUT)
    expect(note).to_have_value(WORDS)
    beside = signed_in_beside(page, here, "associate")
    expect(beside.locator("#case-head h1")).to_have_text("Locked out of the flat")
    expect(beside.locator("#note-text")).to_have_value("")
    expect(note).to_have_value(WORDS)
    assert WORDS not in page.evaluate("JSON.stringify([{...sessionStorage}, {...localStorage}])")
    assert written(case) == []


def test_signed_in_again_beside_it_is_sent_once_without_being_typed_again(
    here: World, case: Case, page_as: PageAs
) -> None:
    page = page_as(here.users["associate"], f"/cases/{case.ref}/")
    page.locator("#note-text").fill(WORDS)
    page.locator("#note-shared").check()
    session_ends(page)
    page.get_by_role("button", name="Add note").click()
    signed_in_beside(page, here, "associate")
    page.get_by_role("button", name="Add note").click()
    expect(page.locator(".timeline")).to_contain_text(WORDS)
    expect(page.locator("#note-text")).to_have_value("")
    expect(page.locator("#toasts")).not_to_contain_text("You may not do this.")
    assert written(case) == [("Associate", WORDS)]
    form = dialog(page, "escalate")
    form.get_by_label("Why it has to go up").fill("The press called")
    form.get_by_role("button", name="Escalate").click()
    expect(page.locator("#toasts")).to_contain_text("escalated")


def test_on_the_page_of_one_nothing_is_sent_for_another(here: World, case: Case, page_as: PageAs) -> None:
    page = page_as(here.users["associate"], f"/cases/{case.ref}/")
    page.locator("#note-text").fill(WORDS)
    session_ends(page)
    page.get_by_role("button", name="Add note").click()
    signed_in_beside(page, here, "coordinator")
    page.get_by_role("button", name="Add note").click()
    expect(page.locator("#toasts")).to_contain_text("Somebody else is signed in here by now. Nothing was sent.")
    page.locator("#toasts").get_by_role("button", name="Reload").click()
    expect(page.locator("body")).to_have_attribute("data-reader", str(here.users["coordinator"].pk))
    expect(page.locator("#note-text")).to_have_value("")
    assert written(case) == []


def test_who_signs_out_leaves_no_words_in_other_tabs(here: World, case: Case, page_as: PageAs) -> None:
    page = page_as(here.users["associate"], f"/cases/{case.ref}/")
    page.locator("#note-text").fill(WORDS)
    beside = page.context.new_page()
    beside.goto(f"/cases/{case.ref}/")
    beside.get_by_role("button", name="Account menu").click()
    with page.expect_event("load"):
        beside.get_by_role("button", name="Sign out").click()
    expect(beside.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(page.get_by_text(WORDS)).to_have_count(0)
    assert WORDS not in page.locator("textarea").evaluate_all("found => found.map(one => one.value)")


def test_what_is_asked_for_keeps_the_words_or_leads_to_the_sign_in_and_back(
    here: World, case: Case, page_as: PageAs
) -> None:
    page = page_as(here.users["associate"], f"/cases/{case.ref}/")
    page.locator("#note-text").fill(WORDS)
    session_ends(page)
    page.locator("#open-severity").click()
    expect(page.locator("#toasts")).to_contain_text(SIGNED_OUT)
    page.keyboard.press("Escape")
    expect(page.locator("#note-text")).to_have_value(WORDS)
    page.locator("#note-text").fill("")
    page.locator("#open-severity").click()
    expect(page).to_have_url(re.compile(rf"/accounts/login/\?next=%2Fcases%2F{case.ref}%2F$"))


def test_reload_after_a_colleague_brings_the_case_and_the_words(here: World, page_as: PageAs) -> None:
    case = here.case_in_work()
    page = page_as(here.users["associate"], f"/cases/{case.ref}/")
    page.locator("#note-text").fill("A note that is not sent yet")
    form = dialog(page, "state")
    form.get_by_label("What happens").select_option("wait_customer")
    form.get_by_label("Note").fill(WORDS)
    actions.set_severity(actor=here.actor("manager"), ref=case.pk, impact="people", urgency="now")
    form.get_by_role("button", name="Change state").click()
    toast = page.locator("#toasts .toast")
    expect(toast).to_contain_text("Manager changed this case a moment ago. Severity S3 → S1")
    toast.get_by_role("link", name="Reload").click()
    expect(page.locator("#case-head")).to_contain_text("S1")
    expect(form.get_by_label("Note")).to_have_value(WORDS)
    expect(form.get_by_label("What happens")).to_have_value("wait_customer")
    expect(page.locator("#note-text")).to_have_value("A note that is not sent yet")
    form.get_by_role("button", name="Change state").click()
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.locator("#case-head")).to_contain_text("Waiting on customer")
    expect(page.locator(".timeline")).to_contain_text(WORDS)
    expect(page.locator("#note-text")).to_have_value("A note that is not sent yet")


def test_what_a_colleague_made_impossible_keeps_its_words_in_sight(here: World, page_as: PageAs) -> None:
    case = here.case()
    page = page_as(here.users["coordinator"], f"/cases/{case.ref}/")
    form = dialog(page, "assign")
    form.get_by_label("Handover note").fill(WORDS)
    form.get_by_label("Assign to").select_option(label="Associate (0 open)")
    actions.set_state(actor=here.actor("manager"), ref=case.pk, verb="reject", reject_reason="duplicate")
    form.get_by_role("button", name="Assign").click()
    page.locator("#toasts").get_by_role("link", name="Reload").click()
    expect(page.locator("#case-head")).to_contain_text("Rejected")
    expect(page.locator("#toasts")).to_contain_text("This is not possible any more.")
    expect(form.get_by_label("Handover note")).to_have_value(WORDS)
