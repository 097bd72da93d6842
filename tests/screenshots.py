"""`python -m tests.screenshots`: photograph every page of the demo as its main role, for whoever works on the pages.

Signs in as the demo's people one after the other and follows the links from "My day" on; each kind of page is taken once, by
the first role that comes to it: 390 and 1440 px wide, light and dark. `--all` takes every page of every role in both languages.
Pages that answer with an error are listed, and the exit status is 1.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from tests.browser.helpers import LAUNCH
from tests.browser.portal import ROOT, running_portal

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

WIDTHS: Final = (390, 1440)
THEMES: Final = ("light", "dark")
#: Where the walk starts for everybody, besides what links lead to.
STARTS: Final = ("/", "/search/?q=refund", "/nothing-here/")
#: Pages that no link leads to, and who may open them.
UNLINKED: Final = {"administrator": ("/ui/components/",)}
#: Who comes first: a page's main role is the first one here that may open it.
ROLES: Final = (
    "coordinator",
    "associate",
    "partner_manager",
    "partner_lead",
    "partner_qa",
    "partner_agent",
    "it_fulfilment",
    "administrator",
    "auditor",
)
SIGNED_OUT: Final = ("/accounts/login/", "/accounts/password/reset/", "/nothing-here/")
#: Addresses that are no pages, or that would end the walk.
SKIPPED: Final = ("/static/", "/accounts/logout/", "/healthz", "/readyz")
EXPECTED_404: Final = "/nothing-here/"


@dataclass
class Walk:
    """One role's way through the portal."""

    role: str
    language: str
    folder: Path
    taken: set[str]
    todo: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)


def main() -> int:
    """Take the pictures. Returns the exit status."""
    options = _options()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    from portal.servers import ensure_servers

    ensure_servers()
    _manage("migrate", "--verbosity", "0")
    import django

    django.setup()
    if not _has_people():
        _manage("build_demo")
    # Static files come straight from the source here, without collecting them first.
    with running_portal({**os.environ, "PORTAL_MODE": "test"}) as address:
        problems = _photograph(address, options.out, everything=options.all, roles=options.role)
    for problem in problems:
        sys.stderr.write(f"{problem}\n")
    return 1 if problems else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.screenshots", description=__doc__)
    parser.add_argument("--all", action="store_true", help="every role and both languages")
    parser.add_argument("--out", type=Path, default=ROOT / "screenshots", help="folder for the pictures")
    parser.add_argument("--role", action="append", help="only this role (may be repeated)")
    return parser.parse_args()


def _manage(*command: str) -> None:
    subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, check=True)


def _has_people() -> bool:
    """Whether the demo is there, or enough of it to sign in."""
    from portal.accounts.models import User
    from portal.demo.people import LOGINS

    return User.objects.filter(email__in=[email for _role, email in LOGINS]).count() == len(LOGINS)


def _photograph(address: str, folder: Path, *, everything: bool, roles: Sequence[str] | None) -> list[str]:
    from playwright.sync_api import sync_playwright

    from portal.demo.people import LOGINS
    from scripts.chromium import chromium

    path = chromium()
    problems: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=LAUNCH)
        problems += _walk(browser, address, None, Walk("signed_out", "en", folder, set(), list(SIGNED_OUT)))
        taken: set[str] = set()
        for role, email in sorted(LOGINS, key=lambda login: ROLES.index(str(login[0]))):
            if roles and role not in roles:
                continue
            for language in ("en", "zh-hans") if everything else ("en",):
                seen = set() if everything else taken
                with _speaking(email, language):
                    problems += _walk(
                        browser,
                        address,
                        email,
                        Walk(str(role), language, folder, seen, [*STARTS, *UNLINKED.get(str(role), ())]),
                    )
        browser.close()
    return problems


@contextmanager
def _speaking(email: str, language: str) -> Iterator[None]:
    """The user reads this language meanwhile."""
    from portal.accounts.models import User

    found = User.objects.filter(email__iexact=email)
    before = found.get().language
    found.update(language=language)
    try:
        yield
    finally:
        found.update(language=before)


def _walk(browser: Browser, address: str, email: str | None, walk: Walk) -> list[str]:
    context = browser.new_context(base_url=address, reduced_motion="reduce")
    if email is not None:
        context.add_cookies([{"name": "sessionid", "value": _session(email), "url": address}])
    page = context.new_page()
    while walk.todo:
        _visit(page, walk, walk.todo.pop(0))
    context.close()
    sys.stdout.write(f"{walk.role} ({walk.language}): {len(walk.seen)} pages\n")
    sys.stdout.flush()
    return walk.problems


def _session(email: str) -> str:
    from portal.accounts.models import User
    from tests.browser.sessions import session_cookie

    return session_cookie(User.objects.get(email__iexact=email))


def _visit(page: Page, walk: Walk, path: str) -> None:
    """Open the address, photograph it if its kind is new, and note where its links lead."""
    from playwright.sync_api import Error

    kind = _kind(path)
    if kind in walk.taken or kind in walk.seen:
        return
    walk.seen.add(kind)
    walk.taken.add(kind)
    page.set_viewport_size({"width": WIDTHS[-1], "height": 900})
    try:
        response = page.goto(path)
    except Error as error:
        if "Download is starting" not in str(error):
            walk.problems.append(f"{walk.role} {path}: {error}")
        return
    status = response.status if response else 0
    if status >= 400 and not path.startswith(EXPECTED_404):
        walk.problems.append(f"{walk.role} {path}: {status}")
    if response and "text/html" in response.headers.get("content-type", ""):
        arrived = _kind(page.url)
        if arrived == kind or arrived not in walk.taken:
            walk.taken.add(arrived)
            _take(page, walk, arrived)
        walk.todo += _links(page)


def _kind(path: str) -> str:
    """The name of the page behind an address, so that of 3,000 cases one is taken."""
    from django.urls import Resolver404, resolve

    try:
        return resolve(urlsplit(path).path).view_name
    except Resolver404:
        return "not_found"


def _links(page: Page) -> list[str]:
    hrefs = page.eval_on_selector_all(
        "a[href]:not([download])", "links => links.map(link => link.getAttribute('href'))"
    )
    here = urlsplit(page.url).path
    found = (here + href if href.startswith("?") else href for href in hrefs)
    return [href for href in found if href.startswith("/") and not href.startswith(SKIPPED)]


def _take(page: Page, walk: Walk, kind: str) -> None:
    folder = walk.folder / walk.role
    folder.mkdir(parents=True, exist_ok=True)
    suffix = "" if walk.language == "en" else "-zh"
    for theme in THEMES:
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            page.evaluate("window.scrollTo(0, 0)")
            name = f"{kind.replace(':', '-')}-{width}-{theme}{suffix}.png"
            page.screenshot(path=folder / name, full_page=True)
            if page.evaluate("document.documentElement.scrollWidth") > width:
                walk.problems.append(f"{walk.role} {kind}: wider than {width} px")


if __name__ == "__main__":
    sys.exit(main())
