"""A files folder of its own for every test."""

from pathlib import Path

import pytest
from pytest_django import Settings


@pytest.fixture(autouse=True)
def files_root(settings: Settings, tmp_path: Path) -> Path:
    """Where this test's files lie."""
    settings.FILES_ROOT = tmp_path / "files"
    return tmp_path / "files"
