"""What the page does with answers: toasts, refusals, lost connections, and news that come by themselves.

The answers are made up here, so that each can be had at will; the pages of the wings are tested with the wings.
"""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import PageAs, administrator
from tests.browser.helpers import focused

pytestmark = pytest.mark.browser
GALLERY = "/ui/components/"
PROBE = """html => {
  document.querySelector('.head').insertAdjacentHTML('afterend', html);
  htmx.process(document.querySelector('main'));
}"""
FORM = """<form id="probe-form" action="/probe/" hx-post="/probe/" hx-target="#probe-out">
<input id="probe-text" name="text" aria-label="Probe"><button id="probe">Send</button></form><div id="probe-out"></div>"""


@pytest.fixture
def gallery(shared_page_as: PageAs) -> Page:
    page = shared_page_as(administrator(), GALLERY)
    page.evaluate(PROBE, FORM)
    page.get_by_label("Probe").fill("what was typed")
    return page


def answer(page: Page, status: int, body: str = "", headers: dict[str, str] | None = None) -> None:
    def fulfil(route: Route) -> None:
        assert route.request.headers.get("x-csrftoken")
        route.fulfill(status=status, body=body, content_type="text/html", headers=headers or {})

    page.route("**/probe/", fulfil)


def test_success_swaps_and_its_toast_leaves_after_six_seconds(gallery: Page) -> None:
    gallery.clock.install()
    answer(
        gallery,
        200,
        '<p>Saved</p><div hx-swap-oob="beforeend:#toasts"><div class="toast" data-tone="ok"><div>Assigned to Mei Lin</div></div></div>',
    )
    gallery.locator("#probe").click()
    expect(gallery.locator("#probe-out")).to_have_text("Saved")
    toast = gallery.locator("#toasts .toast")
    expect(toast).to_have_text("Assigned to Mei Lin")
    gallery.clock.fast_forward("00:07")
    expect(toast).to_have_count(0)


def test_z_presses_the_undo_of_the_newest_toast(gallery: Page) -> None:
    undone = []
    gallery.route("**/undo/", lambda route: (undone.append(route.request.method), route.fulfill(status=204))[-1])
    toast = '<div class="toast" data-tone="ok"><div>Done</div><button data-undo hx-post="/undo/" hx-swap="none">Undo</button></div>'
    answer(gallery, 200, f'<p>Saved</p><div hx-swap-oob="beforeend:#toasts">{toast}</div>')
    gallery.locator("#probe").click()
    expect(gallery.locator("#toasts .toast")).to_contain_text("Undo")
    gallery.keyboard.press("z")
    expect(gallery.locator("#toasts .toast")).to_have_count(0)
    assert undone == ["POST"]


def test_422_shows_the_form_again_with_the_banner_in_focus(gallery: Page) -> None:
    answer(gallery, 422, '<div id="form-errors" role="alert" tabindex="-1">Wrong</div>')
    gallery.evaluate("document.querySelector('.form #form-errors').remove()")
    gallery.locator("#probe").click()
    expect(gallery.locator("#probe-out [role=alert]")).to_be_focused()


def test_409_keeps_what_was_typed_and_says_who_was_faster(gallery: Page) -> None:
    body = '<div class="toast" data-tone="red"><div>Not saved. Chen Wei changed this case a moment ago.</div><a href="/ui/components/">Reload</a></div>'
    answer(gallery, 409, body, {"X-Toast": "1"})
    gallery.locator("#probe").click()
    toast = gallery.locator("#toasts .toast")
    expect(toast).to_contain_text("Chen Wei changed this case a moment ago.")
    expect(gallery.get_by_label("Probe")).to_have_value("what was typed")
    toast.get_by_role("button", name="Dismiss").click()
    expect(toast).to_have_count(0)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (500, "Something failed on our side. Nothing was saved."),
        (403, "You may not do this."),
        (404, "no longer there"),
    ],
)
def test_a_refusal_says_so_in_words(gallery: Page, status: int, words: str) -> None:
    answer(gallery, status, "<html>a whole page that must not be swapped in</html>")
    gallery.locator("#probe").click()
    expect(gallery.locator("#toasts .toast")).to_contain_text(words)
    expect(gallery.locator("#probe-out")).to_be_empty()
    expect(gallery.get_by_label("Probe")).to_have_value("what was typed")


