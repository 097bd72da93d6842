"""Real workers are killed while they make an evidence pack: one file a request, and none that nothing knows."""

from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from escalations import actions
from escalations.models import EvidencePack
from portal.files.models import StoredFile
from tests.databases import Database
from tests.escalations.pages_world import world
from tests.escalations.processes import killed_at, run

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
