"""Charts of any content, for the properties that all of them keep."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import strategies as st

from portal.ui.charts import (
    Axis,
    BarChart,
    Chart,
    DistributionChart,
    FunnelChart,
    HeatChart,
    Limit,
    LineChart,
    Mark,
    ParetoChart,
    Point,
    Sample,
    Segment,
    Series,
    WaterfallChart,
    XmrChart,
    formats,
)

HEAD = {"title": "Title", "description": "Description"}
numbers = st.floats(-1e9, 1e9) | st.sampled_from([0.0, 1.0, 0.8, 5e-324, -3.0])
labels = st.text(max_size=12) | st.sampled_from(["成都蓝浪客服中心", "Kraków · Veltora", "22", "<b>&\"'\x00"])
signals = st.sampled_from(["", "", "", "Below the lower limit", "低于下限"])
hrefs = st.sampled_from(["", "", "/kpis/?site=1&week=22"])
points = st.builds(Point, labels, st.none() | numbers, st.just(""), hrefs, signals)
known = st.builds(Point, labels, numbers, st.just(""), hrefs, signals)
axes = st.builds(
    Axis,
    st.sampled_from([formats.plain, formats.percent, formats.clock]),
    labels,
    st.none() | numbers,
    st.none() | numbers,
)
targets = st.none() | numbers
widths = st.booleans()


@st.composite
def marks_of(draw: st.DrawFn, count: int) -> tuple[Mark, ...]:
    if not count:
        return ()
    ends = draw(st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), max_size=6))
    return tuple(Mark(min(pair), draw(labels), max(pair)) for pair in ends)


@st.composite
def lines(draw: st.DrawFn) -> LineChart:
    count = draw(st.integers(0, 40) | st.sampled_from([1, 2, 70, 400]))
    some = st.lists(points, min_size=min(count, 10), max_size=min(count, 10))
    series = []
    for name in draw(st.sampled_from([["This year"], ["This year", "Year before"]])):
        found = draw(some)
        series.append(Series(name, tuple(found * 40)[:count]))
    return LineChart(
        **HEAD, series=tuple(series), marks=draw(marks_of(count)), axis=draw(axes), target=draw(targets), along=draw(labels), wide=draw(widths)
    )  # fmt: skip


@st.composite
def xmrs(draw: st.DrawFn) -> XmrChart:
    found = tuple(draw(st.lists(points, max_size=12)))
    cuts = sorted({0, len(found), *draw(st.lists(st.integers(0, len(found)), max_size=2))})
    segments = tuple(
        Segment(start, stop, *(draw(st.none() | numbers) for _ in range(5))) for start, stop in pairwise(cuts)
    )
    ranges = tuple(Point(point.label, draw(st.none() | numbers.map(abs)), signal=draw(signals)) for point in found)
    return XmrChart(
        **HEAD, points=found, segments=segments, ranges=ranges if draw(st.booleans()) else (), marks=draw(marks_of(len(found))),
        axis=draw(axes), target=draw(targets), along=draw(labels), wide=draw(widths),
    )  # fmt: skip


@st.composite
def heats(draw: st.DrawFn) -> HeatChart:
    rows, columns = (
        draw(st.lists(labels, max_size=4)),
        draw(st.sampled_from([[], [""], ["00:00"] * 3, ["早"] * 24, ["12:30"] * 48])),
    )
    few = draw(st.lists(st.none() | numbers, min_size=3, max_size=3))
    cells = tuple(tuple(few[(at + row) % 3] for at in range(len(columns))) for row in range(len(rows)))
    links = tuple(tuple(draw(hrefs) for _ in columns[:1]) * len(columns) for _ in rows) if draw(st.booleans()) else ()
    return HeatChart(
        **HEAD, rows=tuple(rows), columns=tuple(columns), cells=cells, hrefs=links, low=draw(st.none() | numbers), high=draw(st.none() | numbers),
        low_is_dark=draw(st.booleans()), wide=draw(widths),
    )  # fmt: skip


@st.composite
def funnels(draw: st.DrawFn) -> FunnelChart:
    found = tuple(draw(st.lists(points, max_size=12)))
    sizes = tuple(draw(st.floats(0, 1e6)) for _ in found)
    curve = tuple((float(n), draw(numbers), draw(numbers)) for n in (10, 100, 1000, 100_000))
    limits = (Limit("95%", curve), Limit("99.8%", curve))[: draw(st.integers(0, 2))]
    return FunnelChart(
        **HEAD, points=found, sizes=sizes, limits=limits, centre=draw(targets), axis=draw(axes), target=draw(targets), wide=draw(widths)
    )  # fmt: skip


@st.composite
def waterfalls(draw: st.DrawFn) -> WaterfallChart:
    first, parts = draw(known), tuple(draw(st.lists(known, max_size=8)))
    end = Point(draw(labels), sum(point.value or 0.0 for point in (first, *parts)))
    return WaterfallChart(
        **HEAD, start=first, parts=parts, end=end, axis=draw(axes), better=draw(st.sampled_from(["up", "down", ""])), wide=draw(widths)
    )  # fmt: skip


bars = st.builds(
    lambda found, axis, target, wide: BarChart(**HEAD, points=tuple(found), axis=axis, target=target, wide=wide),
    st.lists(points, max_size=30), axes, targets, widths,
)  # fmt: skip
amounts = st.builds(Point, labels, st.floats(0, 1e9), st.just(""), hrefs)
paretos = st.builds(
    lambda found, wide: ParetoChart(**HEAD, points=tuple(found), wide=wide), st.lists(amounts, max_size=20), widths
)  # fmt: skip
samples = st.builds(Sample, numbers, st.floats(0, 500)) | st.builds(Sample, st.sampled_from([0.8, 0.9]), st.just(40.0))
distributions = st.builds(
    lambda found, axis, target, wide, median: DistributionChart(
        **HEAD, samples=tuple(found), axis=axis, target=target, wide=wide, minimum=30, middle=(median, "Median") if median is not None else None
    ),
    st.lists(samples, max_size=60), axes, targets, widths, targets,
)  # fmt: skip
charts: st.SearchStrategy[Chart] = st.one_of(
    lines(), xmrs(), heats(), funnels(), waterfalls(), bars, paretos, distributions
)
