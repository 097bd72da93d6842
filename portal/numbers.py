"""Whole numbers that came in as text. Pure: no Django, no database."""

from collections.abc import Iterable
from typing import Final

#: The largest that a key's column holds.
MAX_ID: Final = 2**63 - 1


def whole(text: str, most: int = MAX_ID) -> int | None:
    """The number that stands there in the digits 0 to 9; None for anything else, for more than `most`, and for more digits
    than that has, since `int` raises for a text of thousands of them."""
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(most))):
        return None
    number = int(text)
    return number if number <= most else None


def wholes(texts: Iterable[str]) -> list[int]:
    """Those of them that are numbers, in their order."""
    return [number for text in texts if (number := whole(text)) is not None]
