"""Kinds of review: put together from sections, renamed, archived. A pack keeps the sections it was made with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction
from django.utils import timezone

from portal.accounts.rules import Actor
from portal.audit.actions import record
from portal.refusals import ConflictError, RefusedError

from ..access.jobs import get_kind, permit_kinds
from ..models import ReportJob, ReviewKind, Section


@dataclass(frozen=True, slots=True)
class Part:
    """A section of a kind, with the numbers that its options give."""

    code: str
    options: Mapping[str, int] = field(default_factory=dict)


def add_kind(*, actor: Actor, code: str, rhythm: str, name: str, name_zh: str, parts: Sequence[Part]) -> ReviewKind:
    """A new kind. Raises RefusedError for a code in use, and without sections."""
    allowed = permit_kinds(actor)
    _check(parts)
    try:
        with transaction.atomic():
            kind = ReviewKind.objects.create(code=code, rhythm=rhythm, name=name, name_zh=name_zh)
            _put(kind, parts)
            record(actor=allowed, verb="review_kind.added", subject_type="review_kind", subject_id=kind.pk)
    except IntegrityError as error:
        raise RefusedError("kind_taken", "code") from error
    return kind


@transaction.atomic
def change_kind(*, actor: Actor, code: str, seen: int, name: str, name_zh: str, parts: Sequence[Part]) -> ReviewKind:
    """Other names, other sections from the next pack on. Raises RefusedError without sections, ConflictError."""
    allowed = permit_kinds(actor)
    kind = get_kind(actor, code, for_update=True)
    if kind.version != seen:
        raise ConflictError(kind)
    _check(parts)
    kind.name, kind.name_zh, kind.version = name, name_zh, kind.version + 1
    kind.save()
    _put(kind, parts)
    sections = {"sections": ",".join(part.code for part in parts)}
    record(actor=allowed, verb="review_kind.changed", subject_type="review_kind", subject_id=kind.pk, changes=sections)
    return kind


@transaction.atomic
def archive_kind(*, actor: Actor, code: str) -> None:
    """No new job uses it. Raises RefusedError while one does."""
    allowed = permit_kinds(actor)
    kind = get_kind(actor, code, for_update=True)
    if ReportJob.objects.filter(kind=kind, archived_at=None).exists():
        raise RefusedError("kind_in_use")
    kind.archived_at, kind.version = kind.archived_at or timezone.now(), kind.version + 1
    kind.save()
    record(actor=allowed, verb="review_kind.archived", subject_type="review_kind", subject_id=kind.pk)


@transaction.atomic
def restore_kind(*, actor: Actor, code: str) -> None:
    """Jobs may use it again."""
    allowed = permit_kinds(actor)
    kind = get_kind(actor, code, for_update=True)
    kind.archived_at, kind.version = None, kind.version + 1
    kind.save()
    record(actor=allowed, verb="review_kind.restored", subject_type="review_kind", subject_id=kind.pk)


def _check(parts: Sequence[Part]) -> None:
    if not parts:
        raise RefusedError("no_sections")


def _put(kind: ReviewKind, parts: Sequence[Part]) -> None:
    kind.sections.all().delete()
    Section.objects.bulk_create(
        Section(kind=kind, position=position, code=part.code, options=dict(part.options))
        for position, part in enumerate(parts, 1)
    )
