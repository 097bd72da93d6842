"""What one version of a brief says otherwise than the one before, section by section. Both are what a level may contain, so
nothing is told by a difference that is not told by either."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

Content = Mapping[str, Any]
ADDED, GONE, CHANGED = "added", "gone", "changed"
SECTIONS: Final = ("case", "clocks", "situation", "known", "did", "exposure", "next")
# What makes a row the same row in both.
_KEYS: Final = {"clocks": "metric", "known": "thread", "did": "entry"}


@dataclass(frozen=True, slots=True)
class Difference:
    """A part of a section that differs. `key`: the part's name, a clock's metric, a fact's thread, an entry's number."""

    section: str
    key: str
    what: str
    before: Any = None
    after: Any = None


def differences(before: Content, after: Content) -> list[Difference]:
    """What came, went and changed, in the order of the sections; within one, what came or changed in the order of the
    later version, then what went."""
    return [one for section in SECTIONS for one in _of_section(section, before, after)]


def _of_section(section: str, before: Content, after: Content) -> Iterator[Difference]:
    old, new = _items(section, before.get(section)), _items(section, after.get(section))
    for key, value in new.items():
        if key not in old:
            yield Difference(section, key, ADDED, after=value)
        elif said(section, old[key]) != said(section, value):
            yield Difference(section, key, CHANGED, old[key], value)
    for key, value in old.items():
        if key not in new:
            yield Difference(section, key, GONE, before=value)


def _items(section: str, held: Any) -> dict[str, Any]:
    """The parts of a section that say something, by what makes them the same part."""
    if not held:
        return {}
    if section in _KEYS:
        return {str(row[_KEYS[section]]): row for row in held}
    return {key: value for key, value in held.items() if value not in (None, "", [])}


def said(section: str, value: Any) -> Any:
    """What counts of a part: facts by their words and source, clocks by state, due time and whether that is over, entries as such, texts by their
    words. Words that were removed differ from others, and not from the same ones."""
    if section == "known":
        return (_words(value.get("words")), value.get("source"), value["at"] if not value.get("words") else None)
    if section == "clocks":
        return (value.get("state"), value.get("due_at"), bool(value.get("over")))
    if section == "did":
        return None
    return _words(value) if isinstance(value, Mapping) and "words" in value else value


def _words(held: Any) -> Any:
    if not held:
        return None
    return ("removed", held["entry"]) if held.get("removed") else held["words"]
