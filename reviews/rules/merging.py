"""Notes that two people write at once become one text. Pure: no Django, no database."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher


@dataclass(frozen=True, slots=True)
class Merged:
    """The text that holds what both wrote. `conflict`: they wrote differently at the same place, so both stand there, each under its writer's name."""

    text: str
    conflict: bool = False


@dataclass(frozen=True, slots=True)
class _Edit:
    """Lines `first` to `last` (without it) of the base became `lines`."""

    first: int
    last: int
    lines: Sequence[str]


@dataclass(slots=True)
class _Place:
    """Lines of the base that somebody changed, with every edit that touches them."""

    first: int
    last: int
    theirs: list[_Edit] = field(default_factory=list)
    mine: list[_Edit] = field(default_factory=list)

    def touches(self, edit: _Edit) -> bool:
        """Whether an edit that begins no earlier is at the same place; one that begins where this ends is at the next."""
        return edit.first < self.last or (edit.first, edit.last) == (self.first, self.last)


def merged(base: str, theirs: str, mine: str, *, their_name: str, my_name: str) -> Merged:
    """What `theirs` and `mine` make, which both began as `base`, line by line. No line that either wrote is lost."""
    before = _lines(base)
    lines: list[str] = []
    at, conflict = 0, False
    for place in _places(_edits(before, _lines(theirs)), _edits(before, _lines(mine))):
        lines += before[at : place.first]
        at = place.last
        their_lines, my_lines = _said(before, place, place.theirs), _said(before, place, place.mine)
        joined = _joined(before, place, their_lines, my_lines)
        if joined is None:
            conflict = True
            joined = [f"[{their_name}]", *their_lines, f"[{my_name}]", *my_lines]
        lines += joined
    return Merged("\n".join([*lines, *before[at:]]), conflict)


def _lines(text: str) -> list[str]:
    return text.split("\n") if text else []


def _edits(base: Sequence[str], changed: Sequence[str]) -> list[_Edit]:
    edits: list[_Edit] = []
    for tag, first, last, start, end in SequenceMatcher(None, base, changed).get_opcodes():
        if tag == "replace" and last - first == end - start:
            # As many lines as before: each was changed by itself, so that its neighbour may be changed by somebody else.
            edits += [
                _Edit(first + at, first + at + 1, changed[start + at : start + at + 1]) for at in range(last - first)
            ]
        elif tag != "equal":
            edits.append(_Edit(first, last, changed[start:end]))
    return edits


def _places(theirs: Sequence[_Edit], mine: Sequence[_Edit]) -> Iterator[_Place]:
    """The edits of both in the order of the base; those that overlap are one place."""
    tagged = [(one.first, one.last, True, one) for one in theirs] + [(one.first, one.last, False, one) for one in mine]
    place: _Place | None = None
    for first, last, is_theirs, edit in sorted(tagged, key=lambda one: one[:3]):
        if place is None or not place.touches(edit):
            if place is not None:
                yield place
            place = _Place(first, last)
        place.last = max(place.last, last)
        (place.theirs if is_theirs else place.mine).append(edit)
    if place is not None:
        yield place


def _said(base: Sequence[str], place: _Place, edits: Sequence[_Edit]) -> list[str]:
    """A place as one of both left it."""
    lines: list[str] = []
    at = place.first
    for edit in edits:
        lines += [*base[at : edit.first], *edit.lines]
        at = edit.last
    return [*lines, *base[at : place.last]]


def _joined(base: Sequence[str], place: _Place, theirs: list[str], mine: list[str]) -> list[str] | None:
    """What stands at a place where nothing has to be chosen; None where both wrote something else over the same lines."""
    if not place.mine or not place.theirs:
        return theirs if place.theirs else mine
    if _holds(theirs, mine) or _holds(mine, theirs):
        return max(theirs, mine, key=len)
    # Two additions, if only over blank lines, take nothing from each other.
    return None if any(base[place.first : place.last]) else [*theirs, *mine]


def _holds(lines: Sequence[str], others: Sequence[str]) -> bool:
    """Whether the others stand among the lines, one after another: what was written stays when somebody else took its place out, or wrote the same."""
    return any(lines[at : at + len(others)] == others for at in range(len(lines) - len(others) + 1))
