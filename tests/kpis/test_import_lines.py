"""Lines that need no reading go to the database as they stand; the rows, their numbers and their faults are those of the reader of CSV."""

from pathlib import Path

import pytest

from kpis.importing import Made, Upload, delimited, import_facts
from kpis.models import ContactInterval
from tests.kpis.importing import CONTACTS, HEADING, said, site

pytestmark = pytest.mark.django_db
HEAD = ",".join(HEADING)
PLAIN = "CD1,VOICE,2026-11-02 09:00,10,8,7,2,2400"
LATER = "CD1,VOICE,2026-11-02 09:30,5,5,,0,"
QUOTED = 'CD1,"VOICE","2026-11-02 10:00",6,6,,0,'


def of(folder: Path, text: str | bytes) -> Upload:
    path = folder / "lines.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return Upload(path, CONTACTS)


def numbers() -> list[tuple[int, int]]:
    """The line and what it offered, of each row that stands."""
    return list(ContactInterval.objects.order_by("row").values_list("row", "offered"))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_lines_as_they_stand(tmp_path: Path, end: str, mark: str) -> None:
    site()
    text = end.join((HEAD, PLAIN, "", LATER, " ,,,,,,", "")).replace(",", mark)
    assert said(import_facts(of(tmp_path, text), dry_run=True)) == []
    assert import_facts(of(tmp_path, text)).made == Made(rows=2, added=2)
    assert numbers() == [(2, 10), (4, 5)]


def test_a_wrong_number_of_cells_is_said_by_line(tmp_path: Path) -> None:
    site()
    text = "\n".join((HEAD, PLAIN, "CD1,VOICE", LATER, f"{LATER},7"))
    assert said(import_facts(of(tmp_path, text))) == [
        (3, "", "2 columns instead of 8"),
        (5, "", "9 columns instead of 8"),
    ]


@pytest.mark.parametrize("lines", [1, 2, 100])
def test_from_the_first_quote_on_the_reader_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines: int) -> None:
    monkeypatch.setattr(delimited, "BLOCK", lines)
    site()
    two_lines = QUOTED.replace("VOICE", "VOICE\n")
    text = "\n".join((HEAD, PLAIN, LATER, two_lines, PLAIN.replace("09:00", "11:00")))
    outcome = import_facts(of(tmp_path, text), mode="good")
    assert (outcome.made, said(outcome)[0][:2]) == (Made(rows=4, added=3, errors=1), (4, "queue"))
    assert numbers() == [(2, 10), (3, 5), (6, 10)]


def test_a_quote_that_never_closes_and_what_is_no_text(tmp_path: Path) -> None:
    site()
    assert said(import_facts(of(tmp_path, f'{HEAD}\n{PLAIN}\nCD1,"VOICE\n'))) == [
        (3, "", "cannot be read as CSV: unexpected end of data")
    ]
    nul = PLAIN.replace("09:00", "09:30\0")
    assert said(import_facts(of(tmp_path, f"{HEAD}\n{PLAIN}\n{nul}\n"))) == [
        (3, "starts_at", "contains a NUL character")
    ]
    # What is decoded stays decoded: a byte that is none makes the file GB18030, in which it is a sign of its own.
    bad = f"{HEAD}\n{PLAIN}\n".encode() + PLAIN.replace("VOICE", "X").encode() + b"\xff\n"
    assert [row for row, _column, _text in said(import_facts(of(tmp_path, bad)))] == [3]


def test_columns_that_nobody_asked_for_are_left_out(tmp_path: Path) -> None:
    site()
    text = "\n".join(f"{extra},{line}" for extra, line in (("note", HEAD), ("x", PLAIN), ("", LATER)))
    assert import_facts(of(tmp_path, text)).made == Made(rows=2, added=2)
    assert numbers() == [(2, 10), (3, 5)]
