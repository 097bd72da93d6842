"""Shifts, names in notes and feedback in a real browser: by keyboard, on a phone, in both languages and themes."""

import pytest
from playwright.sync_api import expect

from escalations import actions
from escalations.actions import Opinion
from escalations.models import Case, Mention, ShiftHandover
from portal.accounts.models import User
from tests.browser.conftest import PageAs
from tests.browser.helpers import DESKTOP, PHONE, axe, fits, shot
from tests.escalations.pages_world import World, world

pytestmark = pytest.mark.browser
OPINION = Opinion(
    {"ownership": 4, "communication": 3, "judgement": 3, "documentation": 2},
    "Called the guest at once.",
    "先写下来再打电话。",
)


@pytest.fixture
def here(fresh_database: object) -> World:
    return world()


def owned(here: World, subject: str, who: str = "associate") -> Case:
    """An open case of theirs."""
    case = here.case(subject)
    actions.assign(actor=here.actor("service_lead"), ref=case.pk, owner_id=here.users[who].pk)
    return case


def test_a_colleague_is_named_by_keyboard(here: World, page_as: PageAs) -> None:
    case = here.case()
    page = page_as(here.users["associate"], f"/cases/{case.ref}/")
    box = page.locator("#note-text")
    box.focus()
    page.keyboard.type("请看 @lea")
    options = page.get_by_role("listbox", name="People who see this case").get_by_role("option")
    expect(options).to_have_count(1)
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(box).to_have_attribute("aria-activedescendant", f"mention-{here.users['service_lead'].pk}")
    axe(page)
    shot(page, "mention-list")
    page.keyboard.press("Enter")
    expect(box).to_have_value("请看 @Service Lead ")
    expect(page.locator("#mention-list")).to_be_hidden()
    expect(box).not_to_have_attribute("aria-expanded", "true")
    page.keyboard.type("and @o")
    expect(options.first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Escape")
    expect(page.locator("#mention-list")).to_be_hidden()
    page.keyboard.type("nobody")
    expect(page.locator("#mention-hint")).to_contain_text("Nobody who sees this case is called @onobody")
    page.get_by_role("button", name="Add note").click()
    expect(page.locator(".mention")).to_have_text("@Service Lead")
    expect(page.locator("#mention-hint")).to_have_text("")
    assert Mention.objects.get().user_id == here.users["service_lead"].pk


def test_a_name_is_chosen_by_pointer_and_not_in_what_partners_read(here: World, page_as: PageAs) -> None:
    case = here.case()
    page = page_as(here.users["associate"], f"/cases/{case.ref}/", viewport=PHONE)
    page.locator("#note-text").press_sequentially("@coor")
    page.get_by_role("option", name="Coordinator").click()
    expect(page.locator("#note-text")).to_have_value("@Coordinator ")
    expect(page.locator("#note-text")).to_be_focused()
    page.locator("#note-shared").check()
    page.locator("#note-text").press_sequentially("@man")
    expect(page.locator("#mention-hint")).to_have_text("")
    expect(page.locator("#mention-list")).to_be_hidden()


def test_a_shift_goes_from_list_to_ticks(here: World, page_as: PageAs) -> None:
    owned(here, "Guest locked out overnight")
    owned(here, "客人无法入住，正在等候房东回复")
    page = page_as(here.users["associate"], "/shift/")
    page.get_by_label("Who goes on").select_option(label="Service Lead · has 0")
    page.get_by_role("button", name="Write the lines").click()
    expect(page.locator("#shift-lines > li")).to_have_count(2)
    axe(page)
    shot(page, "shift-lines")
    page.get_by_role("textbox").first.fill("Host answers at six.")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#shift-lines")).to_contain_text("Host answers at six.")
    axe(page)
    shot(page, "shift-preview")
    page.get_by_role("button", name="Hand over", exact=True).click()
    expect(page.get_by_role("heading", name="Shift of Associate to Service Lead")).to_be_visible()
    expect(page.get_by_text("Not taken over yet")).to_have_count(2)
    made = ShiftHandover.objects.get()
    taker = page_as(here.users["service_lead"], f"/shift/{made.pk}/")
    taker.get_by_role("button", name="Taken over").first.click()
    expect(taker.get_by_text("1 of 2 taken over")).to_be_visible()
    axe(taker)
    shot(taker, "shift-taken")
    taker.get_by_role("button", name="Take over all").click()
    expect(taker.get_by_text("2 of 2 taken over")).to_be_visible()


def test_pages_fit_a_phone_in_chinese(here: World, page_as: PageAs) -> None:
    User.objects.update(language="zh-hans")
    owned(here, "客人无法入住，正在等候房东回复")
    case = owned(here, "Closed matter", "service_lead")
    actions.add_note(actor=here.actor("associate"), ref=case.pk, text="@Service Lead 请看 " + "x" * 200, shared=False)
    for verb in ("triage", "start", "resolve", "close"):
        actions.set_state(actor=here.actor("service_lead"), ref=case.pk, verb=verb)
    page = page_as(here.users["associate"], f"/cases/{case.ref}/feedback/", viewport=PHONE)
    expect(page.locator("main form")).to_be_visible()
    fits(page)
    axe(page)
    shot(page, "feedback-form-phone")
    made = actions.give_feedback(actor=here.actor("associate"), ref=case.pk, opinion=OPINION)
    lead = page_as(here.users["service_lead"], "/mentions/", viewport=PHONE)
    for name, url in (
        ("mentions", "/mentions/"), ("feedback", "/feedback/"), ("feedback-one", f"/feedback/{made.pk}/"), ("case", f"/cases/{case.ref}/"),
    ):  # fmt: skip
        lead.goto(url)
        expect(lead.locator("main h1")).to_be_visible()
        fits(lead)
        axe(lead)
        shot(lead, f"{name}-phone")
        lead.set_viewport_size(DESKTOP)
        shot(lead, f"{name}-desktop")
        lead.set_viewport_size(PHONE)
    page.goto(f"/shift/?to={here.users['service_lead'].pk}")
    expect(page.locator("#shift-lines")).to_be_visible()
    fits(page)
    axe(page)
    shot(page, "shift-phone")
