"""A pack as a presentation: charts and tables are PowerPoint's own, so that they can be edited. Long tables go on over several slides."""

from collections.abc import Sequence
from typing import IO, Any, Final

from django.utils.translation import gettext as _

from ..blocks import Bars, Column, Note, Row, Series, Table
from ..wording.cells import WRITTEN, axis_decimals, cell_text, month_and_year, point_name, star_text
from ..wording.packs import told
from .arranged import arranged
from .deck import AMBER, BROAD, FOOT, GREEN, GREY, INK, MARGIN, RED, TOP, Deck, Names, Said, breadth
from .numbers import chart_format, number_of
from .view import PackView, SectionView

#: Of letters in tables, as large as they have room.
SIZES: Final = (14, 12, 10)
_PADDED: Final = 0.09
#: Of a line on the cover, and of a chart of bars, which leaves room for the totals below it.
_LINE, _BARS = 0.32, 3.6
_TITLE: Final = 0.38
_TONES: Final = {"r": RED, "a": AMBER, "g": GREEN}
#: A cell that is longer than what fits on a slide by itself is cut.
_MOST_LINES: Final = 20


def write(view: PackView, file: IO[bytes]) -> None:
    """The presentation into a file, in the language now active."""
    notes = f"{view.status}\nSHA-256 {view.hash}\n{view.address}"
    deck = Deck(foot=f"{view.title} · {view.about} · {view.key}", mark="" if view.final else view.status, notes=notes)
    _cover(deck, view)
    for section in view.sections:
        _Pages(deck, section, view.zone).write()
    deck.show.save(file)


def _cover(deck: Deck, view: PackView) -> None:
    slide = deck.slide(view.title, 36)
    deck.text(slide, view.about, top=1.3, height=0.6, size=24)
    deck.text(slide, view.period, top=2.3, size=18, colour=GREY)
    deck.text(slide, view.status, top=2.8, size=18, colour=GREEN if view.final else RED, bold=True)
    facts = [
        f"{_('Numbers of')} {view.frozen} ({view.zone})",
        f"SHA-256 {view.hash}",
        f"{_('Check it at')} {view.address}",
    ]
    if view.reason:
        facts.insert(0, f"{_('Reason')}: {view.reason}")
    top = 3.5
    for text in facts:
        deck.text(slide, text, top=top, size=11, colour=GREY)
        top += 0.35 if breadth(text, 11) < BROAD else 0.55
    _missing(deck, view, slide, top + 0.2)
    if view.signed:
        _Pages(deck, SectionView("signed", _("Comments and acknowledgements"), view.signed), view.zone).write()


def _missing(deck: Deck, view: PackView, slide: Any, top: float) -> None:
    """What the pack cannot say: on the cover where it has room there, else on slides of its own."""
    if top + len(view.missing) * _LINE <= FOOT and all(breadth(text, 12) < BROAD - 0.2 for text in view.missing):
        for at, text in enumerate(view.missing):
            deck.text(slide, text, top=top + at * _LINE, size=12, colour=AMBER)
        return
    pages = _Pages(deck, SectionView("missing", _("What this pack cannot say"), ()), view.zone)
    for text in view.missing:
        pages.note(text, AMBER)


