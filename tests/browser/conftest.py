"""A browser, a running portal on a database of its own, and pages signed in as somebody."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from portal.accounts.models import Membership, User
from tests.browser.helpers import DESKTOP, LAUNCH
from tests.browser.portal import running_portal
from tests.browser.sessions import session_cookie
from tests.databases import Database

PageAs = Callable[..., Page]


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """One Chromium for the whole run."""
    # Playwright keeps an event loop in this thread, at which Django's ORM would refuse to work.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=LAUNCH)
        yield browser
        browser.close()


@pytest.fixture
def live_portal(fresh_database: Database) -> Iterator[str]:
    """Address of a portal on `fresh_database`, where the test's own rows are seen by the server."""
    with running_portal(fresh_database.env) as address:
        yield address


def administrator(name: str = "Ada Stone") -> User:
    """A user who administers, second factor included."""
    from allauth.mfa.models import Authenticator

    user = User.objects.create(email=f"{name.lower().replace(' ', '.')}@company.example", name=name)
    Membership.objects.create(user=user, role="administrator")
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "unused"})
    return user


@pytest.fixture
def page_as(browser: Browser, live_portal: str) -> Iterator[PageAs]:
    """`page_as(user, "/queue/", viewport=PHONE, color_scheme="dark")`: a page signed in as the user (None: nobody).

    Whatever the console or the Content-Security-Policy complains about fails the test.
    """
    contexts: list[BrowserContext] = []
    trouble: list[str] = []

    def open_page(user: User | None, path: str = "/", **options: Any) -> Page:
        context = browser.new_context(
            base_url=live_portal, **{"viewport": DESKTOP, "reduced_motion": "reduce", **options}
        )
        contexts.append(context)
        if user is not None:
            context.add_cookies(
                [{"name": settings.SESSION_COOKIE_NAME, "value": session_cookie(user), "url": live_portal}]
            )
        page = context.new_page()
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on(
            "console", lambda message: trouble.append(message.text) if _is_trouble(message.type, message.text) else None
        )
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not trouble, "\n".join(trouble)


def _is_trouble(kind: str, text: str) -> bool:
    """Errors, but for remarks that a request failed: tests look at those themselves."""
    return kind == "error" and not text.startswith(("Failed to load resource", "Response Status Error", "htmx:"))
