"""A web worker is ready before its first request."""

import subprocess
import sys

import pytest

from tests.databases import ROOT, Database

pytestmark = pytest.mark.processes
READY = """
import gc, sys
import portal.wsgi
print(gc.get_freeze_count() > len(gc.get_objects()), "kpis.views.network" in sys.modules)
"""


def test_the_pages_are_loaded_and_collections_pass_over_them(fresh_database: Database) -> None:
    done = subprocess.run(
        [sys.executable, "-c", READY], cwd=ROOT, env=fresh_database.env, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["True", "True"]
