"""The dialogs of a case: none is cut, the focus is in sight, and what belongs together stands on one line."""

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from escalations import actions
from escalations.actions import Saying
from escalations.models import Case, TimelineEntry
from portal.accounts.rules import SYSTEM
from tests.browser.casework import dialog
from tests.browser.conftest import PageAs
from tests.browser.helpers import DESKTOP, PHONE, SCHEMES, axe, fits, shot
from tests.escalations.pages_world import World, issue_tree, world
from tests.factories.case_mail import ServiceMailboxFactory

pytestmark = pytest.mark.browser
VIEWPORTS = {"desktop": DESKTOP, "phone": PHONE}


@pytest.fixture
def here(fresh_database: object) -> World:
    return world()


@pytest.fixture
def case(here: World) -> Case:
    ServiceMailboxFactory(service=here.service, site=here.site)
    actions.add_template(
        actor=SYSTEM, service_id=here.service.pk, saying=Saying(name="A room is found for the night", body="A room.")
    )
    made = here.case("Locked out of the flat")
    actions.assign(actor=here.actor("service_lead"), ref=made.pk, owner_id=here.users["associate"].pk)
    return made


def box(found: Locator) -> tuple[float, float, float, float]:
    """Left, top, right and bottom on the screen."""
    held = found.bounding_box()
    assert held, found
    return held["x"], held["y"], held["x"] + held["width"], held["y"] + held["height"]


def whole(page: Page, name: str, height: float) -> None:
    """The dialog stands within the screen, its buttons in sight, and what is longer scrolls inside it."""
    found = page.locator(f"#do-{name}")
    _left, top, _right, bottom = box(found)
    assert (top >= 0, bottom <= height) == (True, True)
    expect(found.locator(".actions .btn").last).to_be_in_viewport(ratio=1)
    assert found.evaluate("one => one.scrollWidth <= one.clientWidth && getComputedStyle(one).overflowY != 'hidden'")


def pictures(page: Page, name: str) -> None:
    """In both colour schemes, where somebody wants them; last of all, since a picture leaves styles that forms copy."""
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        shot(page, f"{name}-{scheme}")
    page.emulate_media(color_scheme="light", reduced_motion="reduce")


@pytest.mark.parametrize("size", VIEWPORTS)
def test_the_dialog_of_a_hand_over_is_whole_and_works_by_keyboard(
    here: World, case: Case, page_as: PageAs, size: str
) -> None:
    viewport = VIEWPORTS[size]
    page = page_as(here.users["associate"], f"/cases/{case.ref}/", viewport=viewport)
    form = dialog(page, "handover", in_menu=True)
    expect(form.get_by_label("Offer it to")).to_be_focused()
    whole(page, "handover", viewport["height"])
    form.get_by_label("Offer it to").select_option(f"person:{here.users['service_lead'].pk}")
    form.get_by_label("Done so far").fill("Guest is safe.\n" * 12)
    form.get_by_role("button", name="Offer it").press("Enter")
    expect(form.get_by_text("Write a few words, or tick that there is nothing.").first).to_be_visible()
    whole(page, "handover", viewport["height"])
    submit = form.get_by_role("button", name="Offer it")
    form.locator("select").focus()
    stops = form.locator("select, textarea, input:not([type=hidden]), button")
    for number in range(stops.count()):
        stop = stops.nth(number)
        expect(stop).to_be_focused()
        if stop.evaluate("one => one.tagName") != "BUTTON":
            expect(stop).to_be_in_viewport(ratio=1)
            assert box(stop)[3] <= box(submit)[1], "what has the focus lies under no button"
        page.keyboard.press("Tab")
    pictures(page, f"dialog-handover-{size}")
    fits(page)
    axe(page)


@pytest.mark.parametrize("size", VIEWPORTS)
def test_insert_stands_on_the_line_of_its_choices(here: World, case: Case, page_as: PageAs, size: str) -> None:
    page = page_as(here.users["associate"], f"/cases/{case.ref}/", viewport=VIEWPORTS[size])
    form = dialog(page, "mail")
    language = box(form.locator("#id_template_language"))
    button = box(form.get_by_role("button", name="Insert"))
    assert (button[1], button[3]) == (language[1], language[3])
    assert button[0] >= language[2] >= box(form.locator("#id_template"))[0]
    whole(page, "mail", VIEWPORTS[size]["height"])
    form.get_by_role("button", name="Insert").click()
    expect(form.locator("#id_template_error")).to_be_visible()
    if size == "desktop":
        assert box(form.get_by_role("button", name="Insert"))[1] == box(form.locator("#id_template"))[1]
    whole(page, "mail", VIEWPORTS[size]["height"])
    pictures(page, f"dialog-mail-{size}")
    fits(page)


def written(case: Case) -> tuple[int, int]:
    """Contacts of the case, and its level."""
    case.refresh_from_db()
    return TimelineEntry.objects.filter(case=case, kind="contact").count(), case.escalation_level


