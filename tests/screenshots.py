"""`python -m tests.screenshots`: photograph every page of the demo as its main role, for whoever works on the pages.

Signs in as the demo's people one after the other and follows the links from "My day" on; each kind of page is taken once, by
the first role that comes to it: 390 and 1440 px wide, light and dark. `--all` takes every page of every role in both languages.
Pages that answer with an error or scroll sideways are listed, and the exit status is 1.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.browser.helpers import LAUNCH
from tests.browser.portal import ROOT, running_portal
from tests.browser.walk import NOWHERE, Look, plain_addresses, walk

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

WIDTHS: Final = (390, 1440)
THEMES: Final = ("light", "dark")
#: Where the walk starts for everybody, besides what links lead to.
STARTS: Final = ("/", "/search/?q=refund", NOWHERE)
SIGNED_OUT: Final = ("/accounts/login/", "/accounts/password/reset/", NOWHERE)
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
    parser.add_argument("--role", action="append", choices=ROLES, help="only this role (may be repeated)")
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
    emails = {str(role): email for role, email in LOGINS}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=LAUNCH)
        problems = _walk(browser, address, None, SIGNED_OUT, set(), _camera(folder / "signed_out"))
        taken: set[str] = set()
        for role in roles or ROLES:
            for language in ("en", "zh-hans") if everything else ("en",):
                camera = _camera(folder / role, "" if language == "en" else "-zh")
                with _speaking(emails[role], language):
                    starts = (*STARTS, *UNLINKED.get(role, ()))
                    problems += _walk(browser, address, emails[role], starts, set() if everything else taken, camera)
            sys.stdout.write(f"{role}: {len(list((folder / role).glob('*.png')))} pictures\n")
            sys.stdout.flush()
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


def _walk(
    browser: Browser, address: str, email: str | None, starts: Sequence[str], taken: set[str], camera: Look
) -> list[str]:
    context = browser.new_context(base_url=address, reduced_motion="reduce")
    if email is not None:
        context.add_cookies([{"name": "sessionid", "value": _session(email), "url": address}])
    problems = walk(context.new_page(), starts, taken, camera, plain_addresses() if email else ())
    context.close()
    return [f"{email or 'signed out'} {problem}" for problem in problems]


def _session(email: str) -> str:
    from portal.accounts.models import User
    from tests.browser.sessions import session_cookie

    return session_cookie(User.objects.get(email__iexact=email))


def _camera(folder: Path, suffix: str = "") -> Look:
    """Something that takes a page in every width and theme, and says if it is wider than the window."""
    folder.mkdir(parents=True, exist_ok=True)

    def take(page: Page, kind: str) -> list[str]:
        problems = []
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            page.evaluate("window.scrollTo(0, 0)")
            for theme in THEMES:
                page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
                page.screenshot(path=folder / f"{kind.replace(':', '-')}-{width}-{theme}{suffix}.png", full_page=True)
            if page.evaluate("document.documentElement.scrollWidth") > width:
                problems.append(f"wider than {width} px")
        return problems

    return take


if __name__ == "__main__":
    sys.exit(main())
