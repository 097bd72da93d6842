"""Every page that a link leads to, or whose address needs no names, as every role: it opens, is accessible in both themes,
and fits a phone.

One test, because it has to build a tenant first; a page that several roles open is looked at once.
"""

import subprocess
import sys

import pytest
from playwright.sync_api import Browser, Page

from portal.accounts.models import User
from portal.demo.people import LOGINS
from tests import databases
from tests.browser.conftest import opener
from tests.browser.helpers import DESKTOP, PHONE, serious, too_wide
from tests.browser.walk import NOWHERE, plain_addresses, walk

pytestmark = pytest.mark.browser
CASES = 25
SIGNED_OUT = ("/accounts/login/", "/accounts/password/reset/", NOWHERE)
SIGNED_IN = ("/", "/search/?q=guest", NOWHERE)
#: Without these the walk went astray.
SURELY = {
    "account_login",
    "access:readiness",
    "access:requests",
    "access:systems",
    "escalations:case",
    "escalations:queue",
    "home:day",
    "notifications:failed",
    "partners:people",
    "partners:rosters",
    "sla:policies",
    "webhooks:target_new",
}


def look(page: Page, _kind: str) -> list[str]:
    """What is wrong with a page."""
    problems = serious(page)
    page.set_viewport_size(PHONE)
    problems += too_wide(page)
    page.set_viewport_size(DESKTOP)
    return problems


def test_every_page_as_every_role(browser: Browser, fresh_database: databases.Database, live_portal: str) -> None:
    command = [sys.executable, "manage.py", "build_demo", "--cases", str(CASES)]
    subprocess.run(command, cwd=databases.ROOT, env=fresh_database.env, check=True)
    problems: list[str] = []
    seen: set[str] = set()
    with opener(browser, live_portal) as open_page:
        problems += walk(open_page(None, SIGNED_OUT[0]), SIGNED_OUT, seen, look)
        for role, email in LOGINS:
            found = walk(open_page(User.objects.get(email=email)), SIGNED_IN, seen, look, plain_addresses())
            problems += [f"{role}: {problem}" for problem in found]
    assert not problems, "\n".join(problems)
    assert SURELY - seen == set()
