"""Offering and asking in a real browser: dialog to answer, without script too, on a phone, in both languages and themes."""

import re

import pytest
from playwright.sync_api import expect

from escalations import actions
from escalations.models import Case, Consult, Handover
from portal.accounts.models import User
from tests.browser.conftest import PageAs
from tests.browser.helpers import DESKTOP, PHONE, axe, fits, shot
from tests.escalations.pages_world import World, world
from tests.factories.handing import ConsultFactory, HandoverFactory

pytestmark = pytest.mark.browser


@pytest.fixture
def here(fresh_database: object) -> World:
    return world()


@pytest.fixture
def case(here: World) -> Case:
    made = here.case()
    actions.assign(actor=here.actor("service_lead"), ref=made.pk, owner_id=here.users["associate"].pk)
    return made


def test_a_case_is_offered_read_and_accepted(here: World, case: Case, page_as: PageAs) -> None:
    page = page_as(here.users["associate"], f"/cases/{case.ref}/handover/")
    expect(page.get_by_role("textbox", name="Promised")).to_have_value(re.compile("First response by .+"))
    page.get_by_label("Offer it to").select_option(f"person:{here.users['service_lead'].pk}")
    page.get_by_label("Done so far").fill("Rebooked the stay")
    page.get_by_label("Nothing is open").check()
    page.get_by_role("button", name="Offer it").click()
    expect(page.get_by_text("Write a few words, or tick that there is nothing.").first).to_be_visible()
    page.get_by_label("No risks are known").check()
    page.get_by_role("button", name="Offer it").click()
    expect(page.get_by_role("heading", name=f"Hand-over of {case.ref}")).to_be_visible()
    expect(page.get_by_text("Rebooked the stay")).to_be_visible()
    taker = page_as(here.users["service_lead"], f"/cases/{case.ref}/")
    panel = taker.locator("#handing")
    expect(panel).to_contain_text("Hand-over offered to Service Lead")
    axe(taker)
    shot(taker, "handing-panel")
    panel.get_by_role("button", name="Accept").click()
    expect(taker.locator("#toasts")).to_contain_text(f"{case.ref} is yours")
    expect(taker.locator("#handing")).to_be_hidden()
    assert Case.objects.get(pk=case.pk).owner == here.users["service_lead"]


def test_a_colleague_is_asked_and_answers(here: World, case: Case, page_as: PageAs) -> None:
    page = page_as(here.users["associate"], f"/cases/{case.ref}/consult/")
    page.get_by_label("Ask", exact=True).select_option(label="Other Associate")
    page.get_by_label("Question").fill("哪一张表格？")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_role("heading", name=f"Question about {case.ref}")).to_be_visible()
    asked = page_as(here.users["other_associate"], "/consults/")
    asked.get_by_role("link", name=case.ref).click()
    asked.get_by_label("Answer", exact=True).fill("Form 12")
    asked.get_by_role("button", name="Answer", exact=True).click()
    expect(asked.locator("#toasts")).to_contain_text("Your answer stands on")
    expect(asked.get_by_role("link", name=case.ref)).to_have_count(0)
    page.goto(f"/cases/{case.ref}/")
    expect(page.locator("article", has_text="Form 12")).to_be_visible()
    assert Consult.objects.get().state == "answered"


def test_the_dialogs_fit_and_everything_looks_right(here: World, case: Case, page_as: PageAs) -> None:
    users = here.users
    offer: Handover = HandoverFactory(case=case, given_by=users["associate"], to_user=users["service_lead"])
    HandoverFactory(case=here.case("客人无法入住"), given_by=users["coordinator"], to_service=here.service)
    consult: Consult = ConsultFactory(case=case, asked_by=users["associate"], to_user=users["other_associate"])
    ConsultFactory(case=here.case("Two"), asked_by=users["coordinator"], to_user=users["associate"])
    User.objects.filter(pk=users["coordinator"].pk).update(language="zh-hans")
    addresses = {
        "handovers": "/handovers/",
        "handover": f"/handovers/{offer.pk}/",
        "consults": "/consults/",
        "consult": f"/consults/{consult.pk}/",
        "case-handing": f"/cases/{case.ref}/handing/",
        "offer-form": f"/cases/{case.ref}/handover/",
        "ask-form": f"/cases/{case.ref}/consult/",
    }
    for who in ("associate", "coordinator"):
        for viewport in (DESKTOP, PHONE):
            page = page_as(users[who], "/handovers/", viewport=viewport)
            for name, address in addresses.items():
                page.goto(address)
                expect(page.locator("h1")).to_be_visible()
                fits(page)
                axe(page)
                shot(page, f"{name}-{who}-{viewport['width']}")


def test_it_works_without_script(here: World, case: Case, page_as: PageAs) -> None:
    made: Handover = HandoverFactory(case=case, given_by=here.users["associate"], to_user=here.users["service_lead"])
    page = page_as(here.users["service_lead"], f"/cases/{case.ref}/", java_script_enabled=False)
    page.get_by_role("link", name="Hand-over and questions").click()
    page.get_by_role("link", name="Service Lead").click()
    page.get_by_label("Why not").fill("On leave")
    page.get_by_role("button", name="Decline").click()
    expect(page.get_by_text("Nothing is offered to you")).to_be_visible()
    made.refresh_from_db()
    assert made.state == "declined"
