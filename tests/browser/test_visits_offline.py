"""A visit whose page is loaded anew without a line: it is there, with what was answered, and nothing of it stays once it is over."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Error, Page, expect

from reviews.models import Answer, AnswerChange, Visit
from tests.browser.conftest import PageAs
from tests.browser.helpers import PHONE, axe, comes_true, fits, shot
from tests.browser.visiting import PICTURE, press, saved, says
from tests.reviews.visiting import World

pytestmark = pytest.mark.browser
#: Of how many visits the browser has answers as the server had them last.
KNOWN = """() => new Promise((resolve) => {
  indexedDB.open("portal-visits").onsuccess = ({ target: { result } }) => {
    const all = result.transaction("changes").objectStore("changes").getAllKeys();
    all.onsuccess = () => { result.close(); resolve(all.result.filter((key) => key.endsWith(":known")).length); };
  };
})"""


@pytest.fixture
def kept(visited: World, visit: Visit, page_as: PageAs) -> Callable[[], Page]:
    """The visit's page on a phone that keeps it."""

    def opened() -> Page:
        page = page_as(visited.coordinator, f"/reviews/visits/{visit.engagement_id}/", viewport=PHONE, has_touch=True)
        expect(page.locator("#visit.ready")).to_be_attached()
        comes_true(page, "navigator.serviceWorker.ready.then(() => caches.match(location.pathname))")
        return page

    return opened


def test_without_a_line_the_page_is_there_again_with_what_was_answered(
    visited: World, kept: Callable[[], Page]
) -> None:
    page = kept()
    press(page, visited, "desks", "Yes")
    saved(page, visited, "desks", 1)
    page.context.set_offline(True)
    page.reload()
    expect(page.locator("#visit.ready")).to_be_attached()
    expect(page.locator(f"#q-{visited.question('desks').pk} input:checked")).to_have_value("1")
    press(page, visited, "exits", "No")
    says(page, "No line. 1 kept on this device")
    page.reload()
    expect(page.locator(f"#q-{visited.question('exits').pk} input:checked")).to_have_value("0")
    says(page, "No line. 1 kept on this device")
    expect(page.locator("#toasts .toast")).to_have_count(0)
    shot(page, "visit_reloaded_offline")
    fits(page)
    axe(page)
    # What was through before is changed from the version that the server has, not from that of the page.
    press(page, visited, "desks", "Not answered")
    page.context.set_offline(False)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    saved(page, visited, "desks", 2)
    found = {one.question.code: (one.score, one.version) for one in Answer.objects.select_related("question")}
    assert found == {"desks": (None, 2), "exits": (0, 1)}
    assert AnswerChange.objects.filter(taken=True).count() == AnswerChange.objects.count() == 3


def test_a_photo_from_before_is_listed_without_a_line_and_once(visited: World, kept: Callable[[], Page]) -> None:
    page = kept()
    desks = page.locator(f"#q-{visited.question('desks').pk}")
    desks.locator("summary").click()
    desks.get_by_label("Photo").set_input_files(PICTURE)
    listed = desks.locator("[data-photos] li")
    expect(listed).to_have_text("Photo · desk.png")
    says(page, "Everything is saved")
    page.context.set_offline(True)
    page.reload()
    expect(page.locator("#visit.ready")).to_be_attached()
    expect(listed).to_have_text("Photo · desk.png")
    expect(listed).to_be_visible()
    page.context.set_offline(False)
    page.reload()
    expect(page.locator("#visit.ready")).to_be_attached()
    expect(listed).to_have_count(1)
    # Taken out it stays out: the page that is kept now is newer than the photo.
    listed.get_by_role("button", name="Remove").click()
    expect(listed).to_have_count(0)
    page.context.set_offline(True)
    page.reload()
    expect(page.locator("#visit.ready")).to_be_attached()
    expect(listed).to_have_count(0)


def answered(page: Page, visited: World) -> Page:
    """The page with an answer that came through."""
    press(page, visited, "desks", "Yes")
    saved(page, visited, "desks", 1)
    comes_true(page, f"({KNOWN})().then((count) => count === 1)")
    return page


def has_nothing(page: Page) -> None:
    """Neither the page nor an answer stayed in the browser."""
    comes_true(page, "caches.has('portal-visit').then((has) => !has)")
    assert page.evaluate(KNOWN) == 0


def test_nothing_stays_once_it_was_sent_in(visited: World, visit: Visit, kept: Callable[[], Page]) -> None:
    page = answered(kept(), visited)
    page.locator("#visit-status", has_text="Everything is saved").wait_for()
    page.get_by_role("link", name="Team").first.click()
    page.get_by_role("button", name="Send the visit in").first.click()
    page.locator("#finish button.btn--primary").click()
    page.wait_for_url("**/report/")
    has_nothing(page)
    page.context.set_offline(True)
    with pytest.raises(Error, match="ERR_INTERNET_DISCONNECTED"):
        page.goto(f"/reviews/visits/{visit.engagement_id}/")
    visit.refresh_from_db()
    assert visit.finished_at


def test_nothing_stays_for_the_next_who_signs_in(visited: World, kept: Callable[[], Page]) -> None:
    page = answered(kept(), visited)
    page.goto("/reviews/visits/")
    page.get_by_role("button", name="Account menu").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(lambda url: "/reviews/" not in url)
    has_nothing(page)


@pytest.mark.parametrize("signed_in", [True, False])
def test_nothing_stays_after_the_sign_out_page_nor_at_the_sign_in_page(
    visited: World, kept: Callable[[], Page], *, signed_in: bool
) -> None:
    page = answered(kept(), visited)
    if signed_in:
        page.goto("/accounts/logout/")
        page.get_by_role("button", name="Sign out").click()
    else:
        page.context.clear_cookies()
        page.goto("/accounts/login/")
    expect(page.get_by_label("Password")).to_be_visible()
    has_nothing(page)
