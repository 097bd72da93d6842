"""States of reviews are badges: a chip is a filter, and grows to the size of a finger on a phone."""

from pathlib import Path

import pytest
from django.conf import settings

PAGES = sorted((Path(settings.BASE_DIR) / "templates" / "reviews").rglob("*.html"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_stands_there_to_be_read_is_no_chip(page: Path) -> None:
    assert '<span class="chip"' not in page.read_text(encoding="utf-8")


def test_there_are_pages() -> None:
    assert len(PAGES) > 40
