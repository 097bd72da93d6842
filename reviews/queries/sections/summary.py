"""The summary: the score, how many lines are red, amber and green, and what moved most."""

from collections import Counter
from decimal import Decimal
from typing import Final

from ...blocks import Block, Column, Note, Row, Table, Text
from .context import Built, Context, name_of, number, said
from .doing import with_sites
from .judging import Judged, KpiLine
from .scorecard import line_name

RAGS: Final = ("r", "a", "g", "n")
MOVERS: Final = 3
DOWN: Final = "down"


def build(context: Context) -> Built:
    """A row per site, and a sentence on what moved most."""
    judged = list(context.judged.values())
    blocks: list[Block] = [_scores(judged)]
    moved = movers(judged, context.option("movers", MOVERS, 10))
    if moved:
        names = [_mover(context, one, line) for one, line in moved]
        blocks += [Note("moved", said("summary.moved", names=names)), _moved(context, moved)]
    else:
        blocks.append(Note("moved", said(_unmoved(judged))))
    return Built(blocks)


def movers(judged: list[Judged], most: int) -> list[tuple[Judged, KpiLine]]:
    """The lines that moved most since the period before, by how far against their contract's distance from red to target."""
    known = [(one, line) for one in judged for line in one.lines if line.change and line.score]
    return sorted(known, key=lambda pair: -_distance(pair[1]))[:most]


def _distance(line: KpiLine) -> Decimal:
    if line.score is None or line.change is None:
        return Decimal(0)
    terms = line.score.terms
    return abs(line.change / ((terms.target - terms.red) or 1))


def _mover(context: Context, judged: Judged, line: KpiLine) -> Text:
    """An arrow, the site where there are several, and the KPI."""
    way = "up" if line.change is not None and line.change > 0 else "down"
    name = line_name(judged, line)
    return (
        said(f"summary.{way}", kpi=name)
        if context.one_site
        else said(f"summary.site_{way}", site=name_of(judged.site), kpi=name)
    )


def _unmoved(judged: list[Judged]) -> str:
    """Why nothing moved: every figure is as it was, or there are no two to compare."""
    compared = any(line.change is not None and line.score for one in judged for line in one.lines)
    return "summary.nothing_moved" if compared else "summary.nothing_to_compare"


def _scores(judged: list[Judged]) -> Table:
    columns = [Column("site", said("column.site")), Column("score", said("column.score"), "points")]
    columns += [Column(f"rag_{rag}", said(f"column.rag_{rag}"), "number") for rag in RAGS]
    columns.append(Column("signals", said("column.signals"), "number"))
    return Table("scores", said("summary.scores"), columns, [_row(one) for one in judged], said("scorecard.nothing"))


def _row(judged: Judged) -> Row:
    counted = Counter(line.rag for line in judged.lines)
    score = judged.total.score if judged.total else None
    signals = sum(bool(line.signals) for line in judged.lines)
    return Row(judged.site.code, [name_of(judged.site), number(score), *[counted[rag] for rag in RAGS], signals])


def _moved(context: Context, moved: list[tuple[Judged, KpiLine]]) -> Table:
    columns = [
        Column("kpi", said("column.kpi")), Column("before", said("column.before"), "number"),
        Column("value", said("column.value"), "number"), Column("change", said("column.change"), "change"),
    ]  # fmt: skip
    rows = [
        Row(f"{one.site.code}:{line.kpi.code}", [line_name(one, line), number(line.before.value), number(line.reading.value),
            number(line.change)], line.kpi.unit, line.rag, decimals=line.kpi.decimals)
        for one, line in moved
    ]  # fmt: skip
    return with_sites(
        context, Table("movers", said("summary.movers"), columns, rows), [one.site for one, _line in moved]
    )
