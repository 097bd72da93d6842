"""A coordinator's day in a real browser: see what breaches next, triage, assign, be in touch, wait, resolve, reopen."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from escalations import actions
from escalations.models import Case
from sla.actions import tick
from tests.browser.conftest import PageAs
from tests.browser.helpers import axe
from tests.escalations.pages_world import World, world
from tests.factories.escalations import open_policy

pytestmark = pytest.mark.browser
TARGETS = {"first_response": 30, "next_reply": 60, "resolution": 480}


@pytest.fixture
def here(fresh_database: object) -> World:
    """Half an hour to the first response, around the clock; a warning at half time, word to the coordinator at the breach."""
    made = world()
    open_policy(position=1, targets=TARGETS, levels=((0, ("coordinator",)),))
    return made


def opened(here: World, subject: str, minutes_ago: float) -> Case:
    return here.case(subject, at=timezone.now() - timedelta(minutes=minutes_ago))


def clock(page: Page, name: str) -> Locator:
    return page.locator("#clocks .clock", has_text=re.compile(rf"^\s*{name}"))


def choose(page: Page, label: str, value: str) -> None:
    page.locator("dialog[open]").get_by_label(label).select_option(value)


def press(page: Page, button: str) -> None:
    page.locator("dialog[open]").get_by_role("button", name=button, exact=True).click()
    expect(page.locator("dialog[open]")).to_have_count(0)


def test_from_the_first_look_to_the_reopened_case(here: World, page_as: PageAs) -> None:
    opened(here, "Fresh", 1)
    late = opened(here, "Locked out in the rain", 25)
    opened(here, "Long over", 45)
    tick()
    page = page_as(here.users["coordinator"])
    expect(page.locator(".todo")).to_have_count(3)
    expect(page.locator(".todo").nth(0)).to_contain_text(re.compile("15m over.*Long over", re.DOTALL))
    expect(page.locator(".todo").nth(1)).to_contain_text(re.compile(r"[45]m.*Locked out in the rain", re.DOTALL))
    page.keyboard.press("g")
    page.keyboard.press("q")
    page.wait_for_url("**/queue/")
    expect(page.locator(".head")).to_contain_text("1 breached")
    for key in ("j", "j", "o"):
        page.keyboard.press(key)
    page.wait_for_url(f"**/cases/{late.ref}/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Locked out in the rain")
    triage(page)
    be_in_touch(page)
    wait_and_resolve(page)
    reopen(page)
    late.refresh_from_db()
    assert (late.state, late.severity, late.reopen_count) == ("in_progress", 1, 1)


def triage(page: Page) -> None:
    """Severity by impact and urgency, then the state, then an owner with a word for them."""
    page.keyboard.press("s")
    choose(page, "Impact", "people")
    choose(page, "Urgency", "now")
    press(page, "Set severity")
    expect(page.locator("#case-head")).to_contain_text("S1")
    page.get_by_role("button", name="Mark triaged").click()
    expect(page.locator("#case-head")).to_contain_text("Triaged")
    settled(page)
    page.keyboard.press("a")
    page.get_by_label("Assign to").select_option(label="Associate (0 open)")
    page.get_by_label("Handover note").fill("Call the host first.")
    press(page, "Assign")
    expect(page.locator("#case-rail")).to_contain_text("Associate")
    expect(page.locator(".timeline")).to_contain_text("Call the host first.")


def settled(page: Page) -> None:
    """Wait until what was swapped in is in working order: a key pressed within those milliseconds finds a dialog without its form."""
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added")).to_have_count(0)


def be_in_touch(page: Page) -> None:
    """A contact to the customer stops the first response; an answer starts the next reply."""
    page.get_by_role("button", name="Start work").click()
    expect(clock(page, "First response").locator(".sla")).to_have_attribute("data-state", re.compile("warn|late"))
    log_contact(page, "out", "reached", "A locksmith is on the way.")
    expect(clock(page, "First response")).to_contain_text("Met in 2")
    expect(clock(page, "Next reply")).to_have_count(0)
    log_contact(page, "in", "received", "Still waiting outside.")
    expect(clock(page, "Next reply")).to_contain_text("59m")
    log_contact(page, "out", "sent", "Five minutes.")
    expect(clock(page, "Next reply")).to_contain_text("Met in")


def log_contact(page: Page, direction: str, outcome: str, text: str) -> None:
    page.keyboard.press("r")
    choose(page, "Direction", direction)
    choose(page, "Outcome", outcome)
    page.get_by_label("What was said").fill(text)
    press(page, "Log contact")
    expect(page.locator(".timeline")).to_contain_text(text)


def wait_and_resolve(page: Page) -> None:
    """Waiting pauses, going on resumes, resolving stops everything."""
    page.keyboard.press("t")
    choose(page, "What happens", "reject")
    expect(page.get_by_label("If rejected, why")).to_be_visible()
    choose(page, "What happens", "wait_customer")
    expect(page.get_by_label("If rejected, why")).to_be_hidden()
    press(page, "Change state")
    expect(page.locator("#case-head")).to_contain_text("Waiting on customer")
    expect(clock(page, "Resolution")).to_contain_text("Paused")
    page.get_by_role("button", name="Resume work").click()
    expect(clock(page, "Resolution")).to_contain_text("7h 3")
    page.get_by_role("button", name="Resolve", exact=True).click()
    expect(clock(page, "Resolution")).to_contain_text("Met in")
    expect(page.locator("#clocks .sla[data-due]")).to_have_count(0)


def reopen(page: Page) -> None:
    """A new round with full targets, and the explanation of one of them."""
    page.get_by_role("button", name="Reopen").click()
    expect(page.locator("#case-head")).to_contain_text("Reopened")
    expect(clock(page, "First response")).to_contain_text("round 2")
    expect(clock(page, "Resolution")).to_contain_text("7h 59m")
    clock(page, "Resolution").get_by_role("link", name="Explain this due time").click()
    expect(page.locator("main")).to_contain_text("How the due time came about")
    expect(page.locator("main")).to_contain_text("Open: counts")


def test_a_clock_fires_while_one_looks_on(here: World, page_as: PageAs) -> None:
    due = opened(here, "Just over", 31)
    other = opened(here, "Quiet", 2)
    page = page_as(here.users["coordinator"], "/queue/")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator(f"#c{due.pk}")).not_to_contain_text("Level 1")
    tick()
    page.evaluate("htmx.trigger('#results', 'portal:poll')")
    expect(page.locator(f"#c{due.pk}")).to_contain_text("Level 1")
    expect(page.locator("[data-rows] [aria-current=true]")).to_have_id(f"c{other.pk}")
    expect(page.locator(f"#open-{other.pk}")).to_be_focused()
    page.locator(f"#open-{due.pk}").click()
    expect(page.locator(".timeline")).to_contain_text("First response breached: escalation level 1 told")


def test_picked_cases_that_could_not_be_changed_say_why(here: World, page_as: PageAs) -> None:
    fit, unfit = here.case("Fit"), here.case("Unfit")
    actions.set_state(actor=here.actor("coordinator"), ref=fit.pk, verb="wait_customer")
    page = page_as(here.users["coordinator"], "/queue/")
    page.get_by_label("Select all on this page").check()
    page.keyboard.press("t")
    choose(page, "What happens", "resume")
    press(page, "Change state")
    refused = page.locator("#bulk-results")
    expect(refused).to_contain_text("1 case was not changed")
    expect(refused.get_by_role("row")).to_have_count(1)
    expect(refused.get_by_role("row")).to_contain_text(unfit.ref)
    expect(page.locator(f"#c{fit.pk}")).to_contain_text("In progress")
    expect(page.locator(f"#c{unfit.pk}")).to_contain_text("New")


def test_the_second_of_two_browsers_hears_of_the_first(here: World, page_as: PageAs) -> None:
    case = here.case()
    first = page_as(here.users["coordinator"], f"/cases/{case.ref}/")
    second = page_as(here.users["manager"], f"/cases/{case.ref}/")
    second.keyboard.press("a")
    second.get_by_label("Assign to").select_option("Associate (0 open)")
    second.get_by_label("Handover note").fill("My own words")
    first.get_by_role("button", name="Mark triaged").click()
    expect(first.locator("#case-head")).to_contain_text("Triaged")
    second.locator("dialog[open]").get_by_role("button", name="Assign", exact=True).click()
    expect(second.locator("#toasts")).to_contain_text("Not saved. Coordinator changed this case a moment ago.")
    expect(second.get_by_label("Handover note")).to_have_value("My own words")
    second.get_by_role("link", name="Reload").click()
    expect(second.locator("#case-head")).to_contain_text("Triaged")


def test_the_composer_shows_who_will_read_it_before_one_types(here: World, page_as: PageAs) -> None:
    page = page_as(here.users["coordinator"], f"/cases/{here.case().ref}/")
    colour = "getComputedStyle(document.querySelector('.composer')).backgroundColor"
    internal = page.evaluate(colour)
    page.get_by_label("Shared with the partner").check()
    page.wait_for_function(f"internal => {colour} !== internal", arg=internal)
    page.get_by_label("Internal note").check()
    axe(page)
