"""Who is named in a note: `@` and a name or a handle, among people who see the case. Everything else stays plain text."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

#: So many names of one note are taken; more of them is a list of recipients, not a note.
MOST: Final = 20
_AT: Final = re.compile(r"(?<![A-Za-z0-9_.@])@(?=[^\s@])")
_WORD: Final = re.compile(r"[^\s@,;:!?()\[\]{}\"'<>，。；：！？、（）《》]{1,40}")
_LATIN: Final = re.compile(r"[A-Za-z0-9_\u00c0-\u024f]")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may be named. `email` is how they sign in: what stands before its @ is their handle."""

    user_id: int
    name: str
    email: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """Where in the text somebody is named, the @ included."""

    start: int
    length: int
    user_id: int


type _Index = dict[str, dict[int, dict[str, Person]]]


def spellings(people: Sequence[Person]) -> dict[str, Person]:
    """What each is named by, in lower case: their name if nobody else has it, their handle likewise, and their address."""
    handles = {one.user_id: one.email.partition("@")[0].lower() for one in people}
    names = Counter(one.name.lower() for one in people)
    shared = Counter(handles.values())
    found = {one.email.lower(): one for one in people if one.email}
    found |= {handle: one for one in people if shared[handle := handles[one.user_id]] == 1 and names[handle] < 2}
    found |= {one.name.lower(): one for one in people if names[one.name.lower()] == 1}
    return {spelling: one for spelling, one in found.items() if spelling}


def spelling_of(person: Person, people: Sequence[Person]) -> str:
    """By what a suggestion names them: the first that means nobody else."""
    known = spellings(people)
    handle = person.email.partition("@")[0]
    return next((one for one in (person.name, handle) if known.get(one.lower()) == person), person.email)


def named_in(text: str, people: Sequence[Person]) -> list[Named]:
    """Who is named, in the order of the text; the longest name that fits counts."""
    known = _by_beginning(spellings(people))
    found = (_named_at(text, at, known) for at in _starts(text))
    return list(islice(filter(None, found), MOST))


def _by_beginning(known: Mapping[str, Person]) -> _Index:
    """Spellings by their first letter, then by length, the longest first: a note may hold thousands of @."""
    found: _Index = {}
    for spelling, person in sorted(known.items(), key=lambda one: -len(one[0])):
        found.setdefault(spelling[0], {}).setdefault(len(spelling), {})[spelling] = person
    return found


def unknown_in(text: str, people: Sequence[Person]) -> list[str]:
    """What stands after an @ and names nobody of these people, each once."""
    taken = {one.start for one in named_in(text, people)}
    words = (_WORD.match(text, at + 1) for at in _starts(text) if at not in taken)
    return list(dict.fromkeys(word[0].rstrip(".") for word in words if word and word[0].rstrip(".")))


def _starts(text: str) -> Iterable[int]:
    return (found.start() for found in _AT.finditer(text))


def _named_at(text: str, at: int, known: _Index) -> Named | None:
    for length, spelt in known.get(text[at + 1].lower()[0], {}).items():
        end = at + 1 + length
        person = spelt.get(text[at + 1 : end].lower())
        if person is not None and not _goes_on(text, end):
            return Named(at, end - at, person.user_id)
    return None


def _goes_on(text: str, end: int) -> bool:
    """Whether a Latin word runs on past this place; Chinese is written without spaces."""
    return bool(_LATIN.match(text[end - 1]) and _LATIN.match(text, end))
