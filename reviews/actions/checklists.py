"""Checklists: a draft is edited and put in use; then it stays, and the next draft begins as its copy."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from django.db import IntegrityError, transaction
from django.utils import timezone

from portal.accounts.rules import Actor
from portal.audit.actions import record
from portal.refusals import ConflictError, RefusedError

from ..access.visits import author, checklist_to_change, draft_of, permit_editing
from ..models import Checklist, ChecklistSection, ChecklistVersion, Question

#: What is copied from version to version, and what an editor fills in.
SECTION: Final = ("code", "text", "text_zh")
QUESTION: Final = ("code", "text", "text_zh", "kind", "most", "weight", "wants_photo")
Direction = Literal["up", "down", "remove"]


@transaction.atomic
def add_checklist(*, actor: Actor, code: str, name: str, name_zh: str) -> Checklist:
    """A checklist with an empty draft. Raises RefusedError when the code is taken."""
    allowed = permit_editing(actor)
    try:
        with transaction.atomic():
            made = Checklist.objects.create(code=code, name=name, name_zh=name_zh)
    except IntegrityError as error:
        raise RefusedError("checklist_taken", "code") from error
    ChecklistVersion.objects.create(checklist=made, number=1, made_by_id=author(allowed))
    _record(allowed, "checklist.added", made)
    return made


@transaction.atomic
def rename_checklist(*, actor: Actor, code: str, seen: int, name: str, name_zh: str) -> None:
    """Another name. Raises ConflictError."""
    checklist, allowed = checklist_to_change(actor, code)
    if checklist.version != seen:
        raise ConflictError(checklist)
    checklist.name, checklist.name_zh = name, name_zh
    _save(checklist)
    _record(allowed, "checklist.changed", checklist)


@transaction.atomic
def archive_checklist(*, actor: Actor, code: str, archived: bool) -> None:
    """Offer it to no new visit, or offer it again."""
    checklist, allowed = checklist_to_change(actor, code)
    checklist.archived_at = timezone.now() if archived else None
    _save(checklist)
    _record(allowed, "checklist.archived" if archived else "checklist.restored", checklist)


@transaction.atomic
def copy_to_draft(*, actor: Actor, code: str) -> ChecklistVersion:
    """A draft that begins as the newest version. Raises RefusedError when there is a draft."""
    checklist, allowed = checklist_to_change(actor, code)
    newest = checklist.versions.first()
    if newest and newest.released_at is None:
        raise RefusedError("checklist_has_draft")
    draft = ChecklistVersion.objects.create(
        checklist=checklist, number=(newest.number if newest else 0) + 1, made_by_id=author(allowed)
    )
    for section in newest.sections.prefetch_related("questions") if newest else ():
        copied = ChecklistSection.objects.create(version=draft, position=section.position, **_values(section, SECTION))
        Question.objects.bulk_create(
            Question(section=copied, position=one.position, **_values(one, QUESTION)) for one in section.questions.all()
        )
    _record(allowed, "checklist.drafted", checklist)
    return draft


@transaction.atomic
def release(*, actor: Actor, code: str) -> None:
    """Put the draft in use; visits that are under way keep what they began with. Raises RefusedError when something in it is empty."""
    checklist, allowed = checklist_to_change(actor, code)
    draft = draft_of(checklist, for_update=True)
    sections = list(draft.sections.prefetch_related("questions"))
    if not sections or not all(section.questions.all() for section in sections):
        raise RefusedError("checklist_empty")
    draft.released_at = timezone.now()
    _save(draft)
    _record(allowed, "checklist.released", checklist)


@transaction.atomic
def keep_section(*, actor: Actor, code: str, seen: int, section: str | None, values: Mapping[str, Any]) -> None:
    """Add a section to the draft (`section` None) or change it. Raises RefusedError, ConflictError."""
    draft = _draft(actor, code, seen)
    row = _section(draft, section) if section else ChecklistSection(version=draft, position=_end(draft.sections.all()))
    _keep(row, values)
    _save(draft)


@transaction.atomic
def keep_question(
    *, actor: Actor, code: str, seen: int, section: str, question: str | None, values: Mapping[str, Any]
) -> None:
    """Add a question to a section of the draft (`question` None) or change it. Raises RefusedError, ConflictError."""
    draft = _draft(actor, code, seen)
    part = _section(draft, section)
    row = _question(part, question) if question else Question(section=part, position=_end(part.questions.all()))
    _keep(row, values)
    _save(draft)


@transaction.atomic
def arrange(*, actor: Actor, code: str, section: str, question: str, to: Direction) -> None:
    """Move a section (`question` "") or a question of the draft one place up or down, or remove it. Raises RefusedError."""
    checklist, _allowed = checklist_to_change(actor, code)
    draft = draft_of(checklist, for_update=True)
    part = _section(draft, section)
    row: Any = _question(part, question) if question else part
    rows: list[Any] = list(part.questions.all() if question else draft.sections.all())
    if to == "remove":
        rows.remove(row)
        row.delete()
    else:
        at = rows.index(row)
        rows.insert(max(at + (-1 if to == "up" else 1), 0), rows.pop(at))
    for position, one in enumerate(rows, 1):
        if one.position != position:
            one.position = position
            one.save(update_fields=["position"])
    _save(draft)


def _draft(actor: Actor, code: str, seen: int) -> ChecklistVersion:
    checklist, _allowed = checklist_to_change(actor, code)
    draft = draft_of(checklist, for_update=True)
    if draft.version != seen:
        raise ConflictError(draft)
    return draft


def _section(draft: ChecklistVersion, code: str) -> ChecklistSection:
    found = draft.sections.filter(code=code).first()
    if found is None:
        raise RefusedError("checklist_part_gone")
    return found


def _question(section: ChecklistSection, code: str) -> Question:
    found = section.questions.filter(code=code).first()
    if found is None:
        raise RefusedError("checklist_part_gone")
    return found


def _end(rows: Any) -> int:
    return int(rows.count()) + 1


def _keep(row: Any, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise RefusedError("code_taken", "code") from error


def _values(row: Any, names: Sequence[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _save(row: Checklist | ChecklistVersion) -> None:
    row.version += 1
    row.save()


def _record(allowed: Actor, verb: str, checklist: Checklist) -> None:
    record(actor=allowed, verb=verb, subject_type="checklist", subject_id=checklist.pk)
