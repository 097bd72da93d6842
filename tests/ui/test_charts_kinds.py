"""What each kind of chart shows, and what it refuses."""

import math
import re
from collections.abc import Callable

import pytest

from portal.ui.charts import (
    Axis,
    BarChart,
    Chart,
    DistributionChart,
    Drawing,
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
    Sparkline,
    WaterfallChart,
    XmrChart,
    draw,
    formats,
    spark_svg,
)
from portal.ui.charts.spark import thinned
from tests.ui.charts_made import HEAD
from tests.ui.reading_svg import overlapping, places, starts, words_of

RATE = Axis(form=formats.percent, tick_form=formats.whole_percent, low=0.0, high=1.0)


def weeks(*values: float | None) -> tuple[Point, ...]:
    return tuple(Point(str(22 + at), value) for at, value in enumerate(values))


def line(*values: float | None, **more: object) -> LineChart:
    return LineChart(**HEAD, series=(Series("This year", weeks(*values)),), **more)  # type: ignore[arg-type]


def said(drawing: Drawing) -> list[str]:
    return [text for text, _box in words_of(drawing)]


def test_a_gap_breaks_the_line_and_a_value_between_gaps_is_a_point() -> None:
    drawing = draw(line(0.8, 0.9, None, 0.7, None, 0.8))
    assert drawing.body.split('class="data" d="')[1].split('"')[0].count("M") == 3
    assert len(starts(drawing, "pts")) == 4
    many = draw(line(*([0.8] * 200), None, 0.7, None, *([0.8] * 200)))
    assert len(starts(many, "pts")) == 1


def test_target_comparison_and_marks_are_there_in_words() -> None:
    chart = LineChart(
        **HEAD,
        series=(Series("This year", weeks(0.8, 0.9)), Series("Year before", weeks(None, 0.7))),
        target=0.8,
        axis=RATE,
        marks=(Mark(1, "Routing change"),),
    )
    drawing = draw(chart)
    assert {"This year", "Year before", "Target 80.0%", "Routing change", "1"} <= set(said(drawing))
    assert [key.label for key in drawing.keys] == ["This year", "Year before", "Target"]
    assert drawing.tables[0].head == ("Period", "This year", "Year before", "Note")
    assert drawing.tables[0].rows == (("22", "80.0%", "no value", ""), ("23", "90.0%", "70.0%", "Routing change"))


def test_a_band_covers_its_points_and_notes_them_all() -> None:
    drawing = draw(line(1, 2, 3, 4, marks=(Mark(1, "Outage", 2),)))
    xs = [x for x, _y in places(drawing, "data")]
    band = [x for x, _y in places(drawing, "ann-a")]
    assert xs[0] < min(band) < xs[1] < xs[2] < max(band) < xs[3]
    assert [row[-1] for row in drawing.tables[0].rows] == ["", "Outage", "Outage", ""]


def test_words_of_marks_that_have_no_room_stand_below_by_their_number() -> None:
    marks = tuple(Mark(at, f"A long story that has no room, part {at}") for at in range(10))
    drawing = draw(line(*range(10), marks=marks, wide=False))
    inside = {text for text in said(drawing) if text.startswith("A long")}
    assert inside | {text for _number, text in drawing.notes} == {mark.text for mark in marks}
    assert drawing.notes
    assert overlapping(drawing) == []


@pytest.mark.parametrize(
    "values", [(), (None,), (0.5,), (0.5, 0.5), (0.5,) * 30, (0.0, 0.0), (-3.0, -1.0, None), tuple(range(400))]
)
def test_few_equal_negative_and_many_values_are_drawn(values: tuple[float | None, ...]) -> None:
    drawing = draw(line(*values, target=1))
    known = [value for value in values if value is not None]
    assert len(places(drawing, "data")) == len(known)
    assert ("No values in this period" in said(drawing)) == (not known)
    assert overlapping(drawing) == []


def xmr(**more: object) -> XmrChart:
    found = (
        *weeks(0.78, 0.77),
        Point("24", 0.66, signal="Below the lower limit"),
        Point("25", 0.78),
        Point("26", 0.84),
        Point("27", 0.85),
    )
    segments = (Segment(0, 4, 0.775, 0.74, 0.81), Segment(4, 6, 0.845, None, 0.9))
    return XmrChart(**HEAD, points=found, segments=segments, axis=RATE, target=0.8, **more)  # type: ignore[arg-type]


