"""Somebody who works cases at a site, and their program."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache

from escalations.models import Service
from partners.models import Site
from portal.accounts.models import User
from tests.factories.accounts import somebody
from tests.factories.api import Program
from tests.factories.escalations import ServiceFactory
from tests.factories.partners import SiteFactory


@pytest.fixture(autouse=True)
def counted_anew() -> Iterator[None]:
    """No request of an earlier test counts."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def service(db: None) -> Service:
    return ServiceFactory(code="payments", name="Payments", name_zh="支付")


@pytest.fixture
def site(db: None) -> Site:
    return SiteFactory(code="DLC", name="Dalian")


@pytest.fixture
def coordinator(site: Site) -> User:
    return somebody("coordinator", name="Cora Coordinator", site=site)


@pytest.fixture
def program(coordinator: User) -> Program:
    return Program(coordinator)
