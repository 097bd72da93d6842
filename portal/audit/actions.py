"""Writes to the audit trail."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from portal.audit.context import request_id
from portal.audit.models import AuditEntry


class Acts(Protocol):
    """Whoever acts: a user id (None for the system) and the user stood in for, if any."""

    @property
    def user_id(self) -> int | None: ...

    @property
    def principal_id(self) -> int | None: ...


def record(
    *, actor: Acts, verb: str, subject_type: str, subject_id: int, changes: Mapping[str, object] | None = None
) -> None:
    """Append one entry. `changes` holds codes, ids and numbers only, never free text."""
    record_many(actor=actor, verb=verb, subject_type=subject_type, changes_by_id={subject_id: changes or {}})


def record_many(
    *, actor: Acts, verb: str, subject_type: str, changes_by_id: Mapping[int, Mapping[str, object]]
) -> None:
    """Append one entry per object, in one statement."""
    AuditEntry.objects.bulk_create(_entries(actor, verb, subject_type, changes_by_id))


def _entries(
    actor: Acts, verb: str, subject_type: str, changes_by_id: Mapping[int, Mapping[str, object]]
) -> Iterable[AuditEntry]:
    current = request_id.get()
    return [
        AuditEntry(
            actor_id=actor.user_id,
            on_behalf_of_id=actor.principal_id,
            verb=verb,
            subject_type=subject_type,
            subject_id=subject_id,
            changes=dict(changes),
            request_id=current,
        )
        for subject_id, changes in changes_by_id.items()
    ]
