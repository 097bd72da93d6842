"""Example charts for the gallery of components: one of each kind, and the odd cases."""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import pairwise

from portal.ui.charts import (
    Axis,
    BarChart,
    Chart,
    FunnelChart,
    Limit,
    LineChart,
    Mark,
    ParetoChart,
    Point,
    Segment,
    Series,
    Sparkline,
    WaterfallChart,
    XmrChart,
    formats,
)
from portal.ui.gallery_spreads import spread_charts

_LEVELS = (78.2, 76.9, 79.4, 77.1, 75.8, 78.8, 80.1, 77.5, 76.2, 78.9, 79.6, 66.4, 76.4, 78.1, 83.2, 84.9, 82.6, 85.1, 84.0,
           83.1, 86.2, 84.4, 82.2, 85.4, 83.7, 84.8)  # fmt: skip
_BEFORE = (81.0, 80.2, 79.9, 81.3, 82.0, None, None, 80.6, 79.2, 78.8, 80.1, 81.1, 80.7, 79.5, 80.0, 81.6, 82.2, 81.9, 82.4,
           81.7, 82.8, 82.1, 81.4, 83.0, 82.7, 82.5)  # fmt: skip
_WEEKS = tuple(str(22 + at) for at in range(26))
_RATE = Axis(form=formats.percent, tick_form=formats.whole_percent, title="Service level")
_SITES = (
    ("Kraków · Veltora", 4210, 0.860), ("Lisbon · Atlaria", 3870, 0.838), ("Chengdu Bluewave", 5120, 0.848), ("Manila Bayfront", 6950, 0.829),
    ("成都蓝浪客服中心", 2480, 0.812), ("Dublin · Corran", 1320, 0.851), ("Cairo · Nileline", 2940, 0.781), ("Medellín · Altavoz", 1880, 0.824),
)  # fmt: skip


@lru_cache(maxsize=1)
def example_charts() -> tuple[Chart, ...]:
    """Every kind of chart with lifelike content."""
    return (
        _xmr(),
        _line(),
        _bars(),
        _pareto(),
        _funnel(),
        _waterfall(),
        *spread_charts(),
        _bare(),
        _chinese(),
    )


def example_sparks() -> tuple[Sparkline, ...]:
    """Sparklines: full, with a gap, flat, a single value."""
    return (
        Sparkline(_LEVELS[13:], 80.0, "Service level, 13 weeks: from 78.1% to 84.8%"),
        Sparkline(_BEFORE[:13], 80.0, "Service level the year before, two weeks missing"),
        Sparkline((4.9,) * 13, 4.9, "Productivity, unchanged at 4.9"),
        Sparkline((42.0,), 45.0, "NPS, one month: 42"),
    )


def _weekly(values: tuple[float | None, ...], reason: str = "") -> tuple[Point, ...]:
    return tuple(
        Point(
            week,
            None if value is None else value / 100,
            href=f"?week={week}",
            signal=reason if value and value < 70 else "",
        )
        for week, value in zip(_WEEKS, values, strict=True)
    )


_MARKS = (Mark(11, "Typhoon closure, wk 33"), Mark(14, "Routing change, wk 36"))


def _xmr() -> Chart:
    ranges = tuple(abs(after - before) for before, after in pairwise(_LEVELS))
    points = tuple(
        Point(week, value, signal="Moving range above its limit" if value > 6.6 and week != "36" else "")
        for week, value in zip(_WEEKS[1:], ranges, strict=True)
    )
    return XmrChart(
        title="XmR chart of weekly service level, weeks 22 to 47",
        description="Process average rose from 77.9% to 84.1% after the routing change in week 36. One signal: week 33, 66.4%, below the "
        "lower limit, explained by the typhoon closure. All weeks since week 36 are within limits and above the 80% target.",
        points=_weekly(_LEVELS, "Below the lower limit"),
        segments=(
            Segment(0, 14, 0.779, 0.726, 0.832, 2.0, 6.5),
            Segment(14, 26, 0.841, 0.789, 0.894, 2.0, 6.4),
        ),
        ranges=(Point("22", None), *points),
        range_axis=Axis(form=lambda value: f"{value:.1f}", tick_form=formats.plain, title="points"),
        target=0.8,
        target_text="80%",
        axis=_RATE,
        marks=_MARKS,
        along="ISO week 2026",
    )


