"""What the tests about people share."""

from collections.abc import Callable

import pytest
from django.test import Client

from portal.accounts.models import User
from portal.notifications.models import OutboxRow


@pytest.fixture
def signed_in() -> Callable[[User], Client]:
    """A browser in which this user is signed in."""

    def make(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return make


@pytest.fixture
def mails() -> Callable[[], list[dict[str, str]]]:
    """The mails queued so far, oldest first: to, subject, text, html."""

    def read() -> list[dict[str, str]]:
        return [row.payload for row in OutboxRow.objects.filter(topic="mail").order_by("pk")]

    return read
