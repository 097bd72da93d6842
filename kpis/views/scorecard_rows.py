"""The rows of a scorecard, a KPI each, one string each."""

from collections.abc import Iterable
from html import escape

from django.utils.safestring import SafeString

from portal.ui import marks
from portal.ui.charts import Sparkline, spark_svg

from .entries import Entry
from .markup import Markup


def scorecard_rows(entries: Iterable[Entry], markup: Markup, *, shows_contract: bool) -> SafeString:
    """The body of the table; with a contract also weight, target, status, score and points."""
    return SafeString("".join([_row(entry, markup, shows_contract) for entry in entries]))


def _row(entry: Entry, markup: Markup, shows_contract: bool) -> str:
    code, spark = escape(entry.kpi.code), spark_svg(Sparkline(tuple(entry.weeks), entry.aim))
    target = status = points = ""
    if shows_contract:
        target = f'<td class="num">{escape(entry.weight)}</td><td class="num soft">{escape(entry.target)}</td>'
        status = f"<td>{marks.rag(entry.rag, entry.verdict) if entry.rag else ''}</td>"
        points = f'<td class="num">{escape(entry.score)}</td><td class="num bold">{escape(entry.points)}</td>'
    return (
        f'<tr id="k-{code}">{_head(entry, markup)}{target}{_value(entry)}'
        f'<td class="num soft nowrap">{_difference(entry, markup)}</td>{status}<td>{spark}</td>{points}</tr>'
    )


def _head(entry: Entry, markup: Markup) -> str:
    code, label, said = entry.kpi.code, entry.kpi.label, entry.sample
    sample = f' <span class="tiny muted nowrap">{escape(said)}</span>' if said else ""
    return (
        f'<th scope="row"><span class="row gap-1 nowrap"><a class="rowlink" href="{markup.chosen}{escape(code)}#control">'
        f"{escape(label)}</a>{sample}{markup.link(code, label)}</span></th>"
    )


def _value(entry: Entry) -> str:
    spread = entry.spread
    more = f' <span class="tiny muted">{escape(spread)}</span>' if spread else ""
    short = f'<span class="tiny muted">n = {escape(entry.n)}</span>' if entry.is_short else ""
    late = f' <span class="tiny muted">{escape(entry.provisional)}</span>' if entry.provisional else ""
    return f'<td class="num bold nowrap">{escape(entry.value)}{more}{short}{late}</td>'


def _difference(entry: Entry, markup: Markup) -> str:
    """What it is more than before, with the way to why."""
    said = entry.difference
    if not entry.url or not said:
        return escape(said)
    label = markup.why_label(entry.kpi.label, said)
    return (
        f'<a href="{escape(entry.url)}{markup.chosen}{escape(entry.kpi.code)}" aria-label="{escape(label)}">'
        f"{escape(said)}</a>"
    )
