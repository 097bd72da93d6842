"""Cells of figures as strings, with the way to how each was counted: a page has hundreds, and as template tags they would be most of its time."""

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any

from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from portal.ui import marks
from portal.ui.charts import Sparkline, spark_svg

from .asked import Asked
from .counted import key_of
from .entries import Entry
from .parts import PartTable

# Stands for a name in a phrase that is translated once a page.
_NAME = "\0"


@dataclass(frozen=True, slots=True)
class Markup:
    """What the cells of a page have in common, made once: addresses as they stand in an attribute, and words.

    `how`: this view, asking how a figure was counted; `chosen`: this view with another KPI chosen. What varies comes at the end.
    """

    how: SafeString
    chosen: SafeString
    view: SafeString
    how_label: str
    why_label: Callable[[str, str], str]
    icon: str

    def link(self, at: str, name: str, where: str = "") -> SafeString:
        """The way to how a figure was counted. `at`: its key on the page; `where`: whose it is, if the page shows more than one."""
        label = self.how_label.replace(_NAME, name)
        spoken = f"{label}, {where}" if where else label
        return SafeString(
            f'<a class="btn btn--quiet btn--sm btn--icon how-at" href="{self.how}{escape(at)}" '
            f'aria-label="{escape(spoken)}">{self.icon}</a>'
        )

    def part(self, entry: Entry, at: str, where: str) -> SafeString:
        """A figure of a part: value, interval, sample, whether it is provisional, and how it was counted."""
        spread, said, late = entry.spread, entry.sample, entry.provisional
        return SafeString(
            f"{escape(entry.value)}{_muted(spread, 'muted') if spread else ''}"
            f"{_muted(said, 'tiny muted') if said else ''}{_muted(late, 'tiny muted') if late else ''}"
            f"{self.link(at, entry.kpi.label, where)}"
        )


def _muted(text: str, classes: str) -> str:
    return f' <span class="{classes}">{escape(text)}</span>'


def markup_of(request: HttpRequest, asked: Asked) -> Markup:
    """What the cells of this page have in common."""
    params = request.GET.copy()
    for name in ("grain", "how", "kpi", "lines"):
        params.pop(name, None)
    params["period"] = asked.period.key
    here = escape(f"?{params.urlencode()}")
    kpi = escape(f"&kpi={asked.kpi}") if asked.kpi else ""
    why = _("%(name)s %(difference)s: why did it move?")
    return Markup(
        SafeString(f"{here}{kpi}&amp;how="), SafeString(f"{here}&amp;kpi="), SafeString(escape(asked.query())), _("How %(name)s is counted") % {"name": _NAME},
        lambda name, difference: why % {"name": name, "difference": difference}, marks.icon("info"),
    )  # fmt: skip


def part_rows(table: PartTable, markup: Markup) -> SafeString:
    """The rows of the parts of one kind."""
    return SafeString("".join([_part_row(row, markup, later=table.later) for row in table.rows]))


def _part_row(row: Any, markup: Markup, *, later: bool) -> str:
    figures = "".join(
        [
            f'<td class="num nowrap figure">{markup.part(entry, key_of(row.key, entry.kpi.code), row.label)}</td>'
            for entry in row.entries
        ]
    )
    spark = f"<td>{spark_svg(Sparkline(tuple(row.spark.weeks)))}</td>" if row.spark else "<td></td>" if later else ""
    return (
        f'<tr><th scope="row"><a class="rowlink" href="{escape(row.url)}{markup.view}">{escape(row.label)}</a></th>'
        f"{figures}{spark}</tr>"
    )
