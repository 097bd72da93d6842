"""Signal or noise: XmR charts for one figure over time, funnel limits for many figures at once."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
from typing import Final

# 3 standard deviations, from the mean moving range of pairs (3 / 1.128) and the range's own upper limit (D4); source: Wheeler,
# "Understanding Variation".
LIMIT: Final = 2.66
RANGE_LIMIT: Final = 3.268
# With fewer values a limit says nothing.
FEWEST: Final = 6
OUTSIDE, NEAR, RUN = "outside", "near", "run"


@dataclass(frozen=True, slots=True)
class Segment:
    """The values from index `first` to `last`, both included, between two changes of the process. Limits in the figure's unit."""

    first: int
    last: int
    mean: float
    low: float
    high: float
    range_limit: float


@dataclass(frozen=True, slots=True)
class Signal:
    """`kind`: outside, near (3 of 4 nearer the limit than the mean) or run (8 on one side); `at`: the index that completes it.

    `members`: the indexes that make it; `above`: on which side of the mean.
    """

    kind: str
    at: int
    members: tuple[int, ...]
    above: bool


@dataclass(frozen=True, slots=True)
class Control:
    """Segments and signals of a row of values. Without limits (too few values) both are empty."""

    segments: tuple[Segment, ...]
    signals: tuple[Signal, ...]

    def signals_at(self, index: int) -> list[Signal]:
        """The signals that are complete at this value."""
        return [signal for signal in self.signals if signal.at == index]


def control_of(values: Sequence[float | None], unit: str, rebased: Collection[int] = ()) -> Control:
    """Limits and signals, with limits that do not go where a figure of the unit cannot."""
    known = [value for value in values if value is not None]
    floor = 0.0 if unit != "points" and min(known, default=0.0) >= 0 else None
    ceiling = 1.0 if unit == "percent" and max(known, default=0.0) <= 1 else None
    return xmr(values, rebased, floor=floor, ceiling=ceiling)


def xmr(
    values: Sequence[float | None],
    rebased: Collection[int] = (),
    *,
    floor: float | None = None,
    ceiling: float | None = None,
) -> Control:
    """Control limits and signals; None is a gap, over which no range is taken and no run is broken.

    `rebased`: indexes at which the process is known to have changed; limits are counted anew from there. `floor`, `ceiling`: values
    that the figure cannot pass (0 and 1 for a ratio); limits are cut there.
    """
    starts = [0, *sorted({index for index in rebased if 0 < index < len(values)})]
    segments, signals = [], []
    for first, following in pairwise([*starts, len(values)]):
        known = [(index, value) for index, value in enumerate(values[first:following], first) if value is not None]
        if len(known) < FEWEST:
            continue
        segment = _segment(known, first, following - 1, values, floor, ceiling)
        segments.append(segment)
        signals += _signals(known, segment)
    return Control(tuple(segments), tuple(sorted(signals, key=lambda one: (one.at, one.kind))))


def signals_in(values: Sequence[float | None], segment: Segment) -> list[Signal]:
    """The signals of these values against limits that others made."""
    return _signals([(index, value) for index, value in enumerate(values) if value is not None], segment)


def _segment(
    known: Sequence[tuple[int, float]], first: int, last: int, values: Sequence[float | None],
    floor: float | None, ceiling: float | None,
) -> Segment:  # fmt: skip
    mean = sum(value for _index, value in known) / len(known)
    pairs = [(a, b) for a, b in pairwise(values[first : last + 1]) if a is not None and b is not None]
    spread = sum(abs(b - a) for a, b in pairs) / len(pairs) if pairs else 0.0
    low, high = mean - LIMIT * spread, mean + LIMIT * spread
    return Segment(
        first, last, mean,
        low if floor is None else max(low, floor),
        high if ceiling is None else min(high, ceiling),
        RANGE_LIMIT * spread,
    )  # fmt: skip


def _signals(known: Sequence[tuple[int, float]], segment: Segment) -> list[Signal]:
    found = [
        Signal(OUTSIDE, index, (index,), value > segment.mean)
        for index, value in known
        if value > segment.high or value < segment.low
    ]
    return [*found, *_near(known, segment), *_runs(known, segment)]


def _near(known: Sequence[tuple[int, float]], segment: Segment) -> list[Signal]:
    """3 of 4 in a row nearer the same limit than the mean; told once, where it begins."""
    found: list[Signal] = []
    for above in (True, False):
        edge = (segment.mean + (segment.high if above else segment.low)) / 2
        marks = [value > edge if above else value < edge for _index, value in known]
        told = False
        for end in range(3, len(known)):
            window = slice(end - 3, end + 1)
            near = sum(marks[window]) >= 3
            if near and marks[end] and not told:
                members = tuple(
                    index for (index, _value), mark in zip(known[window], marks[window], strict=True) if mark
                )
                found.append(Signal(NEAR, known[end][0], members, above))
            told = near
    return found


def _runs(known: Sequence[tuple[int, float]], segment: Segment) -> list[Signal]:
    """8 or more in a row on one side of the mean; told once, at the eighth, with all that follow. A value on the mean ends a run."""
    found: list[Signal] = []
    run: list[int] = []
    side = 0
    for index, value in [*known, (-1, segment.mean)]:
        now = (value > segment.mean) - (value < segment.mean)
        if now != side or not now:
            if side and len(run) >= 8:
                found.append(Signal(RUN, run[7], tuple(run), side > 0))
            run, side = [], now
        run.append(index)
    return found


def funnel_limits(rate: float, n: float, z: float = 3.0) -> tuple[float, float]:
    """Where the share of a site with `n` contacts lies by chance alone around the share of all, as ratios 0..1. Raises ValueError for n <= 0.

    Normal approximation of the binomial, cut at 0 and 1; source: Spiegelhalter, "Funnel plots for comparing institutional performance" (2005).
    """
    if n <= 0 or not 0 <= rate <= 1:
        raise ValueError(f"no share: {rate} of {n}")
    half = z * sqrt(rate * (1 - rate) / n)
    return max(0.0, rate - half), min(1.0, rate + half)
