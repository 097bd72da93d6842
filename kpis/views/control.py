"""The control chart of one KPI: 26 weeks, limits, signals, annotations, and what it says in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from portal.ui.charts import Axis, Point, Segment, XmrChart

from ..rules.control import RANGE_LIMIT, Control
from ..rules.periods import Period
from ..rules.signals import rolling_months
from ..wording.periods import week_text
from ..wording.values import value_text
from .asked import Asked
from .entries import Entry
from .noted import Noted, marks_of
from .words.signals import label_of, overlap_text, reading_of


@dataclass(frozen=True, slots=True)
class Drawn:
    """A chart with its reading; `entry` is the KPI it shows."""

    entry: Entry
    chart: XmrChart
    reading: str


def drawn(entry: Entry, weeks: Sequence[Period], notes: Sequence[Noted], asked: Asked) -> Drawn:
    """The chart of an entry's weeks with what was noted beside them; a point leads to its week, with the rest of the view."""
    kpi = entry.kpi
    values = entry.values or [None] * len(weeks)
    placed = marks_of(notes, weeks)
    rebased = [mark.start for note, mark in placed if note.rebases]
    control, months = entry.control_from(rebased), rolling_months(entry.trend)
    reading = overlap_text(months) if months else reading_of(control, values, kpi, weeks)
    signals: dict[int, str] = {}
    for signal in control.signals:
        signals.setdefault(signal.at, label_of(signal))
    chart = XmrChart(
        title=_("%(kpi)s by week") % {"kpi": kpi.label},
        description=reading,
        axis=Axis(form=_form(kpi)),
        target=entry.aim,
        target_text=entry.target,
        points=tuple(
            Point(
                week_text(week.first),
                value,
                href=asked.query(period=week.key, kpi=kpi.code),
                signal=signals.get(at, ""),
            )
            for at, (week, value) in enumerate(zip(weeks, values, strict=True))
        ),
        segments=tuple(_segments(control)),
        ranges=_ranges(weeks, values, control),
        range_axis=Axis(form=_form(kpi)),
        marks=tuple(mark for _note, mark in placed),
        along=_("ISO week"),
    )
    return Drawn(entry, chart, reading)


def _form(kpi: Any) -> Any:
    return lambda value: value_text(value, kpi.unit, kpi.decimals)


def _segments(control: Control) -> list[Segment]:
    return [
        Segment(one.first, one.last + 1, one.mean, one.low, one.high, one.range_limit / RANGE_LIMIT, one.range_limit)
        for one in control.segments
    ]


def _ranges(weeks: Sequence[Period], values: Sequence[float | None], control: Control) -> tuple[Point, ...]:
    """How far each week lies from the one before; marked where it is beyond its own limit."""
    if not control.segments:
        return ()
    limits = {at: one.range_limit for one in control.segments for at in range(one.first, one.last + 1)}
    moves: list[float | None] = [None]
    moves += [None if a is None or b is None else abs(b - a) for a, b in pairwise(values)]
    return tuple(
        Point(
            week_text(week.first), move,
            signal=_("above the range limit") if move is not None and move > limits.get(at, float("inf")) else "",
        )
        for at, (week, move) in enumerate(zip(weeks, moves, strict=True))
    )  # fmt: skip
