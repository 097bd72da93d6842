"""Files of packs: one per format and language, of what the pack is; what fails says so and is tried again."""

import errno
import io
from typing import IO, Any

import pytest

from portal.files.actions import read
from portal.files.models import StoredFile
from portal.ui.pdf import NoPangoError
from reviews.actions import files
from reviews.actions.files import MOST_ATTEMPTS, ask, ask_again, make, render_files
from reviews.models import Pack, PackFile
from reviews.queries.content import draft_hash
from reviews.rendering import render
from tests.factories.accounts import UserFactory
from tests.factories.reviews import comment, draft, published
from tests.reviews.packing import a_site, frozen_pack

pytestmark = pytest.mark.django_db


def state_of(row: PackFile) -> tuple[str, str, int]:
    row.refresh_from_db()
    return row.state, row.error, row.attempts


def refusing(error: Exception) -> Any:
    def render_(*_args: object) -> IO[bytes]:
        raise error

    return render_


def test_each_format_and_language_is_made_once() -> None:
    pack = frozen_pack(a_site(code="CEB"), formats=["pdf", "xlsx", "pptx"])
    ask(pack, ["zh-hans", "en", "tlh"])
    assert (render_files(render), render_files(render)) == (6, 0)
    rows = PackFile.objects.select_related("file")
    assert {row.of_hash for row in rows} == {draft_hash(pack)}
    assert {row.file.name for row in rows if row.file} == {
        f"weekly-CEB-2026-11-09-{language}-draft.{form}" for language in ("en", "zh-hans") for form in ("pdf", "xlsx", "pptx")
    }  # fmt: skip
    assert {(row.state, row.file.owner_kind, row.file.owner_id) for row in rows if row.file} == {
        ("ready", "reviews.pack_file", str(row.pk)) for row in rows
    }
    for row in rows:
        assert row.file
        with read(row.file) as content:
            assert content.read(4) == (b"%PDF" if row.format == "pdf" else b"PK\x03\x04")
