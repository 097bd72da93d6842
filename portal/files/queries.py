"""Reads."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, OuterRef
from django.db.models.functions import Cast, JSONObject

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


@dataclass(frozen=True, slots=True)
class NamedFile:
    """As much of a file as a link to it says."""

    pk: str
    name: str
    size: int


def files_beside(owner_kind: str) -> ArraySubquery:
    """For an annotation of rows: the files that each owns by its id, oldest first, for `named_files`."""
    rows = StoredFile.objects.filter(owner_kind=owner_kind, owner_id=Cast(OuterRef("pk"), CharField()))
    return ArraySubquery(rows.order_by("created_at", "pk").values(file=JSONObject(pk="pk", name="name", size="size")))


def named_files(annotated: Iterable[Mapping[str, Any]] | None) -> list[NamedFile]:
    """What `files_beside` found."""
    return [NamedFile(**one) for one in annotated or ()]


def get(file_id: uuid.UUID) -> StoredFile | None:
    """A file by its id, for a wing's own work; views use `access.get_file`."""
    return StoredFile.objects.filter(pk=file_id).first()
