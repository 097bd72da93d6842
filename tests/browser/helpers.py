"""What browser tests look at: accessibility in both themes, sideways scroll, what the console says."""

import os
from pathlib import Path
from typing import Final, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize

LAUNCH: Final = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--disable-software-rasterizer",
]
DESKTOP: Final[ViewportSize] = {"width": 1440, "height": 900}
PHONE: Final[ViewportSize] = {"width": 390, "height": 844}
Scheme = Literal["light", "dark"]
SCHEMES: Final[tuple[Scheme, ...]] = ("light", "dark")
#: Rules of axe that run: those that it runs by itself, and those that look at colours.
ALL_RULES: Final[dict[str, object]] = {}
COLOUR_RULES: Final[dict[str, object]] = {"runOnly": ["color-contrast", "link-in-text-block"]}
_RULES: Final[dict[Scheme, dict[str, object]]] = {"light": ALL_RULES, "dark": COLOUR_RULES}
_RUN: Final = "rules => axe.run({resultTypes: ['violations'], ...rules}).then(results => results.violations)"
_SEVERE: Final = {"serious", "critical"}
#: Asks again until the answer is true: `wait_for_function` takes any promise for a yes, whatever it comes to.
_COMES_TRUE: Final = """async (within) => {{
  for (const end = Date.now() + within; Date.now() < end; await new Promise((soon) => setTimeout(soon, 50))) {{
    if (await ({condition})) return true;
  }}
  return false;
}}"""

_LOSES_ANSWERS: Final = """([ending, times]) => {
  const sent = window.fetch;
  let lost = 0;
  window.fetch = async (...asked) => {
    const answer = await sent(...asked);
    if (!String(asked[0]).endsWith(ending) || lost++ >= times) return answer;
    throw new TypeError("Failed to fetch");
  };
}"""


def arrived(page: Page) -> Page:
    """The page, once all of it is there: a click that leads on waits for the first bytes of the next page alone."""
    page.wait_for_load_state("load")
    return page


def comes_true(page: Page, condition: str, within: int = 20_000) -> None:
    """Wait until an asynchronous condition (JavaScript: a promise of true) holds, at most so many milliseconds."""
    assert page.evaluate(_COMES_TRUE.format(condition=condition), within), condition


def lose_answers(page: Page, ending: str, times: int = 1_000) -> None:
    """Until the page is loaded anew its first `times` requests to addresses that end so reach the server, and their answers are lost."""
    page.evaluate(_LOSES_ANSWERS, [ending, times])


def serious(page: Page) -> list[str]:
    """The serious and critical accessibility problems of a page, in the light and in the dark theme.

    The themes differ in nothing but colours, so in the dark one the rules about colours are all that can tell more.
    """
    arrived(page)
    found = []
    axe_core = Axe()
    page.evaluate(axe_core.axe_script)
    for scheme, rules in _RULES.items():
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        violations = page.evaluate(_RUN, rules)
        found += [
            f"{scheme}: {violation['id']} at {node['html'][:160]}: {node['failureSummary'][:300]}"
            for violation in violations
            if violation["impact"] in _SEVERE
            for node in violation["nodes"]
        ]
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    return found


def axe(page: Page) -> None:
    """Fail on any serious or critical accessibility problem, in either theme."""
    found = serious(page)
    assert not found, "\n".join(found)


def too_wide(page: Page) -> list[str]:
    """A line if the page as a whole scrolls sideways."""
    width = page.viewport_size["width"] if page.viewport_size else 0
    wide = arrived(page).evaluate("document.documentElement.scrollWidth") > width
    return [f"{page.url} is wider than {width} px"] if wide else []


def fits(page: Page) -> None:
    """Fail if the page as a whole scrolls sideways."""
    assert too_wide(page) == []


def shot(page: Page, name: str) -> None:
    """Keep a picture in the folder that PORTAL_SHOTS names; without it, none."""
    folder = os.environ.get("PORTAL_SHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        arrived(page).screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def looks_right(page: Page, name: str) -> None:
    """On the desktop and on a phone, for everybody."""
    shot(page, name)
    axe(page)
    fits(page)
    page.set_viewport_size(PHONE)
    fits(page)
    axe(page)
    shot(page, f"{name}_phone")
    page.set_viewport_size(DESKTOP)


def focused(page: Page) -> str:
    """The id of the element that has the focus, or its tag's name."""
    return str(arrived(page).evaluate("document.activeElement.id || document.activeElement.tagName"))
