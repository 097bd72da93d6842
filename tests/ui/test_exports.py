"""Spreadsheets must not run what people wrote."""

import csv
import io

import pytest

from portal.ui.exports import csv_response, neutral


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@sum", "\tx", "\rx", "  =1"])
def test_a_leading_formula_sign_is_neutralised(text: str) -> None:
    assert neutral(text) == f"'{text}"


@pytest.mark.parametrize(
    ("value", "shown"), [(-5, "-5"), (1.5, "1.5"), (None, ""), ("a=b", "a=b"), ("a\x00b", "ab"), ("锁", "锁")]
)
def test_everything_else_stays(value: object, shown: str) -> None:
    assert neutral(value) == shown


def test_the_file_reads_back() -> None:
    response = csv_response(
        "cases.csv", ["Case", "Subject"], [["EC-1", '=HYPERLINK("x")'], ["EC-2", 'two\nlines, "quoted"']]
    )
    text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[arg-type]
    assert list(csv.reader(io.StringIO(text, newline=""))) == [
        ["Case", "Subject"],
        ["EC-1", '\'=HYPERLINK("x")'],
        ["EC-2", 'two\nlines, "quoted"'],
    ]
    assert response["Content-Disposition"] == 'attachment; filename="cases.csv"'
