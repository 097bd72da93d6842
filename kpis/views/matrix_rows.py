"""The rows of the matrix of sites by KPIs, one string each."""

from html import escape
from typing import TYPE_CHECKING

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from portal.ui import marks
from portal.ui.charts import Sparkline, spark_svg

from .counted import key_of
from .entries import Entry
from .markup import Markup

if TYPE_CHECKING:
    from .network import Matrix, SiteRow


def matrix_rows(matrix: "Matrix", markup: Markup) -> SafeString:
    """The body of the table."""
    again = escape(_("being counted anew"))
    return SafeString("".join([_row(row, markup, again) for row in matrix.rows]))


def _row(row: "SiteRow", markup: Markup, again: str) -> str:
    code, label = row.site.code, row.site.label
    band = f' <span class="tiny muted">{escape(row.band)}</span>' if row.band else ""
    figures = "".join([_cell(entry, key_of(code, entry.kpi.code), label, markup) for entry in row.entries])
    spark = spark_svg(Sparkline(tuple(row.spark.weeks), row.spark.aim)) if row.spark else ""
    return (
        f'<tr id="site-{escape(code)}"><th scope="row"><a class="rowlink nowrap" href="{escape(row.url)}{markup.view}">'
        f'{escape(label)}</a><br><span class="tiny muted">{escape(row.site.partner.label)}</span></th>'
        f'<td class="nowrap"><b>{escape(row.score)}</b>{band}</td>{figures}<td>{spark}</td>'
        f'<td class="tiny muted nowrap">{_fresh(row, again)}</td></tr>'
    )


def _cell(entry: Entry, at: str, where: str, markup: Markup) -> str:
    value, rag = f"<b>{escape(entry.value)}</b>", entry.rag
    if rag:
        value = (
            f'<span class="rag" data-rag="{rag}">{marks.icon(entry.icon)}{value}'
            f'<span class="sr">{escape(entry.verdict)}</span></span>'
        )
    judged = f' data-rag="{rag}"' if rag else ""
    return (
        f'<td{judged}><a class="cell" href="{escape(entry.url)}{markup.chosen}{escape(entry.kpi.code)}">{value}'
        f"<small>{escape(entry.small)}</small></a>{markup.link(at, entry.kpi.label, where)}</td>"
    )


def _fresh(row: "SiteRow", again: str) -> str:
    if not row.fresh.newest:
        return "–"
    newest = escape(row.newest_text)
    if row.fresh.waiting:
        return f"{newest}<br>{again}"
    return f"{newest}<br>{marks.local_time(row.fresh.made_at, 'full')}" if row.fresh.made_at else newest
