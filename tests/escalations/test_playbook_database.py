"""What the database itself refuses of playbooks, by SQL past every action."""

import json
from typing import Any

import pytest
from django.db import Error, connection, transaction
from django.utils import timezone

from escalations.models import Case, CasePlaybook, PlaybookVersion, StepEvent, TimelineEntry
from tests.factories.escalations import CaseFactory
from tests.factories.playbooks import ANSWERS, PlaybookFactory, draft, publish, published, step

pytestmark = pytest.mark.django_db


def refused(sql: str, *values: Any) -> str:
    """Why the database does not do it: the message and the name of the constraint."""
    with pytest.raises(Error) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)
    return str(caught.value)


@pytest.fixture
def version() -> PlaybookVersion:
    return published(
        step("safe", answers=ANSWERS),
        step("room", only_if_step="safe", only_if_answer="no"),
        step("lock", required=False),
    )


@pytest.fixture
def case() -> Case:
    return CaseFactory()


def follow(case: Case, version: PlaybookVersion | None, number: int = 1) -> CasePlaybook:
    return CasePlaybook.objects.create(case=case, number=number, version=version, cycle=1, at=timezone.now())


def entry(case: Case, kind: str = "step") -> TimelineEntry:
    return TimelineEntry.objects.create(case=case, at=timezone.now(), kind=kind, code="step.done")


EVENT = """INSERT INTO escalations_stepevent (followed_id, step_id, number, what, answer, entry_id)
           VALUES (%s, %s, %s, %s, %s, %s)"""


def test_a_published_version_and_its_steps_stay(version: PlaybookVersion) -> None:
    first = version.steps.first()
    assert first is not None
    stays = "a published version of a playbook is not changed"
    assert stays in refused("UPDATE escalations_playbookversion SET number = 7 WHERE id = %s", version.pk)
    assert stays in refused("UPDATE escalations_playbookversion SET published_at = NULL WHERE id = %s", version.pk)
    assert stays in refused("DELETE FROM escalations_playbookversion WHERE id = %s", version.pk)
    assert stays in refused("UPDATE escalations_playbookstep SET title = 'x' WHERE id = %s", first.pk)
    assert stays in refused("UPDATE escalations_playbookstep SET required = false WHERE id = %s", first.pk)
    assert stays in refused("DELETE FROM escalations_playbookstep WHERE id = %s", first.pk)
    columns = "version_id, key, position, title, title_zh, guidance, guidance_zh, required, evidence, answers, only_if_step, only_if_answer"
    adding = f"INSERT INTO escalations_playbookstep ({columns}) VALUES (%s, 'more', 9, 'x', '', '', '', true, 'none', '[]', '', '')"
    assert stays in refused(adding, version.pk)
    other = draft(PlaybookFactory(severity=1), step("one"))
    assert stays in refused(
        "UPDATE escalations_playbookstep SET version_id = %s WHERE version_id = %s", version.pk, other.pk
    )


def test_a_draft_is_edited_and_there_is_one(version: PlaybookVersion) -> None:
    made = draft(version.playbook, step("safe"))
    made.steps.update(title="Other")
    insert = (
        "INSERT INTO escalations_playbookversion (version, playbook_id, number, created_at) VALUES (1, %s, %s, now())"
    )
    assert "playbook_one_draft" in refused(insert, version.playbook_id, 3)
    publish(made)
    assert "playbook_version_once" in refused(insert, version.playbook_id, 2)


def test_one_live_playbook_for_a_matter(version: PlaybookVersion) -> None:
    book = version.playbook
    insert = (
        "INSERT INTO escalations_playbook (version, name, name_zh, severity, archived_at) VALUES (1, 'x', '', %s, %s)"
    )
    assert "playbook_one_for_a_matter" in refused(insert, None, None)
    assert "playbook_severity_known" in refused(insert, 5, None)
    with connection.cursor() as cursor:
        cursor.execute(insert, [None, timezone.now()])
        cursor.execute(insert, [1, None])
    assert type(book).objects.count() == 3


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        ({"evidence": "oath"}, "playbook_evidence_known"),
        ({"only_if_step": "safe"}, "playbook_branch_whole"),
        ({"only_if_answer": "no"}, "playbook_branch_whole"),
        ({"only_if_step": "one", "only_if_answer": "no"}, "playbook_branch_not_itself"),
    ],
)
def test_what_a_step_cannot_be(columns: dict[str, str], why: str) -> None:
    made = draft(PlaybookFactory(), step("one"), step("two"))
    sets = ", ".join(f"{name} = '{value}'" for name, value in columns.items())
    assert why in refused(f"UPDATE escalations_playbookstep SET {sets} WHERE version_id = %s AND key = 'one'", made.pk)
    assert "playbook_step_once" in refused(
        "UPDATE escalations_playbookstep SET key = 'two' WHERE version_id = %s AND key = 'one'", made.pk
    )


