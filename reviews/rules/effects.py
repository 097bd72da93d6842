"""Whether a control chart shows that an action worked. Pure: no Django, no database."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from kpis.rules.control import FEWEST, Segment, Signal, control_of, signals_in

#: Weeks before completion that make the limits, and weeks after it without which nothing is said.
WEEKS_BEFORE: Final = 12
WEEKS_AFTER: Final = 4
SEEN, NOT_SEEN, TOO_EARLY, UNTOLD = "seen", "not_seen", "too_early", "untold"


@dataclass(frozen=True, slots=True)
class Effect:
    """`why`: shift, chance, other_side, few_before, few_after or rolling; `segment`: the limits of the weeks before, by which those after are judged.

    `signals`: of the weeks after, their indexes counted from the first of these. Means are in the figure's unit, None without a figure.
    """

    verdict: str
    why: str
    mean_before: float | None = None
    mean_after: float | None = None
    segment: Segment | None = None
    signals: tuple[Signal, ...] = ()


def effect(
    before: Sequence[float | None], after: Sequence[float | None], *, above: bool | None, unit: str, rolling: bool = False
) -> Effect:  # fmt: skip
    """What the weeks after completion say against the limits of those before. `above`: the side that was hoped for; None: either.

    `rolling`: the figure rolls over months, so that weeks before and after share most of their days and say nothing.
    """
    last = list(before)[-WEEKS_BEFORE:]
    known = [value for value in after if value is not None]
    means = _mean([value for value in last if value is not None]), _mean(known)
    if rolling:
        return Effect(UNTOLD, "rolling", *means)
    if sum(value is not None for value in last) < FEWEST:
        return Effect(TOO_EARLY, "few_before", *means)
    segment = control_of(last, unit).segments[0]
    signals = tuple(signals_in(after, segment))
    if len(known) < WEEKS_AFTER:
        return Effect(TOO_EARLY, "few_after", *means, segment, signals)
    if any(above is None or signal.above == above for signal in signals):
        return Effect(SEEN, "shift", *means, segment, signals)
    return Effect(NOT_SEEN, "other_side" if signals else "chance", *means, segment, signals)


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
