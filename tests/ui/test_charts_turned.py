"""A waterfall turned on its side, for a phone: the same steps and words, inside its own breadth, and never both forms at once."""

import re
from pathlib import Path

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import HealthCheck, given, settings

from portal.ui.charts import Axis, Chart, Point, WaterfallChart, draw, draw_narrow
from portal.ui.gallery_charts import example_charts
from portal.ui.templatetags.charts import chart
from tests.ui import charts_made as made
from tests.ui.charts_made import HEAD
from tests.ui.reading_svg import element, finite, outside, overlapping, places, words_of

ROOT = Path(__file__).resolve().parents[2]
calm = settings(
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None, max_examples=60
)


def moved(**more: object) -> WaterfallChart:
    return WaterfallChart(
        **HEAD,
        start=Point("Oct", 82.6),
        parts=(Point("Voice of a very long name of a programme in Chengdu", -0.8, href="/a/"), Point("Chat", 0.3)),
        end=Point("Nov", 82.1),
        better="up",
        **more,
    )


@calm
@given(made.waterfalls())
def test_it_says_what_the_wide_form_says(given: WaterfallChart) -> None:
    wide, narrow = draw(given), draw_narrow(given)
    assert narrow is not None
    assert narrow.width == 320
    assert outside(narrow) == []
    assert overlapping(narrow) == []
    assert finite(narrow)
    assert (narrow.tables, narrow.keys, narrow.links.count("<a ")) == (wide.tables, wide.keys, wide.links.count("<a "))
    assert element(narrow).get("role") == element(wide).get("role")


def test_bars_follow_each_other_and_point_where_they_go() -> None:
    drawing = draw_narrow(moved())
    assert drawing is not None
    down, up = places(drawing, "down bad"), places(drawing, "up good")
    assert min(x for x, _y in down) == pytest.approx(min(x for x, _y in up)), "where one ends the next begins"
    assert max(y for _x, y in down) < min(y for _x, y in up)
    assert places(drawing, "cut"), "an axis that does not begin at zero cuts the totals"
    said = [text for text, _box in words_of(drawing)]
    assert {"82.6", "−0.8", "+0.3", "82.1", "Oct", "Chat", "Nov"} <= set(said)
    assert " ".join(said[2:4]) == "Voice of a very long name of a programme in Chengdu", "in two lines"
    from_zero = draw_narrow(moved(axis=Axis(low=0)))
    assert from_zero is not None
    assert not places(from_zero, "cut")


def test_no_other_chart_has_two_forms() -> None:
    turned = [given for given in example_charts() if draw_narrow(given)]
    assert [type(given) for given in turned] == [WaterfallChart]


@pytest.mark.parametrize("given", example_charts(), ids=lambda given: given.title)
def test_ids_are_not_used_twice(given: Chart) -> None:
    page = fromstring(str(chart(given)))
    ids = [part.get("id") for part in page.iter() if part.get("id")]
    assert len(ids) == len(set(ids))
    assert len(page.findall(".//svg[@class='plot']")) == (2 if isinstance(given, WaterfallChart) else 1)


def test_paper_has_the_wide_form_alone() -> None:
    screen = (ROOT / "static/css/charts.css").read_text()
    assert re.search(r"\.chart-turned\{display:none", screen)
    assert re.search(r"@media screen\{@container chart \(width < 56rem\)\{\.chart\{display:none\}", screen)
    assert ".chart-turned{display:none}" in (ROOT / "static/css/pdf.css").read_text()