def test_signals_are_diamonds_with_words() -> None:
    drawing = draw(xmr())
    assert len(starts(drawing, "sig")) == 1
    assert "66.0% · Below the lower limit" in said(drawing)
    assert "Signal: Below the lower limit" in [key.label for key in drawing.keys]
    assert drawing.tables[0].rows[2] == ("24", "66.0%", "Below the lower limit")


def test_a_process_that_was_based_anew_has_limits_of_its_own() -> None:
    drawing = draw(xmr())
    assert len(starts(drawing, "cl")) == 2
    assert len(starts(drawing, "lim")) == 3
    assert {"Upper limit 90.0%", "Mean 84.5%", "Target 80.0%"} <= set(said(drawing))
    assert not any(text.startswith("Lower limit") for text in said(drawing))
    assert drawing.tables[1].rows == (("22 – 25", "77.5%", "74.0%", "81.0%"), ("26 – 27", "84.5%", "–", "90.0%"))


def test_moving_ranges_have_a_plot_of_their_own_below() -> None:
    ranges = (Point("22", None), *(Point(str(at), 1.0) for at in range(23, 28)))
    plain, both = draw(xmr()), draw(xmr(ranges=ranges))
    assert both.height > plain.height + 84
    assert min(y for _x, y in starts(both, "dots")) > max(y for _x, y in starts(both, "pts"))
    assert both.tables[0].head == ("Period", "Value", "Moving range", "Note")


def test_bars_stand_on_zero_and_flag_what_is_off() -> None:
    chart = BarChart(**HEAD, points=(Point("A", 4), Point("B", -2, signal="Off target"), Point("C", None)), target=3)
    drawing = draw(chart)
    (base,) = {y for _x, y in places(drawing, "base")}
    assert max(y for _x, y in places(drawing, "col")) == pytest.approx(base, abs=0.2)
    assert min(y for _x, y in places(drawing, "col-s")) == pytest.approx(base, abs=0.2)
    assert {"4", "−2", "–", "Target 3"} <= set(said(drawing))
    assert len(starts(drawing, "sig")) == 1
    assert drawing.tables[0].rows[1:] == (("B", "−2", "Off target"), ("C", "no value", ""))


def test_cells_too_small_for_words_show_squares_of_different_sizes() -> None:
    def heat(columns: int, cells: tuple[float | None, ...]) -> Drawing:
        names = tuple(str(at) for at in range(columns))
        return draw(HeatChart(**HEAD, rows=("Mon",), columns=names, cells=(cells,), wide=False))

    roomy = heat(3, (1.0, 50.0, None))
    assert {"1", "50"} <= set(said(roomy))
    assert [key.swatch for key in roomy.keys] == ["h0", "h1", "h2", "h3", "h4", "gap"]
    tight = heat(96, tuple(1000.0 + at for at in range(96)))
    assert [key.swatch for key in tight.keys] == ["q0", "q1", "q2", "q3", "q4"]
    assert len({round(side) for side in map(float, re.findall(r"h([\d.]+)v", tight.body))}) > 1


def test_low_values_can_be_the_dark_ones() -> None:
    chart = HeatChart(**HEAD, rows=("Mon",), columns=("a", "b"), cells=((0.1, 0.9),), low_is_dark=True)
    drawing = draw(chart)
    assert min(starts(drawing, "h4")) < min(starts(drawing, "h0"))
    assert [key.swatch for key in drawing.keys] == ["h4", "h3", "h2", "h1", "h0"]


def test_a_funnel_names_all_points_and_lists_those_without_room() -> None:
    crowd = tuple(Point(f"Site with a long name {at}", 0.8 + at / 1e5) for at in range(12))
    drawing = draw(
        FunnelChart(
            **HEAD, points=crowd, sizes=tuple(1000.0 + at for at in range(12)), axis=RATE, centre=0.8, wide=False
        )
    )
    shown = {text for text in said(drawing) if text.startswith("Site")}
    assert shown | {text for _number, text in drawing.notes} == {point.label for point in crowd}
    assert {str(number) for number, _text in drawing.notes} <= set(said(drawing))
    assert drawing.tables[0].head == ("Item", "n", "Value")