def test_a_case_follows_what_was_published_in_turn(case: Case, version: PlaybookVersion) -> None:
    run = follow(case, version)
    insert = (
        "INSERT INTO escalations_caseplaybook (case_id, number, version_id, cycle, at) VALUES (%s, %s, %s, 1, now())"
    )
    assert "a case follows published versions" in refused(insert, case.pk, 2, draft(version.playbook).pk)
    assert "case_playbook_once" in refused(insert, case.pk, 1, None)
    for sql in (
        "UPDATE escalations_caseplaybook SET version_id = NULL WHERE id = %s",
        "DELETE FROM escalations_caseplaybook WHERE id = %s",
    ):
        assert "append-only" in refused(sql, run.pk)
    assert "permission denied" in refused("TRUNCATE escalations_caseplaybook CASCADE")


def test_events_are_never_changed(case: Case, version: PlaybookVersion) -> None:
    event = StepEvent.objects.create(
        followed=follow(case, version), step=version.steps.all()[2], number=1, what="done", entry=entry(case)
    )
    assert "append-only" in refused("UPDATE escalations_stepevent SET what = 'skipped' WHERE id = %s", event.pk)
    assert "append-only" in refused("DELETE FROM escalations_stepevent WHERE id = %s", event.pk)
    assert "permission denied" in refused("TRUNCATE escalations_stepevent")


def test_events_fit_the_step_and_what_was_said_before(case: Case, version: PlaybookVersion) -> None:
    run, (safe, room, lock) = follow(case, version), version.steps.all()
    other = published(step("elsewhere"), severity=1).steps.get()
    here = entry(case).pk
    assert "another version" in refused(EVENT, run.pk, other.pk, 1, "done", "", here)
    assert "another case or kind" in refused(EVENT, run.pk, room.pk, 1, "done", "", entry(CaseFactory()).pk)
    assert "another case or kind" in refused(EVENT, run.pk, room.pk, 1, "done", "", entry(case, "note").pk)
    assert "does not know this answer" in refused(EVENT, run.pk, safe.pk, 1, "done", "", here)
    assert "does not know this answer" in refused(EVENT, run.pk, safe.pk, 1, "done", "perhaps", here)
    assert "does not know this answer" in refused(EVENT, run.pk, room.pk, 1, "done", "yes", here)
    assert "is not skipped" in refused(EVENT, run.pk, room.pk, 1, "skipped", "", here)
    assert "in turn" in refused(EVENT, run.pk, room.pk, 1, "undone", "", here)
    assert "in turn" in refused(EVENT, run.pk, room.pk, 2, "done", "", here)
    assert "step_event_known" in refused(EVENT, run.pk, room.pk, 1, "eaten", "", here)
    assert "step_event_answers_when_done" in refused(EVENT, run.pk, lock.pk, 1, "skipped", "yes", here)
    assert "step_event_counts_from_one" in refused(EVENT, run.pk, room.pk, 0, "done", "", here)
    with connection.cursor() as cursor:
        cursor.execute(EVENT, [run.pk, safe.pk, 1, "done", "no", here])
    assert "in turn" in refused(EVENT, run.pk, safe.pk, 2, "done", "no", entry(case).pk)
    assert "step_event_in_turn" in refused(EVENT, run.pk, safe.pk, 1, "done", "no", entry(case).pk)
    assert "entry_id" in refused(EVENT, run.pk, room.pk, 1, "done", "", here)


def test_no_entry_of_an_unknown_kind(case: Case) -> None:
    insert = "INSERT INTO escalations_timelineentry (case_id, at, recorded_at, kind, code, params, is_internal, channel, direction, outcome, source_key) VALUES (%s, now(), now(), %s, 'x', %s, true, '', '', '', '')"
    assert "entry_kind_known" in refused(insert, case.pk, "stair", json.dumps({}))
