"""Slides to write on: titles, text, native tables and charts that can be edited. Measures are inches on a page of 13.33 by 7.5."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION
from pptx.enum.dml import MSO_LINE_DASH_STYLE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml import parse_xml
from pptx.oxml.ns import qn
from pptx.util import Inches, Pt

WIDE, HIGH, MARGIN, TOP, FOOT = 13.333, 7.5, 0.5, 1.15, 6.85
BROAD: Final = WIDE - 2 * MARGIN
LATIN, EAST_ASIAN = "Arial", "Noto Sans CJK SC"
INK, GREY, RED, AMBER, GREEN, BLUE = "1c2024", "666666", "b42318", "8a5a00", "17663a", "2f6fb3"
_TITLE_ONLY: Final = 5
# They come without types.
ChartData: Any = CategoryChartData
Colour: Any = RGBColor
_NUMBER: Final = (
    '<a:fld xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" id="{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}" '
    'type="slidenum"><a:rPr lang="en-US" sz="900"/><a:t>‹#›</a:t></a:fld>'
)


@dataclass(frozen=True, slots=True)
class Names:
    """What stands along the foot of a chart: a name for each point, names over several of them, and what the points are."""

    each: Sequence[str]
    over: Sequence[str] = ()
    along: str = ""


class Deck:
    """A presentation. Each slide has a title, what it is about at its foot, and in its notes how to check it."""

    def __init__(self, *, foot: str, mark: str, notes: str) -> None:
        """`mark`: DRAFT, or ""."""
        self.show: Any = Presentation()
        self.show.slide_width, self.show.slide_height = Inches(WIDE), Inches(HIGH)
        self.foot, self.mark, self.notes = foot, mark, notes
        _set_fonts(self.show)

    def slide(self, title: str, size: float = 24) -> Any:
        """A new one."""
        slide = self.show.slides.add_slide(self.show.slide_layouts[_TITLE_ONLY])
        shape = slide.shapes.title
        shape.left, shape.top, shape.width, shape.height = (Inches(one) for one in (MARGIN, 0.3, BROAD - 1.5, 0.75))
        shape.text_frame.vertical_anchor, shape.text_frame.word_wrap = MSO_ANCHOR.MIDDLE, True
        write(shape.text_frame.paragraphs[0], title, size=size, bold=True)
        shape.text_frame.paragraphs[0].alignment = PP_ALIGN.LEFT
        self.text(slide, self.foot, top=7.0, size=9, colour=GREY, width=BROAD - 1)
        number = self.text(slide, "", top=7.0, left=WIDE - MARGIN - 0.8, width=0.8, size=9)
        number.alignment = PP_ALIGN.RIGHT
        number._p.append(parse_xml(_NUMBER))
        if self.mark:
            said = self.text(
                slide, self.mark, top=0.3, left=WIDE - MARGIN - 1.4, width=1.4, size=14, colour=RED, bold=True
            )
            said.alignment = PP_ALIGN.RIGHT
        write(slide.notes_slide.notes_text_frame.paragraphs[0], self.notes, size=12)
        return slide

    def text(self, slide: Any, text: str, *, top: float, left: float = MARGIN, width: float = BROAD, height: float = 0.3,
             size: float = 14, colour: str = INK, bold: bool = False) -> Any:  # fmt: skip
        """Words in a box; its paragraph."""
        frame = slide.shapes.add_textbox(*(Inches(one) for one in (left, top, width, height))).text_frame
        frame.word_wrap = True
        write(frame.paragraphs[0], text, size=size, colour=colour, bold=bold)
        return frame.paragraphs[0]

    def table(self, slide: Any, lines: Sequence[Sequence["Said"]], *, top: float, widths: Sequence[float],
              heights: Sequence[float], size: float) -> None:  # fmt: skip
        """A native table; its first line is its head."""
        place = (Inches(one) for one in (MARGIN, top, sum(widths), sum(heights)))
        table = slide.shapes.add_table(len(lines), len(widths), *place).table
        for at, width in enumerate(widths):
            table.columns[at].width = Inches(width)
        for at, (line, height) in enumerate(zip(lines, heights, strict=True)):
            table.rows[at].height = Inches(height)
            for column, said in enumerate(line):
                _fill(table.cell(at, column), said, size, head=at == 0, band=at % 2 == 0)

    def line_chart(self, slide: Any, place: Sequence[float], *, title: str, names: Names,
                   sets: Sequence[tuple[str, Sequence[float | None]]], form: str) -> None:  # fmt: skip
        """A line, and its target, which is the second set."""
        chart = _chart(slide, XL_CHART_TYPE.LINE_MARKERS, place, title, names, sets, form)
        for at, line in enumerate(chart.plots[0].series):
            line.smooth = False
            line.format.line.width = Pt(2 if at == 0 else 1.5)
            line.format.line.color.rgb = _colour(BLUE if at == 0 else GREEN)
            if at == 0:
                line.marker.format.fill.solid()
                line.marker.format.fill.fore_color.rgb = _colour(BLUE)
                continue
            line.format.line.dash_style = MSO_LINE_DASH_STYLE.DASH
            line.marker.style = None
            line.marker._element.get_or_add_marker().get_or_add_symbol().set("val", "none")

    def bar_chart(self, slide: Any, place: Sequence[float], *, title: str, names: Names,
                  sets: Sequence[tuple[str, Sequence[float | None]]], form: str) -> None:  # fmt: skip
        """Bars beside each other."""
        chart = _chart(slide, XL_CHART_TYPE.COLUMN_CLUSTERED, place, title, names, sets, form)
        for line, colour in zip(chart.plots[0].series, (BLUE, "9aa5b1"), strict=False):
            line.format.fill.solid()
            line.format.fill.fore_color.rgb = _colour(colour)


class Said:
    """A cell of a table in words."""

    __slots__ = ("bold", "colour", "number", "text")

    def __init__(self, text: str, *, number: bool = False, colour: str = INK, bold: bool = False) -> None:
        self.text, self.number, self.colour, self.bold = text, number, colour, bold


def write(paragraph: Any, text: str, *, size: float, colour: str = INK, bold: bool = False) -> None:
    """A run with a font for Latin and one for Chinese letters."""
    run = paragraph.add_run()
    run.text = "".join(letter for letter in text if letter >= " " or letter in "\t\n")
    run.font.size, run.font.bold, run.font.name = Pt(size), bold, LATIN
    run.font.color.rgb = _colour(colour)
    _east_asian(run._r.get_or_add_rPr())


def _colour(text: str) -> Any:
    return Colour(*bytes.fromhex(text))


def breadth(text: str, size: float) -> float:
    """About how broad a line of text is."""
    return sum(1.0 if ord(letter) > 0x2E7F else 0.56 for letter in text) * size / 72


def _east_asian(properties: Any) -> None:
    found = properties.find(qn("a:ea"))
    if found is None:
        found = properties.makeelement(qn("a:ea"), {})
        properties.find(qn("a:latin")).addnext(found)
    found.set("typeface", EAST_ASIAN)


def _set_fonts(show: Any) -> None:
    """The theme's fonts, which charts and whatever is added later take."""
    for master in show.slide_masters:
        for relation in master.part.rels.values():
            if relation.reltype.endswith("/theme"):
                part = relation.target_part
                blob = part.blob.replace(b'<a:ea typeface=""/>', f'<a:ea typeface="{EAST_ASIAN}"/>'.encode())
                part._blob = blob.replace(b'<a:latin typeface="Calibri"/>', f'<a:latin typeface="{LATIN}"/>'.encode())


