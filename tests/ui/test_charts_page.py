"""Charts on a page, in mail and in a PDF: what assistive technology gets, what hostile labels do, and the CSS alone."""

import re
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring
from django.template import engines
from django.utils import translation

from portal.ui.charts import Chart, HeatChart, LineChart, Point, Series, chart_css, draw, draw_narrow
from portal.ui.charts.styles import hex_of
from portal.ui.gallery_charts import example_charts, example_sparks
from portal.ui.templatetags.charts import chart, chart_picture
from tests.ui.charts_made import HEAD

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = "</title></svg><script>alert(1)</script>\" onload='x' &amp; \x00\x0b\ud800"


def page_of(given: Chart) -> Element:
    return fromstring(str(chart(given)))


@pytest.mark.parametrize("given", example_charts(), ids=lambda given: given.title)
def test_every_kind_has_a_name_a_description_and_its_values_as_a_table(given: Chart) -> None:
    page = page_of(given)
    svg = page.find(".//svg[@class='plot']")
    assert svg is not None
    names = {part.get("id"): part.text for part in (svg.find("title"), svg.find("desc")) if part is not None}
    assert [names[key] for key in svg.get("aria-labelledby", "").split()] == [given.title, given.description]
    scroller = page.find("div")
    assert scroller is not None
    assert (scroller.get("tabindex"), scroller.get("role"), scroller.get("aria-label")) == (
        "0",
        "group",
        f"{given.title}, scrollable",
    )
    tables = page.findall(".//details//table")
    assert [len(table.findall("tbody/tr")) for table in tables] == [
        len(table.rows) for table in draw(given).tables if table.rows
    ]
    assert all(cell.get("scope") in {"row", "col"} for table in tables for cell in table.iter("th"))


@pytest.mark.parametrize("given", example_charts(), ids=lambda given: given.title)
def test_colours_come_from_classes_that_the_style_sheet_has(given: Chart) -> None:
    markup = str(chart(given))
    assert not re.search(r'\b(?:style|fill|stroke|on\w+)="', markup)
    styled = set(re.findall(r"\.([\w-]+)", (ROOT / "static" / "css" / "charts.css").read_text(encoding="utf-8")))
    drawn = {
        name for found in re.findall(r'<(?:path|g|text|rect|circle) class="([^"]+)"', markup) for name in found.split()
    }
    assert drawn <= styled


def test_links_are_reached_because_they_are_not_inside_an_image() -> None:
    linked = LineChart(
        **HEAD, series=(Series("A", (Point("22", 0.7, href="/kpis/?week=22", signal="Below red"), Point("23", 0.8))),)
    )
    page = page_of(linked)
    svg = page.find(".//svg[@class='plot']")
    assert svg is not None
    assert svg.get("role") == "group"
    (link,) = svg.findall("a")
    assert (link.get("href"), link.findtext("title")) == ("/kpis/?week=22", "22: 0.7, Below red")
    hidden = svg.find("g[@aria-hidden='true']")
    assert hidden is not None
    assert hidden.find(".//a") is None


def test_hostile_labels_are_text() -> None:
    series = Series(HOSTILE, (Point(HOSTILE, 1.0, text=HOSTILE, signal=HOSTILE, href="/x?a=1&b=%22"),) * 2)
    given = LineChart(
        title=HOSTILE, description=HOSTILE, series=(series, series), target=1, target_text=HOSTILE, along=HOSTILE
    )
    markup = str(chart(given))
    assert "<script" not in markup
    assert not re.search("[\x00-\x08\x0b\ud800-\udfff]", markup)
    page = fromstring(markup)
    assert page.findtext(".//svg/title") == "</title></svg><script>alert(1)</script>\" onload='x' &amp;"
    assert page.find(".//script") is None
    assert markup.encode()


@pytest.mark.parametrize(
    "href",
    [
        "javascript:alert(1)",
        "//evil.example/",
        "data:text/html,x",
        "/\\evil",
        " /x",
        "/x\ny",
        "JaVaScRiPt:x",
        "week",
        "/x y",
    ],
)
def test_addresses_that_lead_elsewhere_are_refused(href: str) -> None:
    with pytest.raises(ValueError, match="Not an address"):
        Point("A", 1, href=href)
    with pytest.raises(ValueError, match="Not an address"):
        HeatChart(**HEAD, rows=("A",), columns=("B",), cells=((1,),), hrefs=((href,),))


def test_ids_differ_between_charts_and_stay_the_same_for_one() -> None:
    ids = [re.findall(r'id="([^"]+)"', str(chart(given))) for given in example_charts()]
    flat = [key for found in ids for key in found]
    pictures = len(ids) + sum(draw_narrow(given) is not None for given in example_charts())
    assert len(flat) == len(set(flat)) == 2 * pictures
    assert ids == [re.findall(r'id="([^"]+)"', str(chart(given))) for given in example_charts()]
    assert 'id="sl-t"' in chart(example_charts()[0], "sl")


def test_the_words_are_in_the_language_of_the_reader() -> None:
    given = LineChart(**HEAD, series=(Series("A", (Point("22", None),)),), target=1)
    with translation.override("zh-hans"):
        first = str(chart(given))
    with translation.override("en"):
        assert "No values in this period" in str(chart(given))
    assert "svg" in first


def test_the_tags_work_in_a_template() -> None:
    template = engines["django"].from_string(
        "{% load charts %}{% chart c 'k' %}{% spark values 80 'Up' %}{% spark values %}"
    )
    markup = template.render({"c": example_charts()[1], "values": [1, None, 80]})
    assert 'aria-labelledby="k-t k-d"' in markup
    assert 'role="img" aria-label="Up"' in markup
    assert markup.count('class="spark"') == 2
    assert 'aria-hidden="true"' in markup


def test_the_css_alone_is_flat_and_has_colours_only() -> None:
    light, dark = chart_css(), chart_css("dark")
    assert light != dark
    for css in (light, dark):
        assert not re.search(r"var\(|light-dark|oklch|@layer|&|<", css)
        assert css.count("{") == css.count("}") > 35
        assert len(css) < 6000
    assert ".tgt{fill:none; stroke:#" in light


def test_a_drawing_with_its_style_stands_alone() -> None:
    picture = str(chart_picture(example_charts()[0], "k", chart_css()))
    svg = fromstring(picture)
    assert svg.findtext("style") == chart_css()
    assert svg.get("viewBox", "").startswith("0 0 960 ")


@pytest.mark.parametrize(
    ("oklch", "expected"),
    [
        ("1 0 0", "#ffffff"),
        ("0 0 0", "#000000"),
        ("0.627955 0.257683 29.2339", "#ff0000"),
        ("0.86644 0.294827 142.495", "#00ff00"),
        ("0.452014 0.313214 264.052", "#0000ff"),
    ],
)
def test_colours_are_what_screens_show(oklch: str, expected: str) -> None:
    assert hex_of(oklch) == expected


def test_sizes_stay_small() -> None:
    for given in example_charts():
        drawing = draw(given)
        if not drawing.links and not isinstance(given, HeatChart):
            assert len(drawing.svg("k", "", "")) <= 4096, given.title
    assert all(len(line.values) <= 13 for line in example_sparks())
