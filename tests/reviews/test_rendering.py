"""Each file says what the pack froze, cell by cell, in both languages; long names, empty sections, text like formulas."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

import openpyxl
import pytest
from django.utils import timezone, translation
from pptx import Presentation

from portal.ui.pdf import laid_out
from reviews.blocks import Bars, Column, Note, Row, Series, Table, Text, thawed
from reviews.models import Pack
from reviews.rendering import pdf, render
from reviews.rendering.arranged import narrowed
from reviews.rendering.view import view_of
from reviews.wording.cells import cell_text
from reviews.wording.packs import told
from tests.factories.accounts import UserFactory
from tests.factories.partners import SiteFactory
from tests.factories.reviews import a_data, comment, draft, published
from tests.reviews.packing import a_site, frozen_pack

pytestmark = pytest.mark.django_db
LANGUAGES = ("en", "zh-hans")
ZONE = "Asia/Manila"


def made_of(pack: Pack) -> Pack:
    return Pack.objects.select_related("kind", "site__partner", "partner").get(pk=pack.pk)


def a_pack() -> Pack:
    """Of a site with figures, a red line and a comment on it."""
    pack = frozen_pack(a_site(code="CEB", name="Cebu", name_zh="宿务", level=0.5, time_zone=ZONE))
    comment(pack, UserFactory.create(name="Ana"), line=pack.lines.get(key="service-level"), text="=1+1 我们加了人。")
    return made_of(pack)


def tables(pack: Pack, section: str) -> Iterator[Table]:
    (found,) = (one for one in (pack.data or {})["sections"] if one["code"] == section)
    yield from (one for one in map(thawed, found["blocks"]) if isinstance(one, Table))


def all_blocks(pack: Pack) -> list[Any]:
    return [thawed(block) for section in (pack.data or {})["sections"] for block in section["blocks"]]


class Cells(HTMLParser):
    """The cells of tables in markup by table, row and column."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.found: dict[tuple[str, str], list[str]] = {}
        self.table, self.row, self.inside = "", "", False
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.table, self.row = given.get("data-table") or self.table, given.get("data-row") or self.row
        if tag == "td":
            self.inside = True
            self.found.setdefault((self.table, self.row), []).append("")

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "td"

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.found[self.table, self.row][-1] += data


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pdf_says_what_is_frozen(language: str) -> None:
    pack = a_pack()
    with translation.override(language), timezone.override(ZONE):
        view = view_of(pack)
        markup = pdf.markup(view)
        cells = Cells(markup).found
        for table in (one for one in all_blocks(pack) if isinstance(one, Table)):
            for row in table.rows:
                shown = [
                    cell_text(cell, column, row, ZONE) for cell, column in zip(row.cells, table.columns, strict=True)
                ]
                assert cells[table.key, row.key][: len(shown)] == shown
        drawn = words_of(laid_out(markup, pdf.SHEETS))
    assert markup.count('class="plot"') == sum(isinstance(one, Series | Bars) for one in all_blocks(pack))
    pages = len(drawn)
    assert pages > 3
    assert {view.hash, view.status, "Cebu" if language == "en" else "宿务"} <= set(" ".join(drawn[0]).split())
    for number, page in enumerate(drawn[1:], 2):
        assert f"{number} / {pages}" in page
        assert view.status in page, "a draft says so on every page"
        assert view.hash in page
    assert "=1+1 我们加了人。" in " ".join(word for page in drawn for word in page)


def words_of(document: Any) -> list[list[str]]:
    """The lines of text on each page."""
    return [[one.text for one in page._page_box.descendants() if getattr(one, "text", None)] for page in document.pages]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_workbook_has_a_sheet_per_section_with_numbers(language: str) -> None:
    pack = a_pack()
    with render(pack, "xlsx", language) as file:
        book = openpyxl.load_workbook(file)
    assert len(book.sheetnames) == 1 + len((pack.data or {})["sections"])
    with translation.override(language):
        for section in (pack.data or {})["sections"]:
            sheet = book[told(Text(code=f"section.{section['code']}"))]
            rows = list(sheet.iter_rows(values_only=True))
            assert sheet.freeze_panes is not None
            for table in tables(pack, section["code"]):
                for at, line in enumerate(found_in(rows, table)):
                    expected = [
                        in_excel(cell, column, table.rows[at].unit or column.unit)
                        for cell, column in zip(table.rows[at].cells, table.columns, strict=True)
                    ]
                    # Excel keeps 15 digits.
                    assert list(line[: len(expected)]) == [
                        pytest.approx(one, rel=1e-14) if isinstance(one, float) else one for one in expected
                    ]
        check_series(pack, list(book[told(Text(code="section.trends"))].iter_rows(values_only=True)))
    value = next(cell for row in book.worksheets[2].iter_rows() for cell in row if cell.number_format == "0.0%")
    assert isinstance(value.value, float)
    formulas = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert formulas == []
    assert any(cell.value == "=1+1 我们加了人。" for row in book.worksheets[2].iter_rows() for cell in row)


def found_in(rows: list[tuple[Any, ...]], table: Table) -> list[tuple[Any, ...]]:
    """The rows below the head of a table."""
    head = [told(one.label) for one in table.columns]
    at = next((number for number, row in enumerate(rows) if list(row[: len(head)]) == head), None)
    assert at is not None or not table.rows
    return [] if at is None else rows[at + 1 : at + 1 + len(table.rows)]


def in_excel(cell: Any, column: Column, unit: str) -> Any:
    if isinstance(cell, Text):
        return told(cell)
    if cell is None or column.kind == "text":
        return cell
    if column.kind == "instant":
        return datetime.fromisoformat(cell).astimezone(UTC)
    # How far two percents lie apart is said in points, as on the pages.
    return float(Decimal(cell) * 100) if column.kind == "change" and unit == "percent" else float(cell)


