"""The ledger, the card and templates in a real browser: by keyboard, by htmx, without script, in both languages."""

import pytest
from playwright.sync_api import expect

from escalations import actions
from escalations.actions import Saying
from escalations.models import Case, CaseFact
from portal.accounts.rules import SYSTEM
from tests.browser.conftest import PageAs
from tests.browser.helpers import DESKTOP, PHONE, axe, fits, shot
from tests.escalations.pages_world import World, world

pytestmark = pytest.mark.browser
CARD = {
    "preferred_name": "A.",
    "pronouns": "they/them",
    "language": "中文, some English",
    "channel": "E-mail only. No voicemail",
    "hours": "After 14:00",
}


@pytest.fixture
def here(fresh_database: object) -> World:
    return world()


def informed(here: World) -> Case:
    """A case of which much is known."""
    case, who = here.case("Guest locked out overnight"), here.actor("associate")
    actions.keep_card(actor=who, ref=case.pk, values=CARD, source="customer")
    for key, text in (
        ("identity", "Verified by phone at 11:20"),
        ("company", "Travels with a nine-month-old; both are indoors at a hotel lobby"),
        ("tried", "Host called 4 times between 23:10 and 08:15, no answer"),
        ("", "客人支付了替代房间 ¥1,180，收据已附"),
    ):
        actions.record_fact(actor=who, ref=case.pk, key=key, text=text, source="customer")
    return case


def template(here: World) -> None:
    saying = Saying(
        name="Holding line",
        name_zh="暂复",
        body="Dear {{ preferred_name }},\nwe have {{ booking }} open and look at it now. Who is with you?\n{{ sender }}",
        body_zh="{{ preferred_name }}，您好：我们正在处理 {{ booking }}。\n{{ sender }}",
        asks=("company",),
    )
    actions.add_template(actor=SYSTEM, service_id=here.service.pk, saying=saying)


def test_facts_are_kept_by_keyboard(here: World, page_as: PageAs) -> None:
    case = here.case()
    page = page_as(here.users["associate"], f"/cases/{case.ref}/")
    page.keyboard.press("f")
    expect(page.get_by_role("textbox", name="What is known")).to_be_focused()
    page.keyboard.type("Indoors at a hotel lobby")
    page.get_by_role("dialog").get_by_role("button", name="Add a fact").click()
    panel = page.locator("#known-facts")
    expect(panel).to_contain_text("Indoors at a hotel lobby")
    expect(page.locator("dialog[open]")).to_have_count(0)
    panel.get_by_role("button", name="Correct a fact").click()
    page.get_by_role("textbox", name="What is known").fill("At a friend's")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(panel).to_contain_text("At a friend's")
    expect(panel).not_to_contain_text("Indoors")
    panel.get_by_role("button", name="No longer true").click()
    page.get_by_role("dialog").get_by_role("button", name="No longer true").click()
    expect(panel).to_contain_text("Nothing yet.")
    page.locator("#open-card").click()
    page.get_by_label("Preferred name").fill("A.")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.locator("#card")).to_contain_text("A.")
    expect(page.locator("#card-line")).to_contain_text("A.")
    page.goto(page.url + "facts/")
    page.get_by_text("2 earlier").click()
    expect(page.get_by_text("Indoors at a hotel lobby")).to_be_visible()
    assert CaseFact.objects.filter(case=case).count() == 4


def test_a_template_that_asks_for_what_is_known_stops(here: World, page_as: PageAs) -> None:
    case = informed(here)
    template(here)
    for viewport, width in ((DESKTOP, "1440"), (PHONE, "390")):
        page = page_as(here.users["associate"], f"/cases/{case.ref}/contact/", viewport=viewport)
        page.get_by_label("Template", exact=True).select_option(label="Holding line")
        page.get_by_role("button", name="Insert").click()
        expect(page.locator("main")).to_contain_text("Travels with a nine-month-old")
        expect(page.get_by_label("What was said")).to_have_value("")
        axe(page)
        fits(page)
        shot(page, f"template-stopped-{width}")


def test_a_template_is_inserted_filled_and_sent(here: World, page_as: PageAs) -> None:
    case = informed(here)
    template(here)
    page = page_as(here.users["associate"], f"/cases/{case.ref}/")
    page.locator("#open-contact").click()
    form = page.locator("#form-contact")
    expect(form.locator("#id_template_language")).to_have_value("zh-hans")
    form.locator("#id_template_language").select_option("en")
    form.locator("#id_template").select_option(label="Holding line")
    form.get_by_role("button", name="Insert").click()
    expect(form).to_contain_text("This is known already")
    expect(form).to_contain_text("Travels with a nine-month-old")
    form.get_by_label("Why ask all the same").fill("They said that somebody joined them")
    form.get_by_role("button", name="Insert").click()
    words = form.get_by_label("What was said")
    expect(words).to_have_value(
        "Dear A.,\nwe have ⟦Booking or order⟧ open and look at it now. Who is with you?\nAssociate"
    )
    form.get_by_label("Outcome").select_option("sent")
    form.get_by_role("button", name="Log contact").click()
    expect(form).to_contain_text("Fill in what is still missing: Booking or order.")
    words.fill("Dear A.,\nwe have HX-7 open and look at it now. Who is with you?\nAssociate")
    form.get_by_role("button", name="Log contact").click()
    expect(page.locator("#case-main")).to_contain_text("we have HX-7 open")
    expect(page.locator("#case-main")).to_contain_text("They said that somebody joined them")