def test_a_lost_connection_offers_to_try_again(gallery: Page) -> None:
    gallery.route("**/probe/", lambda route: route.abort("connectionrefused"))
    gallery.locator("#probe").click()
    toast = gallery.locator("#toasts .toast")
    expect(toast).to_contain_text("No connection. Nothing was saved.")
    gallery.unroute("**/probe/")
    answer(gallery, 200, "Saved")
    toast.get_by_role("button", name="Retry").click()
    expect(gallery.locator("#probe-out")).to_have_text("Saved")


@pytest.fixture
def queue(shared_page_as: PageAs) -> Page:
    """The gallery's rows, made to ask for news every 60 s."""
    page = shared_page_as(administrator(), "about:blank")
    page.clock.install()
    page.goto(GALLERY)
    page.evaluate("""() => {
      const form = document.getElementById('gallery-rows');
      form.setAttribute('data-poll', '60'); form.setAttribute('hx-get', '/news/');
      form.setAttribute('hx-trigger', 'portal:poll'); form.setAttribute('hx-swap', 'outerHTML');
      htmx.process(form);
    }""")
    return page


def news(page: Page, *gone: str) -> None:
    """From now on the poll answers with the rows as they are, another subject in each, without those that are gone."""
    html = page.evaluate("document.getElementById('gallery-rows').outerHTML")
    html = re.sub(r'(class="rowlink[^>]*>)[^<]*', r"\1News", html).replace(' aria-current="true"', "")
    for row in gone:
        html = re.sub(rf'<tr role="row" id="{row}".*?</tr>', "", html, flags=re.DOTALL)
    page.route("**/news/", lambda route: route.fulfill(status=200, body=html, content_type="text/html"))


def test_news_keep_the_cursor_and_the_focus(queue: Page) -> None:
    queue.keyboard.press("j")
    queue.keyboard.press("j")
    news(queue)
    queue.clock.run_for(61_000)
    expect(queue.locator("#c20419 .rowlink")).to_have_text("News")
    expect(queue.locator("tr[aria-current=true]")).to_have_id("c20419")
    assert queue.evaluate("document.activeElement.closest('tr')?.id") == "c20419"
    queue.keyboard.press("j")
    expect(queue.locator("tr[aria-current=true]")).to_have_id("c20420")


def test_a_row_that_is_gone_hands_the_cursor_to_the_next(queue: Page) -> None:
    queue.keyboard.press("j")
    queue.keyboard.press("j")
    news(queue, "c20419")
    queue.clock.run_for(61_000)
    expect(queue.locator("#c20419")).to_have_count(0)
    expect(queue.locator("tr[aria-current=true]")).to_have_id("c20420")


def test_no_news_while_rows_are_selected_or_a_dialog_is_open(queue: Page) -> None:
    news(queue)
    asked: list[str] = []
    queue.on("request", lambda request: asked.append(request.url) if request.url.endswith("/news/") else None)
    queue.keyboard.press("j")
    queue.keyboard.press("x")
    queue.clock.run_for(130_000)
    assert asked == []
    queue.keyboard.press("Escape")
    queue.keyboard.press("?")
    queue.clock.run_for(130_000)
    assert asked == []
    queue.keyboard.press("Escape")
    queue.clock.run_for(5_000)
    expect(queue.locator("#c20418 .rowlink")).to_have_text("News")


def test_204_leaves_everything_as_it_is(queue: Page) -> None:
    queue.route("**/news/", lambda route: route.fulfill(status=204))
    queue.keyboard.press("j")
    with queue.expect_response("**/news/"):
        queue.clock.run_for(61_000)
    expect(queue.locator("#c20418 .rowlink")).to_contain_text("Guest locked out")
    expect(queue.locator("tr[aria-current=true]")).to_have_id("c20418")
    assert focused(queue) in {"A", "c20418"}


def test_a_form_fetched_into_a_dialog_has_the_focus_in_its_first_field(gallery: Page) -> None:
    gallery.route(
        "**/form/",
        lambda route: route.fulfill(
            status=200, body="<form><input id='first' aria-label='First'></form>", content_type="text/html"
        ),
    )
    opener = '<button id="fetch" commandfor="gallery-dialog" command="show-modal" hx-get="/form/" hx-target="#gallery-dialog">Open</button>'
    gallery.evaluate(PROBE, opener)
    gallery.locator("#fetch").click()
    expect(gallery.locator("#first")).to_be_focused()
    gallery.keyboard.press("Escape")
    expect(gallery.locator("#fetch")).to_be_focused()
