"""Text for PostgreSQL's full-text search, with Chinese, Japanese and Korean cut into bigrams.

`index_text` goes into `to_tsvector('simple', …)`, `query_text` into `to_tsquery('simple', …)`; both yield only letters and
digits, so nothing of what a user types reaches the query's syntax.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

# Han, kana, Hangul and their extensions; everything else that is a letter or digit is an ordinary word.
_CJK: Final = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f"
_TOKEN: Final = re.compile(rf"([{_CJK}]+)|((?:[^\W_](?<![{_CJK}]))+)")
#: A word longer than this is no word; PostgreSQL refuses lexemes of 2 KB.
_MAX_WORD: Final = 200
#: Words of a query beyond this are ignored.
_MAX_TERMS: Final = 16


def clean(text: str) -> str:
    """The text in one Unicode form, lower-cased, without NUL."""
    # Python makes two characters of the capital I with a dot, which would cut the word; PostgreSQL makes an i.
    return unicodedata.normalize("NFKC", text.replace("\x00", "")).replace("\u0130", "i").lower()


def bigrams(run: str) -> list[str]:
    """All pairs of neighbouring characters; a single character stands for itself."""
    return [run] if len(run) < 2 else [run[at : at + 2] for at in range(len(run) - 1)]


def split(text: str) -> list[tuple[str, str]]:
    """The words of a cleaned text in order, each as a run of CJK or as an ordinary word, the other one empty."""
    return _TOKEN.findall(text)


def index_text(text: str) -> str:
    """What to index: words as they are; a run of CJK as its characters and its bigrams."""
    terms: list[str] = []
    for run, word in _TOKEN.findall(clean(text)):
        terms += [*run, *bigrams(run)] if len(run) > 1 else [run or word[:_MAX_WORD]]
    return " ".join(terms)


def query_text(text: str) -> str:
    """A tsquery in which every word must occur, the last one as a beginning; "" if there is nothing to look for."""
    return " & ".join(query_units(text))


def query_units(text: str) -> list[str]:
    """The same as tsqueries of which each must be fulfilled: a word, a run of CJK, or words that were typed without a space
    between them, such as an address."""
    terms = list(_terms(clean(text)[:2000]))[:_MAX_TERMS]
    if not terms:
        return []
    is_new, last = terms[-1]
    if not re.match(rf"[{_CJK}]", last):
        terms[-1] = (is_new, f"{last}:*")
    units: list[str] = []
    for begins, term in terms:
        if begins:
            units.append(term)
        else:
            units[-1] += f" & {term}"
    return units


def _terms(plain: str) -> Iterator[tuple[bool, str]]:
    """The words and bigrams of a cleaned text in order, each with whether it begins a unit."""
    for chunk in plain.split():
        after_word = False
        for run, word in split(chunk):
            if run:
                yield from ((at == 0, pair) for at, pair in enumerate(bigrams(run)))
            else:
                yield not after_word, word[:_MAX_WORD]
            after_word = not run
