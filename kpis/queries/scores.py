"""What sites score against their contracts, and what a score is worth. Figures come from `figures`, approved exclusions left out."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from ..choices import Shortage
from ..models import Result, ResultLine, Schedule
from ..rules.formulas import Reading
from ..rules.money import Scale, amount_of, percent_of
from ..rules.periods import Period, containing
from ..rules.scoring import Total, total
from .book import book_of
from .contracts import Card, by_formulas, card_of, cards, judged_on
from .figures import Reader, Together
from .sums import Scope

type Readings = Mapping[str, Reading]
type Carried = Mapping[int, dict[str, Decimal]]
HUNDREDTH: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Worth:
    """Percent of the invoice after caps, and in money; `amount` None without an invoice."""

    percent: Decimal
    amount: Decimal | None


def scores(
    site_ids: Collection[int],
    when: Period | date,
    previous: Carried | None = None,
    *,
    chosen: Mapping[int, Card] | None = None,
    reader: Reader | None = None,
) -> dict[int, Total]:
    """Each site's score over a period, or over the month of a day; a site without a contract that judges it is missing.

    `previous`: scores per site and KPI that stand in for lines too small, else those of the last frozen result before. `chosen`: scorecards
    other than those in force. `reader` as in `figures`. A constant number of queries, unless contracts pin formulas of their own.
    """
    period = when if isinstance(when, Period) else containing("month", when)
    judged = chosen if chosen is not None else cards(site_ids, judged_on(period))
    read = readings(judged, period, reader)
    carried = previous if previous is not None else carried_scores(judged, judged_on(period))
    return {site: tally(card, read.get(site, {}), carried.get(site)) for site, card in judged.items()}


def readings(judged: Mapping[int, Card], period: Period, reader: Reader | None = None) -> dict[int, dict[str, Reading]]:
    """The figures of each site's lines over a period, by the formulas that its contract names or that were in force."""
    kpis = {kpi.pk: kpi for card in judged.values() for kpi in card.kpis}
    return ask_readings(Together(book_of(kpis.values()), reader), judged, period)()


def ask_readings(
    together: Together, judged: Mapping[int, Card], period: Period, *, excluded: bool = False
) -> Callable[[], dict[int, dict[str, Reading]]]:
    """`readings` as one of several questions, of KPIs in the book."""
    asked = []
    for sites, pins in by_formulas(judged):
        kpis = {kpi.pk: kpi for site in sites for kpi in judged[site].kpis}
        scope, days = Scope(frozenset(sites)), (period.first, period.last)
        read = together.figures(scope, kpis.values(), *days, ("site",), pins=pins, excluded=excluded)
        asked.append((sites, read))
    return lambda: {site: rows.get((site,), {}) for sites, read in asked for rows in [read()] for site in sites}


def tally(card: Card, read: Readings, carried: Mapping[str, Decimal] | None = None) -> Total:
    """The total of a card over figures in hand."""
    missing = Reading(why="no_data")
    lines = [(terms, read.get(terms.kpi, missing)) for terms in card.terms]
    return total(lines, card.schedule.score_cap, dict(carried or {}))


def carried_scores(judged: Mapping[int, Card], before: date) -> dict[int, dict[str, Decimal]]:
    """Scores of the last frozen month before a day, for the sites with a line that carries. One query, none if nothing carries."""
    sites = [site for site, card in judged.items() if any(line.shortage == Shortage.CARRY for line in card.lines)]
    if not sites:
        return {}
    last = (
        Result.objects.filter(site__in=sites, month__lt=before)
        .order_by("site_id", "-month", "-revision")
        .distinct("site_id")
    )
    rows = ResultLine.objects.filter(result__in=last.values("pk"), score__isnull=False)
    found: dict[int, dict[str, Decimal]] = defaultdict(dict)
    for site, code, score in rows.values_list("result__site_id", "kpi__code", "score"):
        if score is not None:
            found[site][code] = score
    return dict(found)


def worth(total_: Total | Decimal | None, terms: Schedule | Card | Scale, invoice: Decimal | None) -> Worth:
    """What a total, or its score alone, is worth under a version, by the score as shown, in hundredths.

    `invoice`: the month's amount, None if nobody entered it.
    """
    scale = terms if isinstance(terms, Scale) else (terms if isinstance(terms, Card) else card_of(terms)).scale
    percent = percent_of(shown(total_.score if isinstance(total_, Total) else total_), scale)
    return Worth(percent, None if invoice is None else amount_of(invoice, percent))


def shown(score: Decimal | None) -> Decimal | None:
    """A score in hundredths, as it is kept and shown."""
    return None if score is None else score.quantize(HUNDREDTH, ROUND_HALF_UP)
