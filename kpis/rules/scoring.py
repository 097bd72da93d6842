"""What a figure scores against its line of the contract, and what the lines come to. Decimal throughout; nothing is rounded here."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from .formulas import Reading

ZERO, HUNDRED = Decimal(0), Decimal(100)
GREEN, AMBER, RED, NONE = "g", "a", "r", "n"
UP, DOWN, BAND = "up", "down", "band"
REDISTRIBUTE, CARRY = "redistribute", "carry"
# Why a verdict is what it is, where the value alone does not say it.
INTERVAL: Final = "interval"
SAMPLE: Final = "sample"


@dataclass(frozen=True, slots=True)
class Terms:
    """A line of a contract. Thresholds are in the KPI's unit (a percent as a ratio), `weight` in any unit that all lines share.

    Up and down: 0 at `red`, 100 at `target`, the cap at `stretch`. Band: 100 from `target` to `target_high`, 0 at `red` and `red_high`.
    """

    kpi: str
    weight: Decimal
    direction: str
    red: Decimal
    target: Decimal
    stretch: Decimal | None = None
    target_high: Decimal | None = None
    red_high: Decimal | None = None
    minimum_n: int = 0
    shortage: str = REDISTRIBUTE
    gate_cap: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """g, a, r or n, and why: "" (the value says it), interval, sample, or the reading's own reason."""

    rag: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class LineScore:
    """`weight`: after shares were handed out, as a ratio of all; `points`: what the line brings to the total. `carried`: from the period before."""

    terms: Terms
    reading: Reading
    verdict: Verdict
    score: Decimal | None
    weight: Decimal = ZERO
    points: Decimal | None = None
    carried: bool = False


@dataclass(frozen=True, slots=True)
class Total:
    """The weighted mean of the lines; None when none could be scored. `gated_by`: the KPI whose gate holds it down."""

    score: Decimal | None
    lines: tuple[LineScore, ...]
    gated_by: str | None = None


def is_short(terms: Terms, reading: Reading) -> bool:
    """Whether the sample is too small, or there is no figure at all."""
    return reading.value is None or (reading.n is not None and reading.n < terms.minimum_n)


def judge(terms: Terms, reading: Reading) -> Verdict:
    """Red only for a value beyond the red threshold with enough of a sample; amber while the interval holds the target."""
    if reading.value is None:
        return Verdict(NONE, reading.why)
    if is_short(terms, reading):
        return Verdict(NONE, SAMPLE)
    if _holds_target(terms, reading):
        return Verdict(AMBER, INTERVAL)
    if _reaches_target(terms, reading.value):
        return Verdict(GREEN)
    return Verdict(RED if _beyond_red(terms, reading.value) else AMBER)


def score_of(terms: Terms, value: Decimal, cap: Decimal) -> Decimal:
    """0 at red, 100 at target, `cap` at stretch (100 the most without one), linear between and never outside 0..cap."""
    if terms.direction == BAND:
        return _band_score(terms, value)
    if _reaches_target(terms, value):
        if terms.stretch is None:
            return HUNDRED
        share = (value - terms.target) / (terms.stretch - terms.target)
        return min(cap, HUNDRED + share * (cap - HUNDRED))
    return max(ZERO, HUNDRED * (value - terms.red) / (terms.target - terms.red))


def total(lines: Sequence[tuple[Terms, Reading]], cap: Decimal, previous: dict[str, Decimal] | None = None) -> Total:
    """Score every line and put them together.

    A line that is too small either counts with the score of the period before (`previous`, per KPI), or its weight goes to the others
    in proportion. A gate whose line is red caps the total at the lowest such cap.
    """
    scored = [_scored(terms, reading, cap, previous or {}) for terms, reading in lines]
    whole = sum((one.terms.weight for one in scored if one.score is not None), ZERO)
    if not whole:
        return Total(None, tuple(scored))
    weighed = tuple(_weighed(one, whole) for one in scored)
    mean = sum((one.points for one in weighed if one.points is not None), ZERO)
    shut = [one.terms for one in weighed if one.terms.gate_cap is not None and one.verdict.rag == RED]
    lowest = min(shut, key=lambda terms: terms.gate_cap or ZERO, default=None)
    if lowest is None or lowest.gate_cap is None or mean <= lowest.gate_cap:
        return Total(mean, weighed)
    return Total(lowest.gate_cap, weighed, lowest.kpi)


def _scored(terms: Terms, reading: Reading, cap: Decimal, previous: dict[str, Decimal]) -> LineScore:
    verdict = judge(terms, reading)
    if reading.value is None or verdict.rag == NONE:
        carried = previous.get(terms.kpi) if terms.shortage == CARRY else None
        return LineScore(terms, reading, verdict, carried, carried=carried is not None)
    return LineScore(terms, reading, verdict, score_of(terms, reading.value, cap))


def _weighed(line: LineScore, whole: Decimal) -> LineScore:
    if line.score is None:
        return line
    weight = line.terms.weight / whole
    return LineScore(
        line.terms, line.reading, line.verdict, line.score, weight, line.score * line.terms.weight / whole, line.carried
    )


def _holds_target(terms: Terms, reading: Reading) -> bool:
    if reading.low is None or reading.high is None:
        return False
    ends = [terms.target] if terms.direction != BAND else [terms.target, terms.target_high or terms.target]
    return any(reading.low < end < reading.high for end in ends)


def _reaches_target(terms: Terms, value: Decimal) -> bool:
    if terms.direction == BAND:
        return terms.target <= value <= (terms.target if terms.target_high is None else terms.target_high)
    return value >= terms.target if terms.direction == UP else value <= terms.target


def _beyond_red(terms: Terms, value: Decimal) -> bool:
    if terms.direction == UP:
        return value < terms.red
    if terms.direction == DOWN:
        return value > terms.red
    return value < terms.red or (terms.red_high is not None and value > terms.red_high)


def _band_score(terms: Terms, value: Decimal) -> Decimal:
    high = terms.target if terms.target_high is None else terms.target_high
    if terms.target <= value <= high:
        return HUNDRED
    if value < terms.target:
        return max(ZERO, HUNDRED * (value - terms.red) / (terms.target - terms.red))
    red = terms.red_high if terms.red_high is not None else high + (terms.target - terms.red)
    return max(ZERO, HUNDRED * (red - value) / (red - high))
