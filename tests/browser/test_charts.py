"""Charts in a browser: readable in both themes and by assistive technology, on a desktop, a phone and on paper."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PageAs, administrator
from tests.browser.helpers import DESKTOP, PHONE, SCHEMES, axe, fits, shot

pytestmark = pytest.mark.browser
GALLERY = "/ui/components/"


@pytest.fixture
def gallery(shared_page_as: PageAs) -> Page:
    return shared_page_as(administrator(), GALLERY)


def test_charts_are_accessible_open_and_closed_and_never_widen_the_page(gallery: Page) -> None:
    for name, size in (("desktop", DESKTOP), ("phone", PHONE)):
        gallery.set_viewport_size(size)
        fits(gallery)
        for scheme in SCHEMES:
            gallery.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            shot(gallery, f"charts-{name}-{scheme}")
    gallery.evaluate("document.querySelectorAll('.chart-data').forEach(found => { found.open = true })")
    fits(gallery)
    axe(gallery)


def test_a_chart_that_does_not_fit_scrolls_by_itself_and_keeps_its_letters_legible(gallery: Page) -> None:
    gallery.set_viewport_size(PHONE)
    # A chart that turns on its side shows one of its two forms.
    scroller = gallery.locator(".chart:visible").first
    assert scroller.evaluate("found => found.scrollWidth > found.clientWidth")
    scroller.focus()
    expect(scroller).to_be_focused()
    smallest = gallery.evaluate(
        "Math.min(...[...document.querySelectorAll('.plot')].filter(found => found.checkVisibility())"
        ".map(found => 12 * found.clientWidth / found.viewBox.baseVal.width))"
    )
    assert smallest >= 10


def test_words_inside_a_drawing_stay_inside_and_apart(gallery: Page) -> None:
    """The browser's own measure of the words, against the estimate that the layout uses."""
    gallery.set_viewport_size(DESKTOP)
    bad = gallery.evaluate(
        """() => [...document.querySelectorAll('.plot')].flatMap(plot => {
            const frame = plot.viewBox.baseVal;
            const boxes = [...plot.querySelectorAll('text')].map(text => ({words: text.textContent, ...box(text)}));
            const out = boxes.filter(b => b.left < -1 || b.right > frame.width + 1 || b.top < -2 || b.bottom > frame.height + 2);
            const on = boxes.flatMap((a, at) => boxes.slice(at + 1).filter(b => a.left + 1 < b.right && b.left + 1 < a.right
                && a.top + 4 < b.bottom && b.top + 4 < a.bottom).map(b => ({words: a.words + ' / ' + b.words})));
            return [...out, ...on].map(found => found.words);
            function box(text) { const b = text.getBBox(); return {left: b.x, right: b.x + b.width, top: b.y, bottom: b.y + b.height}; }
        })"""
    )
    assert bad == []


def test_a_point_leads_to_what_is_behind_it(gallery: Page) -> None:
    link = gallery.get_by_role("link", name="33: 66.4%, Below the lower limit")
    link.focus()
    assert link.evaluate("found => getComputedStyle(found.querySelector('.hit')).strokeWidth") == "2px"
    gallery.keyboard.press("Enter")
    gallery.wait_for_url("**?week=33")


def test_on_paper_the_whole_chart_is_there(gallery: Page) -> None:
    gallery.emulate_media(media="print", color_scheme="light")
    gallery.set_viewport_size({"width": 720, "height": 1000})
    assert gallery.locator(".chart").first.evaluate("found => found.scrollWidth <= found.clientWidth + 1")
    expect(gallery.locator(".chart-data").first).to_be_hidden()
