"""A site visit on a phone whose line comes and goes: nothing is lost, nothing doubled, and two people see each other."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from reviews.models import Answer, AnswerChange, Photo, Visit
from tests.browser.conftest import PageAs
from tests.browser.helpers import PHONE, axe, fits, lose_answers, shot
from tests.browser.visiting import PICTURE, press, saved, says
from tests.reviews.visiting import World

pytestmark = pytest.mark.browser


@pytest.fixture
def open_visit(visited: World, visit: Visit, page_as: PageAs) -> Callable[..., Page]:
    """The visit's page on a phone, for the coordinator unless somebody else is named."""

    def opened(user: object = None) -> Page:
        page = page_as(
            user or visited.coordinator, f"/reviews/visits/{visit.engagement_id}/", viewport=PHONE, has_touch=True
        )
        expect(page.locator("#visit.ready")).to_be_attached()
        return page

    return opened


def test_without_a_line_all_is_kept_and_goes_through_once_later(
    visited: World, visit: Visit, open_visit: Callable[..., Page]
) -> None:
    page = open_visit()
    says(page, "Everything is saved")
    fits(page)
    axe(page)
    page.context.set_offline(True)
    press(page, visited, "desks", "Yes")
    press(page, visited, "desks", "No")
    desks = page.locator(f"#q-{visited.question('desks').pk}")
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
    press(page, visited, "morale", "3")
    says(page, "No line. 3 kept on this device")
    assert Answer.objects.count() == 0
    page.context.set_offline(False)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    says(page, "Everything is saved")
    found = {one.question.code: (one.score, one.note, one.version) for one in Answer.objects.select_related("question")}
    assert found == {"desks": (0, "Two are dusty", 1), "morale": (3, "", 1)}
    assert (AnswerChange.objects.count(), Photo.objects.count()) == (2, 1)


def test_a_reload_and_an_answer_that_got_lost_on_the_way_back_lose_and_double_nothing(
    visited: World, open_visit: Callable[..., Page]
) -> None:
    page = open_visit()
    lose_answers(page, "/changes/")
    press(page, visited, "desks", "Yes")
    says(page, "No line. 1 kept")
    assert AnswerChange.objects.count() == 1
    press(page, visited, "desks", "No")
    says(page, "No line. 2 kept")
    page.reload()
    saved(page, visited, "desks", 2)
    assert (Answer.objects.get().score, AnswerChange.objects.count()) == (0, 2)
    expect(page.locator(f"#q-{visited.question('desks').pk} input:checked")).to_have_value("0")


def test_two_people_who_answer_differently_choose(visited: World, open_visit: Callable[..., Page]) -> None:
    mine, other = open_visit(), open_visit(visited.manager)
    mine.context.set_offline(True)
    press(mine, visited, "desks", "Yes")
    press(other, visited, "desks", "No")
    saved(other, visited, "desks", 1)
    mine.context.set_offline(False)
    mine.evaluate("window.dispatchEvent(new Event('online'))")
    trouble = mine.locator(f"#q-{visited.question('desks').pk} [data-trouble]")
    expect(trouble).to_contain_text("Mara Ortiz answered this meanwhile")
    expect(trouble).to_contain_text("Theirs: No")
    shot(mine, "visit_conflict")
    axe(mine)
    trouble.get_by_role("button", name="Keep mine").click()
    says(mine, "Everything is saved")
    assert Answer.objects.get().score == 1


def test_two_tabs_of_one_person_stand_together(visited: World, open_visit: Callable[..., Page]) -> None:
    first = open_visit()
    second = first.context.new_page()
    second.goto(first.url)
    expect(second.locator("#visit.ready")).to_be_attached()
    press(first, visited, "desks", "Yes")
    saved(first, visited, "desks", 1)
    expect(second.locator(f"#q-{visited.question('desks').pk} input:checked")).to_have_value("1")
    press(second, visited, "desks", "No")
    saved(second, visited, "desks", 2)
    assert (Answer.objects.get().score, Answer.objects.get().version) == (0, 2)


def test_a_photo_that_cannot_be_taken_is_said_at_its_question_in_chinese(
    visited: World, open_visit: Callable[..., Page]
) -> None:
    visited.coordinator.language = "zh-hans"
    visited.coordinator.save()
    page = open_visit()
    fieldset = page.locator(f"#q-{visited.question('desks').pk}")
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