def test_a_double_click_does_it_once(here: World, case: Case, page_as: PageAs) -> None:
    page = page_as(here.users["associate"], f"/cases/{case.ref}/")
    form = dialog(page, "escalate")
    form.get_by_label("Why it has to go up").fill("The press called")
    form.get_by_role("button", name="Escalate").dblclick()
    expect(page.locator("#toasts")).to_contain_text("escalated")
    expect(page.locator("#do-escalate")).to_be_hidden()
    form = dialog(page, "contact")
    form.get_by_label("What was said").fill("Spoke to them")
    form.get_by_role("button", name="Log contact").dblclick()
    expect(page.locator("#case-main")).to_contain_text("Spoke to them")
    assert written(case) == (1, 1)


def test_a_button_says_that_its_form_is_under_way(here: World, case: Case, page_as: PageAs) -> None:
    page = page_as(here.users["associate"], f"/cases/{case.ref}/")
    held: list[Route] = []

    def hold(route: Route) -> None:
        if route.request.method == "POST" and not held:
            held.append(route)
        else:
            route.continue_()

    page.route("**/contact/", hold)
    form = dialog(page, "contact")
    form.get_by_label("What was said").fill("Spoke to them")
    button = form.get_by_role("button", name="Log contact")
    with page.expect_request(lambda request: request.method == "POST"):
        button.click()
    expect(button).to_have_attribute("aria-disabled", "true")
    expect(button).to_be_focused()
    button.press("Enter")
    held[0].continue_()
    expect(page.locator("#do-contact")).to_be_hidden()
    expect(page.locator("#case-main")).to_contain_text("Spoke to them")
    assert written(case) == (1, 0)


def test_what_was_typed_stays_until_it_is_sent_or_forgotten(here: World, case: Case, page_as: PageAs) -> None:
    page = page_as(here.users["associate"], f"/cases/{case.ref}/")
    note = "This is what you typed before."
    form = dialog(page, "mail")
    form.locator("#id_template").select_option(label="A room is found for the night")
    form.get_by_role("button", name="Insert").click()
    text = form.get_by_label("Message text")
    expect(text).to_have_value("A room.")
    text.fill("A room, and breakfast.")
    page.mouse.click(5, 5)
    expect(text).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#do-mail")).to_be_hidden()
    form = dialog(page, "mail")
    expect(text).to_have_value("A room, and breakfast.")
    expect(form.locator("[name=used]")).not_to_have_value("")
    expect(form).to_contain_text(note)
    axe(page)
    form.get_by_role("button", name="Cancel").click()
    form = dialog(page, "mail")
    expect(text).to_have_value("")
    expect(form).not_to_contain_text(note)
    page.mouse.click(5, 5)
    expect(page.locator("#do-mail")).to_be_hidden()


def test_a_draft_goes_on_from_the_case_as_it_is(here: World, case: Case, page_as: PageAs) -> None:
    page = page_as(here.users["service_lead"], f"/cases/{case.ref}/")
    form = dialog(page, "escalate")
    form.get_by_label("Why it has to go up").fill("The press called")
    page.keyboard.press("Escape")
    form = dialog(page, "severity")
    form.get_by_label("Impact").select_option("people")
    form.get_by_label("Urgency").select_option("now")
    form.get_by_role("button", name="Set severity").click()
    expect(page.locator("#case-head")).to_contain_text("S1")
    form = dialog(page, "escalate")
    expect(form.get_by_label("Why it has to go up")).to_have_value("The press called")
    form.get_by_role("button", name="Escalate").click()
    expect(page.locator("#toasts")).to_contain_text("escalated")
    form = dialog(page, "escalate")
    expect(form.get_by_label("Why it has to go up")).to_have_value("")


def test_a_draft_holds_what_was_touched_and_the_rest_is_as_it_is_by_then(
    here: World, case: Case, page_as: PageAs
) -> None:
    page = page_as(here.users["service_lead"], f"/cases/{case.ref}/")
    form = dialog(page, "details", in_menu=True)
    form.get_by_label("Subject").fill("Guest without a bed")
    page.keyboard.press("Escape")
    actions.change_details(actor=here.actor("associate"), ref=case.pk, subject=case.subject, customer_ref="C-77")
    form = dialog(page, "details", in_menu=True)
    expect(form.get_by_label("Subject")).to_have_value("Guest without a bed")
    expect(form.locator("[name=customer_ref]")).to_have_value("C-77")
    form.get_by_role("button", name="Save").click()
    expect(page.locator("#case-head")).to_contain_text("Guest without a bed")
    case.refresh_from_db()
    assert case.customer_ref == "C-77"


def which(form: Locator, text: str, field: str) -> Locator:
    """The button that says so of one field."""
    return form.get_by_role("button", name=re.compile(rf"^{text}\s*: {field}"))


