"""Kinds of notification that only tests know."""

from collections.abc import Iterator

import pytest

from tests.factories.notifications import kind, registered


@pytest.fixture
def hidden() -> set[int]:
    """Subjects that nobody may see any more; a test adds to it."""
    return set()


@pytest.fixture(autouse=True)
def _kinds(hidden: set[int]) -> Iterator[None]:
    with registered(kind("test.breached", hidden), kind("test.warned", hidden)):
        yield
