"""Sparkline: a small line in a table's row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from portal.ui.charts.drawing import Pen, line_steps
from portal.ui.charts.numbers import Scale, checked, checked_or_gap, domain
from portal.ui.charts.words import safe

_WIDTH = 96
_HEIGHT = 24
_MOST = 60


@dataclass(frozen=True, slots=True)
class Sparkline:
    """Values in order, None is a gap. Without a title the row beside it must say the same in words."""

    values: tuple[float | None, ...]
    target: float | None = None
    title: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", tuple(checked_or_gap(value) for value in self.values))
        if self.target is not None:
            checked(self.target)


def spark_svg(chart: Sparkline) -> str:
    """The sparkline as an element, about 300 bytes; a long row of values is thinned, peaks kept."""
    pen = Pen()
    values = thinned(chart.values)
    known = [value for value in values if value is not None]
    low, high = domain([*known, *([chart.target] if chart.target is not None else [])])
    up = Scale(low, high, _HEIGHT - 2, 2)
    step = (_WIDTH - 6) / max(len(values) - 1, 1)
    places = [None if value is None else (2 + at * step, up(value)) for at, value in enumerate(values)]
    if chart.target is not None:
        pen.across("t", 0, _WIDTH, [up(chart.target)])
    pen.path("l", line_steps(places))
    last = next((place for place in reversed(places) if place), None)
    if last:
        pen.dots("d", [last])
    named = f'role="img" aria-label="{safe(chart.title)}"' if chart.title else 'aria-hidden="true"'
    return f'<svg class="spark" viewBox="0 0 {_WIDTH} {_HEIGHT}" {named}>{"".join(pen.parts)}</svg>'


def thinned(values: Sequence[float | None]) -> list[float | None]:
    """At most sixty values: of each stretch the least and the largest, in their order; the last value stays."""
    if len(values) <= _MOST:
        return list(values)
    stretches = _MOST // 2
    found: list[float | None] = []
    for at in range(stretches):
        stretch = values[at * len(values) // stretches : (at + 1) * len(values) // stretches]
        known = [(value, place) for place, value in enumerate(stretch) if value is not None]
        both = sorted((min(known), max(known)), key=lambda pair: pair[1]) if known else []
        found += [value for value, _place in both] if both else [None, None]
    if values[-1] is not None:
        found[-1] = values[-1]
    return found
