"""Words in a drawing: escaped, measured, shortened and wrapped. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Final

#: Height of the letters, in units of the drawing.
SIZE: Final = 12
#: From one line to the next.
LINE: Final = 14
#: What no document of XML may hold: control characters, halves of a pair, the two non-characters.
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_SPACES: Final = re.compile(r"\s+")
_NARROW: Final = frozenset("ijlI.,:;'|!()[]{} ·ftr−-/\\")
_BROAD: Final = frozenset("mwMW@%—…QOGDN")
#: From here on letters are as broad as high.
_SQUARE: Final = 0x1100
_WRAP: Final = re.compile(r"\s+(?!·)|(?<=[\u2e80-\uffef])(?=[\u2e80-\uffef])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What drawings and tables say by themselves, in the reader's language."""

    none: str = "No values in this period"
    gap: str = "no value"
    period: str = "Period"
    item: str = "Item"
    value: str = "Value"
    note: str = "Note"
    target: str = "Target"
    mean: str = "Mean"
    upper: str = "Upper limit"
    lower: str = "Lower limit"
    limit: str = "Limit"
    limits: str = "Limits"
    signal: str = "Signal"
    moving: str = "Moving range"
    size: str = "n"
    share: str = "Share so far"
    rise: str = "Rise"
    fall: str = "Fall"
    bucket: str = "From – to"
    people: str = "Agents"
    few: str = "Too few contacts"
    colon: str = ": "
    comma: str = ", "
    semicolon: str = "; "

    def said(self, label: str, *values: str) -> str:
        """`Week 46: 84.1%, above the upper limit`, with the reader's own colon and commas; empty values are left out."""
        return f"{label}{self.colon}{self.comma.join([value for value in values if value])}"


ENGLISH: Final = Words()


def clean(text: str) -> str:
    """One line of text without what a document may not hold."""
    return _SPACES.sub(" ", _FORBIDDEN.sub("", str(text))).strip()


@lru_cache(maxsize=4096)
def safe(text: str) -> str:
    """Text as it may stand in markup."""
    return escape(clean(text))


@lru_cache(maxsize=4096)
def breadth(text: str) -> float:
    """About how broad a text is, in units of the drawing; rather too much than too little."""
    return sum(SIZE * _em(letter) for letter in clean(text))


def _em(letter: str) -> float:
    if letter in _NARROW:
        return 0.34
    if letter in _BROAD:
        return 0.92
    if ord(letter) >= _SQUARE:
        return 1.0
    return 0.7 if letter.isupper() else 0.58


@lru_cache(maxsize=1024)
def shortened(text: str, room: float) -> str:
    """The text, or as much of it as fits with an ellipsis."""
    text = clean(text)
    if breadth(text) <= room:
        return text
    left = room - breadth("…")
    taken = 0
    for letter in text:
        left -= SIZE * _em(letter)
        if left < 0:
            break
        taken += 1
    return text[:taken].rstrip() + "…"


@lru_cache(maxsize=1024)
def wrapped(text: str, room: float, most: int = 2) -> tuple[str, ...]:
    """The text in lines that fit; Chinese breaks between any two characters. The last line may be shortened."""
    lines: list[str] = []
    rest = clean(text)
    while rest and len(lines) < most - 1:
        if breadth(rest) <= room:
            break
        cut = _break(rest, room)
        if not cut:
            break
        lines.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return (*lines, shortened(rest, room)) if rest else tuple(lines)


def _break(text: str, room: float) -> int:
    """Where to break so that the part before fits, and if it can be the part after as well, about in the middle; 0 if nowhere."""
    best, least = 0, float("inf")
    for found in _WRAP.finditer(text):
        before, after = breadth(text[: found.start()]), breadth(text[found.end() :])
        if before > room:
            break
        if found.end() and (after > room or max(before, after) < least):
            best, least = found.end(), max(before, after) if after <= room else float("inf")
    return best
