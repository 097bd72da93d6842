"""Reads of the trail, with codes turned into the reader's words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from portal.audit import registry
from portal.audit.models import AuditEntry
from portal.audit.registry import Named
from portal.audit.wording import listed

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Names = Mapping[tuple[str, int], Named]


@dataclass(frozen=True, slots=True)
class Change:
    """One field of an entry; `old` is None where only the new value was kept."""

    label: StrOrPromise
    old: StrOrPromise | None
    new: StrOrPromise


@dataclass(frozen=True, slots=True)
class Line:
    """One entry, ready to be shown. `actor` None is the system."""

    pk: int
    at: datetime
    actor: Named | None
    behalf: Named | None
    verb: StrOrPromise
    subject_label: StrOrPromise
    subject: Named
    changes: tuple[Change, ...]
    request_id: str


def entries(
    *,
    actor_ids: Sequence[int] | None = None,
    verb: str = "",
    subject_type: str = "",
    subject_id: int | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> QuerySet[AuditEntry]:
    """Entries that fit; `actor_ids` also finds what was done on their behalf, `until` is exclusive."""
    found = AuditEntry.objects.all()
    if actor_ids is not None:
        found = found.filter(Q(actor_id__in=actor_ids) | Q(on_behalf_of_id__in=actor_ids))
    exact: dict[str, Any] = {"verb": verb, "subject_type": subject_type, "subject_id": subject_id}
    exact |= {"at__gte": since, "at__lt": until}
    return found.filter(**{key: value for key, value in exact.items() if value not in (None, "")})


def touched_by(user_id: int, subject_type: str, since: datetime, most: int) -> tuple[set[int], bool]:
    """Objects that somebody acted on since an instant, and whether these are all: no further back than `most` entries of theirs
    is read, by the index of actors, so that a long history costs nothing. One query."""
    rows = AuditEntry.objects.filter(actor_id=user_id).order_by("-id").values_list("at", "subject_type", "subject_id")
    newest = [row for row in rows[:most] if row[0] >= since]
    return {pk for _at, kind, pk in newest if kind == subject_type}, len(newest) < most


def lines_of(rows: Iterable[AuditEntry]) -> list[Line]:
    """The rows in words. One query per kind of object that occurs, whatever the number of rows."""
    kept = list(rows)
    people = {pk for row in kept for pk in (row.actor_id, row.on_behalf_of_id) if pk is not None}
    names = _names(kept, people)
    return [_line(row, names) for row in kept]


def audit_of(subject_type: str, subject_id: int, limit: int = 50) -> list[Line]:
    """The newest entries about one object, newest first: for a panel on its page. The caller has authorised the reader."""
    return lines_of(entries(subject_type=subject_type, subject_id=subject_id).order_by("-id")[:limit])


def audit_by(user_id: int, verbs: Sequence[str], limit: int = 20) -> list[Line]:
    """The newest entries that this person caused with one of these verbs, newest first."""
    return lines_of(AuditEntry.objects.filter(actor_id=user_id, verb__in=verbs).order_by("-id")[:limit])


def _names(rows: Sequence[AuditEntry], people: set[int]) -> Names:
    wanted: dict[str, set[int]] = {"user": people}
    for row in rows:
        wanted.setdefault(row.subject_type, set()).add(row.subject_id)
        for key, value in _fields_of(row):
            if subject := registry.field_subject(key):
                wanted.setdefault(subject, set()).update(part for part in _parts(value) if type(part) is int)
    found: dict[tuple[str, int], Named] = {}
    for key, ids in wanted.items():
        source = registry.subjects().get(key)
        if source and ids:
            found |= {(key, pk): named for pk, named in source.names(sorted(ids)).items()}
    return found


def _named(names: Names, key: str, pk: int) -> Named:
    return names.get((key, pk)) or Named(f"#{pk}")


def _line(row: AuditEntry, names: Names) -> Line:
    source = registry.subjects().get(row.subject_type)
    changes = sorted(_fields_of(row), key=lambda change: registry.field_order(change[0]))
    return Line(
        pk=row.pk,
        at=row.at,
        actor=None if row.actor_id is None else _named(names, "user", row.actor_id),
        behalf=None if row.on_behalf_of_id is None else _named(names, "user", row.on_behalf_of_id),
        verb=registry.verbs().get(row.verb, row.verb),
        subject_label=source.label if source else row.subject_type,
        subject=_named(names, row.subject_type, row.subject_id),
        changes=tuple(_change(key, value, names) for key, value in changes),
        request_id=row.request_id,
    )


def _fields_of(row: AuditEntry) -> list[tuple[str, object]]:
    found = ((registry.field_of(row.verb, key), value) for key, value in row.changes.items())
    return [(field, value) for field, value in found if field]


def _parts(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else [value]


def _change(key: str, value: object, names: Names) -> Change:
    """A pair is old and new; a longer list is a list; anything else is the new value alone."""
    words = [_word(key, part, names) for part in _parts(value)]
    label = registry.field_label(key)
    if isinstance(value, list) and len(words) == 2:
        return Change(label, words[0], words[1])
    return Change(label, None, words[0] if len(words) == 1 else listed(words))


def _word(key: str, value: object, names: Names) -> StrOrPromise:
    """An id as the object's name, an instant in the reader's zone, a code as its word."""
    subject = registry.field_subject(key)
    if subject and type(value) is int:
        return _named(names, subject, value).text
    moment = _instant(value) if key.rsplit("_", 1)[-1] == "at" else None
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}" if moment else registry.value_label(key, value)


def _instant(value: object) -> datetime | None:
    try:
        moment = parse_datetime(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment if moment and timezone.is_aware(moment) else None
