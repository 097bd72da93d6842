"""A browser, a running portal on a database of its own, and pages signed in as somebody."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from pytest_django import DjangoDbBlocker

from portal.accounts.models import Membership, User
from reviews.models import Visit
from tests import databases
from tests.browser.helpers import DESKTOP, LAUNCH
from tests.browser.portal import running_portal
from tests.browser.sessions import session_cookie
from tests.reviews import visiting

# A page that has not done what it should within this many milliseconds will not do it.
WAIT = 20_000
PageAs = Callable[..., Page]


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """One Chromium for the whole run."""
    # Playwright keeps an event loop in this thread, at which Django's ORM would refuse to work.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    expect.set_options(timeout=WAIT)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=LAUNCH)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def portal_address(django_db_setup: None) -> Iterator[str]:
    """Address of this worker's portal. It outlives its database, of which each test gets a new one of the same name."""
    with running_portal(databases.named(_database_name()).env) as address:
        yield address


@pytest.fixture
def fresh_database(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[databases.Database]:
    """A database of the test's own, as elsewhere, under the name at which this worker's portal looks for it."""
    with django_db_blocker.unblock(), databases.clone(_database_name()) as database:
        cache.clear()
        yield database


@pytest.fixture
def live_portal(fresh_database: databases.Database, portal_address: str) -> str:
    """Address of a portal on `fresh_database`, where the test's own rows are seen by the server."""
    return portal_address


@pytest.fixture
def visited(fresh_database: databases.Database) -> visiting.World:
    """A site with a checklist and people of both sides."""
    return visiting.World()


@pytest.fixture
def visit(visited: visiting.World) -> Visit:
    """One that is under way there."""
    return visiting.begun(visited)


@pytest.fixture(scope="module")
def shared_portal(portal_address: str, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """Address of a portal whose database the module's tests share; for those that change nothing others look at."""
    with django_db_blocker.unblock(), databases.clone(_database_name()):
        cache.clear()
        yield portal_address


def _database_name() -> str:
    return f"{settings.WORKER_DATABASE}_browser"


@pytest.fixture
def page_as(browser: Browser, live_portal: str) -> Iterator[PageAs]:
    """`page_as(user, "/queue/", viewport=PHONE, color_scheme="dark")`: a page signed in as the user (None: nobody).

    An answer that is not `status` (200) fails the test at once; whatever the console or the Content-Security-Policy
    complains about fails it at its end.
    """
    with opener(browser, live_portal) as open_page:
        yield open_page


@pytest.fixture
def shared_page_as(browser: Browser, shared_portal: str) -> Iterator[PageAs]:
    """As `page_as`, on the portal that the module shares."""
    with opener(browser, shared_portal) as open_page:
        yield open_page


@contextmanager
def opener(browser: Browser, address: str) -> Iterator[PageAs]:
    """What opens pages at this address, closes them afterwards, and listens to the console meanwhile."""
    contexts: list[BrowserContext] = []
    trouble: list[str] = []

    def listen(kind: str, text: str) -> None:
        if _is_trouble(kind, text):
            trouble.append(text)

    def open_page(user: User | None, path: str = "/", status: int = 200, **options: Any) -> Page:
        context = browser.new_context(base_url=address, **{"viewport": DESKTOP, "reduced_motion": "reduce", **options})
        contexts.append(context)
        if user is not None:
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session_cookie(user), "url": address}])
        page = context.new_page()
        page.set_default_timeout(WAIT)
        page.on("pageerror", lambda error: listen("error", str(error)))
        page.on("console", lambda message: listen(message.type, message.text))
        response = page.goto(path)
        found = response.status if response else status
        assert found == status, f"{path}: {found}: {page.inner_text('body')[:2000]}"
        return page

    try:
        yield open_page
    finally:
        for context in contexts:
            context.close()
    assert not trouble, "\n".join(trouble)


def _is_trouble(kind: str, text: str) -> bool:
    """Errors, but for remarks that a request failed: tests look at those themselves."""
    return kind == "error" and not text.startswith(("Failed to load resource", "Response Status Error", "htmx:"))


def administrator(name: str = "Ada Stone") -> User:
    """A user who administers, second factor included; the same one for the same name."""
    from allauth.mfa.models import Authenticator

    email = f"{name.lower().replace(' ', '.')}@company.example"
    user, is_new = User.objects.get_or_create(email=email, defaults={"name": name})
    if is_new:
        Membership.objects.create(user=user, role="administrator")
        Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "unused"})
    return user
