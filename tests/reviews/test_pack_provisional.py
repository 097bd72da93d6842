"""What may still change is marked wherever a pack shows it: movers, points over time, columns of several sites, in each format."""

from datetime import date, timedelta
from typing import Any

import openpyxl
import pytest
import time_machine
from django.utils import translation
from pptx import Presentation

from portal.ui.charts import LineChart
from reviews.blocks import Note, Text, thawed
from reviews.models import Pack
from reviews.queries.sections import scorecard, summary, trends
from reviews.rendering import pdf, render
from reviews.rendering.shown import sections_of
from reviews.rendering.view import view_of
from reviews.wording.cells import reading_of
from reviews.wording.packs import told
from tests.factories.kpis import contract
from tests.kpis.filling import figure

from .packing import a_site, context, frozen_pack, series, table
from .test_windows import CLOSED, LINES, OPEN

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Any:
    """First contacts were enough in four of five cases, and in the last week in half of them."""
    made = a_site(contracted=False)
    contract([made], LINES)
    for step in range(21):
        figure("first_contacts", made, date(2026, 11, 15) - timedelta(days=step), 10)
        figure("repeats", made, date(2026, 11, 15) - timedelta(days=step), 5 if step < 7 else 2)
    return made


@pytest.fixture
def pack(site: Any) -> Pack:
    """Frozen while the last week's first contacts may still come back."""
    with time_machine.travel(OPEN, tick=False):
        made = frozen_pack(site)
    return Pack.objects.select_related("kind", "site__partner", "partner").get(pk=made.pk)


def test_movers_say_so_in_their_table_and_in_their_sentence(site: Any) -> None:
    late, here = "First-contact resolution (provisional)", context(site)
    for at, mark in ((OPEN, late), (CLOSED, "First-contact resolution")):
        with time_machine.travel(at, tick=False):
            built = summary.build(here)
        names = [told(row.cells[0]) for row in table(built, "movers").rows if isinstance(row.cells[0], Text)]
        assert mark in names
        (note,) = (one for one in built.blocks if isinstance(one, Note))
        assert f"▼ {mark}" in told(note.text)
        with translation.override("zh-hans"):
            said = told(note.text)
        assert ("（暂定）" in said, ", " in said) == (mark == late, False)


def test_points_and_columns_say_so(site: Any) -> None:
    here, whole = context(site), context(None, scope="network")
    for at, last in ((OPEN, True), (CLOSED, False)):
        with time_machine.travel(at, tick=False):
            for built in (trends.build(here), trends.build(whole)):
                weeks = [one.provisional for one in series(built, "fcr:weeks").points]
                assert weeks == [False] * 5 + [last]
                assert series(built, "fcr:months").points[-1].provisional == last
                assert ("(provisional)" in reading_of(series(built, "fcr:weeks"))) == last
                assert not any(one.provisional for one in series(built, "service-level:weeks").points)
            columns = {one.key: told(one.label) for one in table(scorecard.build(whole), "sites").columns}
        assert (columns["fcr"] == "First-contact resolution (provisional)") == last
        assert columns["service-level"] == "Service level"


def test_every_format_marks_the_points_and_says_what_the_mark_means(pack: Pack) -> None:
    with translation.override("en"):
        markup = pdf.markup(view_of(pack))
        assert ">Wk 46*<" in markup
        assert "Period (* provisional: Wk 46)" in markup
        assert "Period (* provisional: Nov 2026)" in markup
        shown = [one.chart for section in sections_of(pack.data or {}) for one in section.blocks if one.chart]
    lines = [one for one in shown if isinstance(one, LineChart)]
    starred = [one for one in lines if any(point.label.endswith("*") for point in one.series[0].points)]
    assert [one.title.split(",")[0] for one in starred] == ["First-contact resolution"] * 2
    with render(pack, "xlsx", "en") as file:
        sheet = openpyxl.load_workbook(file)["Trends"]
    heads = [cell.value for row in sheet.iter_rows() for cell in row if cell.column == 2]
    assert "Period (* provisional)" in heads
    assert heads.count("Wk 46*") == 1
    with render(pack, "pptx", "en") as file:
        found = [one.chart for slide in Presentation(file).slides for one in slide.shapes if one.has_chart]
    marked = {one.chart_title.text_frame.text: one for one in found if one.category_axis.has_title}
    assert {title.split(",")[0] for title in marked} == {"First-contact resolution"}
    weeks = marked["First-contact resolution, by week"]
    assert list(weeks.plots[0].categories)[-1] == "Wk 46*"
    months = marked["First-contact resolution, by month"]
    assert months.plots[0].categories.flattened_labels[-1] == ("2026", "Nov*")
    assert weeks.category_axis.axis_title.text_frame.text == "Period (* provisional: Wk 46)"


def test_packs_frozen_before_have_no_marks(pack: Pack) -> None:
    for section in (pack.data or {})["sections"]:
        for block in section["blocks"]:
            for point in block.get("points", ()):
                del point["provisional"]
            assert thawed(block)
            if block["key"] == "moved":
                block["text"]["params"] = {"names": {"en": "▲ NPS", "zh": "▲ NPS"}}
    with translation.override("en"):
        markup = pdf.markup(view_of(pack))
    assert "Moved most since the period before: ▲ NPS." in markup
    assert "Wk 46*" not in markup
