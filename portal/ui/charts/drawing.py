"""The pen that writes a drawing, and what a finished drawing consists of. Pure text, no framework."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from portal.ui.charts.numbers import number
from portal.ui.charts.words import safe

#: What the key shows beside its words: twenty units broad, twelve high.
SWATCHES: Final = {
    "data": '<path class="data" d="M0 6h20"/><path class="pts" d="M10 6h0"/><path class="pts-in" d="M10 6h0"/>',
    "data2": '<path class="data2" d="M0 6h20"/>',
    "cum": '<path class="data" d="M0 6h20"/><path class="dots" d="M10 6h0"/>',
    "col": '<path class="col" d="M4 0h12v12H4z"/>',
    "cl": '<path class="cl" d="M0 6h20"/>',
    "lim": '<path class="lim" d="M0 6h20"/>',
    "lim2": '<path class="lim2" d="M0 6h20"/>',
    "tgt": '<path class="tgt" d="M0 6h20"/>',
    "sig": '<path class="sig" d="M10 0l6 6-6 6-6-6z"/>',
    "dot": '<path class="dots" d="M10 6h0"/>',
    "ring": '<path class="pts" d="M10 6h0"/><path class="pts-in" d="M10 6h0"/>',
    **{
        f"{way}{tone}": f'<path class="{way}{tone}" d="{steps}"/>'
        for way, steps in (("up", "M4 12V4l6-4 6 4v8z"), ("down", "M4 0v8l6 4 6-4V0z"))
        for tone in ("", " good", " bad")
    },
    "gap": '<path class="gap" d="M4 6h12"/>',
    **{f"h{step}": f'<path class="h{step}" d="M2 0h16v12H2z"/>' for step in range(5)},
    **{
        f"q{step}": f'<path class="h4" d="M{10 - side} {6 - side}h{2 * side}v{2 * side}h-{2 * side}z"/>'
        for step, side in enumerate((1, 2, 3, 4, 6))
    },
}


@dataclass(frozen=True, slots=True)
class Table:
    """The same values, to be read. The first column names the row."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def markup(self) -> str:
        """The rows and their head, escaped."""
        head = "".join(f'<th scope="col">{safe(text)}</th>' for text in self.head)
        lines = [
            f'<tr><th scope="row">{safe(row[0])}</th>{"".join([f"<td>{safe(text)}</td>" for text in row[1:]])}</tr>'
            for row in self.rows
        ]
        return f"<thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody>"


