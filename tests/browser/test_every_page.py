"""Every page that a link leads to, as every role: it opens, is accessible in both themes, and fits a phone."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page
from pytest_django import DjangoDbBlocker

from portal.accounts.models import User
from portal.demo.people import LOGINS
from tests import databases
from tests.browser.conftest import opener
from tests.browser.helpers import DESKTOP, PHONE, serious, too_wide
from tests.browser.portal import running_portal
from tests.browser.walk import NOWHERE, walk

pytestmark = pytest.mark.browser
CASES = 25
SIGNED_OUT = ("/accounts/login/", "/accounts/password/reset/", NOWHERE)
SIGNED_IN = ("/", "/search/?q=guest", NOWHERE)


@pytest.fixture(scope="module")
def demo_portal(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """Address of a portal with a small demo tenant."""
    with django_db_blocker.unblock(), databases.clone() as database:
        command = [sys.executable, "manage.py", "build_demo", "--cases", str(CASES)]
        subprocess.run(command, cwd=databases.ROOT, env=database.env, check=True)
        with running_portal(database.env) as address:
            yield address


@pytest.fixture(scope="module")
def looked_at() -> set[str]:
    """Kinds of pages that a role before has seen already; the same page for another role has the same parts."""
    return set()


def look(page: Page, _kind: str) -> list[str]:
    """What is wrong with a page."""
    problems = serious(page)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    problems += too_wide(page)
    page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
    return problems


def test_signed_out(browser: Browser, demo_portal: str) -> None:
    with opener(browser, demo_portal) as open_page:
        assert walk(open_page(None, SIGNED_OUT[0]), SIGNED_OUT, set(), look) == []


@pytest.mark.parametrize("role", [str(role) for role, _email in LOGINS])
def test_signed_in(role: str, browser: Browser, demo_portal: str, looked_at: set[str]) -> None:
    user = User.objects.get(email={str(name): email for name, email in LOGINS}[role])
    with opener(browser, demo_portal) as open_page:
        assert walk(open_page(user), SIGNED_IN, looked_at, look) == []
    assert "home:day" in looked_at
