"""Reads."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from portal.files.models import StoredFile


def files_of(owner_kind: str, owner_ids: Iterable[object]) -> Mapping[str, Sequence[StoredFile]]:
    """The files of these owners, oldest first, by owner id (as text), in one query.

    Whoever calls has checked that the reader may see the owners.
    """
    found: dict[str, list[StoredFile]] = defaultdict(list)
    ids = [str(one) for one in owner_ids]
    for row in StoredFile.objects.filter(owner_kind=owner_kind, owner_id__in=ids).order_by("created_at", "pk"):
        found[row.owner_id].append(row)
    return found


def get(file_id: uuid.UUID) -> StoredFile | None:
    """A file by its id, for a wing's own work; views use `access.get_file`."""
    return StoredFile.objects.filter(pk=file_id).first()
