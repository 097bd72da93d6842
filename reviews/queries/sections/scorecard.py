"""The scorecard: of a site its contract line by line, of several the sites by KPI."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final

from django.urls import reverse

from partners import queries as directory

from ...blocks import Block, Column, Kind, Needed, Note, Row, Table, Text
from ...choices import Rhythm
from .context import Built, Context, name_of, number, said
from .judging import Judged, KpiLine

RED = "r"
# Scores are points, whatever the unit of the row.
KINDS: Final[Mapping[str, Kind]] = {"change": "change", "score": "points"}
# What stands in place of the lines of a period without any figure.
NOTHING: Final[Mapping[str, str]] = {
    Rhythm.WEEK: "scorecard.no_week", Rhythm.MONTH: "scorecard.no_month", Rhythm.QUARTER: "scorecard.no_quarter",
}  # fmt: skip
LINES = ("value", "n", "low", "high", "target", "red", "score", "change")


def build(context: Context) -> Built:
    """A table; red lines and signals need a comment."""
    judged = list(context.judged.values())
    nothing = said(NOTHING[context.rhythm])
    blocks: list[Block] = [_of_site(judged[0], nothing)] if context.one_site else _of_sites(judged, nothing)
    keyed = [(one, line, key_of(context, one, line)) for one in judged for line in one.lines]
    needed = [_needed(one, line, key) for one, line, key in keyed if calls_for_comment(line)]
    others = [_needed(one, line, key) for one, line, key in keyed if not calls_for_comment(line)]
    missing = [text for one in judged for text in missing_at(one)]
    return Built(
        [*blocks, *[Note(f"missing-{at}", text, "warn") for at, text in enumerate(missing)]], needed, others, missing
    )


def calls_for_comment(line: KpiLine) -> bool:
    """Red against the contract, or a signal of its control chart."""
    return line.rag == RED or bool(line.signals)


def key_of(context: Context, judged: Judged, line: KpiLine) -> str:
    """The line's name in the pack: the KPI, before it the site where there are several."""
    code: str = line.kpi.code
    return code if context.one_site else f"{judged.site.code}:{code}"


def missing_at(judged: Judged) -> Iterable[Text]:
    """What a site's figures lack."""
    site = {"site": {"en": judged.site.name, "zh": judged.site.name_zh}}
    if judged.card is None:
        yield said("no_contract", **site)
    if not judged.days:
        yield said("no_data", **site)
    elif judged.absent:
        yield said("absent_days", **site, days=_runs(judged.absent), count=len(judged.absent))


def _runs(days: Sequence[date]) -> list[list[str]]:
    """Days that follow each other as the first and the last of them."""
    runs: list[list[date]] = []
    for day in days:
        if runs and day - runs[-1][1] == timedelta(days=1):
            runs[-1][1] = day
        else:
            runs.append([day, day])
    return [[one.isoformat() for one in run] for run in runs]


def _needed(judged: Judged, line: KpiLine, key: str) -> Needed:
    return Needed(key, judged.site.pk, line.kpi.pk)


def _of_site(judged: Judged, nothing: Text) -> Table:
    columns = [Column("kpi", said("column.kpi")), *[_column(key) for key in LINES]]
    # Of a contract's lines there is nothing to show as long as none has a figure.
    known = any(line.reading.value is not None for line in judged.lines)
    rows = [_row(judged, line) for line in judged.lines] if known else []
    return Table("lines", said("scorecard.lines"), columns, rows, nothing)


def _column(key: str) -> Column:
    return Column(key, said(f"column.{key}"), KINDS.get(key, "number"))


def _row(judged: Judged, line: KpiLine) -> Row:
    read, terms = line.reading, line.score.terms if line.score else None
    cells = [
        line_name(judged, line), number(read.value), read.n, number(read.low), number(read.high),
        number(terms.target) if terms else None, number(terms.red) if terms else None,
        number(line.score.score) if line.score else None, number(line.change),
    ]  # fmt: skip
    return Row(
        line.kpi.code, cells, unit=line.kpi.unit, rag=line.rag, signals=list(line.signals), url=url_of(judged, line),
        decimals=line.kpi.decimals,
    )  # fmt: skip


def line_name(judged: Judged, line: KpiLine) -> Text:
    """The KPI's name, with what has to be known to read its figure: that it may still change, or is over fewer days than its window has."""
    days = line.reading.days
    if is_late(judged, line):
        return _late(line.kpi)
    return said("line.over_days", kpi=_both(line.kpi), count=days) if days else name_of(line.kpi)


def is_late(judged: Judged, line: KpiLine) -> bool:
    """Whether the figure may still change by its own formula."""
    return line.reading.is_provisional(directory.site_today(judged.site))


def _late(kpi: Any) -> Text:
    return said("line.provisional", kpi=_both(kpi))


def _both(kpi: Any) -> dict[str, str]:
    return {"en": kpi.name, "zh": kpi.name_zh}


def url_of(judged: Judged, line: KpiLine) -> str:
    """Where the portal shows the KPI at the site in this period."""
    return f"{reverse('kpis:site', args=[judged.site.code])}?period={judged.period.key}&kpi={line.kpi.code}"


def _of_sites(judged: list[Judged], nothing: Text) -> list[Block]:
    """A row per site: its score, and the value of each KPI that any contract here names; then what stands out, line by line."""
    kpis = {line.kpi.pk: line.kpi for one in judged for line in one.lines}
    ordered = sorted(kpis.values(), key=lambda kpi: (kpi.position, kpi.name))
    late = {line.kpi.pk for one in judged for line in one.lines if is_late(one, line)}
    columns = [
        Column("site", said("column.site")), Column("score", said("column.score"), "points"),
        *[
            Column(kpi.code, _late(kpi) if kpi.pk in late else name_of(kpi), kpi.unit, decimals=kpi.decimals)
            for kpi in ordered
        ],
    ]  # fmt: skip
    rows = [_site_row(one, ordered) for one in judged]
    out = [
        replace(row, key=f"{one.site.code}:{line.kpi.code}", cells=[name_of(one.site), *row.cells])
        for one in judged
        for line in one.lines
        if calls_for_comment(line)
        for row in (_row(one, line),)
    ]
    beside = [Column("site", said("column.site")), Column("kpi", said("column.kpi")), *[_column(key) for key in LINES]]
    return [
        Table("sites", said("scorecard.sites"), columns, rows, nothing),
        Table("exceptions", said("scorecard.exceptions"), beside, out, said("scorecard.no_exceptions")),
    ]


def _site_row(judged: Judged, kpis: list[Any]) -> Row:
    values = {line.kpi.pk: line.reading.value for line in judged.lines}
    score = judged.total.score if judged.total else None
    return Row(judged.site.code, [name_of(judged.site), number(score), *[number(values.get(kpi.pk)) for kpi in kpis]])
