"""What the database itself refuses of briefs, by SQL past every action."""

import json
from typing import Any

import pytest
from django.db import Error, connection, transaction
from django.utils import timezone

from escalations.models import Brief, BriefCopy, BriefWord, Case, TimelineEntry
from escalations.rules.briefs.freezing import digest_of
from portal.accounts.models import User
from tests.factories.accounts import UserFactory
from tests.factories.escalations import CaseFactory

pytestmark = pytest.mark.django_db
HASH = "a" * 64
CONTENT = {"schema": 1, "situation": {"words": {"word": 1, "sha256": digest_of("said", "s"), "entry": None}}}
BRIEF = """INSERT INTO escalations_brief (case_id, version, level, content, sha256, at, by_id, entry_id)
           VALUES (%s, %s, %s, %s, %s, now(), %s, %s)"""
WORD = "INSERT INTO escalations_briefword (brief_id, number, text, salt, entry_id) VALUES (%s, %s, %s, %s, %s)"
COPY = """INSERT INTO escalations_briefcopy (brief_id, reader_id, name, level, sha256, at, by_id, entry_id)
          VALUES (%s, %s, %s, %s, %s, now(), %s, %s)"""


def refused(sql: str, *values: Any) -> str:
    """Why the database does not do it: the message and the name of the constraint."""
    with pytest.raises(Error) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)
    why = getattr(caught.value.__cause__, "diag", None)
    return f"{caught.value} {why.constraint_name if why else ''}"


@pytest.fixture
def by() -> User:
    made: User = UserFactory.create()
    return made


@pytest.fixture
def case() -> Case:
    return CaseFactory()


def entry(case: Case, kind: str = "brief") -> int:
    return TimelineEntry.objects.create(case=case, at=timezone.now(), kind=kind, code="brief.made").pk


@pytest.fixture
def brief(case: Case, by: User) -> Brief:
    return Brief.objects.create(
        case=case, version=1, level="internal", content=CONTENT, sha256=HASH, by=by, entry_id=entry(case)
    )


def test_versions_come_in_turn_on_entries_of_their_case(case: Case, brief: Brief, by: User) -> None:
    content = json.dumps(CONTENT)
    assert "brief_in_turn" in refused(BRIEF, case.pk, 1, "full", content, HASH, by.pk, entry(case))
    assert "brief_in_turn" in refused(BRIEF, case.pk, 3, "full", content, HASH, by.pk, entry(case))
    assert "brief_in_turn" in refused(BRIEF, CaseFactory().pk, 0, "full", content, HASH, by.pk, entry(case))
    other = entry(CaseFactory())
    assert "brief_entry_fits" in refused(BRIEF, case.pk, 2, "full", content, HASH, by.pk, other)
    assert "brief_entry_fits" in refused(BRIEF, case.pk, 2, "full", content, HASH, by.pk, entry(case, "note"))
    assert "entry_id" in refused(BRIEF, case.pk, 2, "full", content, HASH, by.pk, brief.entry_id)
    assert "brief_level_known" in refused(BRIEF, case.pk, 2, "secret", content, HASH, by.pk, entry(case))
    assert "brief_has_hash" in refused(BRIEF, case.pk, 2, "full", content, "A" * 64, by.pk, entry(case))
    assert "brief_says_its_schema" in refused(BRIEF, case.pk, 2, "full", "{}", HASH, by.pk, entry(case))


def test_a_brief_and_its_copies_are_never_changed(brief: Brief, by: User) -> None:
    copy = BriefCopy.objects.create(
        brief=brief, reader=by, level="outside", sha256=HASH, by=by, entry_id=entry(brief.case)
    )
    for table, pk in (("brief", brief.pk), ("briefcopy", copy.pk)):
        assert "append-only" in refused(f"UPDATE escalations_{table} SET level = 'full' WHERE id = %s", pk)
        assert "append-only" in refused(f"DELETE FROM escalations_{table} WHERE id = %s", pk)
        assert "permission denied" in refused(f"TRUNCATE escalations_{table} CASCADE")


def test_words_are_those_of_the_brief_and_can_only_be_removed(brief: Brief, by: User) -> None:
    here = brief.entry_id
    assert "brief_word_fits" in refused(WORD, brief.pk, 1, "other", "s", here)
    assert "brief_word_fits" in refused(WORD, brief.pk, 1, "said", "t", here)
    assert "brief_word_fits" in refused(WORD, brief.pk, 1, "said", "s", entry(CaseFactory()))
    word = BriefWord.objects.create(brief=brief, number=1, text="said", salt="s", entry_id=here)
    assert "brief_word_once" in refused(WORD, brief.pk, 1, "said", "s", here)
    only = "can only be removed"
    for change in ("text = 'x'", "text = ''", "redacted_at = now()", "redacted_at = now(), text = ''", "number = 2"):
        assert only in refused(f"UPDATE escalations_briefword SET {change} WHERE id = %s", word.pk)
    assert only in refused("DELETE FROM escalations_briefword WHERE id = %s", word.pk)
    gone = (
        "UPDATE escalations_briefword SET text = '', salt = '', redacted_at = now(), redacted_by_id = %s WHERE id = %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(gone, [by.pk, word.pk])
    assert only in refused(gone, by.pk, word.pk)
    assert only in refused("UPDATE escalations_briefword SET redacted_at = NULL WHERE id = %s", word.pk)
    assert "permission denied" in refused("TRUNCATE escalations_briefword")


def test_a_copy_has_one_reader_and_says_no_more_than_its_brief(brief: Brief, by: User) -> None:
    case = brief.case
    assert "brief_copy_fits" in refused(COPY, brief.pk, by.pk, "", "full", HASH, by.pk, entry(case))
    assert "brief_copy_fits" in refused(COPY, brief.pk, by.pk, "", "outside", HASH, by.pk, entry(CaseFactory()))
    assert "brief_copy_has_one_reader" in refused(COPY, brief.pk, by.pk, "Board", "outside", HASH, by.pk, entry(case))
    assert "brief_copy_has_one_reader" in refused(COPY, brief.pk, None, "", "outside", HASH, by.pk, entry(case))
    assert "brief_copy_has_hash" in refused(COPY, brief.pk, by.pk, "", "outside", "", by.pk, entry(case))
    full = Brief.objects.create(
        case=case, version=2, level="full", content=CONTENT, sha256=HASH, by=by, entry_id=entry(case)
    )
    assert "brief_copy_outside_not_full" in refused(COPY, full.pk, None, "Board", "full", HASH, by.pk, entry(case))
    BriefCopy.objects.create(brief=brief, reader=by, level="outside", sha256=HASH, by=by, entry_id=entry(case))
    assert "brief_copy_once" in refused(COPY, brief.pk, by.pk, "", "internal", HASH, by.pk, entry(case))
