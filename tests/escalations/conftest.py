"""What tests of cases share."""

import pytest

from escalations.models import Service
from partners.models import Site
from tests.factories.escalations import ServiceFactory
from tests.factories.partners import SiteFactory


@pytest.fixture
def service(db: None) -> Service:
    return ServiceFactory(name="Payments")


@pytest.fixture
def site(db: None) -> Site:
    return SiteFactory(name="Dalian")
