"""Real workers are killed while they make an evidence pack: one file a request, and none that nothing knows. And words are
removed while one is made."""

from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone
from pytest_django import Settings

from escalations import actions
from escalations.actions import evidence
from escalations.models import EvidencePack
from escalations.rendering.evidence import build
from portal.files.models import StoredFile
from portal.notifications.models import OutboxRow
from tests.databases import Database
from tests.escalations.pages_world import world
from tests.escalations.processes import killed_at, run
from tests.together import at_once

pytestmark = pytest.mark.processes
MAKE = "from escalations.tasks import make_evidence; make_evidence()"


@pytest.fixture
def files(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the test and its workers keep files."""
    settings.FILES_ROOT = tmp_path / "files"
    monkeypatch.setenv("FILES_ROOT", str(tmp_path / "files"))
    return tmp_path / "files"


def test_killed_while_it_is_made_and_made_once_afterwards(fresh_database: Database, files: Path) -> None:
    made = world()
    case = made.case()
    pack = actions.ask_pack(actor=made.actor("associate"), ref=case.pk, reason="The regulator asks")
    killed_at(fresh_database, "files_storedfile", MAKE)
    pack.refresh_from_db()
    assert (pack.state, pack.attempts, StoredFile.objects.count()) == ("waiting", 1, 0)
    run(fresh_database, MAKE)
    pack.refresh_from_db()
    assert pack.state == "waiting", "whoever kills workers is not tried again at once"
    EvidencePack.objects.update(not_before=timezone.now())
    run(fresh_database, f"{MAKE}; make_evidence()")
    pack.refresh_from_db()
    assert (pack.state, pack.attempts) == ("ready", 2)
    row = StoredFile.objects.get()
    assert (row.pk, row.sha256, row.owner_id) == (pack.file_id, pack.sha256, str(pack.pk))


def test_killed_while_it_tells_whoever_asked(fresh_database: Database, files: Path) -> None:
    made = world()
    pack = actions.ask_pack(actor=made.actor("associate"), ref=made.case().pk, reason="The regulator asks")
    told = OutboxRow.objects.filter(payload__kind="case.evidence")
    killed_at(fresh_database, OutboxRow._meta.db_table, MAKE)
    pack.refresh_from_db()
    assert (pack.state, StoredFile.objects.count(), told.count()) == ("waiting", 0, 0)
    EvidencePack.objects.update(not_before=timezone.now())
    run(fresh_database, f"{MAKE}; make_evidence()")
    pack.refresh_from_db()
    assert (pack.state, told.count()) == ("ready", 1)


def test_asked_for_twice_at_once_it_is_made_once(fresh_database: Database, files: Path) -> None:
    made = world()
    case = made.case()

    def ask() -> None:
        actions.ask_pack(actor=made.actor("associate"), ref=case.pk, reason="The regulator asks")

    assert sorted(at_once(ask, ask, ask)) == ["Refused", "Refused", "done"]
    assert EvidencePack.objects.count() == case.entries.filter(code="evidence.asked").count() == 1


def test_removing_words_waits_for_the_pack_of_a_part_that_is_being_made(fresh_database: Database, files: Path) -> None:
    made = world()
    source, worker = made.case(), made.actor("associate")
    note = actions.add_note(actor=worker, ref=source.pk, text="A card number", shared=False)
    part = actions.Part(subject="A part", service_id=source.service_id, impact="money", urgency="week")
    case = actions.split(actor=worker, ref=source.pk, entry_ids=[note.pk], part=part)
    pack = actions.ask_pack(actor=worker, ref=case.pk, reason="The regulator asks")

    def remove() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '200ms'")
            actions.redact_entry(actor=worker, ref=source.pk, entry_id=note.pk)

    def waits() -> None:
        with pytest.raises(OperationalError, match="lock timeout"):
            remove()

    def meanwhile(*given: Any) -> evidence.Built:
        built = build(*given)
        assert at_once(waits) == ["done"]
        return built

    assert evidence.make_packs(meanwhile) == 1
    remove()
    pack.refresh_from_db()
    assert (pack.state, pack.file_id) == ("expired", None)
