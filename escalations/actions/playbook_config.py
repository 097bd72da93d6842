"""How playbooks are made: a draft is edited and published; then it stays, and the next draft begins as its copy."""

from collections.abc import Mapping
from typing import Any, Final, Literal

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.text import slugify

from escalations import access
from escalations.models import Playbook, PlaybookStep, PlaybookVersion
from escalations.queries.playbooks import plain_steps
from escalations.rules.playbooks import flaws_of
from portal.accounts.rules import Actor
from portal.audit.actions import record
from portal.refusals import ConflictError, RefusedError

#: What an editor fills in of a step, and what the next draft copies besides the key.
FIELDS: Final = (
    "title", "title_zh", "guidance", "guidance_zh", "required", "evidence", "answers", "only_if_step", "only_if_answer",
)  # fmt: skip
#: What a playbook is for.
MATTER: Final = ("service_id", "issue_type_id", "severity")
Direction = Literal["up", "down", "remove"]
#: A key is made of so much of the first title; a number may follow.
KEY_LENGTH: Final = 34


@transaction.atomic
def add_playbook(*, actor: Actor, name: str, name_zh: str = "", **matter: int | None) -> Playbook:
    """A playbook with an empty draft; `matter`: service_id, issue_type_id, severity. Raises RefusedError, PermissionDenied."""
    acting = access.permit_playbooks_of(actor, matter.get("service_id"))
    made = Playbook(name=name, name_zh=name_zh, **matter)
    _save(made)
    PlaybookVersion.objects.create(playbook=made, number=1, made_by_id=acting.user_id)
    _record(acting, "playbook.added", made, dict(matter))
    return made


@transaction.atomic
def change_playbook(
    *, actor: Actor, playbook_id: int, seen: int, name: str, name_zh: str = "", **matter: int | None
) -> Playbook:
    """Another name, or another matter, for cases that take it up from now on. Raises RefusedError, ConflictError, Http404."""
    book, acting = access.playbook_to_change(actor, playbook_id)
    access.permit_playbooks_of(actor, matter.get("service_id"))
    if book.version != seen:
        raise ConflictError(book)
    for column, value in {"name": name, "name_zh": name_zh, **matter}.items():
        setattr(book, column, value)
    book.version += 1
    _save(book)
    _record(acting, "playbook.changed", book, dict(matter))
    return book


@transaction.atomic
def archive_playbook(*, actor: Actor, playbook_id: int, archived: bool) -> None:
    """Let no case take it up any more, or again; those that follow it go on. Raises RefusedError, Http404."""
    book, acting = access.playbook_to_change(actor, playbook_id)
    book.archived_at = timezone.now() if archived else None
    book.version += 1
    _save(book)
    _record(acting, "playbook.archived" if archived else "playbook.restored", book)


def _save(book: Playbook) -> None:
    try:
        with transaction.atomic():
            book.save()
    except IntegrityError as error:
        raise RefusedError("playbook_taken") from error


@transaction.atomic
def begin_draft(*, actor: Actor, playbook_id: int) -> PlaybookVersion:
    """The next draft, as a copy of the newest version. Raises RefusedError when there is a draft, Http404."""
    book, acting = access.playbook_to_change(actor, playbook_id)
    newest = book.versions.first()
    if newest is not None and newest.published_at is None:
        raise RefusedError("playbook_has_draft")
    number = newest.number + 1 if newest else 1
    draft = PlaybookVersion.objects.create(playbook=book, number=number, made_by_id=acting.user_id)
    PlaybookStep.objects.bulk_create(
        PlaybookStep(version=draft, key=row.key, position=row.position, **{name: getattr(row, name) for name in FIELDS})
        for row in (newest.steps.all() if newest else ())
    )
    _record(acting, "playbook.drafted", book, {"playbook_version": number})
    return draft


@transaction.atomic
def publish_draft(*, actor: Actor, playbook_id: int, seen: int) -> PlaybookVersion:
    """Put the draft in use: cases that begin from now on follow it. Raises RefusedError, naming what is wrong, ConflictError."""
    book, acting, draft = _draft(actor, playbook_id, seen)
    rows = list(draft.steps.all())
    for flaw in flaws_of(plain_steps(rows)):
        title = next((row.label for row in rows if row.key == flaw.key), "")
        raise RefusedError(flaw.code, params={"step": title})
    draft.published_at = timezone.now()
    _count(draft, "published_at")
    _record(acting, "playbook.published", book, {"playbook_version": draft.number})
    return draft


@transaction.atomic
def keep_step(*, actor: Actor, playbook_id: int, seen: int, key: str | None, values: Mapping[str, Any]) -> PlaybookStep:
    """Add a step to the end of the draft (`key` None) or change one. Raises RefusedError, ConflictError, Http404."""
    book, acting, draft = _draft(actor, playbook_id, seen)
    row = _step(draft, key) if key else _new_step(draft, values["title"])
    for name in FIELDS:
        if name in values:
            setattr(row, name, values[name])
    row.save()
    _count(draft)
    _record(acting, "playbook.edited", book, {"playbook_version": draft.number, "step": row.key})
    return row


@transaction.atomic
def arrange_step(*, actor: Actor, playbook_id: int, key: str, to: Direction) -> None:
    """Move a step of the draft one place up or down, or remove it. Raises RefusedError, Http404."""
    book, acting, draft = _draft(actor, playbook_id, None)
    row, rows = _step(draft, key), list(draft.steps.all())
    if to == "remove":
        rows.remove(row)
        row.delete()
    else:
        at = rows.index(row)
        rows.insert(max(at + (-1 if to == "up" else 1), 0), rows.pop(at))
    for position, one in enumerate(rows, 1):
        one.position = position
    PlaybookStep.objects.bulk_update(rows, ["position"])
    _count(draft)
    _record(acting, "playbook.edited", book, {"playbook_version": draft.number, "step": key})


def _draft(actor: Actor, playbook_id: int, seen: int | None) -> tuple[Playbook, Actor, PlaybookVersion]:
    book, acting = access.playbook_to_change(actor, playbook_id)
    if seen is not None and not book.versions.filter(published_at=None, version=seen).exists():
        raise ConflictError(book)
    return book, acting, access.draft_of(book)


def _step(draft: PlaybookVersion, key: str) -> PlaybookStep:
    found = draft.steps.filter(key=key).first()
    if found is None:
        raise RefusedError("step_gone")
    return found


def _new_step(draft: PlaybookVersion, title: str) -> PlaybookStep:
    # "new" is an address already.
    taken = {"new", *draft.steps.values_list("key", flat=True)}
    base = slugify(title)[:KEY_LENGTH].strip("-") or "step"
    names = (base if n == 1 else f"{base}-{n}" for n in range(1, len(taken) + 2))
    key = next(name for name in names if name not in taken)
    return PlaybookStep(version=draft, key=key, position=len(taken))


def _count(draft: PlaybookVersion, *columns: str) -> None:
    draft.version += 1
    draft.save(update_fields=["version", *columns])


def _record(actor: Actor, verb: str, book: Playbook, changes: Mapping[str, object] | None = None) -> None:
    record(actor=actor, verb=verb, subject_type="playbook", subject_id=book.pk, changes=changes)
