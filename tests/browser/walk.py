"""Walking through the portal by its links, one page of each kind."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Error, Page

#: Addresses that are no pages, or that would end the walk.
SKIPPED = ("/static/", "/accounts/logout/", "/healthz", "/readyz")
#: Nobody has a page there.
NOWHERE = "/nothing-here/"
#: In a pattern: part of the address says which one.
_VARIES = re.compile(r"[<^$(\\]")
Look = Callable[[Page, str], list[str]]


def walk(page: Page, starts: Iterable[str], taken: set[str], look: Look, tries: Iterable[str] = ()) -> list[str]:
    """Follow the links from these addresses on, and look once at each kind of page that is not in `taken`.

    `look(page, kind)` says what is wrong with a page. Returns everything that is wrong, answers with an error included;
    adds what was looked at to `taken`. `tries` are opened too, and may be refused.
    """
    refusable = set(tries)
    todo, found, opened = [*starts, *sorted(refusable)], list[str](), set[str]()
    while todo:
        path = todo.pop(0)
        kind = kind_of(path)
        if kind in taken or kind in opened:
            continue
        opened.add(kind)
        trouble, is_page = _open(page, path, may_refuse=path in refusable)
        found += trouble
        if not is_page:
            continue
        arrived = kind_of(page.url)
        if arrived not in taken:
            taken.add(arrived)
            found += [f"{urlsplit(page.url).path}: {problem}" for problem in look(page, arrived)]
        todo += _links(page)
    return found


def plain_addresses() -> list[str]:
    """Every address that names nothing in particular, whether a link leads there or not."""
    from django.urls import URLPattern, get_resolver

    def below(patterns: Iterable[Any], prefix: str) -> Iterator[str]:
        for one in patterns:
            path = prefix + str(one.pattern)
            if _VARIES.search(path):
                continue
            if isinstance(one, URLPattern):
                yield path
            else:
                yield from below(one.url_patterns, path)

    return [path for path in below(get_resolver().url_patterns, "/") if not path.startswith(SKIPPED)]


def kind_of(address: str) -> str:
    """The name of the page behind an address, so that of 3,000 cases one is looked at."""
    from django.urls import Resolver404, resolve

    try:
        return resolve(urlsplit(address).path).view_name
    except Resolver404:
        return "not_found"


def _open(page: Page, path: str, *, may_refuse: bool) -> tuple[list[str], bool]:
    """Go there: what went wrong, and whether there is a page to look at (a download is none, nor is a piece of one)."""
    try:
        response = page.goto(path)
    except Error as error:
        return ([] if "Download is starting" in str(error) else [f"{path}: {error}"]), False
    status = response.status if response else 0
    is_page = "text/html" in response.headers.get("content-type", "") if response else False
    if status >= 400 and not path.startswith(NOWHERE):
        return ([] if may_refuse and status < 500 else [f"{path}: {status}"]), False
    return [], is_page and page.query_selector("main") is not None


def _links(page: Page) -> list[str]:
    hrefs = page.eval_on_selector_all(
        "a[href]:not([download])", "links => links.map(link => link.getAttribute('href'))"
    )
    here = urlsplit(page.url).path
    found = (here + href if href.startswith("?") else href for href in hrefs)
    return [href for href in found if href.startswith("/") and not href.startswith(SKIPPED)]