def _fill(cell: Any, said: Said, size: float, *, head: bool, band: bool) -> None:
    cell.margin_left = cell.margin_right = Inches(0.05)
    cell.margin_top = cell.margin_bottom = Inches(0.02)
    cell.vertical_anchor = MSO_ANCHOR.MIDDLE
    cell.fill.solid()
    cell.fill.fore_color.rgb = _colour("dfe5ec" if head else "f5f7f9" if band else "ffffff")
    paragraph = cell.text_frame.paragraphs[0]
    write(paragraph, said.text, size=size, colour=said.colour, bold=said.bold or head)
    if said.number:
        paragraph.alignment = PP_ALIGN.RIGHT


def _chart(
    slide: Any, kind: Any, place: Sequence[float], title: str, names: Names,
    sets: Sequence[tuple[str, Sequence[float | None]]], form: str,
) -> Any:  # fmt: skip
    data = ChartData(number_format=form)
    _name_points(data, names)
    for name, values in sets:
        data.add_series(name, values)
    chart = slide.shapes.add_chart(kind, *(Inches(one) for one in place), data).chart
    chart.font.size, chart.font.name = Pt(10), LATIN
    _east_asian(chart._chartSpace.txPr.p_lst[0].pPr.defRPr)
    chart.has_title = True
    write(chart.chart_title.text_frame.paragraphs[0], title, size=12, bold=True)
    chart.has_legend = len(sets) > 1
    if chart.has_legend:
        chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
    _name_axis(chart.category_axis, names)
    axis = chart.value_axis
    axis.tick_labels.number_format, axis.tick_labels.number_format_is_linked = form, False
    axis.major_gridlines.format.line.color.rgb = _colour("d9dee3")
    axis.format.line.fill.background()
    return chart


def _name_points(data: Any, names: Names) -> None:
    if not names.over:
        data.categories = names.each
        return
    for over, group in groupby(zip(names.over, names.each, strict=True), lambda pair: pair[0]):
        category = data.add_category(over)
        for _over, name in group:
            category.add_sub_category(name)


def _name_axis(axis: Any, names: Names) -> None:
    axis.tick_labels.font.size = Pt(8)
    axis.has_title = bool(names.along)
    if names.along:
        write(axis.axis_title.text_frame.paragraphs[0], names.along, size=8, colour=GREY)
