"""Charts as SVG, drawn by the server: plain data in, markup out. No framework here; `{% load charts %}` puts them on a page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from portal.ui.charts import formats
from portal.ui.charts.bars import BarChart, draw_bars
from portal.ui.charts.data import Axis, Chart, Mark, Point, Series
from portal.ui.charts.distribution import DistributionChart, Sample, draw_distribution
from portal.ui.charts.drawing import Drawing, Key, Table
from portal.ui.charts.funnel import FunnelChart, Limit, draw_funnel
from portal.ui.charts.heat import HeatChart, draw_heat
from portal.ui.charts.line import LineChart, draw_line
from portal.ui.charts.pareto import ParetoChart, draw_pareto
from portal.ui.charts.spark import Sparkline, spark_svg
from portal.ui.charts.styles import chart_css
from portal.ui.charts.turned import draw_turned
from portal.ui.charts.waterfall import WaterfallChart, draw_waterfall
from portal.ui.charts.words import ENGLISH, Words
from portal.ui.charts.xmr import Segment, XmrChart, draw_xmr

__all__ = [
    "Axis",
    "BarChart",
    "Chart",
    "DistributionChart",
    "Drawing",
    "FunnelChart",
    "HeatChart",
    "Key",
    "Limit",
    "LineChart",
    "Mark",
    "ParetoChart",
    "Point",
    "Sample",
    "Segment",
    "Series",
    "Sparkline",
    "Table",
    "WaterfallChart",
    "Words",
    "XmrChart",
    "chart_css",
    "draw",
    "draw_narrow",
    "formats",
    "spark_svg",
]

_DRAWN: Final[dict[type[Chart], Callable[[Any, Words], Drawing]]] = {
    LineChart: draw_line,
    BarChart: draw_bars,
    XmrChart: draw_xmr,
    HeatChart: draw_heat,
    FunnelChart: draw_funnel,
    WaterfallChart: draw_waterfall,
    ParetoChart: draw_pareto,
    DistributionChart: draw_distribution,
}


def draw(chart: Chart, words: Words = ENGLISH) -> Drawing:
    """Any chart as a drawing; `words` are what drawings say by themselves."""
    return _DRAWN[type(chart)](chart, words)


def draw_narrow(chart: Chart, words: Words = ENGLISH) -> Drawing | None:
    """The chart as a phone has room for it; None for one that has no other form."""
    return draw_turned(chart, words) if isinstance(chart, WaterfallChart) else None
