"""Who reads pages of figures."""

import pytest
from django.test import Client

from partners.models import Site
from portal.accounts.choices import Role
from tests.factories.partners import signed_in


@pytest.fixture
def auditor(site: Site) -> Client:
    """Somebody who reads everything of the test's own site."""
    return signed_in(Role.AUDITOR)
