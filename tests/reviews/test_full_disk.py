"""A worker for whose files the system has no more room: the page says so, nothing half is kept, and the next tick with room makes them once."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from portal.files.models import StoredFile
from reviews.actions.files import ask, render_files
from reviews.models import PackFile
from reviews.rendering import render
from tests.databases import ROOT, Database

from .pack_world import World, browser
from .test_pack_pages import body, url

pytestmark = pytest.mark.processes
# The system itself refuses the worker's writes beyond so many bytes.
TICK = """
import resource, sys
import django; django.setup()
from reviews.tasks import render_files
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
print(render_files(), flush=True)
"""
FULL = "The disk for files is full. It is tried again by itself; somebody has to make room."


def tick(database: Database, room: int, folder: Path | None = None) -> int:
    command = [sys.executable, "-B", "-c", TICK, str(room)]
    env = {**database.env, "TMPDIR": str(folder)} if folder else database.env
    done = subprocess.run(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True, check=True)
    return int(done.stdout)


def test_a_full_disk_is_said_on_the_page_and_waited_for(fresh_database: Database, tmp_path: Path) -> None:
    here = World(formats=["pdf", "xlsx", "pptx"])
    ask(here.pack)
    assert tick(fresh_database, 2000, tmp_path) == 0
    assert not list(tmp_path.iterdir()), "nothing is left behind"
    rows = list(PackFile.objects.all())
    assert [(one.state, one.error, one.attempts) for one in rows] == [("failed", "disk_full", 1)] * 3
    assert not StoredFile.objects.exists()
    assert not list(Path(settings.FILES_ROOT).glob("??/??/*.half"))
    client = browser(here.manager)
    text = body(client.get(url("pack", here.pack)))
    assert text.count(FULL) == 3
    assert "Make the files again" in text
    assert tick(fresh_database, 2000) == 0, "they wait a while"
    PackFile.objects.update(leased_until=timezone.now())
    assert (render_files(render), render_files(render)) == (3, 0)
    assert StoredFile.objects.count() == 3
    text = body(client.get(url("pack", here.pack)))
    assert FULL not in text
    assert "Make the files again" not in text


def test_somebody_made_room_and_does_not_wait(fresh_database: Database) -> None:
    here = World(formats=["xlsx"])
    ask(here.pack)
    assert tick(fresh_database, 2000) == 0
    client = browser(here.manager)
    assert "It is tried again." in body(client.post(url("pack_retry", here.pack), follow=True))
    assert tick(fresh_database, 10_000_000) == 1
    assert PackFile.objects.get().state == "ready"
