"""Answers that come from browsers, perhaps hours after they were given, perhaps twice: each change counts once, and nobody's is lost."""

import uuid
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from portal.accounts.rules import Actor
from portal.refusals import RefusedError

from ..access.visits import author, visit_to_change
from ..models import Answer, AnswerChange, Question, Visit
from ..queries.visits import given, given_at
from ..rules.visits import Given, fault_of, merged


@dataclass(frozen=True, slots=True)
class Change:
    """A change by the browser's own key. `base`: the version of the answer that its writer saw, 0 for none."""

    key: uuid.UUID
    question_id: int
    base: int
    given: Given
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a change: `taken`; `conflict` (somebody answered something else meanwhile); `late` (the visit was sent in before)."""

    key: uuid.UUID
    question_id: int
    state: str
    answer: Answer | None

    @property
    def version(self) -> int:
        """Of the answer as it stands now."""
        return self.answer.version if self.answer else 0


@transaction.atomic
def take_change(*, actor: Actor, visit_id: int, change: Change) -> Outcome:
    """Put an answer in place of the one that its writer saw, or beside what somebody else changed since.

    `visit_id` is the engagement's. One that came before is not put a second time. What cannot be put is kept as a change that was not taken. Raises RefusedError
    when the question cannot be answered so, Http404 and PermissionDenied.
    """
    visit, allowed = visit_to_change(actor, visit_id)
    question = _question(visit, change.question_id)
    before = AnswerChange.objects.filter(pk=change.key).first()
    if before:
        return _again(visit, before, change)
    if fault := fault_of(question.kind, question.most, change.given):
        raise RefusedError(fault)
    answer = _answer(visit, question.pk)
    state, stands = _put(visit, question, answer, change)
    base = answer.version if answer else 0
    AnswerChange.objects.create(
        key=change.key, visit=visit, question=question, by_id=author(allowed), taken=state == "taken",
        base=base if state == "taken" else change.base, values=asdict(stands), made_at=min(change.made_at, timezone.now()),
    )  # fmt: skip
    if state == "taken":
        answer = _save(visit, question, answer, stands, allowed)
    return Outcome(change.key, question.pk, state, answer)


def _put(visit: Visit, question: Question, answer: Answer | None, change: Change) -> tuple[str, Given]:
    """Whether the change is taken, and what then stands; else what was sent."""
    if visit.finished_at:
        return "late", change.given
    if change.base == (answer.version if answer else 0):
        return "taken", change.given
    seen = given_at(visit.pk, question.pk, change.base)
    both = merged(seen, change.given, given(answer))
    if both is None or fault_of(question.kind, question.most, both):
        return "conflict", change.given
    return "taken", both


def _save(visit: Visit, question: Question, answer: Answer | None, stands: Given, allowed: Actor) -> Answer:
    row = answer or Answer(visit=visit, question=question, version=0)
    row.score, row.text, row.note, row.not_applicable = stands.score, stands.text, stands.note, stands.not_applicable
    row.by_id, row.at = author(allowed), timezone.now()
    row.version += 1
    row.save()
    return row


def _again(visit: Visit, before: AnswerChange, change: Change) -> Outcome:
    if (before.visit_id, before.question_id) != (visit.pk, change.question_id):
        raise RefusedError("change_of_another")
    state = "taken" if before.taken else "late" if visit.finished_at else "conflict"
    return Outcome(before.key, before.question_id, state, _answer(visit, before.question_id))


def _question(visit: Visit, question_id: int) -> Question:
    found = Question.objects.filter(pk=question_id, section__version=visit.checklist_version_id).first()
    if found is None:
        raise RefusedError("question_unknown")
    return found


def _answer(visit: Visit, question_id: int) -> Answer | None:
    return visit.answers.select_related("by").filter(question=question_id).first()