def check_series(pack: Pack, rows: list[tuple[Any, ...]]) -> None:
    """Point by point, with their targets."""
    points = [(one, point) for one in all_blocks(pack) if isinstance(one, Series) for point in one.points]
    first = next(number for number, row in enumerate(rows) if row[0] == told(points[0][0].title))
    for row, (one, point) in zip(rows[first:], points, strict=False):
        expected = [point.value, point.n, point.low, point.high, one.target]
        found = [None if value is None else pytest.approx(float(value), rel=1e-14) for value in expected]
        assert list(row[2:7]) == found


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_presentation_has_native_tables_and_charts(language: str) -> None:
    pack = a_pack()
    with render(pack, "pptx", language) as file:
        deck = Presentation(file)
    shapes = [shape for slide in deck.slides for shape in slide.shapes]
    lines = [[cell.text for cell in row.cells] for shape in shapes if shape.has_table for row in shape.table.rows]
    charts = {shape.chart.chart_title.text_frame.text: shape.chart for shape in shapes if shape.has_chart}
    with translation.override(language), timezone.override(ZONE):
        for block in all_blocks(pack):
            if isinstance(block, Table):
                for row in block.rows:
                    shown = [
                        cell_text(cell, column, row, ZONE)
                        for cell, column in zip(row.cells, block.columns, strict=True)
                    ]
                    assert any(line[: len(shown)] == shown for line in lines)
            elif isinstance(block, Series):
                value, *targets = charts[told(block.title)].plots[0].series
                assert list(value.values) == [None if one.value is None else float(one.value) for one in block.points]
                assert [set(one.values) for one in targets] == [
                    {float(one)} for one in (block.target, block.target_high) if one
                ]
            elif isinstance(block, Bars):
                sets = charts[told(block.title)].plots[0].series
                assert [[one and float(one) for one in values] for _label, values in block.sets] == [
                    list(one.values) for one in sets
                ]
        view = view_of(pack)
    for slide in deck.slides:
        assert view.hash in slide.notes_slide.notes_text_frame.text
        assert any(shape.has_text_frame and shape.text_frame.text == view.status for shape in slide.shapes)
    fonts = {ea.get("typeface") for slide in deck.slides for ea in slide._element.iter("{*}ea")}
    assert fonts == {"Noto Sans CJK SC"}


def test_what_is_published_says_so_with_its_hash_and_where_to_check_it() -> None:
    partner = UserFactory.create(name="Ana")
    pack = made_of(published(a_pack(), partner=partner, by=UserFactory.create(name="Bo")))
    with render(pack, "pptx", "en") as file:
        deck = Presentation(file)
    said = [shape.text_frame.text for slide in deck.slides for shape in slide.shapes if shape.has_text_frame]
    assert not any("DRAFT" in text for text in said)
    assert any(text.endswith(f"/reviews/check/?hash={pack.content_hash}") for text in said)
    lines = [
        [cell.text for cell in row.cells]
        for slide in deck.slides
        for one in slide.shapes
        if one.has_table
        for row in one.table.rows
    ]
    assert {"Ana", "Bo"} <= {line[1] for line in lines}, "who acknowledged it"
    with render(pack, "xlsx", "en") as file:
        cover = openpyxl.load_workbook(file).worksheets[0]
    assert pack.content_hash in {row[1] for row in cover.iter_rows(values_only=True)}


def test_a_pack_of_nothing_and_one_with_long_names_are_made() -> None:
    empty = made_of(frozen_pack(SiteFactory.create(name="Dalian" * 20, name_zh="大连")))
    long = Table(
        "long", Text("A" * 120, "长" * 120), [Column("a", Text("Very " * 24)), *[Column(str(at), Text(f"K{at}"), "number") for at in range(30)]],
        [Row(str(at), [Text("Verylongname" * 10, "很长的名字" * 20), *["0.1234"] * 30], "percent", "r", ["outside"]) for at in range(3)],
    )  # fmt: skip
    odd: dict[str, Any] = {
        "voice": [],
        "nobody-knows": [long, Note("n", Text("\x01=cmd|' /C calc'!A0"))],
        "trends": [Note("n", Text("x" * 600))],
    }
    for pack in (empty, made_of(draft(data=a_data(**odd), needed=False, site=SiteFactory.create()))):
        for form, language in (("pdf", "en"), ("xlsx", "zh-hans"), ("pptx", "zh-hans")):
            with render(pack, form, language) as file:
                assert len(file.read()) > 5000


def test_broad_tables_are_cut_and_long_ones_go_on() -> None:
    columns = [Column(str(at), Text(str(at)), "number") for at in range(30)]
    table = Table("t", Text("T"), columns, [Row(str(at), [str(one) for one in range(30)]) for at in range(80)])
    assert [[one.key for one in part.columns] for part in narrowed(table, 14)] == [
        ["0", *map(str, range(1, 14))], ["0", *map(str, range(14, 27))], ["0", "27", "28", "29"],
    ]  # fmt: skip
    pack = made_of(draft(data=a_data(scorecard=[table]), needed=False))
    with render(pack, "pptx", "en") as file:
        deck = Presentation(file)
    found = [shape.table for slide in deck.slides for shape in slide.shapes if shape.has_table]
    assert sum(len(one.rows) - 1 for one in found if len(one.columns) == 4) == 80
    for slide in deck.slides:
        assert all(shape.top + shape.height <= deck.slide_height for shape in slide.shapes)
