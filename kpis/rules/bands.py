"""Where others stand, without telling any of them: every figure is a mean of three or more. Pure: no Django, no database."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from .scoring import BAND, DOWN

# Fewer others than this could be told apart.
FEWEST: Final = 5
AHEAD, AMONG, BEHIND, ABOVE, BELOW = "ahead", "among", "behind", "above", "below"


@dataclass(frozen=True, slots=True)
class Band:
    """The middle half of the others, from `low` to `high`, and their `middle`. The lowest and the highest are never shown."""

    low: Decimal
    middle: Decimal
    high: Decimal


def band_of(values: Sequence[Decimal]) -> Band | None:
    """The band of these values; None when they are too few, or so alike that it would tell what each of them is."""
    ordered, count = sorted(values), len(values)
    if count < FEWEST:
        return None
    quarter = round((count - 1) / 4)
    low, high = ordered[quarter - 1 : quarter + 2], ordered[count - quarter - 2 : count - quarter + 1]
    band = Band(_mean(low), _mean(ordered[(count - 3) // 2 : count // 2 + 2]), _mean(high))
    return None if band.low == band.high else band


def standing(value: Decimal, band: Band, direction: str) -> str:
    """Where a value lies against the band: ahead, among or behind; above or below where neither is better."""
    if band.low <= value <= band.high:
        return AMONG
    over = value > band.high
    if direction == BAND:
        return ABOVE if over else BELOW
    return AHEAD if over != (direction == DOWN) else BEHIND


def _mean(values: Sequence[Decimal]) -> Decimal:
    return sum(values, Decimal(0)) / len(values)
