"""What tables of contracts and results show of a line, in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils.translation import gettext as _

from ..actions.effects import Month
from ..models import Line, Result, ResultLine
from ..queries.contracts import Card, terms_of
from ..queries.scores import Worth, shown
from ..rules.scoring import LineScore, Total
from ..wording.values import NOTHING, count_text, over_text, target_text, value_text


@dataclass(frozen=True, slots=True)
class TermsRow:
    """A line of a scorecard."""

    line: Line
    weight: str
    red: str
    target: str
    stretch: str


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """A line with its figure. `score`, `points` empty where nothing counts. `over`: of how many days, where its window has more."""

    kpi: Any
    weight: str
    target: str
    value: str
    n: str
    rag: str
    score: str
    points: str
    carried: bool = False
    over: str = ""
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A line before and after."""

    before: ScoreRow
    after: ScoreRow

    @property
    def differs(self) -> bool:
        """Whether anything that is shown has changed."""
        return self.before != self.after


def score_text(value: Decimal | None) -> str:
    """A month's score in hundredths, as it is kept and as its worth goes by."""
    return number(shown(value), 2)


def number(value: Decimal | None, places: int = 1) -> str:
    """A score or a percent; a dash for none."""
    if value is None:
        return NOTHING
    return str(value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)).replace("-", "−")


def money(value: Decimal | None, currency: str) -> str:
    """An amount with its currency; a dash for none."""
    return NOTHING if value is None else f"{value:,.2f} {currency}".replace("-", "−")


def worth_text(worth: Worth, currency: str) -> str:
    """What a score is worth: percent, and money where an invoice is known."""
    percent = f"{number(worth.percent, 2)}%"
    return percent if worth.amount is None else f"{percent} · {money(worth.amount, currency)}"


def terms_rows(lines: Iterable[Line]) -> list[TermsRow]:
    """The lines of a version in words."""
    return [_terms_row(line) for line in lines]


def score_rows(card: Card, total: Total, today: date | None = None) -> list[ScoreRow]:
    """The lines of a total in words. `today`: the day at the site, to tell what may still change."""
    return [_score_row(line, scored, today) for line, scored in zip(card.lines, total.lines, strict=True)]


def kept_rows(result: Result) -> list[ScoreRow]:
    """The lines of a frozen result in words."""
    terms = {line.kpi_id: line for line in result.schedule.lines.select_related("kpi")}
    return [_kept_row(one, terms.get(one.kpi_id), result.inputs) for one in result.lines.all()]


def change_rows(month: Month) -> list[ChangeRow]:
    """A month's lines as they stand and as they would be."""
    return _paired(score_rows(month.now_card, month.now), score_rows(month.then_card, month.then))


def diff(before: Result, after: Result) -> list[ChangeRow]:
    """The lines that two revisions do not have in common."""
    return [pair for pair in _paired(kept_rows(before), kept_rows(after)) if pair.differs]


def _paired(before: Iterable[ScoreRow], after: Iterable[ScoreRow]) -> list[ChangeRow]:
    old, new = ({row.kpi.pk: row for row in rows} for rows in (before, after))
    keys = list(dict.fromkeys([*old, *new]))
    return [ChangeRow(old.get(key) or _no(new[key]), new.get(key) or _no(old[key])) for key in keys]


def _no(row: ScoreRow) -> ScoreRow:
    return ScoreRow(row.kpi, NOTHING, NOTHING, NOTHING, "", "", NOTHING, NOTHING)


def _terms_row(line: Line) -> TermsRow:
    unit, places = line.kpi.unit, line.kpi.decimals
    red = value_text(line.red, unit, places)
    if line.red_high is not None:
        red = _("below %(low)s, above %(high)s") % {"low": red, "high": value_text(line.red_high, unit, places)}
    return TermsRow(
        line,
        f"{line.weight.normalize():f}%",
        red,
        target_text(terms_of(line), unit, places),
        value_text(line.stretch, unit, places),
    )


def _score_row(line: Line, scored: LineScore, today: date | None) -> ScoreRow:
    read, unit, places = scored.reading, line.kpi.unit, line.kpi.decimals
    return ScoreRow(
        line.kpi, f"{number(scored.weight * 100, 1)}%", target_text(scored.terms, unit, places),
        value_text(read.value, unit, places), count_text(read.n) if read.n is not None else "",
        scored.verdict.rag, number(scored.score), number(scored.points, 2), scored.carried, over_text(read.days),
        today is not None and read.is_provisional(today),
    )  # fmt: skip


def _kept_row(one: ResultLine, line: Line | None, inputs: Mapping[str, Any]) -> ScoreRow:
    unit, places = one.kpi.unit, one.kpi.decimals
    return ScoreRow(
        one.kpi, f"{number(one.weight * 100, 1)}%", target_text(terms_of(line), unit, places) if line else NOTHING,
        value_text(one.value, unit, places), count_text(one.n) if one.n is not None else "",
        one.rag, number(one.score), number(one.points, 2), one.kpi.code in inputs.get("carried", {}),
        over_text(inputs.get("days", {}).get(one.kpi.code)),
    )  # fmt: skip
