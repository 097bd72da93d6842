"""It is Saturday already in Chengdu, and its coordinator works."""

from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client

from partners.models import Site
from portal.accounts.choices import Role
from tests.factories.partners import SiteFactory, signed_in
from tests.partners.hiring import NOW


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def site(db: None) -> Site:
    return SiteFactory(name="Chengdu", code="CTU", partner__name="Bluewave")


@pytest.fixture
def client(site: Site) -> Client:
    return signed_in(Role.COORDINATOR, site=site)