@dataclass(frozen=True, slots=True)
class Key:
    """A line of the key: which swatch, and its words."""

    swatch: str
    label: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A finished chart: the picture, its links, its key, its notes, and its values as tables."""

    width: float
    height: float
    body: str
    links: str
    keys: tuple[Key, ...]
    #: Words that had no room in the picture, by the number that stands there.
    notes: tuple[tuple[int, str], ...]
    tables: tuple[Table, ...]
    #: Whether each cell of the first table is a value of its own.
    is_matrix: bool = False

    @property
    def role(self) -> str:
        """`img`; a group if there are links, because those inside an image are not reached."""
        return "group" if self.links else "img"

    def inner(self) -> str:
        """What stands inside the drawing, after its title and description."""
        return f'<g aria-hidden="true">{self.body}</g>{self.links}' if self.links else self.body

    def svg(self, key: str, title: str, description: str, style: str = "") -> str:
        """The drawing as an element; `key` begins its ids, `style` is CSS that travels with it."""
        size = f"{number(self.width)} {number(self.height)}"
        words = f'<title id="{key}-t">{safe(title)}</title><desc id="{key}-d">{safe(description)}</desc>'
        css = f"<style>{style}</style>" if style else ""
        return (
            f'<svg class="plot" viewBox="0 0 {size}" role="{self.role}" aria-labelledby="{key}-t {key}-d">'
            f"{words}{css}{self.inner()}</svg>"
        )


@dataclass(slots=True)
class Pen:
    """Collects the marks of a drawing. Coordinates have one decimal; colours come from classes."""

    parts: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)

    def path(self, kind: str, steps: str) -> None:
        """A path of ready steps; none if there are none."""
        if steps:
            self.parts.append(f'<path class="{kind}" d="{steps}"/>')

    def across(self, kind: str, left: float, right: float, heights: Iterable[float]) -> None:
        """Level lines."""
        start, length = number(left), number(right - left)
        self.path(kind, "".join([f"M{start} {number(y)}h{length}" for y in heights]))

    def upright(self, kind: str, top: float, bottom: float, places: Iterable[float]) -> None:
        """Upright lines."""
        start, length = number(top), number(bottom - top)
        self.path(kind, "".join([f"M{number(x)} {start}v{length}" for x in places]))

    def box(self, kind: str, left: float, top: float, width: float, height: float) -> None:
        """A filled rectangle."""
        self.path(kind, box_steps(left, top, width, height))

    def dots(self, kind: str, places: Iterable[tuple[float, float]]) -> None:
        """Round dots: strokes without length and with round ends."""
        self.path(kind, dot_steps(places))

    def rings(self, places: Sequence[tuple[float, float]]) -> None:
        """Points with a rim."""
        steps = dot_steps(places)
        self.path("pts", steps)
        self.path("pts-in", steps)

    def diamond(self, x: float, y: float, half: float = 6) -> None:
        """A signal."""
        size = number(half)
        self.path("sig", f"M{number(x)} {number(y - half)}l{size} {size}-{size} {size}-{size}-{size}z")

    def text(self, kind: str, x: float, y: float, text: str, anchor: str = "") -> None:
        """Words, from (x, y) on, or as `anchor` (middle, end) says."""
        if text:
            place = f' text-anchor="{anchor}"' if anchor else ""
            self.parts.append(f'<text class="{kind}" x="{number(x)}" y="{number(y)}"{place}>{safe(text)}</text>')

    def texts(self, kind: str, anchor: str, places: Iterable[tuple[float, float, str]]) -> None:
        """Many words of one kind."""
        lines = [f'<text x="{number(x)}" y="{number(y)}">{safe(text)}</text>' for x, y, text in places if text]
        if lines:
            place = f' text-anchor="{anchor}"' if anchor else ""
            self.parts.append(f'<g class="{kind}"{place}>{"".join(lines)}</g>')

    def link(self, href: str, name: str, left: float, top: float, width: float, height: float) -> None:
        """A place that leads to what is behind a value."""
        if href:
            place = f'x="{number(left)}" y="{number(top)}" width="{number(width)}" height="{number(height)}"'
            self.links.append(f'<a href="{safe(href)}"><title>{safe(name)}</title><rect class="hit" {place}/></a>')

    def done(
        self,
        width: float,
        height: float,
        keys: Sequence[Key],
        tables: Sequence[Table],
        notes: Sequence[tuple[int, str]] = (),
    ) -> Drawing:
        """The finished drawing."""
        return Drawing(
            width, height, "".join(self.parts), "".join(self.links), tuple(keys), tuple(notes), tuple(tables)
        )


def dot_steps(places: Iterable[tuple[float, float]]) -> str:
    """The steps of round dots."""
    return "".join([f"M{number(x)} {number(y)}h0" for x, y in places])


def box_steps(left: float, top: float, width: float, height: float) -> str:
    """The steps of a rectangle."""
    across = number(width)
    return f"M{number(left)} {number(top)}h{across}v{number(height)}H{number(left)}z"


def line_steps(places: Iterable[tuple[float, float] | None]) -> str:
    """The steps of a line through places; None breaks it."""
    steps: list[str] = []
    broken = True
    for place in places:
        if place is not None:
            steps.append(f"{'M' if broken else ' '}{number(place[0])} {number(place[1])}")
        broken = place is None
    return "".join(steps)
