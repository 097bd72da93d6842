"""The dialogs of a case: none is cut, the focus is in sight, and what belongs together stands on one line."""

import pytest
from playwright.sync_api import Locator, Page, expect

from escalations import actions
from escalations.actions import Saying
from escalations.models import Case
from portal.accounts.rules import SYSTEM
from tests.browser.casework import dialog
from tests.browser.conftest import PageAs
from tests.browser.helpers import DESKTOP, PHONE, SCHEMES, axe, fits, shot
from tests.escalations.pages_world import World, world
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
