"""What a score is worth: the band it reaches, capped, and what of an earlier malus it earns back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from .periods import add_months

CENT: Final = Decimal("0.01")
ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Scale:
    """`bands`: (from score, percent of the invoice). Caps are percent, 0 or more. `earn_back_months` 0: a malus stays."""

    bands: Sequence[tuple[Decimal, Decimal]]
    bonus_cap: Decimal
    malus_cap: Decimal
    earn_back_months: int = 0
    earn_back_score: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Malus:
    """What an earlier month cost and has not got back: `open` is 0 or more, in money."""

    month: date
    open: Decimal


def percent_of(score: Decimal | None, scale: Scale) -> Decimal:
    """Percent of the invoice for a score: of the highest band reached, within the caps. No score, or below every band: 0."""
    reached = [band for band in scale.bands if score is not None and band[0] <= score]
    if not reached:
        return ZERO
    percent = max(reached, key=lambda band: band[0])[1]
    return max(-scale.malus_cap, min(scale.bonus_cap, percent))


def amount_of(invoice: Decimal, percent: Decimal) -> Decimal:
    """Percent of an amount, in cents, half a cent away from zero."""
    return (invoice * percent / 100).quantize(CENT, ROUND_HALF_UP)


def earned_back(month: date, score: Decimal | None, scale: Scale, earlier: Sequence[Malus]) -> list[Malus]:
    """The maluses, with what each gets back now as `open`, that a month's score earns: those of the months within reach, oldest first."""
    if score is None or not scale.earn_back_months or scale.earn_back_score is None or score < scale.earn_back_score:
        return []
    since = add_months(month, -scale.earn_back_months)
    return [one for one in sorted(earlier, key=lambda one: one.month) if since <= one.month < month and one.open > 0]
