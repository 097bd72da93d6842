"""Charts on a page, in mail and in a PDF: `{% chart c %}`, `{% spark values target %}`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from zlib import crc32

from django.template import Library
from django.template.loader import get_template
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, pgettext

from portal.audit.wording import comma
from portal.ui.charts import Chart, Drawing, Key, Sparkline, Words, draw, draw_narrow, spark_svg
from portal.ui.charts.drawing import SWATCHES
from portal.ui.charts.words import clean, safe

register = Library()


@register.simple_tag
def chart(given: Chart, key: str = "") -> SafeString:
    """A chart with its key, its notes and its values as a table. `key` begins its ids; else they come from what it shows."""
    drawing = draw(given, words())
    return SafeString(get_template("ui/charts/chart.html").render(_context(given, drawing, key)))


@register.simple_tag
def spark(values: Sequence[float | None], target: float | None = None, title: str = "") -> SafeString:
    """A sparkline; without a title the row says in words what it shows."""
    return SafeString(spark_svg(Sparkline(tuple(values), target, title)))


@register.simple_tag
def chart_picture(given: Chart, key: str = "", style: str = "") -> SafeString:
    """The drawing alone; with `style` (see `chart_css`) it needs no style sheet."""
    drawing = draw(given, words())
    return SafeString(drawing.svg(key or _key_of(given, drawing), given.title, given.description, style))


def _context(given: Chart, drawing: Drawing, key: str) -> dict[str, Any]:
    """What the partials need; all text in it that is marked safe has been escaped while it was written."""
    key, narrow = key or _key_of(given, drawing), draw_narrow(given, words())
    return {
        "title": clean(given.title),
        "wide": given.wide,
        "svg": SafeString(drawing.svg(key, given.title, given.description)),
        "narrow": SafeString(narrow.svg(f"{key}n", given.title, given.description)) if narrow else "",
        "keys": SafeString("".join([_swatch(line) for line in drawing.keys])),
        "notes": [(number, clean(text)) for number, text in drawing.notes],
        "tables": [SafeString(table.markup()) for table in drawing.tables if table.rows],
        "count": _count(drawing),
    }


def _count(drawing: Drawing) -> int:
    """How many values the first table has."""
    first = drawing.tables[0]
    return len(first.rows) * (len(first.head) - 1 if drawing.is_matrix else 1)


def _swatch(line: Key) -> str:
    return f'<li><svg viewBox="0 0 20 12" aria-hidden="true">{SWATCHES[line.swatch]}</svg>{safe(line.label)}</li>'


def _key_of(given: Chart, drawing: Drawing) -> str:
    """Ids that stay the same as long as the chart does."""
    return f"c{crc32(f'{given.title}{given.description}{drawing.body}'.encode(errors='replace')):x}"


def words() -> Words:
    """What drawings say, in the language now active."""
    return _words(get_language() or "en")


@lru_cache(maxsize=8)
def _words(_language: str) -> Words:
    return Words(
        none=gettext("No values in this period"),
        gap=gettext("no value"),
        period=gettext("Period"),
        item=pgettext("chart", "Item"),
        value=gettext("Value"),
        note=gettext("Note"),
        target=pgettext("chart", "Target"),
        mean=pgettext("chart", "Mean"),
        upper=pgettext("chart", "Upper limit"),
        lower=pgettext("chart", "Lower limit"),
        limit=pgettext("chart", "Limit"),
        limits=pgettext("chart", "Limits"),
        signal=pgettext("chart", "Signal"),
        moving=pgettext("chart", "Moving range"),
        size=pgettext("chart", "n"),
        share=pgettext("chart", "Share so far"),
        rise=pgettext("chart", "Rise"),
        fall=pgettext("chart", "Fall"),
        bucket=pgettext("chart", "From – to"),
        people=pgettext("chart", "Agents"),
        few=pgettext("chart", "Too few contacts"),
        colon=pgettext("after a label", ": "),
        comma=comma(),
        semicolon=pgettext("between statements", "; "),
    )
