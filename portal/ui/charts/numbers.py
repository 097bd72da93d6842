"""Scales and ticks: from values to coordinates. Pure; nothing here ever yields NaN or infinity."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

#: Larger values are mistakes, and would lose digits on an axis.
LARGEST: Final = 1e15
#: What is nearer than this, relative to its size, counts as equal.
_ALIKE: Final = 1e-9
_TINY: Final = 1e-9
_PAD: Final = 0.06
_STEPS: Final = (1, 2, 5, 10)


def checked(value: float) -> float:
    """The value as a plain number; raises ValueError for NaN, infinity, and what is too large to be drawn."""
    try:
        number = float(value)
    except OverflowError as too_large:
        raise ValueError("A value is too large to be drawn.") from too_large
    if not abs(number) <= LARGEST:
        raise ValueError(f"A chart cannot show the value {number!r}; a gap is None.")
    return number


def checked_or_gap(value: float | None) -> float | None:
    """As `checked`; None stays a gap."""
    return None if value is None else checked(value)


def number(value: float) -> str:
    """A coordinate: one decimal at most, never `-0`."""
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


@dataclass(frozen=True, slots=True)
class Scale:
    """Maps `low`..`high` to the coordinates `start`..`end`."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """The coordinate of a value; values outside are drawn at the edge."""
        inside = min(max(value, self.low), self.high)
        return self.start + (inside - self.low) / (self.high - self.low) * (self.end - self.start)


def domain(values: Iterable[float], low: float | None = None, high: float | None = None) -> tuple[float, float]:
    """The range an axis covers: all values with some air, at least `low`..`high`; no air beyond a bound or across zero."""
    known = list(values)
    least, most = (min(known), max(known)) if known else (0.0, 1.0)
    least = least if low is None else min(least, low)
    most = most if high is None else max(most, high)
    if _alike(least, most):
        return _widened(least, most, low, high)
    air = (most - least) * _PAD
    below = least if least in {low, 0.0} else least - air
    above = most if most in {high, 0.0} else most + air
    return (max(below, 0.0) if least >= 0 else below), (min(above, 0.0) if most <= 0 else above)


def _alike(least: float, most: float) -> bool:
    return most - least <= max(_ALIKE * max(abs(least), abs(most)), _TINY)


def _widened(least: float, most: float, low: float | None, high: float | None) -> tuple[float, float]:
    """A range around what is as good as one value, not beyond a bound that the value reaches."""
    if max(abs(least), abs(most)) <= _TINY:
        return min(least, 0.0), 1.0
    air = abs(least) * 0.05
    below = least if least == low and most != high else least - air
    above = most if most == high and least != low else most + air
    return below, above


def tick_values(low: float, high: float, about: int = 5) -> tuple[float, ...]:
    """Round values within `low`..`high`, in steps of 1, 2 or 5 times a power of ten; about as many as asked."""
    raw = (high - low) / about
    power = math.floor(math.log10(raw))
    step = next(many for many in (times * 10.0**power for times in _STEPS) if many >= raw * (1 - _ALIKE))
    digits = max(0, -power)
    first, last = math.ceil(low / step - _ALIKE), math.floor(high / step + _ALIKE)
    return tuple(min(max(round(at * step, digits), low), high) + 0.0 for at in range(first, last + 1))


def ticks(low: float, high: float, form: Callable[[float], str], about: int = 5) -> tuple[tuple[float, str], ...]:
    """Ticks with their words. Where rounding would write one word at two ticks, fewer ticks are taken."""
    found: tuple[tuple[float, str], ...] = ()
    for many in range(about, 0, -1):
        found = tuple((value, form(value)) for value in tick_values(low, high, many))
        if len({text for _value, text in found}) == len(found):
            return found
    return found[:1]
