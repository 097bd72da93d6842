"""What eyes found in the files: names without their site, heads beside their numbers, axes that say one thing twice, torn pages."""

from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from django.utils import timezone, translation
from openpyxl.utils import range_boundaries

from portal.accounts.choices import Role
from portal.ui.charts import draw
from portal.ui.pdf import laid_out
from reviews.blocks import Note, Point, Series, Text
from reviews.models import Pack
from reviews.queries.sections import actions, summary
from reviews.rendering import pdf, render
from reviews.rendering.drawn import chart_of
from reviews.rendering.numbers import chart_format, step_of
from reviews.rendering.view import view_of
from reviews.rendering.xlsx_charts import ROWS
from reviews.wording.cells import axis_decimals
from reviews.wording.packs import told
from tests.factories.accounts import MembershipFactory, UserFactory
from tests.factories.partners import SiteFactory
from tests.factories.reviews import ActionFactory, published

from .pack_world import browser
from .packing import a_site, context, frozen_pack, table

pytestmark = pytest.mark.django_db


def made_of(pack: Pack) -> Pack:
    return Pack.objects.select_related("kind", "site__partner", "partner").get(pk=pack.pk)


def sheet_of(pack: Pack, name: str, language: str = "en") -> Any:
    with render(made_of(pack), "xlsx", language) as file:
        return openpyxl.load_workbook(file)[name]


def moved(**fields: Any) -> str:
    (note,) = (one for one in summary.build(context(**fields)).blocks if isinstance(one, Note))
    return told(note.text)


def test_movers_of_several_sites_have_their_site() -> None:
    site = a_site(name="Cebu", name_zh="宿务")
    assert "Cebu ·" not in moved(site=site)
    assert moved(scope="network").count("Cebu · ") == 3
    with translation.override("zh-hans"):
        assert moved(scope="partner", partner=site.partner).count("宿务 · ") == 3


def test_a_period_after_nothing_says_that_there_is_nothing_to_compare() -> None:
    assert moved(site=SiteFactory.create()) == "There are no figures of two periods under the contract to compare."


def test_actions_of_several_sites_have_their_site() -> None:
    site = SiteFactory.create(name="Cebu")
    ActionFactory.create(site=site, due_at=timezone.now() - timedelta(days=1))
    late = table(actions.build(context(None, scope="network")), "late")
    assert (late.columns[0].key, told(late.rows[0].cells[0])) == ("site", "Cebu")
    assert table(actions.build(context(site)), "late").columns[0].key == "action"


def a_series(*values: str, **fields: Any) -> Series:
    points = [Point(f"2026-W{40 + at}", value) for at, value in enumerate(values)]
    return Series("k:weeks", Text("K"), fields.pop("unit", "percent"), points, **fields)


@pytest.mark.parametrize(
    ("values", "unit", "decimals", "shown"),
    [
        (("0.8134", "0.8146"), "percent", 1, 2), (("0.7", "0.9"), "percent", 1, 1), (("0.81341", "0.81342"), "percent", 1, 4),
        (("4.67", "4.71"), "per_hour", 2, 2), (("40", "41"), "points", 0, 1), (("0.8", "0.8"), "percent", 1, 1), (("300", "301"), "seconds", 0, 0),
    ],
)  # fmt: skip
def test_an_axis_has_decimals_that_tell_its_steps_apart(
    values: tuple[str, ...], unit: Any, decimals: int, shown: int
) -> None:
    series = a_series(*values, unit=unit, decimals=decimals)
    assert axis_decimals(series) == shown
    if shown in {1, 2} and values[0] != values[1]:
        ticks = draw(chart_of(series)).body.split('text-anchor="end"')[1].split("</g>")[0]
        assert ticks.count("<text") >= 3
    assert axis_decimals(a_series("0.8134", target="0.9", decimals=1)) == 1
    assert chart_format("percent", axis_decimals(a_series("0.8134", "0.8146", decimals=1))) == "0.00%"


