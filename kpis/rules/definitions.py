"""What a formula has to be before it is kept. Pure: no Django, no database."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Final

from .formulas import Terms
from .windows import MOST_MONTHS

NPS: Final[tuple[Terms, Terms]] = (
    {"promoters": Decimal(1), "detractors": Decimal(-1)},
    {"nps_responses": Decimal(1)},
)
HUNDRED: Final = Decimal(100)


def faults(
    *,
    numerator: Terms,
    denominator: Terms,
    scale: Decimal,
    unit: str,
    roll_up: str,
    interval: str,
    sample: str,
    minimum_n: int,
    known: Mapping[str, bool],
    window: int = 0,
) -> list[tuple[str, str]]:
    """What is wrong with a formula, as (field, code); empty when it may be kept. `known`: component -> whether it is a stock.

    `window`: the months that it rolls over, 0 for none.
    """
    found = [*_terms("numerator", numerator, known), *_terms("denominator", denominator, known)]
    if not numerator:
        found.append(("numerator", "no_numerator"))
    if sample and sample not in known:
        found.append(("sample", "unknown_component"))
    if scale == 0:
        found.append(("scale", "no_scale"))
    elif unit == "percent" and scale == HUNDRED:
        found.append(("scale", "percent_scale"))
    if minimum_n and not (sample or denominator):
        found.append(("minimum_n", "no_sample"))
    if window and any(known.get(code) for code in (*numerator, *denominator)):
        found.append(("window", "window_of_stock"))
    if not 0 <= window <= MOST_MONTHS:
        found.append(("window", "window_long"))
    return (
        found + _over_time(numerator, denominator, roll_up, known) + _interval(numerator, denominator, scale, interval)
    )


def _terms(field: str, terms: Terms, known: Collection[str]) -> list[tuple[str, str]]:
    codes = []
    if set(terms) - set(known):
        codes.append("unknown_component")
    if any(factor == 0 for factor in terms.values()):
        codes.append("no_factor")
    return [(field, code) for code in codes]


def _over_time(numerator: Terms, denominator: Terms, roll_up: str, known: Mapping[str, bool]) -> list[tuple[str, str]]:
    """A stock is read last over time; what is counted is added up."""
    stocks = [known[code] for code in (*numerator, *denominator) if code in known]
    if roll_up == "last" and not all(stocks):
        return [("roll_up", "last_of_stocks")]
    if roll_up == "ratio" and not denominator and any(stocks):
        return [("roll_up", "stock_is_last")]
    return []


def _interval(numerator: Terms, denominator: Terms, scale: Decimal, interval: str) -> list[tuple[str, str]]:
    if interval == "wilson" and not denominator:
        return [("interval", "wilson_needs_share")]
    if interval == "adjusted_wald" and ((dict(numerator), dict(denominator)) != NPS or scale != HUNDRED):
        return [("interval", "wald_needs_nps")]
    return []
