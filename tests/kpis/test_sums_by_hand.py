"""Daily sums of imported facts equal sums made by hand: two time zones, a change of clocks, an exclusion."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone

from kpis.actions import mark_dirty, recompute
from kpis.models import Exclusion, QueueDay
from tests.factories.partners import user
from tests.kpis.importing import contacts, site

pytestmark = pytest.mark.django_db


def sums() -> dict[tuple[str, str, bool], int]:
    """What was offered per site and day, made by the worker."""
    while recompute():
        pass
    rows = QueueDay.objects.select_related("site")
    return {(row.site.code, row.day.isoformat(), row.excluded): row.offered or 0 for row in rows}


def test_a_day_is_the_sites_own(tmp_path: Path) -> None:
    site("BRN", "Europe/Bratislava")
    site("CD1", "Asia/Shanghai")
    at = (
        "2026-10-24T21:30Z",
        "2026-10-24T22:00Z",
        "2026-10-25T22:30Z",
        "2026-10-25T23:00Z",
        "2026-10-25T15:30Z",
        "2026-10-25T16:00Z",
    )
    rows = [(code, "VOICE", one, 10**n, "", "", "", "") for code in ("BRN", "CD1") for n, one in enumerate(at)]
    assert contacts(tmp_path, *rows).made.added == 12
    assert sums() == {
        ("BRN", "2026-10-24", False): 1,
        ("BRN", "2026-10-25", False): 110110,
        ("BRN", "2026-10-26", False): 1000,
        ("CD1", "2026-10-25", False): 10011,
        ("CD1", "2026-10-26", False): 101100,
    }


def test_what_is_excluded_is_a_row_of_its_own(tmp_path: Path) -> None:
    here = site()
    rows = [("CD1", "VOICE", f"2026-11-02 {9 + n:02}:00", 10**n, "", "", "", "") for n in range(4)]
    contacts(tmp_path, *rows)
    period = DateTimeTZRange(datetime(2026, 11, 2, 2, 10, tzinfo=UTC), datetime(2026, 11, 2, 3, 0, tzinfo=UTC))
    assert sums() == {("CD1", "2026-11-02", False): 1111}
    Exclusion.objects.create(
        site=here, period=period, reason="outage", state="approved", proposed_by=user(None), decided_by=user(None),
        proposed_side="partner", decided_at=timezone.now(),
    )  # fmt: skip
    mark_dirty([(here.pk, date(2026, 11, 2))])
    assert sums() == {("CD1", "2026-11-02", False): 1101, ("CD1", "2026-11-02", True): 10}
