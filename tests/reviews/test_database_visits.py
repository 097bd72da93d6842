"""What the database itself refuses about checklists, visits and meetings."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import timezone

from reviews.models import Answer, Question, Visit
from tests.factories.accounts import UserFactory
from tests.factories.partners import PartnerFactory
from tests.factories.reviews import (
    ChecklistSectionFactory,
    ChecklistVersionFactory,
    EngagementFactory,
    QuestionFactory,
    VisitFactory,
    released,
)
from tests.reviews.test_database import refused, run

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit() -> Visit:
    """A visit that was begun, with an answer."""
    made = VisitFactory.create(checklist_version=released(questions=2), begun_at=timezone.now())
    question = Question.objects.filter(section__version=made.checklist_version).first()
    Answer.objects.create(visit=made, question=question, score=1, by=UserFactory.create())
    return made


def finish(visit: Visit) -> None:
    visit.finished_at, visit.finished_by = timezone.now(), UserFactory.create()
    visit.save()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE reviews_checklistversion SET released_at = NULL WHERE id = %(version)s",
        "UPDATE reviews_checklistsection SET text = 'x' WHERE version_id = %(version)s",
        "UPDATE reviews_question SET weight = 2 WHERE section_id = %(section)s",
        "UPDATE reviews_question SET section_id = %(other)s WHERE section_id = %(section)s",
        "DELETE FROM reviews_question WHERE section_id = %(section)s",
        "INSERT INTO reviews_checklistsection (version_id, code, text, text_zh, position) VALUES (%(version)s, 'x', 'x', '', 1)",
    ],
)
def test_a_checklist_in_use_stays(statement: str) -> None:
    version, draft = released(), ChecklistSectionFactory.create()
    section = version.sections.get()
    with refused("checklist_stays"):
        run(statement, version=version.pk, section=section.pk, other=draft.pk)
    with refused("checklist_stays"):
        QuestionFactory.create(section=section)


def test_a_draft_of_a_checklist_is_edited_and_there_is_one() -> None:
    question = QuestionFactory.create()
    assert run("UPDATE reviews_question SET weight = 2") == 1
    question.delete()
    version = ChecklistVersionFactory.create()
    with refused("checklist_one_draft"):
        ChecklistVersionFactory.create(checklist=version.checklist, number=2)
    with refused("question_text_no_weight"):
        QuestionFactory.create(kind="text", weight=1)


def test_a_visit_keeps_the_checklist_that_it_began_with(visit: Visit) -> None:
    with refused("visit_stays"):
        run(
            "UPDATE reviews_visit SET checklist_version_id = %(other)s WHERE id = %(visit)s",
            visit=visit.pk,
            other=released().pk,
        )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE reviews_visit SET finished_at = NULL WHERE id = %(visit)s",
        "DELETE FROM reviews_visit WHERE id = %(visit)s",
        "UPDATE reviews_answer SET score = 0 WHERE visit_id = %(visit)s",
        "UPDATE reviews_answer SET visit_id = %(other)s WHERE visit_id = %(visit)s",
        "DELETE FROM reviews_answer WHERE visit_id = %(visit)s",
    ],
)
def test_a_visit_that_was_sent_in_stays(visit: Visit, statement: str) -> None:
    other = VisitFactory.create(checklist_version=visit.checklist_version)
    finish(visit)
    with refused("visit_stays"):
        run(statement, visit=visit.pk, other=other.pk)


def test_nothing_is_answered_after_a_visit_was_sent_in(visit: Visit) -> None:
    finish(visit)
    question = Question.objects.filter(section__version=visit.checklist_version).last()
    with refused("visit_stays"):
        Answer.objects.create(visit=visit, question=question, score=1, by=UserFactory.create())


def test_a_question_is_answered_once_and_what_does_not_apply_has_no_score(visit: Visit) -> None:
    answer = visit.answers.get()
    with refused("answer_once"):
        Answer.objects.create(visit=visit, question=answer.question, score=0, by=answer.by)
    with refused("answer_applies_or_not"):
        run("UPDATE reviews_answer SET not_applicable = true")


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("engagement_lasts", {"ends_at": datetime(2026, 11, 17, 2, 0, tzinfo=UTC)}),
        ("engagement_held", {"state": "held"}),
        ("engagement_state_known", {"state": "lost"}),
        ("engagement_occurrence", {"occurrence": "2026-11-17"}),
    ],
)
def test_meetings_are_what_they_can_be(constraint: str, fields: dict[str, Any]) -> None:
    with refused(constraint):
        EngagementFactory.create(**fields)
    with refused("engagement_one_place"):
        EngagementFactory.create(partner=PartnerFactory.create())
