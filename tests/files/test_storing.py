"""Storing, attaching, handing out, forgetting."""

import contextlib
import hashlib
import os
import time
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from portal.accounts.queries import actor_for
from portal.accounts.rules import SYSTEM, Actor
from portal.files import actions, queries, tasks
from portal.files.models import StoredFile
from tests.factories.accounts import UserFactory
from tests.factories.files import PDF, PNG, owned, upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def actor() -> Actor:
    return actor_for(UserFactory())


def stored(actor: Actor, name: str = "photo.png", content: bytes = PNG, **more: object) -> StoredFile:
    return actions.store(actor=actor, upload=upload(name, content), **more)  # type: ignore[arg-type]


def body(answer: object) -> bytes:
    return b"".join(answer.streaming_content)  # type: ignore[attr-defined]


def on_disk(root: Path) -> list[str]:
    return sorted(path.name for path in root.glob("??/??/*"))


def test_the_bytes_lie_under_the_id_readable_by_nobody_else(actor: Actor, files_root: Path) -> None:
    row = stored(actor)
    path = files_root / str(row.pk)[:2] / str(row.pk)[2:4] / str(row.pk)
    assert path.read_bytes() == PNG
    assert path.stat().st_mode & 0o077 == 0
    assert (row.size, row.content_type, row.sha256) == (len(PNG), "image/png", hashlib.sha256(PNG).hexdigest())
    assert row.created_by_id == actor.user_id


def test_a_refused_file_leaves_nothing(actor: Actor, files_root: Path) -> None:
    with pytest.raises(ValidationError):
        stored(actor, "a.pdf", PNG)
    assert on_disk(files_root) == []
    assert not StoredFile.objects.exists()


def test_only_whom_the_owner_s_wing_lets_read_it_gets_it(client: Client, actor: Actor) -> None:
    row = stored(actor, owner=("test.thing", 7))
    address = f"/files/{row.pk}/"
    assert client.get(address).status_code == 302
    client.force_login(_user(actor))
    assert client.get(address).status_code == 404  # nobody registered the kind: nobody reads it
    with owned("test.thing", lambda who, file: who.user_id == actor.user_id and file.owner_id == "7"):
        assert body(client.get(address)) == PNG
        client.force_login(UserFactory())
        assert client.get(address).status_code == 404
        assert client.get(f"/files/{uuid.uuid4()}/").status_code == 404
        assert client.post(address).status_code == 405


def _user(actor: Actor) -> object:
    from portal.accounts.models import User

    return User.objects.get(pk=actor.user_id)


def test_what_is_attached_to_nothing_is_nobody_s_to_read(client: Client, actor: Actor) -> None:
    row = stored(actor)
    client.force_login(_user(actor))  # type: ignore[arg-type]
    assert client.get(f"/files/{row.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("name", "content", "kind", "disposition"),
    [
        ("发票 5月.png", PNG, "image/png", "inline; filename*=utf-8''%E5%8F%91%E7%A5%A8%205%E6%9C%88.png"),
        ("a.pdf", PDF, "application/pdf", 'attachment; filename="a.pdf"'),
        ("a.html", b"<html><script>1</script>", "application/octet-stream", 'attachment; filename="a.html"'),
        ("a.svg", b"<svg><script>1</script></svg>", "application/octet-stream", 'attachment; filename="a.svg"'),
        ("a.txt", b"text", "text/plain", 'attachment; filename="a.txt"'),
    ],
)
def test_headers_keep_a_browser_from_running_it(
    client: Client, actor: Actor, name: str, content: bytes, kind: str, disposition: str
) -> None:
    row = stored(actor, name, content, allowed=None, owner=("test.open", 1))
    client.force_login(_user(actor))  # type: ignore[arg-type]
    with owned("test.open", lambda who, file: True):
        answer = client.get(f"/files/{row.pk}/")
        assert body(answer) == content
        assert answer.headers["Content-Type"].partition(";")[0] == kind
        assert answer.headers["Content-Disposition"] == disposition
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        download = client.get(f"/files/{row.pk}/?download")
        assert download.headers["Content-Disposition"].startswith("attachment")
        download.close()


def test_a_file_that_the_disk_lost_is_not_found(client: Client, actor: Actor, files_root: Path) -> None:
    row = stored(actor, owner=("test.open", 1))
    next(files_root.glob("??/??/*")).unlink()
    client.force_login(_user(actor))  # type: ignore[arg-type]
    with owned("test.open", lambda who, file: True):
        assert client.get(f"/files/{row.pk}/").status_code == 404


def test_only_one_s_own_and_free_files_can_be_attached(actor: Actor) -> None:
    mine, theirs = stored(actor), stored(actor_for(UserFactory()))
    assert actions.attach(actor=actor, file_ids=[mine.pk], owner_kind="test.thing", owner_id=3)[0].owner_id == "3"
    actions.attach(actor=actor, file_ids=[mine.pk, mine.pk], owner_kind="test.thing", owner_id=3)  # again: no harm
    for ids in ([theirs.pk], [uuid.uuid4()]):
        with pytest.raises(ValidationError, match="no longer there"):
            actions.attach(actor=actor, file_ids=ids, owner_kind="test.thing", owner_id=3)
    with pytest.raises(ValidationError):
        actions.attach(actor=actor, file_ids=[mine.pk], owner_kind="test.thing", owner_id=4)
    assert [row.pk for row in queries.files_of("test.thing", [3, 4])["3"]] == [mine.pk]


def test_what_nobody_attached_within_a_day_is_forgotten(actor: Actor, files_root: Path) -> None:
    old, fresh, kept = stored(actor), stored(actor), stored(actor, owner=("test.thing", 1))
    StoredFile.objects.filter(pk__in=[old.pk, kept.pk]).update(created_at=timezone.now() - timedelta(days=2))
    tasks.purge()
    assert set(StoredFile.objects.values_list("pk", flat=True)) == {fresh.pk, kept.pk}
    assert on_disk(files_root) == sorted([str(fresh.pk), str(kept.pk)])


def test_bytes_without_a_row_are_deleted_after_a_day(actor: Actor, files_root: Path) -> None:
    with contextlib.suppress(RuntimeError), transaction.atomic():
        stored(actor)
        raise RuntimeError
    lost = next(files_root.glob("??/??/*"))
    half = lost.with_name("x.half")
    half.write_bytes(b"half")
    kept, fresh = stored(actor, owner=("test.thing", 1)), stored(SYSTEM, allowed=None)
    day_before = time.time() - 2 * 86400
    for path in (lost, half, files_root / str(kept.pk)[:2] / str(kept.pk)[2:4] / str(kept.pk)):
        os.utime(path, (day_before, day_before))
    assert actions.purge_strays() == 2
    assert on_disk(files_root) == sorted([str(kept.pk), str(fresh.pk)])


def test_the_database_refuses_half_an_owner_and_an_empty_file(actor: Actor) -> None:
    row = stored(actor)
    for wrong in ({"owner_kind": "x"}, {"owner_id": "1"}, {"size": 0}, {"sha256": "no"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            StoredFile.objects.filter(pk=row.pk).update(**wrong)
