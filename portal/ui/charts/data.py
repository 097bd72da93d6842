"""What charts are given: plain data, checked when it is made. Labels come formatted and translated."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from portal.ui.charts.formats import plain
from portal.ui.charts.numbers import checked, checked_or_gap

_ADDRESS: Final = re.compile(r"(?:https?://|/(?!/)|[?#])[^\x00-\x20\\\x7f]*")


def checked_address(href: str) -> str:
    """The address; raises ValueError for one that is not a path, a query, a fragment or of the web."""
    if href and not _ADDRESS.fullmatch(href):
        raise ValueError(f"Not an address that a chart may link to: {href[:80]!r}")
    return href


@dataclass(frozen=True, slots=True)
class Point:
    """One value. `text` is how it is written (else the axis writes it); `signal` says what is wrong with it."""

    label: str
    value: float | None
    text: str = ""
    href: str = ""
    signal: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", checked_or_gap(self.value))
        checked_address(self.href)

    def written(self, form: Callable[[float], str], gap: str) -> str:
        """The value in words."""
        return gap if self.value is None else self.text or form(self.value)


@dataclass(frozen=True, slots=True)
class Series:
    """A line: its name and its points."""

    name: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened at a point, or from `start` to `end` (both included); counted from 0."""

    start: int
    text: str
    end: int | None = None

    @property
    def last(self) -> int:
        """The last point it covers."""
        return self.start if self.end is None else self.end


@dataclass(frozen=True, slots=True)
class Axis:
    """How values are written, and what the axis covers at least. `ticks`, if given, are taken as they are."""

    form: Callable[[float], str] = plain
    title: str = ""
    low: float | None = None
    high: float | None = None
    tick_form: Callable[[float], str] | None = None
    ticks: tuple[tuple[float, str], ...] = ()

    def __post_init__(self) -> None:
        for value in (self.low, self.high, *(at for at, _text in self.ticks)):
            checked_or_gap(value)


PLAIN: Final = Axis()


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """What every chart has. `description` is read out in place of the picture: say what it shows."""

    title: str
    description: str
    #: Across the page, or half of it.
    wide: bool = True

    @property
    def width(self) -> int:
        """Of the drawing, in its own units."""
        return 960 if self.wide else 480


@dataclass(frozen=True, slots=True, kw_only=True)
class Targeted(Chart):
    """A chart with one axis of values and perhaps a target."""

    axis: Axis = PLAIN
    target: float | None = None
    #: How the target is written, if the axis writes it otherwise.
    target_text: str = ""

    def __post_init__(self) -> None:
        if self.target is not None:
            checked(self.target)


def check_marks(marks: tuple[Mark, ...], count: int) -> None:
    """Raise ValueError for a mark at no point."""
    for mark in marks:
        if not 0 <= mark.start <= mark.last < max(count, 1):
            raise ValueError(f"A mark at {mark.start}..{mark.last} has no point among {count}.")