def test_the_parts_of_a_waterfall_lead_exactly_from_start_to_end() -> None:
    chart = WaterfallChart(
        **HEAD,
        start=Point("Oct", 82.6),
        parts=(Point("Mix", -0.8), Point("Rate", 0.3)),
        end=Point("Nov", 82.1),
        better="up",
    )
    drawing = draw(chart)
    assert [row[1] for row in drawing.tables[0].rows] == ["82.6", "−0.8", "+0.3", "82.1"]
    assert places(drawing, "down bad")
    assert places(drawing, "up good")
    assert places(drawing, "cut"), "an axis that does not begin at zero cuts the totals"
    with pytest.raises(ValueError, match="lead to"):
        WaterfallChart(**HEAD, start=Point("Oct", 82.6), parts=(Point("Mix", -0.8),), end=Point("Nov", 82.1))


def test_a_pareto_marks_where_most_is_reached() -> None:
    drawing = draw(
        ParetoChart(**HEAD, points=tuple(Point(name, count) for name, count in (("A", 60), ("B", 25), ("C", 15))))
    )
    assert [row[2] for row in drawing.tables[0].rows] == ["60.0%", "85.0%", "100.0%"]
    assert "85%" in said(drawing)
    assert len(starts(drawing, "sig")) == 1


def test_agents_are_dots_without_names_and_few_contacts_are_hollow() -> None:
    few = (Sample(0.8, 40), Sample(0.9, 40), Sample(0.9, 5))
    drawing = draw(DistributionChart(**HEAD, samples=few, minimum=30, axis=RATE))
    assert (len(starts(drawing, "dots-l")), len(starts(drawing, "pts"))) == (2, 1)
    assert "Too few contacts (n < 30)" in [key.label for key in drawing.keys]
    many = draw(DistributionChart(**HEAD, samples=tuple(Sample(0.8, 40) for _ in range(50)), axis=RATE))
    assert places(many, "col")
    assert many.tables[0].rows[0][1:] == ("50", "2,000", "0")


def test_a_sparkline_is_small_and_keeps_its_peaks() -> None:
    assert len(spark_svg(Sparkline(tuple(range(26)), 13))) < 500
    assert len(spark_svg(Sparkline(tuple(math.sin(at) for at in range(400)), 0.5))) <= 1024
    values = [1.0] * 400
    values[150], values[-1] = 9.0, 4.0
    assert max(thinned(values)) == 9.0  # type: ignore[type-var]
    assert thinned(values)[-1] == 4.0
    assert spark_svg(Sparkline((None, None))) == '<svg class="spark" viewBox="0 0 96 24" aria-hidden="true"></svg>'


@pytest.mark.parametrize(
    "make",
    [
        lambda bad: Point("A", bad),
        lambda bad: line(1, target=bad),
        lambda bad: Axis(low=bad),
        lambda bad: Segment(0, 1, bad),
        Sample,
        lambda bad: Sparkline((1.0, bad)),
        lambda bad: Sparkline((1.0,), bad),
        lambda bad: Limit("95%", ((1, 0, bad),)),
        lambda bad: HeatChart(**HEAD, rows=("A",), columns=("B",), cells=((bad,),)),
        lambda bad: FunnelChart(**HEAD, points=weeks(1), sizes=(bad,)),
    ],
)
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_nan_and_infinity_are_refused_before_anything_is_drawn(make: Callable[[float], object], bad: float) -> None:
    with pytest.raises(ValueError, match="cannot show"):
        make(bad)


@pytest.mark.parametrize(
    "make",
    [
        lambda: LineChart(**HEAD, series=()),
        lambda: LineChart(**HEAD, series=(Series("A", weeks(1)), Series("B", weeks(1, 2)))),
        lambda: line(1, marks=(Mark(1, "Nowhere"),)),
        lambda: line(1, 2, marks=(Mark(1, "Backwards", 0),)),
        lambda: xmr(ranges=weeks(1)),
        lambda: XmrChart(**HEAD, points=weeks(1), segments=(Segment(0, 2, 1),)),
        lambda: HeatChart(**HEAD, rows=("A",), columns=("B",), cells=((1, 2),)),
        lambda: HeatChart(**HEAD, rows=("A",), columns=("B",), cells=((1,),), hrefs=((),)),
        lambda: FunnelChart(**HEAD, points=weeks(1), sizes=()),
        lambda: FunnelChart(**HEAD, points=weeks(1), sizes=(-1,)),
        lambda: ParetoChart(**HEAD, points=weeks(-1)),
        lambda: ParetoChart(**HEAD, points=weeks(None)),
        lambda: Sample(1, -1),
    ],
)
def test_data_that_do_not_fit_together_are_refused(make: Callable[[], Chart]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        make()