class _Pages:
    """The slides of a section, filled from top to bottom."""

    def __init__(self, deck: Deck, section: SectionView, zone: str) -> None:
        self.deck, self.section, self.zone = deck, section, zone
        self.slide: Any = None
        self.top = FOOT
        self.count = 0

    def write(self) -> None:
        """Notes and tables in their order; charts two by two."""
        for blocks in arranged(self.section.blocks):
            match blocks[0]:
                case Series() | Bars():
                    self.charts(blocks)
                case Note(text=text, tone=tone):
                    self.note(told(text), AMBER if tone == "warn" else INK)
                case Table() as table:
                    self.table(table)
        if not self.count:
            self.note(_("Nothing."), GREY)

    def next(self) -> None:
        """A new slide."""
        self.count += 1
        title = self.section.title if self.count == 1 else f"{self.section.title} ({self.count})"
        self.slide, self.top = self.deck.slide(title), TOP

    def note(self, text: str, colour: str) -> None:
        lines = _lines(text, BROAD - 0.2, 13)
        self.room(lines * 0.25 + 0.15)
        self.deck.text(self.slide, text, top=self.top, size=13, colour=colour)
        self.top += lines * 0.25 + 0.15

    def room(self, height: float) -> None:
        """See to it that there is so much room below."""
        if self.top + height > FOOT:
            self.next()

    def charts(self, blocks: Sequence[Any]) -> None:
        """One chart, or two beside each other: series on a slide of their own, bars with what follows below."""
        self.next()
        width, tall = BROAD / len(blocks), FOOT - TOP if isinstance(blocks[0], Series) else _BARS
        for at, block in enumerate(blocks):
            place = (MARGIN + at * width, TOP, width - 0.1, tall)
            if isinstance(block, Series):
                self.deck.line_chart(self.slide, place, title=told(block.title), names=_periods(block),
                                     sets=_lines_of(block), form=chart_format(block.unit, axis_decimals(block)))  # fmt: skip
            else:
                self.deck.bar_chart(self.slide, place, title=told(block.title), names=Names([told(one) for one in block.categories]),
                                    sets=_bars_of(block), form=chart_format(block.unit))  # fmt: skip
        self.top = TOP + tall + 0.1

    def table(self, table: Table) -> None:
        """Its rows, on as many slides as they need, each with the head."""
        title = told(table.title)
        if not table.rows:
            self.room(_TITLE + 0.4)
            self.title(title)
            self.note(told(table.empty) if table.empty else _("Nothing."), GREY)
            return
        head = [Said(told(one.label), number=one.kind not in WRITTEN) for one in table.columns]
        lines = [[self.said(row, at, one) for at, one in enumerate(table.columns)] for row in table.rows]
        size, widths, heights = _sized([head, *lines], FOOT - TOP - _TITLE)
        self.room(_TITLE + sum(heights[:3]))
        rest = list(zip(lines, heights[1:], strict=True))
        while rest:
            taken = _fitting([height for _line, height in rest], FOOT - self.top - _TITLE - heights[0])
            part, rest = rest[:taken], rest[taken:]
            self.title(title)
            tall = [heights[0], *[height for _line, height in part]]
            self.deck.table(
                self.slide,
                [head, *[line for line, _height_ in part]],
                top=self.top,
                widths=widths,
                heights=tall,
                size=size,
            )
            self.top += sum(tall) + 0.2
            if rest:
                self.next()

    def title(self, text: str) -> None:
        self.deck.text(self.slide, text, top=self.top, size=13, bold=True)
        self.top += _TITLE

    def said(self, row: Row, at: int, column: Column) -> Said:
        toned = row.rag in _TONES and column.key in {"value", "rag"}
        text = cell_text(row.cells[at], column, row, self.zone)
        return Said(text, number=column.kind not in WRITTEN, colour=_TONES[row.rag] if toned else INK, bold=toned)


def _periods(series: Series) -> Names:
    """Months below their years, so that a dozen have room below a chart."""
    months = [one for one in map(month_and_year, series.points) if one]
    if 0 < len(months) == len(series.points):
        return Names([month for month, _year in months], [year for _month, year in months], star_text(series))
    return Names([point_name(one) for one in series.points], along=star_text(series))


def _lines_of(series: Series) -> list[tuple[str, list[float | None]]]:
    made = [(_("Value"), [_number(one.value) for one in series.points])]
    for name, value in ((_("Target"), series.target), (_("Target, upper end"), series.target_high)):
        if value is not None:
            made.append((name, [number_of(value)] * len(series.points)))
    return made


def _bars_of(bars: Bars) -> list[tuple[str, list[float | None]]]:
    return [(told(label), [_number(one) for one in values]) for label, values in bars.sets]


def _number(value: str | None) -> float | None:
    return None if value is None else number_of(value)


def _sized(lines: Sequence[Sequence[Said]], room: float) -> tuple[float, list[float], list[float]]:
    """The largest letters with which all lines have room on a slide, else the smallest; widths and heights with them."""
    for size in SIZES:
        widths = _widths(lines, size)
        heights = [_height(line, widths, size) for line in lines]
        if size == SIZES[-1] or (sum(widths) <= BROAD and sum(heights) <= room):
            break
    return size, [one * min(1.0, BROAD / sum(widths)) for one in widths], heights


def _widths(lines: Sequence[Sequence[Said]], size: float) -> list[float]:
    """As broad as the words ask for; where that is more than a slide has, texts give way, and numbers do not."""
    columns = list(zip(*lines, strict=True))
    wanted = [max(breadth(one.text, size) for one in column) * 1.08 + 0.16 for column in columns]
    least = [
        min(want, 0.13 * size if column[-1].number else 0.11 * size)
        for want, column in zip(wanted, columns, strict=True)
    ]
    asked = [want - have for want, have in zip(wanted, least, strict=True)]
    share = max(0.0, min(1.0, (BROAD - sum(least)) / sum(asked))) if sum(asked) else 0.0
    return [have + ask * share for have, ask in zip(least, asked, strict=True)]


def _height(line: Sequence[Said], widths: Sequence[float], size: float) -> float:
    most = max(_lines(one.text, width - 0.12, size) for one, width in zip(line, widths, strict=True))
    return min(most, _MOST_LINES) * size * 1.3 / 72 + _PADDED


def _lines(text: str, width: float, size: float) -> int:
    """About how many lines a text takes."""
    return sum(max(1, -(-int(breadth(part, size) * 1000) // int(max(width, 0.2) * 1000))) for part in text.split("\n"))


def _fitting(heights: Sequence[float], room: float) -> int:
    """How many rows have room; one at least."""
    total, taken = 0.0, 0
    for height in heights:
        total += height
        if total > room:
            break
        taken += 1
    return max(1, taken)
