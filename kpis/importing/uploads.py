"""Files brought in through the pages: kept, checked, and applied when somebody says so. Large ones are read by a worker."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

from django.core.files.base import File
from django.db import DataError, IntegrityError, transaction
from django.utils import translation

from portal.accounts.models import User
from portal.accounts.queries import actor_for
from portal.accounts.rules import Actor
from portal.audit.actions import record
from portal.files import actions as files
from portal.imports.errors import ImportRefused
from portal.imports.mapping import read_mapping
from portal.refusals import RefusedError

from ..access import imports as access
from ..choices import BatchState, ImportMode
from ..models import Batch, RowFault
from ..queries import imports
from . import progress
from .files import opened
from .run import Outcome, Upload, import_facts
from .schema import FactsMapping, facts_mapping, present

OWNER: Final = "kpi_batch"
MAX_BYTES: Final = 100 * 1024 * 1024
# So much is read while the person waits; about a second's work.
AT_ONCE: Final = 2 * 1024 * 1024
_MAPPINGS: Final = Path(__file__).resolve().parent.parent / "mappings"
logger = logging.getLogger(__name__)


@cache
def default_mapping(kind: str) -> FactsMapping:
    """The project's mapping of a kind of facts."""
    return facts_mapping(raw_mapping(kind))


def raw_mapping(kind: str) -> dict[str, Any]:
    """The same as the file says it."""
    return read_mapping(_MAPPINGS / f"default_{kind}.yml")


def written_mapping(kind: str) -> str:
    """The same as it is written."""
    return (_MAPPINGS / f"default_{kind}.yml").read_text(encoding="utf-8")


@transaction.atomic
def bring(*, actor: Actor, file: File[bytes], kind: str, mode: str, mapping: Mapping[str, Any] | None = None) -> Batch:
    """Keep a file and check it, at once or, when it is large, by a worker; nothing is written to the facts.

    `mapping`: which column is which field, checked; None: those of the template. Raises ImportRefused or ValidationError when it is
    no such file, PermissionDenied.
    """
    acting = access.permit_importing(actor)
    stored = files.store(actor=acting, upload=file, allowed=None, max_bytes=MAX_BYTES)
    path = _path(stored)
    source = opened(path)
    source.close()
    raw = dict(mapping) if mapping else raw_mapping(kind)
    checked = facts_mapping(raw) if mapping else default_mapping(kind)
    present(checked, source.heading)
    batch = Batch.objects.create(
        kind=kind, source=checked.source, name=stored.name, digest=stored.sha256, mapping=raw, mode=mode,
        file=stored, user_id=acting.user_id,
    )  # fmt: skip
    files.attach(actor=acting, file_ids=[stored.pk], owner_kind=OWNER, owner_id=batch.pk)
    changes = {"file_bytes": stored.size}
    record(actor=acting, verb="facts.brought", subject_type="facts_batch", subject_id=batch.pk, changes=changes)
    if stored.size <= AT_ONCE:
        import_facts(_upload(batch, imports.importable_sites(actor)), mode=mode, dry_run=True, batch=batch)
    return batch


@transaction.atomic
def apply(*, actor: Actor, pk: int, mode: str | None = None) -> Outcome | None:
    """Write the good rows of a checked file; None when a worker will, because it is large. Raises RefusedError, Http404, PermissionDenied."""
    batch = access.lock_batch(actor, pk)
    if batch.state != BatchState.CHECKED or batch.file is None:
        raise RefusedError("import_closed")
    batch.mode = mode or batch.mode
    if batch.faults and batch.mode == ImportMode.WHOLE:
        raise RefusedError("import_faulty")
    _tell(access.permit_importing(actor), batch, "facts.applied")
    if batch.file.size > AT_ONCE:
        batch.state = BatchState.READING
        batch.save()
        return None
    return import_facts(_upload(batch, imports.importable_sites(actor)), mode=batch.mode, batch=batch)


@transaction.atomic
def discard(*, actor: Actor, pk: int) -> None:
    """Put a file away that was not applied. Raises RefusedError, Http404, PermissionDenied."""
    batch = access.lock_batch(actor, pk)
    if batch.state in {BatchState.APPLIED, BatchState.DISCARDED}:
        raise RefusedError("import_closed")
    batch.state = BatchState.DISCARDED
    batch.save()
    _tell(access.permit_importing(actor), batch, "facts.discarded")


def read_waiting() -> int:
    """Check or apply the uploads that wait for a worker, one transaction each; how many."""
    done = 0
    while _read_next():
        done += 1
    return done


def _read_next() -> bool:
    with transaction.atomic():
        batch = imports.waiting().select_for_update(of=("self",), no_key=True, skip_locked=True).first()
        if batch is None:
            return False
        user = User.objects.filter(pk=batch.user_id).first() if batch.user_id else None
        with translation.override(user.language if user else "en"):
            _read(batch, imports.importable_sites(actor_for(user)) if user else frozenset())
        return True


def _read(batch: Batch, only: frozenset[int] | None) -> None:
    applying = imports.is_checked(batch)
    progress.tell(batch.pk, 0)
    try:
        with transaction.atomic():
            import_facts(_upload(batch, only), mode=batch.mode, dry_run=not applying, batch=batch)
    except ImportRefused as refused:
        _refuse(batch, str(refused))
    except (DataError, IntegrityError, OSError, ValueError) as error:
        # Left alone it would be read, and fail, again and again.
        logger.exception("import %s cannot be read", batch.pk)
        _refuse(batch, type(error).__name__)
    finally:
        progress.forget(batch.pk)


def _refuse(batch: Batch, why: str) -> None:
    Batch.objects.filter(pk=batch.pk).update(state=BatchState.REFUSED, applied_at=None)
    RowFault.objects.create(batch=batch, row=1, code="unreadable", params={"why": why})


def _upload(batch: Batch, only: frozenset[int] | None) -> Upload:
    if batch.file is None:
        raise RefusedError("import_closed")
    tell = partial(progress.tell, batch.pk)
    return Upload(_path(batch.file), batch.mapping, batch.name, only, user_id=batch.user_id, tell=tell)


def _path(stored: Any) -> Path:
    with files.read(stored) as handle:
        return Path(str(handle.name))


def _tell(acting: Actor, batch: Batch, verb: str) -> None:
    changes = {"file_rows": batch.rows, "file_faults": batch.faults}
    record(actor=acting, verb=verb, subject_type="facts_batch", subject_id=batch.pk, changes=changes)
