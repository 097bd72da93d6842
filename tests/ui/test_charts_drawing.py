"""What all charts keep, whatever they are given: inside the drawing, finite, and the table says the same."""

import pytest
from hypothesis import HealthCheck, given, settings

from portal.ui.charts import (
    Chart,
    DistributionChart,
    FunnelChart,
    HeatChart,
    LineChart,
    ParetoChart,
    Point,
    WaterfallChart,
    draw,
)
from portal.ui.charts.distribution import bins_of
from portal.ui.charts.pareto import shares
from portal.ui.gallery_charts import example_charts
from tests.ui import charts_made as made
from tests.ui.reading_svg import element, finite, outside, overlapping, places, starts

calm = settings(
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None, max_examples=60
)


@calm
@given(made.charts)
def test_everything_is_inside_the_drawing_and_finite(chart: Chart) -> None:
    drawing = draw(chart)
    assert outside(drawing) == []
    assert finite(drawing)
    assert "style=" not in drawing.body


@calm
@given(made.charts)
def test_tables_are_full_and_points_have_their_links(chart: Chart) -> None:
    drawing = draw(chart)
    for table in drawing.tables:
        assert {len(row) for row in table.rows} <= {len(table.head)}
    root = element(drawing)
    assert root.get("role") == ("group" if drawing.links else "img")
    assert all(
        link.find("title") is not None and link.get("href") == "/kpis/?site=1&week=22" for link in root.iter("a")
    )


@calm
@given(made.lines())
def test_the_table_of_a_line_is_its_data(chart: LineChart) -> None:
    (table,) = draw(chart).tables
    for at, series in enumerate(chart.series, 1):
        assert [row[at] for row in table.rows] == [
            point.written(chart.axis.form, "no value") for point in series.points
        ]
    assert [row[0] for row in table.rows] == [point.label for point in chart.series[0].points]


@calm
@given(made.lines())
def test_a_line_goes_from_left_to_right_and_higher_values_are_higher(chart: LineChart) -> None:
    found = places(draw(chart), "data")
    values = [point.value for point in chart.series[0].points if point.value is not None]
    assert len(found) == len(values)
    assert [x for x, _y in found] == sorted(x for x, _y in found)
    by_value = sorted(zip(values, found, strict=True), key=lambda pair: pair[0])
    heights = [y for _value, (_x, y) in by_value]
    assert heights == sorted(heights, reverse=True)


@calm
@given(made.heats())
def test_the_table_of_a_heat_matrix_is_its_cells(chart: HeatChart) -> None:
    (table,) = draw(chart).tables
    expected = [tuple("no value" if value is None else chart.form(value) for value in row) for row in chart.cells]
    assert [row[1:] for row in table.rows] == expected


@calm
@given(made.waterfalls())
def test_a_waterfall_lists_exactly_its_parts(chart: WaterfallChart) -> None:
    (table,) = draw(chart).tables
    assert len(table.rows) == len(chart.parts) + 2
    assert [row[1] for row in table.rows[1:-1]] == [part.written(chart.part_form, "") for part in chart.parts]


@calm
@given(made.funnels())
def test_a_funnel_names_every_point_that_has_a_value(chart: FunnelChart) -> None:
    drawing = draw(chart)
    shown = [point for point in chart.points if point.value is not None]
    assert len(starts(drawing, "dots")) + len(starts(drawing, "sig")) == len(shown)
    assert [row[0] for row in drawing.tables[0].rows] == [point.label for point in chart.points]


@calm
@given(made.paretos)
def test_shares_rise_to_the_whole(chart: ParetoChart) -> None:
    found = shares(chart.points)
    assert found == sorted(found)
    assert all(0 <= share <= 1 for share in found)
    if any(point.value for point in chart.points):
        assert found[-1] == pytest.approx(1)


@calm
@given(made.distributions)
def test_every_agent_is_in_one_stretch(chart: DistributionChart) -> None:
    bins = bins_of(chart.samples)
    assert sum(len(found.samples) for found in bins) == len(chart.samples)
    for at, found in enumerate(bins):
        assert all(found.low <= sample.value for sample in found.samples)
        assert all(sample.value < found.high or at == len(bins) - 1 for sample in found.samples)
    (table,) = draw(chart).tables
    assert sum(int(row[1]) for row in table.rows) == len(chart.samples)


@pytest.mark.parametrize("chart", example_charts(), ids=lambda chart: chart.title)
def test_no_words_lie_on_each_other(chart: Chart) -> None:
    drawing = draw(chart)
    assert overlapping(drawing) == []
    assert outside(drawing) == []


def test_the_value_of_a_waterfalls_last_bar_stays_inside() -> None:
    chart = WaterfallChart(
        title="Title", description="", wide=False, start=Point("", 0.0), parts=(Point("", 0.0), Point("", -1000000000.25)),
        end=Point("", -1000000000.25),
    )  # fmt: skip
    assert outside(draw(chart)) == []
