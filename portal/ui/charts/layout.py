"""Where words go so that they do not lie on each other. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from portal.ui.charts.data import Mark
from portal.ui.charts.words import LINE, SIZE, breadth

Box = tuple[float, float, float, float]  # left, top, right, bottom

ROW: Final = 19
_BUBBLE: Final = 9
_WORD_ROWS: Final = 3
_MOST_ROWS: Final = 6


def text_box(x: float, y: float, text: str, anchor: str = "") -> Box:
    """The room that words take; (x, y) is the start (or middle, or end) of their base line."""
    width = breadth(text)
    left = x - {"middle": width / 2, "end": width}.get(anchor, 0)
    return left, y - SIZE + 1, left + width, y + 3


@dataclass(slots=True)
class Room:
    """The room of a drawing, and what is taken of it."""

    left: float
    top: float
    right: float
    bottom: float
    taken: list[Box] = field(default_factory=list)
    #: Lines: words keep off them where they can.
    lines: list[Box] = field(default_factory=list)

    def inside(self, box: Box) -> bool:
        """Whether a box lies in the room."""
        return self.left <= box[0] and box[2] <= self.right and self.top <= box[1] and box[3] <= self.bottom

    def take(self, box: Box) -> None:
        """Nothing else may lie here."""
        self.taken.append(box)

    def place(
        self, x: float, y: float, texts: Iterable[str], gap: float = 9, *, clear: bool = False
    ) -> tuple[float, float, str, str] | None:
        """A free place beside a point for the first of the texts that has one: x, y, anchor, text.

        With `clear` a place on a line is none; else it is better than none.
        """
        spots = (
            (gap, 4, ""),
            (-gap, 4, "end"),
            (0, -gap, "middle"),
            (0, gap + SIZE - 3, "middle"),
            (gap, -gap, ""),
            (-gap, -gap, "end"),
        )
        for text in texts:
            boxes = [
                (text_box(x + across, y + down, text, anchor), across, down, anchor) for across, down, anchor in spots
            ]
            free = [spot for spot in boxes if self.inside(spot[0]) and not _hits(spot[0], self.taken)]
            second = free[0] if free and not clear else None
            best = next((spot for spot in free if not _hits(spot[0], self.lines)), second)
            if best:
                self.take(best[0])
                return x + best[1], y + best[2], best[3], text
        return None


def _hits(box: Box, others: Iterable[Box]) -> bool:
    left, top, right, bottom = box
    return any(left < b[2] and b[0] < right and top < b[3] and b[1] < bottom for b in others)


def along(places: Sequence[tuple[float, float] | None], stride: float = 8) -> list[Box]:
    """Boxes along a line, for `Room.lines`."""
    found: list[Box] = []
    for before, after in pairwise(places):
        if before and after:
            parts = max(1, round(abs(after[0] - before[0]) / stride))
            steps = [
                (before[0] + (after[0] - before[0]) * at / parts, before[1] + (after[1] - before[1]) * at / parts)
                for at in range(parts + 1)
            ]
            found += [(a[0], min(a[1], b[1]) - 1, b[0], max(a[1], b[1]) + 1) for a, b in pairwise(steps)]
    return found


def spread(heights: Sequence[float], low: float, high: float, gap: float = LINE) -> list[float]:
    """The heights moved apart to at least `gap`, in their order, kept within `low`..`high` as long as there is room."""
    order = sorted(range(len(heights)), key=heights.__getitem__)
    found = list(heights)
    edge = low
    for at in order:
        found[at] = edge = max(heights[at], edge)
        edge += gap
    edge = high
    for at in reversed(order):
        found[at] = min(found[at], edge)
        edge = found[at] - gap
    return found


def fitting_steps(texts: Sequence[str], step: float) -> int:
    """Every how-many-eth of the labels can be written, `step` apart."""
    broadest = max((breadth(text) for text in texts), default=0) + 20
    return max(1, -int(-broadest // max(step, 1e-6)))


@dataclass(frozen=True, slots=True)
class PlacedMark:
    """A numbered mark above the plot: which row (0 is the lowest), and its words if they have room there."""

    number: int
    mark: Mark
    x: float
    row: int
    side: str  # "" (words at the right), "end" (at the left), "none"


def place_marks(marks: Sequence[tuple[Mark, float]], left: float, right: float) -> list[PlacedMark]:
    """Rows and sides for marks at their x (from left to right), so that neither numbers nor words nor lines cross.

    They are placed from the right, so that words at the right of a mark pass above the marks that they reach over.
    """
    rows: list[list[tuple[float, float]]] = [[] for _ in range(_MOST_ROWS)]
    placed: list[PlacedMark] = []
    for at, (mark, x) in reversed(list(enumerate(marks))):
        row, side, reach = _spot(rows, mark, x, marks[at - 1][1] if at else left, (left, right))
        rows[row].append(reach)
        for lower in rows[:row]:
            lower.append((x - 3, x + 3))
        placed.append(PlacedMark(at + 1, mark, x, row, side))
    return placed[::-1]


def _spot(
    rows: list[list[tuple[float, float]]], mark: Mark, x: float, before: float, edges: tuple[float, float]
) -> tuple[int, str, tuple[float, float]]:
    """Row, side and reach of one mark. Words at its left stay clear of the mark before it."""
    width = breadth(mark.text) + _BUBBLE + 8
    sides = {"": (x - _BUBBLE, x + width), "end": (x - width, x + _BUBBLE), "none": (x - _BUBBLE, x + _BUBBLE)}
    for side, reach in (("", _WORD_ROWS), ("end", _WORD_ROWS), ("none", _MOST_ROWS)):
        start, stop = sides[side]
        if side == "end" and start < before + _BUBBLE:
            continue
        if side != "none" and not edges[0] <= start <= stop <= edges[1]:
            continue
        for row in range(reach):
            if _clear(rows[row], start, stop) and all(_clear(lower, x - 3, x + 3) for lower in rows[:row]):
                return row, side, (start, stop)
    return _MOST_ROWS - 1, "none", sides["none"]


def _clear(taken: list[tuple[float, float]], start: float, stop: float) -> bool:
    return not any(start < b and a < stop for a, b in taken)
