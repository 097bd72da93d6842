"""Who is named in a note: found by looking names up, the same as by comparing each, and quickly in whatever is written."""

from typing import SupportsIndex

from hypothesis import given
from hypothesis import strategies as st

from escalations.rules.mentioning import Named, Person, named_in, spellings

LETTERS = "aAbBİiΣσßé陈明 .-@_1"
NAMES = st.text(LETTERS, min_size=1, max_size=4).map(str.strip).filter(bool)
PEOPLE = st.lists(st.tuples(NAMES, NAMES), max_size=8).map(
    lambda rows: [Person(number, name, f"{handle}@x.test") for number, (name, handle) in enumerate(rows)]
)
PLAIN = [Person(1, "Mei Lin", "mei@x.test"), Person(2, "陈小明", "chen@x.test"), Person(3, "Mei", "mlin@x.test")]


def one_by_one(text: str, people: list[Person]) -> list[Named]:
    """The rule as it reads: after an @ that begins a word, the longest spelling that ends where the word does."""
    found = []
    for at, letter in enumerate(text):
        before, after = text[:at][-1:], text[at + 1 : at + 2]
        begins = not latin(before) and before not in ("_", ".", "@")
        if letter != "@" or not begins or after in ("", "@") or after.isspace():
            continue
        fitting = [
            (len(spelling), one.user_id)
            for spelling, one in spellings(people).items()
            if text[at + 1 : at + 1 + len(spelling)].lower() == spelling and ends(text, at + 1 + len(spelling))
        ]
        if fitting:
            length, user_id = max(fitting)
            found.append(Named(at, length + 1, user_id))
    return found[:20]


def latin(letter: str) -> bool:
    return bool(letter) and letter.isascii() and letter.isalnum()


def ends(text: str, end: int) -> bool:
    def word(letter: str) -> bool:
        return latin(letter) or letter == "_" or "\u00c0" <= letter <= "\u024f"

    return not (text[end : end + 1] and word(text[end - 1]) and word(text[end]))


@st.composite
def notes(draw: st.DrawFn) -> tuple[str, list[Person]]:
    people = draw(PEOPLE) + PLAIN
    known = st.sampled_from(sorted(spellings(people)))
    word = st.one_of(known, known.map(str.upper), st.text(LETTERS, max_size=3))
    said = st.tuples(st.sampled_from(["@", " @", "", " ", "(@"]), word).map("".join)
    return "".join(draw(st.lists(said, max_size=30))), people


@given(notes())
def test_names_are_those_that_comparing_each_finds(note: tuple[str, list[Person]]) -> None:
    text, people = note
    assert named_in(text, people) == one_by_one(text, people)


class Read(str):
    """A text that counts how often a piece of it is looked at."""

    pieces = 0

    def __getitem__(self, key: SupportsIndex | slice) -> str:
        Read.pieces += 1
        return super().__getitem__(key)


def test_a_note_full_of_ats_is_not_compared_with_everybody() -> None:
    Read.pieces = 0
    people = [Person(one, f"Name{one} Surname{one}", f"name{one}.x@example.org") for one in range(300)]
    for word in ("@a ", "@n "):
        assert named_in(Read(word * 6666), people) == []
    assert Read.pieces < 6666 * 2 * 20, "of 900 spellings each"
