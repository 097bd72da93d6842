"""The world that all of these tests ask, built once."""

from collections.abc import Iterator

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from tests.web.world import Everything, everything


@pytest.fixture(scope="package")
def built(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Everything]:
    """The world, built once and taken back after the last test."""
    with django_db_blocker.unblock(), transaction.atomic():
        made = everything()
        for client in made.clients.values():
            client.raise_request_exception = False
        yield made
        transaction.set_rollback(True)


@pytest.fixture
def made(built: Everything, db: None) -> Everything:
    """The same for one test, in a savepoint."""
    return built
