"""How long a text of a brief may be, and what must not stand in one that goes further than the case."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

_MAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE: Final = re.compile(r"\+\d[\d ()/.-]{6,}\d")
# Letters of these scripts stand side by side without a space, so a name in them has no edge to look for.
_WITHOUT_SPACES: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_WIDE: Final = frozenset("WF")
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_MOST_ACCENTS: Final = 2


def plain(text: str) -> str:
    """The text on one line: spaces for breaks, without what controls direction or cannot be seen, and without towers of
    accents."""
    found, accents = [], 0
    for letter in unicodedata.normalize("NFC", " ".join(text.split())):
        kind = unicodedata.category(letter)
        accents = accents + 1 if kind in ("Mn", "Me") else 0
        if kind not in _UNSEEN and accents <= _MOST_ACCENTS:
            found.append(letter)
    return unicodedata.normalize("NFC", " ".join("".join(found).split()))


def width(text: str) -> int:
    """How much room a text takes, in letters: a Chinese character is as wide as two."""
    return sum(2 if unicodedata.east_asian_width(letter) in _WIDE else 1 for letter in text)


def shortened(text: str, limit: int) -> str:
    """The text on one line, cut with an ellipsis where it is wider than the limit."""
    kept = plain(text)
    if width(kept) <= limit:
        return kept
    room, end = limit - 1, 0
    for letter in kept:
        room -= width(letter)
        if room < 0:
            break
        end += 1
    return kept[:end].rstrip() + "…"


def named_in(text: str, marks: Iterable[str]) -> list[str]:
    """What of a person or a customer stands in a text: names and references by `marks`, and any address or number to
    reach somebody by. Each as it stands in `marks`, or in the text."""
    held = plain(text)
    found = [mark for mark in dict.fromkeys(map(plain, marks)) if len(mark) > 1 and _stands(mark, held)]
    return [*found, *_MAIL.findall(held), *_PHONE.findall(held)]


def _stands(mark: str, text: str) -> bool:
    if _WITHOUT_SPACES.search(mark):
        return mark in text
    return re.search(rf"(?<!\w){re.escape(mark)}(?!\w)", text, re.IGNORECASE) is not None
