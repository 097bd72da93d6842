"""Numbers that came in as text are numbers or None, however long they are and whatever script they are in."""

import pytest

from portal.numbers import MAX_ID, whole, wholes


@pytest.mark.parametrize(
    ("text", "most", "number"),
    [
        ("0", MAX_ID, 0),
        ("007", MAX_ID, 7),
        (str(MAX_ID), MAX_ID, MAX_ID),
        (str(MAX_ID + 1), MAX_ID, None),
        ("100", 99, None),
        ("99", 99, 99),
        ("9" * 5000, MAX_ID, None),
        *((text, MAX_ID, None) for text in ("", " 1", "-1", "+1", "1_000", "1.0", "1e3", "٣", "１２", "²", "\x00")),
    ],
)
def test_what_is_a_whole_number(text: str, most: int, number: int | None) -> None:
    assert whole(text, most) == number


def test_what_is_none_is_left_out_of_many() -> None:
    assert wholes(["7", "", "x", "9" * 5000, "2", "7"]) == [7, 2, 7]
