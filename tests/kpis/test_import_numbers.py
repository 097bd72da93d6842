"""Columns of numbers are taken as numbers until a cell is none; what is then said and written is the same."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from kpis.importing import Made, delimited, staging
from kpis.models import ContactInterval
from tests.kpis.importing import CONTACTS, contacts, said, site

pytestmark = pytest.mark.django_db


def row(hour: int, offered: Any, answered: Any = 1, talk: Any = 60) -> tuple[Any, ...]:
    return ("CD1", "VOICE", f"2026-11-02 {hour:02}:00", offered, answered, "", "", talk)


def numbers() -> list[tuple[int, int | None]]:
    return list(ContactInterval.objects.order_by("row").values_list("offered", "answered"))


@pytest.mark.parametrize("together", [1, 2, 50])
def test_a_cell_that_is_no_number_comes_after_many_that_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, together: int
) -> None:
    monkeypatch.setattr(delimited, "BLOCK", 1)
    monkeypatch.setattr(staging, "TOGETHER", together)
    site()
    rows = [
        row(8, 10),
        row(9, "+11", " 2 "),
        row(10, 12, "many"),
        row(11, "13.0", ""),
        row(12, 14, "3"),
        row(13, 10**10),
    ]
    assert said(contacts(tmp_path, *rows)) == [
        (4, "answered", "“many” is not a number"),
        (7, "offered", "“10000000000” is too large"),
    ]
    assert contacts(tmp_path, *rows, mode="good").made == Made(rows=6, added=4, errors=2)
    assert numbers() == [(10, 1), (11, 2), (13, None), (14, 3)]


@pytest.mark.parametrize("marks", [["-1"], ["n/a"]])
def test_a_mark_for_missing_is_no_number(tmp_path: Path, marks: list[str]) -> None:
    site()
    mapping = CONTACTS | {"missing": marks}
    assert contacts(tmp_path, row(8, 10, marks[0]), row(9, 5, 4), mapping=mapping).made.added == 2
    assert numbers() == [(10, None), (5, 4)]


def test_a_column_that_says_two_things_is_read_as_text(tmp_path: Path) -> None:
    site()
    fields = CONTACTS["fields"] | {"answered": {"column": "offered", "minus": "abandoned"}}
    rows: Iterable[Any] = [("CD1", "VOICE", "2026-11-02 09:00", 10, 0, "", 3, 0)]
    assert contacts(tmp_path, *rows, mapping=CONTACTS | {"fields": fields}).made.added == 1
    assert numbers() == [(10, 7)]


def test_one_grid_beside_another_one_overlaps(tmp_path: Path) -> None:
    site()
    quarter = ("CD1", "VOICE", "2026-11-02 09:15", 1, 1, "", "", 0)
    assert said(contacts(tmp_path, row(8, 1), row(9, 1), quarter)) == [
        (4, "starts_at", "the interval overlaps that of row 3")
    ]
    assert said(contacts(tmp_path, row(8, 1), row(9, 1), row(8, 2))) == [
        (4, "starts_at", "the same as in row 2 is said again")
    ]
