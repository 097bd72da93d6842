"""What a partner's lead sees in a real browser: of their own site what is shared, of other sites nothing at all."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from escalations import actions
from sla.actions import tick
from tests.browser.conftest import PageAs
from tests.escalations.pages_world import World, world

pytestmark = pytest.mark.browser
SUBJECT = "Guest locked out in the rain"


@pytest.fixture
def here(fresh_database: object) -> World:
    return world()


def worked_on(here: World) -> str:
    """A case of Chengdu with a shared and an internal note, assigned and triaged; its reference."""
    case = here.case(SUBJECT, by="lead", at=timezone.now() - timedelta(days=5))
    coordinator, manager = here.actor("coordinator"), here.actor("manager")
    actions.set_state(actor=coordinator, ref=case.pk, verb="triage")
    actions.assign(actor=manager, ref=case.pk, owner_id=here.users["coordinator"].pk, note="Quietly check the host.")
    actions.add_note(actor=coordinator, ref=case.pk, text="The guest is with us now.", shared=True)
    actions.add_note(actor=coordinator, ref=case.pk, text="Host was warned before.", shared=False)
    return case.ref


def test_a_lead_of_another_site_sees_none_of_it(here: World, page_as: PageAs) -> None:
    ref = worked_on(here)
    tick()
    page = page_as(here.users["foreign_lead"])
    for path in ("/", "/queue/", "/queue/?tab=waiting", "/inbox/", "/search/?q=locked", f"/search/?q={ref}"):
        page.goto(path)
        nothing_of_it(page, ref)
    page.goto("/queue/")
    expect(page.locator("main")).to_contain_text("No open case")
    page.keyboard.press("/")
    page.keyboard.type("locked")
    expect(page.locator("dialog[open]")).to_contain_text("Nothing found")
    export = page.request.get("/queue/export/").text()
    assert SUBJECT not in export
    assert export.count("\n") == 1, "the head and no line"
    for path in (f"/cases/{ref}/", f"/cases/{ref}/state/", f"/cases/{ref}/assign/"):
        assert page.request.get(path).status == page.request.get("/cases/EC-9/").status == 404


def nothing_of_it(page: Page, ref: str) -> None:
    expect(page.locator("main")).to_be_visible()
    expect(page.locator("main").get_by_text(SUBJECT)).to_have_count(0)
    expect(page.locator("main").get_by_role("link", name=ref)).to_have_count(0)


def test_the_sites_own_lead_sees_what_is_shared_and_answers(here: World, page_as: PageAs) -> None:
    ref = worked_on(here)
    page = page_as(here.users["lead"], "/queue/")
    page.get_by_role("link", name=SUBJECT).click()
    page.wait_for_url(f"**/cases/{ref}/")
    timeline = page.locator(".timeline")
    expect(timeline).to_contain_text("The guest is with us now.")
    for hidden in ("Host was warned before.", "Quietly check the host."):
        assert hidden not in page.content()
    for name in ("Assign", "Severity", "State", "Escalate", "Log a contact", "Start work"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)
    expect(page.locator("main")).to_contain_text("First response is")
    assert "Log a contact" not in page.content(), "no advice to do what is not theirs to do"
    page.get_by_label("Note", exact=True).fill("Her phone is back on.")
    page.get_by_role("button", name="Add note").click()
    expect(timeline).to_contain_text("Her phone is back on.")
    colleague = page_as(here.users["coordinator"], f"/cases/{ref}/")
    expect(colleague.locator(".timeline")).to_contain_text("Her phone is back on.")
    expect(colleague.locator(".timeline")).to_contain_text("Host was warned before.")


def test_a_case_that_the_company_took_over_leaves_its_words_behind(here: World, page_as: PageAs) -> None:
    ref = worked_on(here)
    actions.set_sensitivity(
        actor=here.actor("service_lead"), ref=ref, sensitivity="confidential", reason="A threat is part of it"
    )
    page = page_as(here.users["lead"], "/queue/")
    expect(page.locator("main")).to_contain_text("Taken over by the company")
    expect(page.get_by_role("rowheader", name=ref)).to_be_visible()
    assert SUBJECT not in page.content()
    assert page.request.get(f"/cases/{ref}/").status == 404
