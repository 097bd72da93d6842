"""How much two subjects have in common, whatever their language."""

import re
from collections.abc import Collection
from typing import Final

from portal.ui.textsearch import clean, split

#: Of all their pieces, the share that both have; as pg_trgm would have it.
ALIKE: Final = 0.3


def pieces(text: str) -> frozenset[str]:
    """The trigrams of words, and the pairs of neighbouring characters where words are not set apart."""
    found: set[str] = set()
    for run, word in split(clean(text)):
        part, size = (run, 2) if run else (f"  {word} ", 3)
        found.update(part[at : at + size] for at in range(max(1, len(part) - size + 1)))
    return frozenset(found)


def likeness(one: Collection[str], other: Collection[str]) -> float:
    """The share of pieces that both have: 0..1."""
    ours, theirs = set(one), set(other)
    return len(ours & theirs) / len(ours | theirs) if ours and theirs else 0.0


def numbers(text: str) -> list[str]:
    """What looks like the number of a booking: at least six letters and digits in one, four digits or more among them."""
    found = re.findall(r"[0-9A-Za-z][0-9A-Za-z/-]{4,38}[0-9A-Za-z]", text)
    return list(dict.fromkeys(one for one in found if sum(char.isdigit() for char in one) >= 4))[:5]
