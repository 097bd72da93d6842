"""Why a figure moved: what volume, mix and rate did, part by part. The parts add up to the difference exactly."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

type Key = str | int | tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One site, programme or queue: what its share of the volume (`mix`) and its own rate (`rate`) added to the difference.

    In the figure's unit; exact fractions. `before` and `after` are (numerator, denominator).
    """

    key: Key
    mix: Fraction
    rate: Fraction
    before: tuple[Fraction, Fraction]
    after: tuple[Fraction, Fraction]

    @property
    def effect(self) -> Fraction:
        """Both together."""
        return self.mix + self.rate


@dataclass(frozen=True, slots=True)
class Moved:
    """From `before` to `after`. For a ratio, volume by itself moves nothing: `volume` is told as growth of the denominator, a ratio.

    For a plain sum (no denominator) every part's difference is its `rate`, and mix is 0.
    """

    before: Fraction
    after: Fraction
    volume: Fraction | None
    parts: tuple[Part, ...]

    @property
    def difference(self) -> Fraction:
        """What the parts add up to."""
        return self.after - self.before


def ratio_moved(
    before: Mapping[Key, tuple[Decimal, Decimal]],
    after: Mapping[Key, tuple[Decimal, Decimal]],
    scale: Decimal = Decimal(1),
) -> Moved | None:
    """Split the difference of sum(numerators) / sum(denominators) into mix and rate per part.

    With w the share of the denominator and r the rate of a part, 0 before and 1 after, and R0 the whole before:
    mix = (w1 - w0) x ((r0 + r1) / 2 - (R0 + R1) / 2), rate = (w0 + w1) / 2 x (r1 - r0). The sum over parts is R1 - R0, since the shares add up
    to 1 both times. A part that is new or gone has one rate only; it is taken for both, so that all it does is mix.
    None when either whole has a denominator of 0.
    """
    old, new = _exact(before, scale), _exact(after, scale)
    whole_old, whole_new = _whole(old), _whole(new)
    if whole_old[1] <= 0 or whole_new[1] <= 0:
        return None
    start, end = whole_old[0] / whole_old[1], whole_new[0] / whole_new[1]
    middle = (start + end) / 2
    parts = []
    for key in _keys(old, new):
        one, other = old.get(key, (Fraction(0), Fraction(0))), new.get(key, (Fraction(0), Fraction(0)))
        parts.append(_part(key, one, other, whole_old[1], whole_new[1], middle))
    return Moved(start, end, whole_new[1] / whole_old[1] - 1, tuple(parts))


def sum_moved(before: Mapping[Key, Decimal], after: Mapping[Key, Decimal], scale: Decimal = Decimal(1)) -> Moved:
    """Split the difference of a plain sum: every part moved it by its own difference."""
    zero, one = Fraction(0), Fraction(1)
    old = {key: Fraction(value) * Fraction(scale) for key, value in before.items()}
    new = {key: Fraction(value) * Fraction(scale) for key, value in after.items()}
    parts = tuple(
        Part(key, zero, new.get(key, zero) - old.get(key, zero), (old.get(key, zero), one), (new.get(key, zero), one))
        for key in _keys(old, new)
    )
    return Moved(sum(old.values(), zero), sum(new.values(), zero), None, parts)


def largest(parts: Sequence[Part], count: int) -> tuple[list[Part], Fraction]:
    """The parts that moved it most, and what all others did together."""
    ranked = sorted(parts, key=lambda part: (-abs(part.effect), str(part.key)))
    return ranked[:count], sum((part.effect for part in ranked[count:]), Fraction(0))


def _part(
    key: Key, one: tuple[Fraction, Fraction], other: tuple[Fraction, Fraction], base_old: Fraction, base_new: Fraction,
    middle: Fraction,
) -> Part:  # fmt: skip
    share_old, share_new = one[1] / base_old, other[1] / base_new
    contributed = other[0] / base_new - one[0] / base_old
    if one[1] and other[1]:
        rate_old, rate_new = one[0] / one[1], other[0] / other[1]
        mix = (share_new - share_old) * ((rate_old + rate_new) / 2 - middle)
        rate = (share_old + share_new) / 2 * (rate_new - rate_old)
        return Part(key, mix, rate, one, other)
    # Here or there it had no volume: its contribution, less what that share would bring at the average rate.
    return Part(key, contributed - (share_new - share_old) * middle, Fraction(0), one, other)


def _exact(rows: Mapping[Key, tuple[Decimal, Decimal]], scale: Decimal) -> dict[Key, tuple[Fraction, Fraction]]:
    return {key: (Fraction(top) * Fraction(scale), Fraction(bottom)) for key, (top, bottom) in rows.items()}


def _whole(rows: Mapping[Key, tuple[Fraction, Fraction]]) -> tuple[Fraction, Fraction]:
    zero = Fraction(0)
    return sum((top for top, _ in rows.values()), zero), sum((bottom for _, bottom in rows.values()), zero)


def _keys(old: Mapping[Key, object], new: Mapping[Key, object]) -> list[Key]:
    return sorted({*old, *new}, key=str)
