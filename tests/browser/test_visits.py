"""A site visit on a phone whose line comes and goes: nothing is lost, nothing doubled, and two people see each other."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from reviews.models import Answer, AnswerChange, Photo, Visit
from tests.browser.conftest import PageAs
from tests.browser.helpers import PHONE, axe, fits, shot
from tests.factories.files import PNG
from tests.reviews.visiting import World, begun

pytestmark = pytest.mark.browser
PICTURE = {"name": "desk.png", "mimeType": "image/png", "buffer": PNG}


@pytest.fixture
def world(fresh_database: object) -> World:
    return World()


@pytest.fixture
def visit(world: World) -> Visit:
    return begun(world)


@pytest.fixture
def open_visit(world: World, visit: Visit, page_as: PageAs) -> Callable[..., Page]:
    """The visit's page on a phone, for the coordinator unless somebody else is named."""

    def opened(user: object = None) -> Page:
        page = page_as(
            user or world.coordinator, f"/reviews/visits/{visit.engagement_id}/", viewport=PHONE, has_touch=True
        )
        expect(page.locator("#visit.ready")).to_be_attached()
        return page

    return opened


def press(page: Page, world: World, code: str, label: str) -> None:
    """Choose an answer."""
    page.locator(f"#q-{world.question(code).pk} label.choice", has_text=label).first.click()


def says(page: Page, text: str) -> None:
    """What the line at the top says."""
    expect(page.locator("#visit-status")).to_contain_text(text)


def saved(page: Page, world: World, code: str, version: int) -> None:
    """Wait until the server has so many changes of an answer: the line at the top says so before the first is on its way, too."""
    expect(page.locator(f"#q-{world.question(code).pk}")).to_have_attribute("data-version", str(version))
    says(page, "Everything is saved")


def test_without_a_line_all_is_kept_and_goes_through_once_later(
    world: World, visit: Visit, open_visit: Callable[..., Page]
) -> None:
    page = open_visit()
    says(page, "Everything is saved")
    fits(page)
    axe(page)
    page.context.set_offline(True)
    press(page, world, "desks", "Yes")
    press(page, world, "desks", "No")
    desks = page.locator(f"#q-{world.question('desks').pk}")
    desks.locator("summary").click()
    desks.get_by_label("Note").fill("Two are dusty")
    desks.get_by_label("Photo").set_input_files(PICTURE)
    expect(desks.locator("[data-photos-waiting]")).to_contain_text("desk.png")
    says(page, "No line. 2 kept on this device")
    shot(page, "visit_offline")
    fits(page)
    axe(page)
    # Other sections are there without a line too.
    page.get_by_role("link", name="Team").first.click()
    press(page, world, "morale", "3")
    says(page, "No line. 3 kept on this device")
    assert Answer.objects.count() == 0
    page.context.set_offline(False)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    says(page, "Everything is saved")
    found = {one.question.code: (one.score, one.note, one.version) for one in Answer.objects.select_related("question")}
    assert found == {"desks": (0, "Two are dusty", 1), "morale": (3, "", 1)}
    assert (AnswerChange.objects.count(), Photo.objects.count()) == (2, 1)


def test_a_reload_and_an_answer_that_got_lost_on_the_way_back_lose_and_double_nothing(
    world: World, open_visit: Callable[..., Page]
) -> None:
    page = open_visit()

    def cut(route: object) -> None:
        route.fetch()  # type: ignore[attr-defined]
        route.abort()  # type: ignore[attr-defined]

    page.route("**/changes/", cut)
    press(page, world, "desks", "Yes")
    says(page, "No line. 1 kept")
    assert AnswerChange.objects.count() == 1
    press(page, world, "desks", "No")
    says(page, "No line. 2 kept")
    page.unroute("**/changes/")
    page.reload()
    saved(page, world, "desks", 2)
    assert (Answer.objects.get().score, AnswerChange.objects.count()) == (0, 2)
    expect(page.locator(f"#q-{world.question('desks').pk} input:checked")).to_have_value("0")


def test_two_people_who_answer_differently_choose(world: World, open_visit: Callable[..., Page]) -> None:
    mine, other = open_visit(), open_visit(world.manager)
    mine.context.set_offline(True)
    press(mine, world, "desks", "Yes")
    press(other, world, "desks", "No")
    saved(other, world, "desks", 1)
    mine.context.set_offline(False)
    mine.evaluate("window.dispatchEvent(new Event('online'))")
    trouble = mine.locator(f"#q-{world.question('desks').pk} [data-trouble]")
    expect(trouble).to_contain_text("Mara Ortiz answered this meanwhile")
    expect(trouble).to_contain_text("Theirs: No")
    shot(mine, "visit_conflict")
    axe(mine)
    trouble.get_by_role("button", name="Keep mine").click()
    says(mine, "Everything is saved")
    assert Answer.objects.get().score == 1


def test_two_tabs_of_one_person_stand_together(world: World, open_visit: Callable[..., Page]) -> None:
    first = open_visit()
    second = first.context.new_page()
    second.goto(first.url)
    expect(second.locator("#visit.ready")).to_be_attached()
    press(first, world, "desks", "Yes")
    saved(first, world, "desks", 1)
    expect(second.locator(f"#q-{world.question('desks').pk} input:checked")).to_have_value("1")
    press(second, world, "desks", "No")
    saved(second, world, "desks", 2)
    assert (Answer.objects.get().score, Answer.objects.get().version) == (0, 2)


def test_a_photo_that_cannot_be_taken_is_said_at_its_question_in_chinese(
    world: World, open_visit: Callable[..., Page]
) -> None:
    world.coordinator.language = "zh-hans"
    world.coordinator.save()
    page = open_visit()
    fieldset = page.locator(f"#q-{world.question('desks').pk}")
    expect(fieldset.locator("legend")).to_have_text("桌面是否整洁？")
    fieldset.locator("summary").click()
    photo = fieldset.locator("input[type='file']")
    photo.set_input_files(
        {"name": "big.jpg", "mimeType": "image/jpeg", "buffer": b"\xff\xd8\xff" + b"0" * 30 * 1024 * 1024}
    )
    expect(fieldset.locator("[data-photo-trouble]")).to_contain_text("30.0 MB")
    photo.set_input_files({"name": "false.png", "mimeType": "image/png", "buffer": b"%PDF-1.7\n"})
    expect(fieldset.locator("[data-photos-waiting] button")).to_be_visible()
    assert Photo.objects.count() == 0
    fits(page)
    axe(page)
