"""A mail server, and kinds of notification that only tests know."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from tests.factories.notifications import kind, registered
from tests.notifications import smtp


@pytest.fixture
def hidden() -> set[int]:
    """Subjects that nobody may see any more; a test adds to it."""
    return set()


@pytest.fixture(autouse=True)
def _kinds(hidden: set[int]) -> Iterator[None]:
    with registered(kind("test.breached", hidden), kind("test.warned", hidden)):
        yield


@pytest.fixture
def sink(settings: Settings) -> Iterator[smtp.Sink]:
    """A real SMTP server, which Django's mail goes to."""
    with smtp.running() as sink:
        settings.MAILERS = sink.mailers()
        yield sink
