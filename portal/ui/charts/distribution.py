"""Distribution of agents: one dot for each, or bars where there are many; nobody is named or ranked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from portal.ui.charts.data import Axis, Targeted
from portal.ui.charts.drawing import Drawing, Key, Pen, Table, box_steps
from portal.ui.charts.formats import whole
from portal.ui.charts.frame import Frame, draw_grid, draw_nothing, draw_titles, framed, head_room, kept_in
from portal.ui.charts.layout import fitting_steps
from portal.ui.charts.numbers import Scale, checked, domain, number, tick_values, ticks
from portal.ui.charts.words import ENGLISH, Words, breadth

_BINS = 20
#: More in one column, and bars take the place of dots.
_MOST_DOTS = 14
_DOT = 11.0


@dataclass(frozen=True, slots=True)
class Sample:
    """One agent's value and the number of contacts behind it."""

    value: float
    size: float = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", checked(self.value))
        if checked(self.size) < 0:
            raise ValueError("A sample has a size from zero on.")


@dataclass(frozen=True, slots=True, kw_only=True)
class DistributionChart(Targeted):
    """How the agents' values lie. Samples with fewer than `minimum` contacts are hollow: too few to judge."""

    samples: tuple[Sample, ...]
    minimum: float = 0
    #: The middle, with its words: (84.1, "Median 84.1%").
    middle: tuple[float, str] | None = None
    height: int = 170

    def __post_init__(self) -> None:
        Targeted.__post_init__(self)
        if self.middle:
            checked(self.middle[0])


@dataclass(frozen=True, slots=True)
class Bin:
    """A stretch of values (`high` not included, save for the last) and the samples in it."""

    low: float
    high: float
    samples: tuple[Sample, ...]

    def few(self, minimum: float) -> int:
        """How many samples are too small to judge."""
        return sum(sample.size < minimum for sample in self.samples)


def bins_of(samples: Sequence[Sample], about: int = _BINS) -> list[Bin]:
    """Stretches of a round width that cover all samples; each sample is in exactly one."""
    if not samples:
        return []
    low, high = domain([sample.value for sample in samples])
    inner = tick_values(low, high, about)
    step = inner[1] - inner[0] if len(inner) > 1 else high - low
    edges = [inner[0] - step, *inner, inner[-1] + step]
    counts: list[list[Sample]] = [[] for _ in edges[1:]]
    for sample in samples:
        at = sum(edge <= sample.value for edge in edges[1:-1])
        counts[at].append(sample)
    used = [at for at, found in enumerate(counts) if found]
    return [Bin(edges[at], edges[at + 1], tuple(counts[at])) for at in range(used[0], used[-1] + 1)]


def draw_distribution(chart: DistributionChart, words: Words = ENGLISH) -> Drawing:
    """The chart as a drawing."""
    pen = Pen()
    bins = bins_of(chart.samples, _BINS if chart.wide else _BINS // 2)
    highest = max((len(found.samples) for found in bins), default=0)
    dotted = highest <= _MOST_DOTS
    axis = Axis(form=whole, low=0.0, high=float(max(highest, 1)))
    top = head_room(words.people, 0) + (16 if chart.target is not None else 0) + (16 if chart.middle else 0)
    frame = framed(
        axis, [0.0], width=chart.width, top=top, height=max(chart.height, highest * _DOT if dotted else 0), count=1
    )
    across = _across(chart, bins, frame)
    if not dotted:
        draw_grid(pen, frame)
    draw_bins(pen, frame, across, bins, chart.minimum, dotted=dotted)
    pen.across("base", frame.left, frame.right, [frame.bottom])
    _draw_lines(pen, frame, across, chart, words)
    if not bins:
        draw_nothing(pen, frame, words)
    form = chart.axis.tick_form or chart.axis.form
    along = chart.axis.ticks or ticks(across.low, across.high, form, 8 if chart.wide else 4)
    every = fitting_steps([text for _at, text in along], (frame.right - frame.left) / max(len(along), 1))
    labels = [(kept_in(across(at), text, frame.width), frame.bottom + 18, text) for at, text in along[::every]]
    pen.texts("ax", "middle", labels)
    foot = draw_titles(pen, frame, "" if dotted else words.people, chart.axis.title, frame.bottom + 22)
    return pen.done(
        chart.width, frame.bottom + 22 + foot, _keys(chart, words, dotted=dotted), [_table(chart, bins, words)]
    )


def _across(chart: DistributionChart, bins: Sequence[Bin], frame: Frame) -> Scale:
    values = [edge for found in bins for edge in (found.low, found.high)]
    values += [chart.target] if chart.target is not None else []
    values += [chart.middle[0]] if chart.middle else []
    low, high = domain(values, chart.axis.low, chart.axis.high)
    return Scale(low, high, frame.left + 6, frame.right - 6)


def draw_bins(pen: Pen, frame: Frame, across: Scale, bins: Sequence[Bin], minimum: float, *, dotted: bool) -> None:
    """Dots one above the other, those with few contacts on top; or bars."""
    if not dotted:
        boxes = ((across(found.low) + 0.5, across(found.high) - 0.5, frame.up(len(found.samples))) for found in bins)
        pen.path(
            "col", "".join([box_steps(left, y, max(right - left, 1), frame.bottom - y) for left, right, y in boxes])
        )
        return
    full: list[tuple[float, float]] = []
    hollow: list[tuple[float, float]] = []
    for found in bins:
        x = (across(found.low) + across(found.high)) / 2
        enough = len(found.samples) - found.few(minimum)
        for at in range(len(found.samples)):
            (full if at < enough else hollow).append((x, frame.bottom - 7 - at * _DOT))
    pen.dots("dots-l", full)
    pen.rings(hollow)


def _draw_lines(pen: Pen, frame: Frame, across: Scale, chart: DistributionChart, words: Words) -> None:
    """Target and middle as upright lines, each with its words on a row of its own."""
    lines = []
    if chart.target is not None:
        lines.append(
            ("tgt", "tgt-t", chart.target, f"{words.target} {chart.target_text or chart.axis.form(chart.target)}")
        )
    if chart.middle:
        lines.append(("cl", "ax", *chart.middle))
    for row, (kind, word_kind, value, text) in enumerate(lines):
        x, y = across(value), frame.top - 6 - row * 16
        pen.path(kind, f"M{number(x)} {number(y + 4)}V{number(frame.bottom)}")
        room = x + 4 + breadth(text) <= frame.width
        pen.text(word_kind, x + 4 if room else x - 4, y, text, "" if room else "end")


def _keys(chart: DistributionChart, words: Words, *, dotted: bool) -> list[Key]:
    if not dotted:
        return [Key("col", words.people)]
    few = any(sample.size < chart.minimum for sample in chart.samples)
    return [
        Key("dot", words.people),
        *([Key("ring", f"{words.few} ({words.size} < {whole(chart.minimum)})")] if few else []),
    ]


def _table(chart: DistributionChart, bins: Sequence[Bin], words: Words) -> Table:
    form = chart.axis.form
    rows = [
        (
            f"{form(found.low)} – {form(found.high)}",
            str(len(found.samples)),
            whole(sum(sample.size for sample in found.samples)),
            str(found.few(chart.minimum)),
        )
        for found in bins
    ]
    return Table((chart.axis.title or words.bucket, words.people, words.size, words.few), tuple(rows))
