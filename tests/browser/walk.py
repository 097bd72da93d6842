"""Walking through the portal by its links, one page of each kind."""

from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from playwright.sync_api import Error, Page

#: Addresses that are no pages, or that would end the walk.
SKIPPED = ("/static/", "/accounts/logout/", "/healthz", "/readyz")
#: Nobody has a page there.
NOWHERE = "/nothing-here/"
Look = Callable[[Page, str], list[str]]


def walk(page: Page, starts: Iterable[str], taken: set[str], look: Look) -> list[str]:
    """Follow the links from these addresses on, and look once at each kind of page that is not in `taken`.

    `look(page, kind)` says what is wrong with a page. Returns everything that is wrong, answers with an error included;
    adds what was looked at to `taken`.
    """
    todo, found, opened = list(starts), list[str](), set[str]()
    while todo:
        path = todo.pop(0)
        kind = kind_of(path)
        if kind in taken or kind in opened:
            continue
        opened.add(kind)
        trouble, is_page = _open(page, path)
        found += trouble
        if not is_page:
            continue
        arrived = kind_of(page.url)
        if arrived not in taken:
            taken.add(arrived)
            found += [f"{urlsplit(page.url).path}: {problem}" for problem in look(page, arrived)]
        todo += _links(page)
    return found


def kind_of(address: str) -> str:
    """The name of the page behind an address, so that of 3,000 cases one is looked at."""
    from django.urls import Resolver404, resolve

    try:
        return resolve(urlsplit(address).path).view_name
    except Resolver404:
        return "not_found"


def _open(page: Page, path: str) -> tuple[list[str], bool]:
    """Go there: what went wrong, and whether there is a page to look at (a download is none)."""
    try:
        response = page.goto(path)
    except Error as error:
        return ([] if "Download is starting" in str(error) else [f"{path}: {error}"]), False
    status = response.status if response else 0
    is_page = "text/html" in response.headers.get("content-type", "") if response else False
    if status >= 400 and not path.startswith(NOWHERE):
        return [f"{path}: {status}"], False
    return [], is_page


def _links(page: Page) -> list[str]:
    hrefs = page.eval_on_selector_all(
        "a[href]:not([download])", "links => links.map(link => link.getAttribute('href'))"
    )
    here = urlsplit(page.url).path
    found = (here + href if href.startswith("?") else href for href in hrefs)
    return [href for href in found if href.startswith("/") and not href.startswith(SKIPPED)]
