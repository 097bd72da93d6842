"""Charts of a workbook read the cells that the page's charts show, and stand over nothing."""

from typing import Any

import openpyxl
import pytest
from django.utils import translation
from openpyxl.chart import BarChart, LineChart
from openpyxl.utils import range_boundaries

from reviews.blocks import Bars, Series, thawed
from reviews.models import Pack
from reviews.rendering import render
from reviews.rendering.shown import section_title
from reviews.rendering.xlsx_charts import drawable
from reviews.wording.packs import told

from .packing import a_site, frozen_pack

pytestmark = pytest.mark.django_db


def opened(pack: Pack, language: str) -> Any:
    fresh = Pack.objects.select_related("kind", "site__partner", "partner").get(pk=pack.pk)
    with render(fresh, "xlsx", language) as file:
        return openpyxl.load_workbook(file)


def drawn(book: Any, sheet: Any) -> dict[str, tuple[Any, list[list[Any]], int]]:
    """Charts by title: the chart, the values of its sets, and the line that it begins at."""
    found = {}
    for chart in sheet._charts:
        title = "".join(run.t for part in chart.title.tx.rich.p for run in part.r)
        sets = [cells(book, one.val.numRef.f) for one in chart.series]
        found[title] = chart, sets, chart.anchor._from.row
    return found


def cells(book: Any, address: str) -> list[Any]:
    name, _, area = address.rpartition("!")
    left, top, right, bottom = range_boundaries(area)
    assert left == right
    return [book[name.strip("'")].cell(row, left).value for row in range(top, bottom + 1)]


def numbers(values: Any) -> list[Any]:
    return [None if one is None else pytest.approx(float(one), rel=1e-12) for one in values]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_each_series_is_a_chart_over_its_own_cells(language: str) -> None:
    pack = frozen_pack(a_site())
    book = opened(pack, language)
    by_code = {one["code"]: [thawed(block) for block in one["blocks"]] for one in pack.data["sections"]}
    with translation.override(language):
        sheet = book[section_title("trends")]
        found = drawn(book, sheet)
        series = [one for one in by_code["trends"] if isinstance(one, Series)]
        assert series
        assert set(found) == {told(one.title) for one in series}
        for one in series:
            chart, sets, _line = found[told(one.title)]
            assert isinstance(chart, LineChart)
            assert sets[0] == numbers(point.value for point in one.points)
            targets = [target for target in (one.target, one.target_high) if target is not None]
            assert sets[1:] == [numbers([target] * len(one.points)) for target in targets]
        first = next(row[0].row for row in sheet.iter_rows() if row[2].value is not None)
        assert all(line + 14 < first for _chart, _sets, line in found.values()), "the table stands below its charts"
        (bars,) = (one for one in by_code["volume"] if isinstance(one, Bars))
        ((chart, sets, line),) = drawn(book, book[section_title("volume")]).values()
        assert isinstance(chart, BarChart)
        assert sets == [numbers(values) for _label, values in bars.sets]
        assert line > len(bars.categories)


def test_series_without_values_are_not_drawn() -> None:
    pack = frozen_pack(a_site())
    for section in pack.data["sections"]:
        for block in section["blocks"]:
            if block["type"] == "series" and block["key"].startswith("service-level:"):
                block["points"] = [point | {"value": None} for point in block["points"]]
    blocks = [thawed(block) for one in pack.data["sections"] for block in one["blocks"]]
    series = [one for one in blocks if isinstance(one, Series)]
    assert {one.key for one in series} - {one.key for one in drawable(series)} == {
        "service-level:weeks",
        "service-level:months",
    }
