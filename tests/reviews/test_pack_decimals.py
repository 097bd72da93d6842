"""How a KPI is written is frozen with it: what is changed later shows in later packs alone."""

from typing import Any

import openpyxl
import pytest
from django.utils import translation
from pptx import Presentation

from kpis.models import Kpi
from reviews.blocks import Table
from reviews.models import Pack
from reviews.rendering import pdf, render
from reviews.rendering.shown import sections_of
from reviews.rendering.view import view_of

from .packing import a_site, blocks_of, frozen_pack, row_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def old() -> Pack:
    """A pack whose service level has three decimals, which it has no more."""
    Kpi.objects.filter(code="service-level").update(decimals=3)
    pack = frozen_pack(a_site())
    Kpi.objects.filter(code="service-level").update(decimals=0, unit="number")
    return Pack.objects.select_related("kind", "site__partner", "partner").get(pk=pack.pk)


def written(pack: Pack) -> str:
    """The service level of the scorecard, as the page shows it."""
    (found,) = (one for one in sections_of(pack.data) if one.code == "scorecard")
    (row,) = (row for block in found.blocks for row in block.lines if row.key == "service-level")
    return row.cells[0].text


def value_of(pack: Pack) -> float:
    table: Any = blocks_of(pack, "scorecard")["lines"]
    assert isinstance(table, Table)
    return float(str(row_of(table, "service-level").cells[1]))


def test_page_pdf_workbook_and_slides_show_the_decimals_of_then(old: Pack) -> None:
    text = f"{value_of(old) * 100:.3f}%"
    assert written(old) == text
    with translation.override("en"):
        markup = pdf.markup(view_of(old))
    assert markup.count(text) >= 3, "in the scorecard and on its charts"
    with render(old, "xlsx", "en") as file:
        book = openpyxl.load_workbook(file)
    formats = {
        cell.number_format
        for row in book["Scorecard"].iter_rows()
        for cell in row
        if cell.value == pytest.approx(value_of(old))
    }
    assert formats == {"0.000%"}
    with render(old, "pptx", "en") as file:
        shapes = [shape for slide in Presentation(file).slides for shape in slide.shapes]
    assert any(cell.text == text for one in shapes if one.has_table for row in one.table.rows for cell in row.cells)
    chart = next(
        one.chart for one in shapes if one.has_chart and "Service level" in one.chart.chart_title.text_frame.text
    )
    assert chart.value_axis.tick_labels.number_format == "0.000%"


def test_a_later_pack_has_those_of_then_and_the_network_has_them_by_column(old: Pack) -> None:
    Kpi.objects.filter(code="service-level").update(decimals=2, unit="percent")
    new = frozen_pack(old.site, revision=2)
    assert (written(old), written(new)) == (f"{value_of(old) * 100:.3f}%", f"{value_of(new) * 100:.2f}%")
    whole: Any = blocks_of(frozen_pack(None, scope="network"), "scorecard")["sites"]
    assert {one.key: one.decimals for one in whole.columns}["service-level"] == 2


def test_packs_frozen_before_read_as_they_did(old: Pack) -> None:
    def without(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: without(one) for key, one in value.items() if key != "decimals"}
        return [without(one) for one in value] if isinstance(value, list) else value

    old.data = without(old.data)
    assert written(old) == f"{value_of(old) * 100:.1f}%"
    with render(old, "xlsx", "en") as file:
        assert len(file.read()) > 5000
