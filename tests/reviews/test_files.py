"""Files of packs: one per format and language, of what the pack is; what fails says so and is tried again."""

import errno
import io
from pathlib import Path
from typing import IO, Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from portal.accounts.choices import Role
from portal.files.actions import read
from portal.files.models import StoredFile
from portal.ui.pdf import NoPangoError
from reviews.actions.files import MOST_ATTEMPTS, ask, ask_again, make, render_files
from reviews.models import PackFile, Subscription
from reviews.queries.content import draft_hash
from reviews.queries.files import lacking
from reviews.rendering import render
from reviews.wording.files import failure_text
from tests.factories.accounts import UserFactory
from tests.factories.partners import SiteFactory, user
from tests.factories.reviews import ReportJobFactory, comment, draft, published
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


def test_a_full_disk_says_so_keeps_nothing_and_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    ask(draft(formats=["xlsx"]))
    row = PackFile.objects.get()
    full = OSError(errno.ENOSPC, "No space left on device")
    for function in ("fsync", "replace"):
        with monkeypatch.context() as patched:
            patched.setattr(
                f"portal.files.disk.os.{function}" if function == "fsync" else "pathlib.Path.replace", _raising(full)
            )
            assert not make(row.pk, render)
    assert state_of(row) == ("failed", "disk_full", 2)
    assert (StoredFile.objects.count(), list(halves())) == (0, [])
    assert render_files(render) == 0, "it waits a while"
    PackFile.objects.update(leased_until=timezone.now())
    assert render_files(render) == 1
    assert state_of(row) == ("ready", "", 3)


@pytest.mark.parametrize(
    ("error", "why"),
    [(NoPangoError("x"), "no_pango"), (OSError(errno.EIO, "x"), "disk"), (ValueError("x"), "broken")],
)
def test_what_fails_says_why_stops_in_the_end_and_can_be_asked_for_again(error: Exception, why: str) -> None:
    pack = draft(formats=["pdf"])
    ask(pack)
    row = PackFile.objects.get()
    for _at in range(MOST_ATTEMPTS + 2):
        PackFile.objects.update(leased_until=None)
        render_files(refusing(error))
    assert state_of(row) == ("failed", why, MOST_ATTEMPTS)
    assert failure_text(why) != why
    assert lacking(pack)
    ask_again(pack)
    assert state_of(row) == ("waiting", "", 0)
    assert not lacking(pack)
    assert render_files(lambda *_args: io.BytesIO(b"%PDF-1.7\n%%EOF\n")) == 1


def test_workers_that_die_of_it_give_up_in_the_end() -> None:
    ask(draft(formats=["pdf"]))
    PackFile.objects.update(attempts=MOST_ATTEMPTS)
    assert render_files(refusing(AssertionError("not again"))) == 0
    assert state_of(PackFile.objects.get()) == ("failed", "gave_up", MOST_ATTEMPTS)


def test_a_draft_that_was_commented_on_meanwhile_is_made_as_it_is() -> None:
    pack = draft(formats=["xlsx"])
    ask(pack)
    comment(pack, UserFactory.create())
    assert lacking(pack)
    assert render_files(render) == 1
    row = PackFile.objects.get()
    assert row.of_hash == draft_hash(pack)
    comment(pack, UserFactory.create())
    ask_again(pack)
    assert render_files(render) == 1
    assert PackFile.objects.count() == 2, "what was read of the draft stays"


def test_a_pack_published_meanwhile_gets_its_final_files_in_the_languages_of_subscribers() -> None:
    job = ReportJobFactory.create()
    pack = draft(formats=["xlsx"], job=job, site=job.site)
    Subscription.objects.create(job=job, user=UserFactory.create(language="zh-hans"))
    ask(pack)
    ask(published(pack))
    assert render_files(render) == 2
    rows = PackFile.objects.values_list("language", "final", "of_hash", "state").order_by("language")
    assert list(rows) == [(one, True, pack.content_hash, "ready") for one in ("en", "zh-hans")]


def test_files_are_read_by_who_sees_the_pack() -> None:
    pack = frozen_pack(a_site(code="CEB"), formats=["xlsx"])
    render_files(render)
    row = PackFile.objects.get()
    for who, status in (
        (user(Role.COORDINATOR, site=pack.site), 200), (user(Role.PARTNER_LEAD, site=pack.site), 200),
        (user(Role.COORDINATOR, site=SiteFactory.create()), 404), (user(Role.AGENT, site=pack.site), 404),
    ):  # fmt: skip
        client = Client()
        client.force_login(who)
        response = client.get(f"/files/{row.file_id}/")
        assert response.status_code == status
        if status == 200:
            assert "weekly-CEB-2026-11-09-en-draft.xlsx" in response["Content-Disposition"]
            assert response.getvalue().startswith(b"PK")


def halves() -> Any:
    return Path(settings.FILES_ROOT).glob("??/??/*.half")


def _raising(error: Exception) -> Any:
    def raise_(*_args: object, **_kwargs: object) -> None:
        raise error

    return raise_
