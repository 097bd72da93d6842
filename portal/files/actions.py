"""Writes: store, attach, open, and forgetting what nobody attached."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import BinaryIO, Final

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.accounts.rules import Actor
from portal.files import access, disk, scanning
from portal.files.checking import check, no_room
from portal.files.choices import DOCUMENTS
from portal.files.models import StoredFile

logger = logging.getLogger(__name__)
ORPHAN_AGE: Final = timedelta(days=1)
PURGED_AT_ONCE: Final = 1000


def store(
    *,
    actor: Actor,
    upload: File[bytes],
    allowed: Collection[str] | None = DOCUMENTS,
    max_bytes: int | None = None,
    owner: tuple[str, object] | None = None,
) -> StoredFile:
    """Keep a file; it is nobody's until it is attached, unless `owner` (kind, id) is given.

    `allowed`: content types, None for any. `max_bytes`: else FILES_MAX_BYTES. The bytes are on the disk before the row
    is; without a row (the transaction failed) they are purged. Raises ValidationError that says what is wrong.
    """
    checked = check(upload, allowed=allowed, max_bytes=max_bytes)
    file_id = uuid.uuid4()
    size, sha256 = _write(file_id, upload)
    kind, owner_id = owner or ("", "")
    return StoredFile.objects.create(
        id=file_id,
        name=checked.name,
        size=size,
        content_type=checked.content_type,
        sha256=sha256,
        owner_kind=kind,
        owner_id=str(owner_id),
        created_by_id=actor.user_id,
    )


def _write(file_id: uuid.UUID, upload: File[bytes]) -> tuple[int, str]:
    try:
        return disk.write(file_id, upload)
    except OSError as error:
        if error.errno not in disk.FULL:
            raise
        logger.error("no room for a file of %s bytes", upload.size, exc_info=error)
        raise no_room() from error


@transaction.atomic
def attach(*, actor: Actor, file_ids: Iterable[uuid.UUID], owner_kind: str, owner_id: object) -> list[StoredFile]:
    """Hang files that the actor stored, and that are nobody's yet, on an owner; those that hang there already stay.

    Raises ValidationError if one is not there, not the actor's or another owner's.
    """
    wanted = list(dict.fromkeys(file_ids))
    rows = StoredFile.objects.select_for_update().filter(pk__in=wanted, created_by_id=actor.user_id).order_by("pk")
    owner = (owner_kind, str(owner_id))
    found = [row for row in rows if (row.owner_kind, row.owner_id) in {("", ""), owner}]
    if len(found) != len(wanted):
        raise ValidationError(_("A file is no longer there. Add it again."), code="gone")
    for row in found:
        row.owner_kind, row.owner_id = owner
    StoredFile.objects.bulk_update(found, ["owner_kind", "owner_id"])
    return found


def move(*, file_ids: Iterable[uuid.UUID], from_owner: tuple[str, object], to_owner: tuple[str, object] | None) -> int:
    """Hang a room's own files on something else, or on nothing, so that they are purged. Returns how many were moved."""
    kind, owner_id = to_owner or ("", "")
    rows = StoredFile.objects.filter(pk__in=list(file_ids), owner_kind=from_owner[0], owner_id=str(from_owner[1]))
    return rows.update(owner_kind=kind, owner_id=str(owner_id))


def open_(*, actor: Actor, file_id: uuid.UUID) -> tuple[StoredFile, BinaryIO]:
    """A file that the actor may read, and its bytes. Raises Http404, and FileNotFoundError if the disk lost it."""
    row = access.get_file(actor, file_id)
    return row, read(row)


def read(row: StoredFile) -> BinaryIO:
    """The bytes of a file, for a wing's own work. Raises FileNotFoundError if the disk lost it."""
    return disk.path_of(row.pk).open("rb")


def passes(row: StoredFile) -> bool:
    """Whether a file that was not scanned when it came carries no virus, as far as that can be said now."""
    if not scanning.is_on():
        return True
    try:
        with read(row) as stream:
            return not scanning.scan(stream)
    except (scanning.ScannerAwayError, FileNotFoundError):
        return False


def purge_orphans() -> int:
    """Forget files that were attached to nothing for a day; row first, then bytes. Returns how many."""
    before = timezone.now() - ORPHAN_AGE
    with transaction.atomic():
        old = StoredFile.objects.filter(owner_kind="", created_at__lt=before).select_for_update(skip_locked=True)
        ids = list(old.values_list("pk", flat=True)[:PURGED_AT_ONCE])
        StoredFile.objects.filter(pk__in=ids).delete()
    for file_id in ids:
        disk.remove(file_id)
    return len(ids)


def purge_strays() -> int:
    """Delete bytes older than a day that have no row: their transaction failed, or a purge was cut short. Returns how many."""
    before = (timezone.now() - ORPHAN_AGE).timestamp()
    batch: dict[uuid.UUID | str, list[str]] = {}
    removed = 0
    for path in disk.older_than(before):
        try:
            batch.setdefault(uuid.UUID(path.name), []).append(str(path))
        except ValueError:
            path.unlink(missing_ok=True)
            removed += 1
        if len(batch) >= PURGED_AT_ONCE:
            removed += _remove_unknown(batch)
            batch = {}
    return removed + _remove_unknown(batch)


def _remove_unknown(batch: Collection[uuid.UUID | str]) -> int:
    known = set(StoredFile.objects.filter(pk__in=list(batch)).values_list("pk", flat=True))
    unknown = [one for one in batch if isinstance(one, uuid.UUID) and one not in known]
    for file_id in unknown:
        disk.remove(file_id)
    return len(unknown)
