"""The world in which something is hidden, built once for all files."""

from collections.abc import Iterator

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from tests.web.hidden import Secrets, secrets


@pytest.fixture(scope="package")
def built(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Secrets]:
    """The world, built once and taken back after the last test."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield secrets()
        transaction.set_rollback(True)


@pytest.fixture
def found(built: Secrets, db: None) -> Secrets:
    """The same for one test, which leaves nothing behind: it runs in a savepoint."""
    return built
