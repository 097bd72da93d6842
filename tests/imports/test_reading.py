"""Files as people bring them: good, damaged and hostile."""

import gzip
from pathlib import Path

import pytest

from portal.imports.errors import ImportRefused, RowError, write_report
from portal.imports.reading import MAX_LINE_BYTES, Row, read_rows


def rows_of(tmp_path: Path, content: bytes, name: str = "a.csv") -> list[Row | RowError]:
    path = tmp_path / name
    path.write_bytes(content)
    return list(read_rows(path))


def test_rows_carry_the_line_on_which_they_begin(tmp_path: Path) -> None:
    rows = rows_of(tmp_path, b'a,b\n1,"two\nlines"\n3,4\n')
    assert rows == [Row(2, {"a": "1", "b": "two\nlines"}), Row(4, {"a": "3", "b": "4"})]


def test_gzip_is_told_by_content_and_a_byte_order_mark_is_dropped(tmp_path: Path) -> None:
    packed = gzip.compress("\ufeffa,b\n1,中\n".encode())
    assert rows_of(tmp_path, packed, "x.csv") == [Row(2, {"a": "1", "b": "中"})]


@pytest.mark.parametrize(
    ("cell", "reason"),
    [(b"x\0y", "contains a NUL character"), (b"\xff\xfe", "is not UTF-8"), (b"caf\xe9", "is not UTF-8")],
)
def test_a_damaged_cell_is_one_error_and_the_rest_goes_on(tmp_path: Path, cell: bytes, reason: str) -> None:
    rows = rows_of(tmp_path, b"a,b\n1," + cell + b"\n2,ok\n")
    assert rows == [RowError(2, "b", reason), Row(3, {"a": "2", "b": "ok"})]


def test_too_few_and_too_many_columns(tmp_path: Path) -> None:
    rows = rows_of(tmp_path, b"a,b\n1\n1,2,3\n\n4,5\n")
    assert rows == [
        RowError(2, "", "1 columns instead of 2"),
        RowError(3, "", "3 columns instead of 2"),
        Row(5, {"a": "4", "b": "5"}),
    ]


def test_a_field_of_ten_megabytes_is_refused_with_flat_memory(tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match="longer than 1 MB"):
        rows_of(tmp_path, b"a,b\n1," + b"x" * (10 * MAX_LINE_BYTES) + b"\n")


def test_a_field_spread_over_many_lines_is_an_error_not_a_flood(tmp_path: Path) -> None:
    rows = rows_of(tmp_path, b'a,b\n1,"' + b"line\n" * 60_000 + b'"\n2,ok\n')
    assert any(isinstance(row, RowError) and "field limit" in row.reason for row in rows)


def test_a_decompression_bomb_is_left_alone(tmp_path: Path) -> None:
    line = b"1," + b"0" * 1000 + b"\n"
    with pytest.raises(ImportRefused, match="unpacks to more than it should"):
        rows_of(tmp_path, gzip.compress(b"a,b\n" + line * 200_000, 9), "bomb.csv.gz")


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"", "a.csv", "empty"),
        (b"a,a\n1,2\n", "a.csv", "same name"),
        (b"a\0,b\n", "a.csv", "not text"),
        (b"a,b\n1,2\n", "a.csv.gz", "whole gzip"),
        (gzip.compress(b"a,b\n" + b"1,2\n" * 9000, mtime=0)[:60], "a.csv.gz", "whole gzip"),
        (b"\x1f\x8b" + b"junk" * 20, "a.csv", "whole gzip"),
    ],
)
def test_files_that_cannot_be_taken_say_why(tmp_path: Path, content: bytes, name: str, message: str) -> None:
    with pytest.raises(ImportRefused, match=message):
        rows_of(tmp_path, content, name)


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match="No such file"):
        list(read_rows(tmp_path / "none.csv"))


def test_the_report_cannot_carry_a_formula(tmp_path: Path) -> None:
    path = tmp_path / "errors.csv"
    write_report(path, [RowError(7, "=cmd()", "+bad")])
    assert path.read_text().splitlines() == ["line,column,reason", "7,'=cmd(),'+bad"]
