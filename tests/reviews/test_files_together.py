"""Real workers: one that is killed while it renders leaves nothing half, and its file is made by the next, once."""

import os
import signal
import subprocess
import sys

import pytest

from portal.files.models import StoredFile
from reviews.actions.files import ask, render_files
from reviews.models import PackFile
from reviews.rendering import render
from tests.databases import ROOT, Database
from tests.factories.reviews import draft
from tests.reviews.test_together import holding, let_go, waited

pytestmark = pytest.mark.processes
TICK = """
import django; django.setup()
from reviews.tasks import render_files
print(render_files(), flush=True)
"""


def test_killed_while_rendering(fresh_database: Database) -> None:
    ask(draft(formats=["xlsx"]))
    # The file is on the disk when its row is written.
    with (
        holding(fresh_database, "files_storedfile"),
        subprocess.Popen([sys.executable, "-c", TICK], cwd=ROOT, env=fresh_database.env) as worker,
    ):
        waited(fresh_database)
        assert render_files(render) == 0, "another worker has it in hand"
        row = PackFile.objects.get()
        assert (row.state, row.attempts) == ("waiting", 1)
        os.kill(worker.pid, signal.SIGKILL)
    let_go(fresh_database)
    assert render_files(render) == 1
    row.refresh_from_db()
    assert (row.state, row.attempts, row.file_id) == ("ready", 2, StoredFile.objects.get().pk)


def test_two_workers_make_each_file_once(fresh_database: Database) -> None:
    ask(draft(formats=["xlsx", "pptx"]), ["zh-hans"])
    workers = [
        subprocess.Popen([sys.executable, "-c", TICK], cwd=ROOT, env=fresh_database.env, stdout=subprocess.PIPE, text=True)
        for _at in range(2)
    ]  # fmt: skip
    made = [int(worker.communicate()[0]) for worker in workers]
    assert sum(made) == 4
    assert StoredFile.objects.count() == PackFile.objects.filter(state="ready").count() == 4
