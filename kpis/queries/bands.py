"""Where a partner's site stands among all others, which stay unnamed and uncounted. For partners whose contract allows it."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from partners import queries as directory
from portal.accounts.rules import SYSTEM, Actor

from ..models import Kpi
from ..rules.bands import Band, band_of
from ..rules.periods import Period
from .book import book_of
from .contracts import Card, cards, judged_on
from .figures import Figures, Together
from .scope import PARTNER, sites_visible_to
from .sums import Scope


def banded(actor: Actor, site_ids: Collection[int], period: Period) -> dict[int, Card]:
    """Those of the sites that the actor reads for the partner and whose contract shows the band, with their scorecards."""
    if not actor.has(*PARTNER):
        return {}
    own = directory.site_ids_for(actor, *PARTNER) & set(site_ids)
    judged = cards(sorted(own), judged_on(period)) if own else {}
    return {site: card for site, card in judged.items() if card.contract.shows_band}


@dataclass(frozen=True, slots=True)
class Wanted:
    """The bands of these KPIs, by formulas that are named (`pins`) or in force; `least`: the smallest sample by KPI for which a site takes part."""

    kpis: Sequence[Kpi]
    pins: Mapping[int, Any]
    least: Mapping[str, int]


def bands(
    actor: Actor, wanted: Sequence[Wanted], period: Period, formula: str | int, *, excluded: bool = False
) -> list[dict[str, Band]]:
    """Each time per KPI the band of all sites out of the actor's sight, all by the same formula; `excluded` as in `figures`.

    KPIs with too few sites that take part are missing. One query, and those of `figures`.
    """
    others = sites_visible_to(SYSTEM).filter(archived_at=None).exclude(pk__in=sites_visible_to(actor).values("pk"))
    scope = Scope(frozenset(others.values_list("pk", flat=True)))
    if not scope.site_ids:
        return [{} for _one in wanted]
    together = Together(book_of({kpi.pk: kpi for one in wanted for kpi in one.kpis}.values()))
    way: dict[str, Any] = {"formula": formula, "excluded": excluded}
    days = (period.first, period.last)
    reads = [together.figures(scope, one.kpis, *days, ("site",), pins=one.pins, **way) for one in wanted]
    return [_bands(read(), one.least) for read, one in zip(reads, wanted, strict=True)]


def _bands(read: Figures, least: Mapping[str, int]) -> dict[str, Band]:
    values: dict[str, list[Decimal]] = defaultdict(list)
    for row in read.values():
        for code, one in row.items():
            if one.value is not None and (one.n is None or one.n >= least.get(code, 0)):
                values[code].append(one.value)
    found = {code: band_of(those) for code, those in values.items()}
    return {code: band for code, band in found.items() if band is not None}