def two_drafts(here: World, case: Case, page: Page) -> Locator:
    """The dialog with words kept for two fields, both of which a colleague changed meanwhile."""
    form = dialog(page, "details", in_menu=True)
    form.get_by_label("Subject").fill("Guest without a bed")
    form.locator("[name=customer_ref]").fill("C-1")
    page.keyboard.press("Escape")
    actions.change_details(
        actor=here.actor("associate"), ref=case.pk, subject="Guest at the <b>police</b>", customer_ref="C-77"
    )
    return dialog(page, "details", in_menu=True)


@pytest.mark.parametrize("size", VIEWPORTS)
def test_of_a_field_that_a_colleague_changed_meanwhile_the_reader_chooses(
    here: World, case: Case, page_as: PageAs, size: str
) -> None:
    page = page_as(here.users["service_lead"], f"/cases/{case.ref}/", viewport=VIEWPORTS[size])
    form = two_drafts(here, case, page)
    subject, number = form.get_by_label("Subject"), form.locator("[name=customer_ref]")
    expect(subject).to_have_value("Guest without a bed")
    expect(form.get_by_text("Guest at the <b>police</b>")).to_be_visible()
    pictures(page, f"dialog-clash-{size}")
    axe(page)
    form.get_by_role("button", name="Save").click()
    expect(subject).to_be_focused()
    case.refresh_from_db()
    assert case.subject == "Guest at the <b>police</b>"
    which(form, "Keep what I typed", "Subject").press("Enter")
    expect(subject).to_be_focused()
    page.keyboard.press("Escape")
    form = dialog(page, "details", in_menu=True)
    expect(form.get_by_role("button", name="Keep what I typed")).to_have_count(1)
    expect(number).to_have_value("C-1")
    form.get_by_role("button", name="Take theirs").click()
    expect(number).to_have_value("C-77")
    form.get_by_role("button", name="Save").click()
    expect(page.locator("#case-head")).to_contain_text("Guest without a bed")
    case.refresh_from_db()
    assert (case.subject, case.customer_ref) == ("Guest without a bed", "C-77")


def test_of_a_choice_that_a_colleague_changed_or_emptied_the_reader_chooses(
    here: World, case: Case, page_as: PageAs
) -> None:
    low = issue_tree()
    top, middle = low.parent.parent, low.parent
    actions.change_details(actor=SYSTEM, ref=case.pk, subject=case.subject, issue_type_id=top.pk, customer_ref="C-5")
    page = page_as(here.users["service_lead"], f"/cases/{case.ref}/")
    form = dialog(page, "details", in_menu=True)
    form.get_by_label("Issue type").select_option(str(low.pk))
    form.locator("[name=customer_ref]").fill("C-6")
    page.keyboard.press("Escape")
    actions.change_details(actor=SYSTEM, ref=case.pk, subject=case.subject, issue_type_id=middle.pk, customer_ref="")
    form = dialog(page, "details", in_menu=True)
    expect(form.get_by_text("Somebody changed this meanwhile to: Check-in")).to_be_visible()
    expect(form.get_by_text("Somebody emptied this meanwhile.")).to_be_visible()
    which(form, "Take theirs", "Customer reference").click()
    which(form, "Keep what I typed", "Issue type").click()
    form.get_by_role("button", name="Save").click()
    expect(page.locator("#do-details")).to_be_hidden()
    case.refresh_from_db()
    assert (case.issue_type_id, case.customer_ref) == (low.pk, "")


def test_a_kept_choice_lowers_nothing_that_a_colleague_raised_meanwhile(
    here: World, case: Case, page_as: PageAs
) -> None:
    lead = here.actor("service_lead")
    page = page_as(here.users["service_lead"], f"/cases/{case.ref}/")
    form = dialog(page, "sensitivity", in_menu=True)
    form.get_by_label("Confidential").check()
    page.keyboard.press("Escape")
    actions.set_sensitivity(actor=lead, ref=case.pk, sensitivity="restricted")
    form = dialog(page, "sensitivity", in_menu=True)
    expect(form.get_by_text("Somebody changed this meanwhile to: Restricted")).to_be_visible()
    form.get_by_role("button", name="Take theirs").click()
    expect(form.get_by_label("Restricted")).to_be_checked()
    expect(form.get_by_text("Somebody changed this meanwhile")).to_be_hidden()


def test_a_draft_about_some_cases_is_none_about_others(here: World, case: Case, page_as: PageAs) -> None:
    here.case("Another matter")
    page = page_as(here.users["service_lead"], "/queue/?tab=open")
    boxes = page.locator("#results tbody input[type=checkbox]")
    expect(boxes).to_have_count(2)

    def reason(name: str) -> Locator:
        page.locator(f"#bulk-open-{name}").click()
        return page.locator(f"#bulk-{name} [name=reason]")

    boxes.first.check()
    reason("escalate").fill("The press called")
    page.keyboard.press("Escape")
    expect(reason("state")).to_have_value("")
    page.keyboard.press("Escape")
    boxes.last.check()
    expect(reason("escalate")).to_have_value("")
    page.keyboard.press("Escape")
    boxes.last.uncheck()
    expect(reason("escalate")).to_have_value("The press called")
