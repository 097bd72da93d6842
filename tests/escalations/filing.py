"""What tests of files on cases share: a folder of their own, and the people."""

from pathlib import Path

import pytest
from pytest_django import Settings

from tests.escalations.pages_world import World, world


@pytest.fixture(autouse=True)
def files_root(settings: Settings, tmp_path: Path) -> None:
    settings.FILES_ROOT = tmp_path / "files"


@pytest.fixture
def made(db: None) -> World:
    return world()