def _line() -> Chart:
    return LineChart(
        title="Service level by week, and the year before",
        description="Since week 36 the site is above its target and above the year before.",
        series=(Series("This year", _weekly(_LEVELS, "Below red")), Series("Year before", _weekly(_BEFORE))),
        target=0.8,
        target_text="80%",
        axis=_RATE,
        marks=(
            *_MARKS,
            Mark(5, "Excluded: outage of the dialler", 6),
            Mark(16, "Launch in Portugal"),
            Mark(17, "New script"),
        ),
        along="ISO week 2026",
    )


def _bars() -> Chart:
    points = tuple(
        Point(name, rate, href=f"?site={at}", signal="Off target" if rate < 0.8 else "")
        for at, (name, _n, rate) in enumerate(_SITES)
    )
    return BarChart(
        title="Service level by site, November",
        description="Seven of eight sites are above 80%; Cairo is at 78.1%.",
        points=(*points, Point("Tbilisi", None)),
        target=0.8,
        target_text="80%",
        axis=_RATE,
        along="Site",
    )


def _pareto() -> Chart:
    causes = (
        ("Payment failed", 412),
        ("Cannot reach host", 288),
        ("Refund late", 176),
        ("Wrong address", 91),
        ("账户被锁定", 54),
        ("Noise", 31),
        ("Other", 60),
    )
    return ParetoChart(
        title="Repeat contacts by reason",
        description="Three of seven reasons make up 79% of the repeat contacts.",
        points=tuple(Point(name, count, href=f"?reason={at}") for at, (name, count) in enumerate(causes)),
        axis=Axis(form=formats.whole, title="Repeat contacts", low=0),
        along="Reason",
        wide=False,
    )


def _funnel() -> Chart:
    mean = 0.832

    def limit(name: str, z: float) -> Limit:
        sizes = (200, 300, 450, 700, 1000, 1500, 2200, 3300, 5000, 7000)
        spread = [z * math.sqrt(mean * (1 - mean) / n) for n in sizes]
        return Limit(
            name, tuple((float(n), mean - wide, min(mean + wide, 1.0)) for n, wide in zip(sizes, spread, strict=True))
        )

    outside = {"Cairo · Nileline": "Below the 99.8% limit", "Kraków · Veltora": "Above the 99.8% limit"}
    return FunnelChart(
        title="Service level of sites against their contacts",
        description="Cairo is lower and Kraków higher than chance explains; the others do not differ from the mean.",
        points=tuple(
            Point(name, rate, href=f"?site={at}", signal=outside.get(name, ""))
            for at, (name, _n, rate) in enumerate(_SITES)
        ),
        sizes=tuple(float(n) for _name, n, _rate in _SITES),
        centre=mean,
        limits=(limit("95%", 1.96), limit("99.8%", 3.09)),
        axis=_RATE,
        size_axis=Axis(form=formats.whole, title="Contacts"),
    )


def _waterfall() -> Chart:
    points = Axis(
        form=lambda value: f"{value:.1f}%", tick_form=lambda value: f"{formats.plain(value)}%", title="Service level"
    )
    return WaterfallChart(
        title="Why did service level move from October to November?",
        description="From 82.6% to 82.1%: more contacts in Manila and a shift to chat cost 1.7 points, better answering in Chengdu gave 1.2 back.",
        start=Point("October", 82.6),
        parts=(
            Point("Volume: Manila", -0.9, href="?part=volume"),
            Point("Mix: more chat", -0.8, href="?part=mix"),
            Point("Rate: Chengdu", 1.2, href="?part=rate"),
            Point("Rate: other sites", 0.0),
        ),
        end=Point("November", 82.1),
        axis=points,
        better="up",
        wide=False,
    )


def _bare() -> Chart:
    return LineChart(
        title="NPS of a site that opens next week",
        description="There are no values yet.",
        series=(Series("NPS", tuple(Point(week, None) for week in _WEEKS[:4])),),
        target=45,
        along="ISO week 2026",
        wide=False,
        height=120,
    )


def _chinese() -> Chart:
    values = (412.0, 405.0, None, 398.0, 420.0, 377.0, 371.0, 366.0)
    return LineChart(
        title="平均处理时长，按周",
        description="第 36 周路由调整之后，平均处理时长从 6:52 降到 6:06。",
        series=(
            Series(
                "本期", tuple(Point(f"第 {week} 周", value) for week, value in zip(range(32, 40), values, strict=True))
            ),
        ),
        target=390,
        axis=Axis(form=formats.clock, title="平均处理时长"),
        marks=(Mark(4, "路由调整"),),
        along="2026 年",
        wide=False,
        height=160,
    )
