"""Where the words that somebody looked for stand in a text: a short piece of it, with what was found marked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from portal.ui.textsearch import bigrams, clean, split

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_AROUND: Final = 70
_LOOKED_THROUGH: Final = 30_000


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text; `found`: it is what was looked for. The page escapes it."""

    text: str
    found: bool = False


def excerpt(text: str, words: str) -> list[Piece]:
    """The piece of the text around the first of the words; its beginning if none stands there as it was written."""
    plain = " ".join(text[:_LOOKED_THROUGH].split())
    pattern = _pattern(words)
    first = pattern.search(plain) if pattern else None
    begin = max(0, first.start() - _AROUND) if first else 0
    end = min(len(plain), (first.end() if first else 0) + 2 * _AROUND)
    piece = ("…" if begin else "") + plain[begin:end] + ("…" if end < len(plain) else "")
    return list(_pieces(piece, pattern))


def marked(text: str, words: str) -> list[Piece]:
    """The whole text with the words marked."""
    return list(_pieces(text, _pattern(words)))


def _pieces(text: str, pattern: re.Pattern[str] | None) -> Iterator[Piece]:
    at = 0
    for found in pattern.finditer(text) if pattern else ():
        if found.start() > at:
            yield Piece(text[at : found.start()])
        yield Piece(found[0], found=True)
        at = found.end()
    if at < len(text):
        yield Piece(text[at:])


def _pattern(words: str) -> re.Pattern[str] | None:
    """Words from their beginning, Chinese wherever it stands; the longest first, so that a run is marked whole."""
    found = sorted(set(_forms(words)), key=lambda form: (-len(form), form))
    return re.compile("|".join(found), re.IGNORECASE) if found else None


def _forms(words: str) -> Sequence[str]:
    forms: list[str] = []
    for run, word in split(clean(words)):
        forms += [run, *bigrams(run)] if run else [rf"(?<![^\W_]){re.escape(word)}"]
    return forms
