"""What charts with two axes share: margins, grid, labels along the foot, marks above, lines with words at the right."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from portal.ui.charts.data import Axis, Mark
from portal.ui.charts.drawing import Pen
from portal.ui.charts.layout import ROW, PlacedMark, Room, fitting_steps, place_marks, spread
from portal.ui.charts.numbers import Scale, domain, ticks
from portal.ui.charts.words import LINE, SIZE, Words, breadth, shortened, wrapped

_EDGE: Final = 12
_MOST_RIGHT: Final = 132
_DENSE: Final = 60
#: Points farther apart than this stand on whole numbers: shorter to write, and no eye sees it.
_ROOMY: Final = 6

Tick = tuple[float, str]


def ticks_of(axis: Axis, values: Iterable[float], about: int = 5) -> tuple[Scale, tuple[Tick, ...]]:
    """The scale of the values (from 0 to 1, to be moved into place) and its ticks."""
    given = [at for at, _text in axis.ticks]
    low, high = domain([*values, *given], axis.low, axis.high)
    return Scale(low, high, 0, 1), axis.ticks or ticks(low, high, axis.tick_form or axis.form, about)


@dataclass(frozen=True, slots=True)
class Frame:
    """The plot's place in the drawing, and its scale upwards."""

    width: float
    left: float
    right: float
    top: float
    bottom: float
    up: Scale
    ticks: tuple[Tick, ...]
    count: int
    pad: float

    @property
    def step(self) -> float:
        """From one point to the next."""
        return (self.right - self.left - 2 * self.pad) / max(self.count - 1, 1)

    def x(self, at: float) -> float:
        """The place of the point `at`, counted from 0; a single one is in the middle."""
        if self.count == 1:
            return (self.left + self.right) / 2
        step = self.step
        exact = self.left + self.pad + at * step
        return round(exact) if step > _ROOMY else exact

    def xs(self) -> list[float]:
        """The places of all points."""
        if self.count == 1:
            return [self.x(0)]
        step, first = self.step, self.left + self.pad
        found = (first + at * step for at in range(self.count))
        return [round(x) for x in found] if step > _ROOMY else list(found)

    def reach(self, first: int, last: int) -> tuple[float, float]:
        """From the left of one point to the right of another, halfway to their neighbours."""
        half = self.step / 2
        return max(self.x(first) - half, self.left), min(self.x(last) + half, self.right)

    def room(self) -> Room:
        """The plot as room for words, with a little of its edges; where nothing stands above, up to the edge of the drawing."""
        above = self.top if self.top <= _EDGE else 6
        return Room(self.left - 6, self.top - above, self.width - 2, self.bottom)


def framed(
    axis: Axis,
    values: Iterable[float],
    *,
    width: float,
    top: float,
    height: float,
    count: int,
    right: Sequence[str] = (),
    slots: bool = False,
    about: int = 5,
    beside: Sequence[str] = (),
) -> Frame:
    """A frame for `count` points. `right` are words that stand at the right, `beside` more words at the left;
    `slots` gives each point a whole column."""
    scale, marks = ticks_of(axis, values, about)
    words = max([24.0, *(breadth(text) for _at, text in marks), *(breadth(text) for text in beside)])
    left = round(min(words, width / 4)) + _EDGE
    margin = round(min(max((breadth(text) for text in right), default=0), _MOST_RIGHT)) + (
        _EDGE + 4 if right else _EDGE
    )
    end = width - margin
    pad = (end - left) / max(count, 1) / 2 if slots else 14.0
    up = Scale(scale.low, scale.high, top + height, top)
    return Frame(width, left, end, top, top + height, up, marks, count, pad)


def draw_grid(pen: Pen, frame: Frame) -> None:
    """Level lines and their values."""
    heights = [frame.up(value) for value, _text in frame.ticks]
    pen.across("grid", frame.left, frame.right, heights)
    texts = [shortened(text, frame.left - 8) for _at, text in frame.ticks]
    pen.texts("ax", "end", [(frame.left - 8, y + 4, text) for y, text in zip(heights, texts, strict=True)])


def draw_labels(pen: Pen, frame: Frame, labels: Sequence[str], base: float) -> None:
    """As many labels along the foot as have room, the first of them always."""
    every = fitting_steps(labels, frame.step) if frame.count > 1 else 1
    shown = [(at, shortened(labels[at], frame.right)) for at in range(0, len(labels), every)]
    pen.texts("ax", "middle", [(kept_in(frame.x(at), text, frame.width), base + 18, text) for at, text in shown])


def kept_in(x: float, text: str, width: float) -> float:
    """The middle of a text that shall not leave the drawing."""
    half = breadth(text) / 2
    return min(max(x, half + 2), width - half - 2)


