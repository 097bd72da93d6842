"""Wings follow what changes without passing over what is being written, one worker at a time."""

import threading
from datetime import datetime

import pytest
from django.db import connection, transaction
from django.utils import timezone

from kpis.actions import ask, asked, follow, lock_figures
from kpis.models import HandIn
from tests.databases import Database
from tests.kpis.test_import_together import waiting

pytestmark = pytest.mark.processes


def test_the_next_time_begins_before_what_is_not_committed(fresh_database: Database) -> None:
    seen: list[datetime | None] = []

    def work(since: datetime | None) -> int:
        seen.append(since)
        return 1

    with fresh_database.connect() as other:
        other.execute("BEGIN")
        row = other.execute("SELECT now()").fetchone()
        assert row is not None
        begun = row[0]
        assert follow("cases", work) == 1
        held = HandIn.objects.get().seen_until
        assert held is not None
        assert held < begun
        later = timezone.now()
        other.execute("COMMIT")
        follow("cases", work)
    assert seen == [None, held]
    assert (HandIn.objects.get().seen_until or held) > held
    assert later > begun


def test_one_worker_at_a_time(fresh_database: Database) -> None:
    HandIn.objects.create(source="cases")
    with fresh_database.connect() as other:
        other.execute("BEGIN")
        other.execute("SELECT 1 FROM kpis_handin FOR UPDATE")
        assert follow("cases", lambda _since: 1) == 0
        assert follow("directory", lambda _since: 1) == 1, "others are not waited for"
        other.execute("ROLLBACK")
    assert follow("cases", lambda _since: 1) == 1


def test_asked_once_for_many_changes(fresh_database: Database) -> None:
    assert not asked("directory")
    for _change in range(3):
        ask("directory")
    assert asked("directory")
    assert not asked("directory")


def test_a_turn_is_left_out_while_somebody_brings_figures(
    fresh_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kpis.actions.facts.PATIENCE", "20ms")
    ask("directory")
    came: list[object] = []

    def work(since: datetime | None) -> int:
        came.append((since, asked("directory")))
        return 1

    with fresh_database.connect() as other:
        other.execute("BEGIN")
        other.execute("SELECT pg_advisory_xact_lock(hashtextextended('kpis figures', 0))")
        assert follow("directory", work) == 0
        assert HandIn.objects.get().seen_until is None
        other.execute("ROLLBACK")
    assert not came
    assert follow("directory", work) == 1
    assert came == [(None, True)], "all that changed, and what was asked for, is still to be handed in"


def test_a_turn_waits_for_figures_that_are_brought_in_a_moment(fresh_database: Database) -> None:
    came: list[int] = []

    def hand_in() -> None:
        try:
            came.append(follow("directory", lambda _since: 1))
        finally:
            connection.close()

    with transaction.atomic():
        lock_figures()
        thread = threading.Thread(target=hand_in)
        thread.start()
        waiting(fresh_database)
    thread.join()
    assert came == [1]
