"""Rounded parts that still add up to their rounded sum."""

from collections.abc import Sequence
from fractions import Fraction
from math import floor


def rounded(parts: Sequence[Fraction], decimals: int) -> list[Fraction]:
    """Each part to so many decimals, so that together they are the sum, rounded; those next to the edge give way (largest remainder)."""
    unit = Fraction(10) ** -decimals
    lower = [floor(part / unit) for part in parts]
    whole = floor(sum(parts, Fraction(0)) / unit + Fraction(1, 2))
    left = whole - sum(lower)
    by_rest = sorted(range(len(parts)), key=lambda at: (lower[at] - parts[at] / unit, at))
    for at in by_rest[:left]:
        lower[at] += 1
    return [number * unit for number in lower]