def draw_names(pen: Pen, frame: Frame, labels: Sequence[str], most: int = 2) -> float:
    """All labels, each below its column, in up to `most` lines; the height they take."""
    room = max(frame.step - 6, 18) if frame.count > 1 else frame.right - frame.left
    lines = [wrapped(label, room, most) for label in labels]
    pen.texts(
        "ax",
        "middle",
        [
            (kept_in(frame.x(at), text, frame.width), frame.bottom + 18 + line * LINE, text)
            for at, texts in enumerate(lines)
            for line, text in enumerate(texts)
        ],
    )
    return max((len(texts) for texts in lines), default=1) * LINE + 8


def draw_titles(pen: Pen, frame: Frame, upward: str, along: str, base: float) -> float:
    """What the axes show, at the head of the drawing and at its foot; the height that the lower one takes."""
    room = frame.width - frame.left - 4
    pen.text("ax", frame.left, SIZE, shortened(upward, room))
    pen.text("ax", frame.left, base + LINE, shortened(along, room))
    return LINE + 6 if along else 4


def head_room(title: str, rows: int) -> float:
    """What stands above the plot: the axis' title, then rows of marks."""
    return 12 + (LINE + 2 if title else 0) + (rows * ROW + 6 if rows else 0)


def lowered(frame: Frame, top: float) -> Frame:
    """The frame with its top at `top`."""
    bottom = top + frame.bottom - frame.top
    return replace(frame, top=top, bottom=bottom, up=replace(frame.up, start=bottom, end=top))


@dataclass(frozen=True, slots=True)
class Level:
    """A level line with its words at the right."""

    kind: str
    value: float
    text: str

    @property
    def words(self) -> str:
        """The class of its words."""
        return "tgt-t" if self.kind == "tgt" else "ax"


def level_words(pen: Pen, frame: Frame, levels: Sequence[Level], room: Room | None = None) -> None:
    """The words of level lines, moved apart where they would lie on each other."""
    heights = spread([frame.up(level.value) + 4 for level in levels], frame.top + 4, frame.bottom + 4)
    x = frame.right + 8
    for level, y in zip(levels, heights, strict=True):
        text = shortened(level.text, frame.width - x)
        pen.text(level.words, x, y, text)
        if room:
            room.take((x, y - 11, x + breadth(text), y + 3))


def keep_off(room: Room, frame: Frame, values: Iterable[float | None]) -> None:
    """No words across these level lines where they have another place."""
    room.lines += [
        (frame.left, y - 1, frame.right, y + 1) for y in (frame.up(value) for value in values if value is not None)
    ]


def marks_above(marks: Sequence[Mark], frame_of_marks: Frame) -> list[PlacedMark]:
    """The marks, from left to right, with their rows."""
    ordered = sorted(marks, key=lambda mark: (mark.start, mark.last))
    middle = [(mark, (frame_of_marks.x(mark.start) + frame_of_marks.x(mark.last)) / 2) for mark in ordered]
    return place_marks(middle, 2, frame_of_marks.width - 2)


def rows_of(placed: Sequence[PlacedMark]) -> int:
    """How many rows the marks take."""
    return max((mark.row + 1 for mark in placed), default=0)


def draw_marks(pen: Pen, frame: Frame, placed: Sequence[PlacedMark], base: float) -> list[tuple[int, str]]:
    """Bands, lines, numbers and words; returns what had no room for its words."""
    unsaid = []
    for mark in placed:
        if mark.mark.last > mark.mark.start:
            left, right = frame.reach(mark.mark.start, mark.mark.last)
            pen.box("ann-a", left, frame.top, right - left, base - frame.top)
        y = frame.top - 16 - mark.row * ROW
        pen.upright("ann", y + 8, base, [mark.x])
        pen.parts.append(f'<circle class="ann-b" cx="{round(mark.x, 1):g}" cy="{round(y, 1):g}" r="8"/>')
        pen.text("ann-t", mark.x, y + 4, str(mark.number), "middle")
        if mark.side == "none":
            unsaid.append((mark.number, mark.mark.text))
        else:
            pen.text("ann-t", mark.x + (-13 if mark.side else 13), y + 4, mark.mark.text, mark.side)
    return unsaid


def notes_of(marks: Sequence[Mark], count: int) -> list[list[str]]:
    """For each point the words of the marks that cover it."""
    found: list[list[str]] = [[] for _ in range(count)]
    for mark in marks:
        for at in range(mark.start, min(mark.last + 1, count)):
            found[at].append(mark.text)
    return found


def draw_nothing(pen: Pen, frame: Frame, words: Words) -> None:
    """Says that there are no values."""
    pen.text("ax", (frame.left + frame.right) / 2, frame.top + (frame.bottom - frame.top) * 0.36, words.none, "middle")


def is_dense(count: int) -> bool:
    """Whether points would lie on each other, so that the line alone is drawn."""
    return count > _DENSE
