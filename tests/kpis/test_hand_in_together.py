"""A file of daily figures and another wing's handing-in of the same component, at once: one waits for the other, and both are done."""

import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from django.db import connection, transaction

from kpis.actions import hand_in
from kpis.importing import Upload, import_facts
from kpis.models import Figure, Revision
from partners.models import Site
from tests.databases import Database
from tests.factories.partners import SiteFactory
from tests.kpis.importing import default, written
from tests.kpis.test_import_together import waiting
from tests.together import at_once

pytestmark = pytest.mark.processes
MONDAY = date(2026, 11, 2)


@pytest.fixture
def jobs(fresh_database: Database, tmp_path: Path) -> list[Callable[[], object]]:
    """The file says 7 of Monday, the handing-in 9."""
    site: Site = SiteFactory.create(code="CD1", time_zone="Asia/Shanghai")
    heading = ("site", "day", "component", "value")
    path = written(
        tmp_path / "figures.csv", heading, [("CD1", MONDAY, code, 7) for code in ("headcount_days", "backlog")]
    )
    rows = [(site.pk, None, None, MONDAY, 9)]
    return [
        lambda: import_facts(Upload(path, default("figures"))),
        lambda: [hand_in(key="wing", component_code=code, rows=rows) for code in ("backlog", "headcount_days")],
    ]


@pytest.mark.parametrize(("first", "last"), [(0, 9), (1, 7)], ids=["the file first", "the handing-in first"])
def test_the_second_waits_and_then_replaces(
    fresh_database: Database, jobs: list[Callable[[], object]], first: int, last: int
) -> None:
    came: list[object] = []

    def second() -> None:
        try:
            came.append(jobs[1 - first]())
        finally:
            connection.close()

    with transaction.atomic():
        jobs[first]()
        thread = threading.Thread(target=second)
        thread.start()
        waiting(fresh_database)
    thread.join()
    assert len(came) == 1
    assert set(Figure.objects.values_list("component__code", "value")) == {("backlog", last), ("headcount_days", last)}
    assert Revision.objects.count() == 2, "what was replaced leaves a trace"


def test_both_at_the_same_moment(jobs: list[Callable[[], object]]) -> None:
    assert at_once(*jobs, *jobs) == ["done"] * 4
    assert Figure.objects.count() == 2
