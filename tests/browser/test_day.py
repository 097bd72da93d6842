"""My day in a real browser: the first piece at once, the others after it; without script each is a page."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from escalations import actions
from escalations.models import Case
from sla.models import Clock
from tests.browser.conftest import PageAs
from tests.browser.helpers import DESKTOP, PHONE, axe, fits, looks_right, shot
from tests.escalations.pages_world import World, world
from tests.factories.handing import ConsultFactory
from tests.reviews.action_world import raised

pytestmark = pytest.mark.browser


@pytest.fixture
def here(fresh_database: object) -> World:
    """Cases of a site, a question to a colleague; the coordinator reads English, the associate Chinese."""
    made = world()
    for number in range(3):
        made.case(f"Guest locked out {number}")
    asked = made.case("客人被锁在门外")
    ConsultFactory(case=asked, asked_by=made.users["service_lead"], to_user=made.users["associate"])
    made.users["associate"].language = "zh-hans"
    made.users["associate"].save()
    return made


def test_the_pieces_of_the_day_come_after_the_page(here: World, page_as: PageAs) -> None:
    page = page_as(here.users["coordinator"], "/", viewport=DESKTOP)
    expect(page.locator("#home-breaching")).to_be_visible()
    expect(page.locator("#home-waiting")).to_be_visible()
    expect(page.locator("#home-new_cases")).to_be_visible()
    expect(page.locator("#home-pulse")).to_be_visible()
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    expect(page.locator("section[aria-labelledby=home-waiting]")).to_contain_text("Cases that nobody works yet")
    shot(page, "day_coordinator")
    fits(page)
    axe(page)
    page.locator("section[aria-labelledby=home-acts]").get_by_role("link", name="New case").click()
    page.wait_for_url("**/cases/new/")


def test_the_day_of_an_associate_on_a_phone_in_chinese(here: World, page_as: PageAs) -> None:
    page = page_as(here.users["associate"], "/", viewport=PHONE)
    expect(page.locator("#home-mine")).to_be_visible()
    expect(page.locator("#home-consults")).to_be_visible()
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    shot(page, "day_associate_zh")
    fits(page)
    axe(page)


def test_without_script_each_piece_has_a_page(here: World, page_as: PageAs) -> None:
    page = page_as(here.users["coordinator"], "/", java_script_enabled=False, viewport=PHONE)
    expect(page.locator("#home-breaching")).to_be_visible()
    page.get_by_role("link", name="Waits for you").click()
    page.wait_for_url("**/day/waiting/")
    expect(page.locator("#home-waiting")).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="My day").click()
    expect(page.get_by_role("link", name="Packs that wait for you")).to_be_visible()


def due_in(case: Case, hours: float, owner: int) -> None:
    due = timezone.now() + timedelta(hours=hours)
    Clock.objects.filter(subject_id=case.pk).update(due_at=due, started_at=due - timedelta(days=1))
    Case.objects.filter(pk=case.pk).update(next_due_at=due, owner=owner)


def test_what_is_ahead_of_a_shift_and_what_is_behind_it(here: World, page_as: PageAs) -> None:
    now, people = timezone.now(), (here.users["coordinator"], here.users["associate"])
    for person in people:
        # Where it is noon now, so that the day does not end in the middle of the test.
        person.time_zone, person.language = f"Etc/GMT{now.hour - 12:+d}", "en"
        person.save()
    for number in range(8):
        due_in(here.case(f"Breaching {number}"), 0.1 * number - 0.15, here.users["manager"].pk)
    for person in people:
        due_in(here.case("The insurer’s answer on water damage"), 3, person.pk)
        case = here.case("Peer review of public replies")
        ConsultFactory(case=case, asked_by=here.users["service_lead"], to_user=person, due_at=now + timedelta(hours=4))
    raised(here, title="Coach the late shift", owner="coordinator", due_at=now + timedelta(hours=5))
    lead, handed = here.actor("service_lead"), here.case("The lock supplier is down")
    due_in(handed, 30, lead.user_id)
    line = actions.HandLine(
        handed.pk, "moves", "Expect more lock-outs before four. Use the playbook of stranded guests."
    )
    actions.hand_over_shift(actor=lead, taker_id=here.users["associate"].pk, lines=[line], key=uuid4())
    for person, name in zip(people, ("coordinator", "associate"), strict=True):
        page = page_as(person, "/", viewport=DESKTOP)
        later = page.get_by_role("region", name="Later today")
        about = ["The insurer’s answer on water damage", "Which form is it?", "Coach the late shift"]
        expect(later.get_by_role("link")).to_have_text(about if name == "coordinator" else [about[1]] * 2)
        expect(page.get_by_role("region", name="Shift so far")).to_contain_text("0 cases")
        expect(page.get_by_role("region", name="From the shift before")).to_have_count(int(name == "associate"))
        expect(page.locator("[aria-busy=true]")).to_have_count(0)
        looks_right(page, f"day_shift_{name}")
    page.get_by_role("region", name="From the shift before").get_by_role("link", name="1 case handed to you").click()
    page.wait_for_url("**/shift/*/")


def test_each_number_of_the_shift_opens_its_list(here: World, page_as: PageAs) -> None:
    now, associate = timezone.now(), here.users["associate"]
    associate.time_zone, associate.language = f"Etc/GMT{now.hour - 12:+d}", "en"
    associate.save()
    cases = [here.case(f"A host asks for the deposit {number}") for number in range(2)]
    for case in cases:
        Case.objects.filter(pk=case.pk).update(owner=associate.pk, state="in_progress")
        actions.log_contact(
            actor=here.actor("associate"),
            ref=case.pk,
            channel="phone",
            direction="out",
            outcome="reached",
            text="Called.",
        )
    actions.set_state(actor=here.actor("associate"), ref=cases[0].pk, verb="resolve")
    page = page_as(associate, "/", viewport=DESKTOP)
    page.get_by_role("region", name="Shift so far").get_by_role("link", name="2 cases").click()
    expect(page.locator(".rowlink")).to_have_text(["A host asks for the deposit 0", "A host asks for the deposit 1"])
    looks_right(page, "day_shift_list")
    page.get_by_role("link", name="Resolved 1").click()
    expect(page.locator(".rowlink")).to_have_text(["A host asks for the deposit 0"])
    page.get_by_role("link", name="Clocks met").click()
    expect(page.get_by_role("cell", name="Met", exact=True)).to_have_count(3)
    looks_right(page, "day_shift_clocks")
    page.keyboard.press("j")
    expect(page.locator("tbody tr").first).to_have_attribute("aria-current", "true")
    page.keyboard.press("o")
    page.wait_for_url(f"**/cases/{cases[0].ref}/")
