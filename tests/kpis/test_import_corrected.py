"""A file beside facts that stand: what differs is replaced and kept, what does not stays untouched, and days that changed are made again."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kpis.importing import Made, Upload, import_facts
from kpis.models import ContactInterval, DirtyBucket, Revision
from tests.kpis.importing import CONTACTS, contacts, default, said, site, written

pytestmark = pytest.mark.django_db
LENGTHS = CONTACTS | {
    "interval": None,
    "fields": CONTACTS["fields"] | {"seconds": {"column": "talk"}, "talk": {"default": "0"}},
}


def row(hour: int, offered: int, *, day: int = 2, talk: int = 1800) -> tuple[Any, ...]:
    return ("CD1", "VOICE", f"2026-11-{day:02} {hour:02}:00", offered, 1, "", "", talk)


def dirty() -> set[int]:
    """The days of November that are to be made again; those marks are then gone."""
    found = set(DirtyBucket.objects.values_list("day", flat=True))
    DirtyBucket.objects.all().delete()
    assert {(one.year, one.month) for one in found} <= {(2026, 11)}
    return {one.day for one in found}


def test_a_correction_that_runs_into_what_stays_is_turned_down_and_counted_once(tmp_path: Path) -> None:
    site()
    first = [row(8, 10, talk=1800), row(9, 11, talk=1800), row(10, 12, talk=1800)]
    assert contacts(tmp_path, *first, mapping=LENGTHS).made.added == 3
    # The nine o'clock stays as it is, so the longer eight o'clock has no room; the other two are as before, corrected and new.
    later = [row(8, 20, talk=5400), row(10, 22, talk=1800), row(11, 13, talk=1800)]
    outcome = contacts(tmp_path, *later, mapping=LENGTHS, mode="good")
    assert said(outcome) == [(2, "starts_at", "the interval overlaps one that was imported before")]
    assert outcome.made == Made(rows=3, added=1, replaced=1, errors=1)
    assert sorted(ContactInterval.objects.values_list("offered", flat=True)) == [10, 11, 13, 22]
    former = Revision.objects.get()
    assert (former.former_row, former.before["offered"], former.former_batch_id != former.batch_id) == (4, 12, True)


def test_the_days_that_changed_and_the_new_ones_are_made_again(tmp_path: Path) -> None:
    site()
    contacts(tmp_path, row(9, 1, day=2), row(9, 1, day=3), row(23, 1, day=3), row(9, 1, day=4))
    assert dirty() == {2, 3, 4}
    same, corrected, new = row(9, 1, day=2), row(23, 7, day=3), row(0, 5, day=5)
    assert contacts(tmp_path, same, row(9, 1, day=4), corrected).made == Made(rows=3, replaced=1, unchanged=2)
    assert dirty() == {3}
    assert contacts(tmp_path, same, new).made == Made(rows=2, added=1, unchanged=1)
    assert dirty() == {5}
    assert contacts(tmp_path, same).made == Made(rows=1, unchanged=1)
    assert dirty() == set()


def test_an_answer_that_was_of_another_day_is_taken_from_that_one(tmp_path: Path) -> None:
    site()
    heading = ("site", "queue", "response", "survey", "responded_at", "score")
    for day, expected in ((2, {2}), (6, {2, 6})):
        path = written(tmp_path / "s.csv", heading, [("CD1", "VOICE", "S-1", "nps", f"2026-11-{day:02} 23:30", 9)])
        import_facts(Upload(path, default("surveys")))
        assert dirty() == expected
    assert Revision.objects.get().at.date() == date(2026, 11, 2)