def test_counts_of_a_workbook_are_whole_and_heads_stand_over_their_numbers() -> None:
    sheet = sheet_of(frozen_pack(a_site()), "Scorecard")
    heads = next(row for row in sheet.iter_rows() if row[0].value == "KPI")
    at = [one.value for one in heads].index("Sample")
    samples = [row[at] for row in sheet.iter_rows(min_row=heads[0].row + 1) if isinstance(row[at].value, int)]
    assert samples
    assert {one.number_format for one in samples} == {"#,##0"}
    assert heads[at].alignment.horizontal == "right"
    state = [one.value for one in heads].index("State")
    assert (heads[state].alignment.indent, samples[0].alignment.horizontal) == (1, None)


def test_no_page_of_a_workbook_ends_in_a_chart() -> None:
    sheet = sheet_of(frozen_pack(a_site()), "Trends")
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
    breaks = [one.id for one in sheet.row_breaks.brk]
    tops = {chart.anchor._from.row for chart in sheet._charts}
    assert breaks
    assert set(breaks[:-1]) <= tops
    assert all(later - earlier <= 4 * ROWS for earlier, later in zip([0, *breaks], breaks, strict=False))
    head = next(row[0].row for row in sheet.iter_rows() if row[2].value == "Value")
    assert breaks[-1] == head - 2
    assert sheet.print_title_rows == f"${head}:${head}"


@pytest.mark.parametrize(("months", "every"), [(12, 3), (6, None)])
def test_months_below_a_chart_have_a_line_each(months: int, every: int | None) -> None:
    sheet = sheet_of(frozen_pack(a_site()), "趋势", "zh-hans")
    charts = [one for one in sheet._charts if count_of(one) == months]
    assert charts
    assert {one.x_axis.tickLblSkip for one in charts} == {every}


def count_of(chart: Any) -> int:
    _left, top, _right, bottom = range_boundaries(chart.series[0].val.numRef.f.rpartition("!")[2])
    return int(bottom - top + 1)


def test_short_sections_share_a_page() -> None:
    with translation.override("en"):
        document = laid_out(pdf.markup(view_of(made_of(frozen_pack(SiteFactory.create())))), pdf.SHEETS)
    pages = [[getattr(one, "text", None) for one in page._page_box.descendants()] for page in document.pages]
    assert "Escalations" in pages[1], "a table of one line holds on to nothing that follows it"
    assert len(pages) == 3


def test_who_acknowledged_did_so_at_an_hour_and_wrote_nothing() -> None:
    pack = published(frozen_pack(a_site()), partner=UserFactory.create(name="Ana"), by=UserFactory.create(name="Bo"))
    with translation.override("en"):
        (signed,) = view_of(made_of(pack)).signed
        assert [told(one.label) for one in signed.columns] == ["Side", "By", "When"]


def test_a_page_says_what_is_missing_in_one_banner_and_numbers_stand_under_their_heads() -> None:
    pack = frozen_pack(SiteFactory.create(name="Nowhere"))
    user = UserFactory.create()
    MembershipFactory.create(user=user, role=Role.AUDITOR, site=None)
    page = browser(user).get(f"/reviews/packs/{pack.pk}/").content.decode()
    scorecard = page.partition('id="section-scorecard"')[2].partition('id="section-trends"')[0]
    assert scorecard.count('class="banner"') == 1
    assert "Nowhere: no contract judges this period" in scorecard
    assert "Nowhere: there are no figures of this period." in scorecard
    cases = page.partition("<caption>Cases</caption>")[2].partition("</table>")[0]
    assert '<th scope="col" class="num">Open</th>' in cases
    assert '<th scope="row" class="num">0</th>' in cases


def test_a_change_of_a_percent_is_in_points_in_a_workbook_too() -> None:
    sheet = sheet_of(frozen_pack(a_site()), "Scorecard")
    rows = list(sheet.iter_rows())
    heads = next(row for row in rows if row[0].value == "KPI")
    value, change = ([one.value for one in heads].index(name) for name in ("Value", "Change"))
    pairs = [
        (row[value], row[change]) for row in rows if row[0].row > heads[0].row and isinstance(row[change].value, float)
    ]
    percents = [step for level, step in pairs if str(level.number_format).endswith("%")]
    assert percents
    assert [one.number_format for one in percents if "%" in one.number_format] == []
    assert {one.number_format for one in percents} == {"+#,##0.0;-#,##0.0;#,##0.0"}
    assert step_of("-0.199", "percent") == (-19.9, "points")
    assert step_of("-12", "seconds") == (-12.0, "seconds")
