"""Two places in every test that looks for what could leak from one to the other."""

import pytest

from tests.partners.places import Place, build


@pytest.fixture
def ours(db: None) -> Place:
    return build("ours")


@pytest.fixture
def theirs(db: None) -> Place:
    return build("zqtheirs")
