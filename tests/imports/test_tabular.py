"""Tables as people bring them: every encoding and separator, workbooks, and what cannot be used."""

import gzip
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from portal.imports.errors import ImportRefused, RowError
from portal.imports.reading import Row
from portal.imports.tabular import read_table

TEXT = "工号,姓名\nBW-1,王芳\nBW-2,李洋\n"
WANTED = [Row(2, {"工号": "BW-1", "姓名": "王芳"}), Row(3, {"工号": "BW-2", "姓名": "李洋"})]


def table(tmp_path: Path, content: bytes) -> list[Row | RowError]:
    path = tmp_path / "roster"
    path.write_bytes(content)
    return list(read_table(path))


def book(tmp_path: Path, rows: list[list[Any]], *merged: str) -> Path:
    workbook = Workbook()
    sheet = workbook.active
    for row in rows:
        sheet.append(row)
    for cells in merged:
        sheet.merge_cells(cells)
    path = tmp_path / "roster.xlsx"
    workbook.save(path)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_every_encoding_and_separator_of_a_spreadsheet(tmp_path: Path, encoding: str, separator: str) -> None:
    content = TEXT.replace(",", separator).encode(encoding)
    assert table(tmp_path, content) == WANTED
    assert table(tmp_path, gzip.compress(content)) == WANTED


def test_blank_rows_are_passed_over(tmp_path: Path) -> None:
    assert table(tmp_path, b"a,b\r\n,\r\n1,2\r\n \r\n,\r\n") == [
        Row(3, {"a": "1", "b": "2"}),
        RowError(4, "", "1 columns instead of 2"),
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The file is empty"),
        (b"\n\n", "The file is empty"),
        (",".join(f"c{n}" for n in range(200)).encode(), "The file has 200 columns; at most 100"),
        (b"a,a\n1,2\n", "Two columns have the same name"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 100, "old or protected Excel file"),
        (b"PK\x03\x04 not a workbook", "not a whole Excel file"),
        (b"\x1f\x8b broken", "not a whole gzip file"),
    ],
)
def test_what_cannot_be_used_is_refused_kindly(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(ImportRefused, match=said):
        table(tmp_path, content)


def test_nul_is_one_bad_row(tmp_path: Path) -> None:
    assert table(tmp_path, b"a,b\n1,x\0y\n2,ok\n") == [
        RowError(2, "b", "contains a NUL character"),
        Row(3, {"a": "2", "b": "ok"}),
    ]


def test_a_text_bomb_is_left_alone(tmp_path: Path) -> None:
    packed = gzip.compress(b"a,b\n" + (b"1," + b"0" * 1000 + b"\n") * 100_000, 9)
    with pytest.raises(ImportRefused, match="unpacks to more than it should"):
        table(tmp_path, packed)


def test_a_workbook_reads_as_one_would_type_it(tmp_path: Path) -> None:
    path = book(
        tmp_path, [["no", "name", "first day", None], [7.0, "王芳", date(2026, 11, 24)], [], ["007", True, None]]
    )
    assert list(read_table(path)) == [
        Row(2, {"no": "7", "name": "王芳", "first day": "2026-11-24"}),
        Row(4, {"no": "007", "name": "true", "first day": ""}),
    ]


def test_merged_cells_are_named(tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match=r"Cells are merged \(B2:B3\)"):
        list(read_table(book(tmp_path, [["a", "b"], [1, 2], [3, 4]], "B2:B3")))


def test_formulas_give_their_last_result_or_a_bad_row(tmp_path: Path) -> None:
    path = book(tmp_path, [["a", "b"], [1, '=HYPERLINK("http://x")'], [2, "fine"], ["#REF!", "x"]])
    assert list(read_table(path)) == [
        RowError(2, "b", "holds a formula without its result. Paste it as a value"),
        Row(3, {"a": "2", "b": "fine"}),
        RowError(4, "a", "holds the error #REF!"),
    ]
    _with_result(path, tmp_path / "computed.xlsx")
    assert next(iter(read_table(tmp_path / "computed.xlsx"))) == Row(2, {"a": "1", "b": "42"})


def _with_result(path: Path, to: Path) -> None:
    """As Excel saves it: the formula with what it came to."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(to, "w") as new:
        for part in old.infolist():
            content = old.read(part)
            if part.filename.endswith("sheet1.xml"):
                content = (
                    content.replace(b"<v></v>", b"<v>42</v>")
                    .replace(b"<v />", b"<v>42</v>")
                    .replace(b"<v/>", b"<v>42</v>")
                )
            new.writestr(part, content)


def test_wide_and_exploding_and_broken_workbooks(tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match="200 columns"):
        list(read_table(book(tmp_path, [[f"c{n}" for n in range(200)], [1] * 200])))
    with pytest.raises(ImportRefused, match="The file is empty"):
        list(read_table(book(tmp_path, [])))
    bomb = tmp_path / "bomb.xlsx"
    with (
        zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w") as part,
    ):
        for _ in range(70):
            part.write(b" " * 1024 * 1024)
    with pytest.raises(ImportRefused, match="unpacks to more than it should"):
        list(read_table(bomb))
    broken = book(tmp_path, [["a"], [1]])
    broken.write_bytes(broken.read_bytes().replace(b"xl/workbook.xml", b"xl/workbool.xml"))
    with pytest.raises(ImportRefused, match="damaged"):
        list(read_table(broken))
    plain = tmp_path / "plain.zip"
    with zipfile.ZipFile(plain, "w") as archive:
        archive.writestr("roster.csv", "a,b")
    with pytest.raises(ImportRefused, match="ZIP archive"):
        list(read_table(plain))


def test_entities_in_a_workbook_are_not_expanded(tmp_path: Path) -> None:
    path = book(tmp_path, [["a"], ["x"]])
    hostile = tmp_path / "hostile.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(hostile, "w") as new:
        for part in old.infolist():
            content = old.read(part)
            if part.filename.endswith("sheet1.xml"):
                assert b"<t>x</t>" in content
                content = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + content.replace(b"<t>x</t>", b"<t>&a;</t>")
            new.writestr(part, content)
    with pytest.raises(ImportRefused, match="damaged"):
        list(read_table(hostile))
