"""Blocks as charts, for the page, the PDF and mail."""

from functools import partial
from typing import Final

from portal.audit.wording import listed
from portal.ui.charts import Axis, BarChart, Chart, LineChart, Point
from portal.ui.charts import Series as Drawn

from ..blocks import Bars, Kind, Series
from ..blocks import Point as Figure
from ..wording.cells import axis_decimals, axis_text, number_text, point_name, reading_of, signal_text, star_text
from ..wording.packs import told

HEIGHT: Final = 180


def chart_of(block: Series | Bars, *, wide: bool = False, height: int = HEIGHT) -> Chart:
    """A series as a line with its target; bars as bars, two sets as a line against another."""
    return _line(block, wide, height) if isinstance(block, Series) else _bars(block, wide, height)


def _line(block: Series, wide: bool, height: int) -> LineChart:
    name = told(block.title)
    points = tuple(_point(one, block.unit, block.decimals) for one in block.points)
    return LineChart(
        title=name, description=reading_of(block), wide=wide, axis=_axis(block.unit, axis_decimals(block)), height=height,
        series=(Drawn(name, points),), target=None if block.target is None else float(block.target),
        target_text=number_text(block.target, block.unit, block.decimals), along=star_text(block),
    )  # fmt: skip


def _point(one: Figure, unit: Kind, decimals: int | None) -> Point:
    value = None if one.value is None else float(one.value)
    signal = signal_text([one.signal]) if one.signal and value is not None else ""
    return Point(point_name(one), value, number_text(one.value, unit, decimals), signal=signal)


def _bars(block: Bars, wide: bool, height: int) -> Chart:
    name, names = told(block.title), [told(one) for one in block.categories]
    sets = [
        Drawn(told(label), tuple(_value(at, value, block.unit) for at, value in zip(names, values, strict=True)))
        for label, values in block.sets
    ]
    if len(sets) == 1:
        return BarChart(
            title=name,
            description=sets[0].name,
            wide=wide,
            axis=_axis(block.unit),
            height=height,
            points=sets[0].points,
        )
    said = listed(one.name for one in sets)
    return LineChart(
        title=name, description=said, wide=wide, axis=_axis(block.unit), height=height, series=tuple(sets[:2])
    )


def _value(name: str, value: str | None, unit: Kind) -> Point:
    return Point(name, None if value is None else float(value), number_text(value, unit))


def _axis(unit: Kind, decimals: int | None = None) -> Axis:
    return Axis(form=partial(axis_text, unit=unit, decimals=decimals))
