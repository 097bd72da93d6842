"""Where a partner's site stands among all others, which stay unnamed and uncounted. For partners whose contract allows it."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any

from partners import queries as directory
from portal.accounts.rules import SYSTEM, Actor

from ..models import Kpi
from ..rules.bands import Band, band_of
from ..rules.periods import Period
from .contracts import Card, cards, judged_on
from .figures import figures
from .scope import PARTNER, sites_visible_to
from .sums import Scope


def banded(actor: Actor, site_ids: Collection[int], period: Period) -> dict[int, Card]:
    """Those of the sites that the actor reads for the partner and whose contract shows the band, with their scorecards."""
    if not actor.has(*PARTNER):
        return {}
    own = directory.site_ids_for(actor, *PARTNER) & set(site_ids)
    judged = cards(sorted(own), judged_on(period)) if own else {}
    return {site: card for site, card in judged.items() if card.contract.shows_band}


def bands(
    actor: Actor, kpis: Sequence[Kpi], period: Period, formula: str | int, pins: Mapping[int, Any], least: Mapping[str, int],
    *, excluded: bool = False,
) -> dict[str, Band]:  # fmt: skip
    """Per KPI the band of all sites out of the actor's sight, all by the same formula; `excluded` as in `figures`.

    `least`: the smallest sample by KPI for which a site takes part. KPIs with too few such sites are missing. One query, and those of
    `figures`.
    """
    others = sites_visible_to(SYSTEM).filter(archived_at=None).exclude(pk__in=sites_visible_to(actor).values("pk"))
    scope = Scope(frozenset(others.values_list("pk", flat=True)))
    if not scope.site_ids:
        return {}
    days = (period.first, period.last)
    read = figures(scope, kpis, *days, ("site",), formula=formula, pins=pins, excluded=excluded)
    values: dict[str, list[Decimal]] = defaultdict(list)
    for row in read.values():
        for code, one in row.items():
            if one.value is not None and (one.n is None or one.n >= least.get(code, 0)):
                values[code].append(one.value)
    found = {code: band_of(those) for code, those in values.items()}
    return {code: band for code, band in found.items() if band is not None}
