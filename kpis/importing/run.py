"""The import of one file, in one transaction: staged, checked as a set, and written whole or by its good rows."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.imports.errors import ImportRefused

from ..choices import BatchState, ImportMode
from ..models import Batch, RowFault
from . import checking, writing
from .counts import Made
from .schema import FactsMapping, facts_mapping
from .source import Fault

BLOCK: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Upload:
    """A file and how to read it. `only`: ids of the sites that it may speak of (None: all). `create_under`: the code of the partner
    under whom sites, programmes and queues that the mapping lets be made are made. `tell`: is given the percentage that is done.
    """

    path: Path
    mapping: Mapping[str, Any]
    name: str = ""
    only: frozenset[int] | None = None
    create_under: str = ""
    user_id: int | None = None
    file_id: UUID | None = None
    tell: Callable[[int], object] = int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a file. `lacking`: columns that the mapping names and the file has not. `again`: it had been applied as it is."""

    made: Made
    state: BatchState
    batch_id: int | None
    faults: list[Fault] = field(default_factory=list)
    lacking: list[str] = field(default_factory=list)
    again: bool = False


def import_facts(
    upload: Upload, *, mode: str = ImportMode.WHOLE, dry_run: bool = False, batch: Batch | None = None
) -> Outcome:
    """Import a file, or with `dry_run` say what would come of it. Raises ImportRefused when it cannot be read at all.

    With faults and mode `whole` nothing is written but the batch with them. `batch`: a row made before, which then tells of this run;
    a dry run without one leaves nothing.
    """
    mapping = facts_mapping(dict(upload.mapping))
    digest = _digest(upload.path)
    keeps = batch is not None or not dry_run
    with transaction.atomic():
        _lock(digest)
        if not dry_run and (standing := _applied(upload, digest)):
            return _again(standing, batch)
        batch = _batch(upload, mapping, digest, mode, batch)
        if keeps:
            batch.save()
        with transaction.atomic():
            found = checking.check(upload, mapping)
            writes = not dry_run and (mode == ImportMode.GOOD or not found.faults.count)
            made = writing.write(found, batch, dry_run=not writes)
            if not writes:
                transaction.set_rollback(True)
        state = BatchState.CHECKED if dry_run else BatchState.APPLIED if writes else BatchState.REFUSED
        if keeps:
            _close(batch, made, state, found)
        return Outcome(made, state, batch.pk, found.faults.kept, found.lacking)


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as raw:
            while block := raw.read(BLOCK):
                digest.update(block)
    except OSError as error:
        raise ImportRefused(_("The file cannot be read: %(why)s.") % {"why": error.strerror or error}) from error
    return digest.hexdigest()


def _lock(digest: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"kpis {digest}"])


def _applied(upload: Upload, digest: str) -> Batch | None:
    """The import of this very file by this mapping, unless a later one has replaced some of it."""
    known = Batch.objects.filter(digest=digest, mapping=dict(upload.mapping), state=BatchState.APPLIED, faults=0)
    newest = known.order_by("-applied_at").first()
    if newest is None:
        return None
    replaced = Batch.objects.filter(revisions__former_batch__in=known, applied_at__gt=newest.applied_at)
    return None if replaced.exists() else newest


def _again(standing: Batch, batch: Batch | None) -> Outcome:
    made = Made(rows=standing.rows, unchanged=standing.rows)
    if batch is not None and batch.pk != standing.pk:
        Batch.objects.filter(pk=batch.pk).update(
            state=BatchState.DISCARDED, rows=standing.rows, unchanged=standing.rows
        )
    return Outcome(made, BatchState.APPLIED, standing.pk, again=True)


def _batch(upload: Upload, mapping: FactsMapping, digest: str, mode: str, batch: Batch | None) -> Batch:
    row = batch or Batch(file_id=upload.file_id, user_id=upload.user_id)
    row.kind, row.source, row.name = mapping.shape.kind, mapping.source, (upload.name or upload.path.name)[:200]
    row.digest, row.mapping, row.mode, row.state = digest, dict(upload.mapping), mode, BatchState.READING
    return row


def _close(batch: Batch, made: Made, state: BatchState, found: checking.Checked) -> None:
    batch.rows, batch.added, batch.replaced = made.rows, made.added, made.replaced
    batch.unchanged, batch.faults, batch.state = made.unchanged, made.errors, state
    batch.first_at, batch.last_at = found.first, found.last
    batch.applied_at = timezone.now() if state == BatchState.APPLIED else None
    batch.save()
    batch.sites.set(found.sites)
    batch.row_faults.all().delete()
    RowFault.objects.bulk_create(
        RowFault(batch=batch, row=f.row, column=f.column[:120], code=f.code, params=f.params) for f in found.faults.kept
    )
