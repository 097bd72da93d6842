"""A receiver, and leave to reach it."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from tests.webhooks import receiver


@pytest.fixture
def inside(settings: Settings) -> None:
    """Requests may go to private addresses and over plain HTTP."""
    settings.WEBHOOKS_ALLOW_PRIVATE = True


@pytest.fixture
def target_server(inside: None) -> Iterator[receiver.Receiver]:
    """A receiver on loopback."""
    with receiver.running() as running:
        yield running
