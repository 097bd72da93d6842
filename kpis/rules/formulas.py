"""What a figure is: a linear numerator over a linear denominator of additive components, put together once, at reading time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from .intervals import adjusted_wald, wilson

type Sums = Mapping[str, Decimal | None]
type Terms = Mapping[str, Decimal]

ZERO: Final = Decimal(0)
ONE: Final = Decimal(1)


@dataclass(frozen=True, slots=True)
class Formula:
    """scale x numerator / denominator; an empty denominator means that the numerator is the figure.

    `interval`: "none", "wilson" (a proportion, 95 %) or "adjusted_wald" (NPS, 95 %). `sample`: the component that counts n, or empty: the
    denominator does. `stock`: read last over time, so of several parts of a period the last one counts. `window`: months that it rolls
    over, 0 for the period itself; `settling`: days after which a day's figure changes no more.
    """

    numerator: Terms
    denominator: Terms
    scale: Decimal = Decimal(1)
    interval: str = "none"
    sample: str = ""
    version: int = 1
    stock: bool = False
    window: int = 0
    settling: int = 0

    components: frozenset[str] = field(init=False, repr=False, compare=False)
    """Every component that the figure needs."""

    def __post_init__(self) -> None:
        of_interval = ("promoters", "detractors") if self.interval == "adjusted_wald" else ()
        object.__setattr__(
            self, "components", frozenset({*self.numerator, *self.denominator, *of_interval, self.sample} - {""})
        )


class Reading(NamedTuple):
    """A figure with what it was made of. `value`, `low`, `high` are in the KPI's unit; a percent is a ratio.

    `value` is None where there is none, and `why` says why: no_data, not_measured, zero_denominator. `window`: the months it rolls over,
    0 for none; `days`: over how many, where there are figures of a part of the window only. `closes`: the last day on which it may still
    change by its formula, None where it does not.
    """

    value: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    n: int | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    versions: tuple[int, ...] = ()
    why: str = ""
    window: int = 0
    days: int | None = None
    closes: date | None = None

    def is_provisional(self, today: date) -> bool:
        """Whether a figure may still change by its own formula: repeats of the last days are not all known yet."""
        return self.value is not None and self.closes is not None and today <= self.closes


def evaluate(formula: Formula, sums: Sums) -> Reading:
    """The figure of one formula over one set of sums."""
    return evaluate_parts([(formula, sums)])


def evaluate_parts(parts: Sequence[tuple[Formula, Sums]], *, bounds: bool = True) -> Reading:
    """The figure of a period in which several versions were in force: numerators and denominators are added, then divided once.

    Scale, interval and unit are those of the last part, so parts are given in order of time. Sums may hold more than a formula needs.
    `bounds`: also the interval; a point of a long row does without.
    """
    measured = [(formula, sums) for formula, sums in parts if is_measured(formula, sums)]
    if not measured:
        return Reading(why="no_data")
    last = measured[-1][0]
    if last.stock:
        measured = measured[-1:]
    versions = (last.version,) if len(measured) == 1 else tuple(dict.fromkeys(one.version for one, _sums in measured))
    top = _added([combine(formula.numerator, sums, formula.scale) for formula, sums in measured])
    if top is None:
        return Reading(versions=versions, why="not_measured")
    if not last.denominator:
        return Reading(value=top, numerator=top, n=_sample(measured), versions=versions)
    bottom = _added([combine(formula.denominator, sums) for formula, sums in measured])
    if bottom is None:
        return Reading(numerator=top / last.scale, versions=versions, why="not_measured")
    samples = [one.sample for one, _sums in measured]
    n = _sample(measured) if any(samples) else int(bottom)
    plain = top if last.scale == ONE else top / last.scale
    if bottom <= 0:
        return Reading(numerator=plain, denominator=bottom, n=n, versions=versions, why="zero_denominator")
    value = top / bottom
    low, high = _interval(last, measured, plain, bottom, value) if bounds else (None, None)
    return Reading(value, plain, bottom, n, low, high, versions)


def evaluate_rows[K](formula: Formula, rows: Mapping[K, Sums], *, bounds: bool = True) -> dict[K, Reading]:
    """`evaluate` over many sums, by their keys; `bounds` as in `evaluate_parts`.

    A page asks for thousands, nearly all of them a whole numerator over a whole denominator. These are put together here, others as ever.
    """
    scale, sample, versions = formula.scale, formula.sample, (formula.version,)
    found: dict[K, Reading] = {}
    for key, sums in rows.items():
        top, bottom = combine(formula.numerator, sums, scale), combine(formula.denominator, sums)
        counted = sums.get(sample) if sample else bottom
        if top is None or bottom is None or counted is None or bottom <= ZERO:
            found[key] = evaluate_parts([(formula, sums)], bounds=bounds)
            continue
        value, plain = top / bottom, top if scale == ONE else top / scale
        low, high = _interval(formula, [(formula, sums)], plain, bottom, value) if bounds else (None, None)
        found[key] = Reading(value, plain, bottom, int(counted), low, high, versions)
    return found


def is_measured(formula: Formula, sums: Sums) -> bool:
    """Whether anything that the formula needs was measured."""
    # A list: a page asks this of thousands, and a generator takes longer than what it looks up.
    return bool([code for code in formula.components if sums.get(code) is not None])


def combine(terms: Terms, sums: Sums, scale: Decimal = ONE) -> Decimal | None:
    """Factor times component, added up; None when any of them was not measured."""
    total = ZERO
    for code, factor in terms.items():
        value = sums.get(code)
        if value is None:
            return None
        total += factor * value
    return total if scale is ONE else total * scale


def _added(parts: Sequence[Decimal | None]) -> Decimal | None:
    """The sum of what was measured; None when nothing was."""
    if len(parts) == 1:
        return None if parts[0] is None else ZERO + parts[0]
    known = [part for part in parts if part is not None]
    return sum(known, ZERO) if known else None


def _sample(parts: Sequence[tuple[Formula, Sums]]) -> int | None:
    counts = [
        sums.get(formula.sample) if formula.sample else combine(formula.denominator, sums) for formula, sums in parts
    ]
    total = _added(counts)
    return None if total is None else int(total)


def _interval(
    formula: Formula, parts: Sequence[tuple[Formula, Sums]], top: Decimal, bottom: Decimal, value: Decimal
) -> tuple[Decimal | None, Decimal | None]:
    if formula.interval == "wilson" and ZERO <= top <= bottom:
        low, high = wilson(float(top), float(bottom))
        return Decimal(repr(low)) * formula.scale, Decimal(repr(high)) * formula.scale
    if formula.interval == "adjusted_wald":
        promoters = _added([sums.get("promoters") for _formula, sums in parts])
        detractors = _added([sums.get("detractors") for _formula, sums in parts])
        if promoters is not None and detractors is not None:
            _centre, low, high = adjusted_wald(float(promoters), float(detractors), float(bottom))
            return Decimal(repr(low)), Decimal(repr(high))
    return None, None
