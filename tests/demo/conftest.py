"""The invented tenant's company, built once for all tests of the demo."""

from collections.abc import Iterator

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from portal.demo import actions


@pytest.fixture(scope="package", autouse=True)
def _company(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Everything but cases and facts, taken back after the last test; tests go on from there, in savepoints."""
    with django_db_blocker.unblock(), transaction.atomic():
        actions.build_demo(cases=0, days=0, processes=1)
        yield
        transaction.set_rollback(True)
