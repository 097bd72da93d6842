"""Which signals a site's KPI gives in a period. Nothing is a signal whose sample is too small."""

from collections.abc import Collection, Iterable, Sequence

from .control import Control, control_of
from .formulas import Reading
from .scoring import RED, Terms, judge


def crossed(now: tuple[Terms, Reading] | None, before: tuple[Terms, Reading] | None) -> bool:
    """Whether a figure is off target that was not so in the period before; each with the terms that judge its period."""
    return _is_red(now) and not _is_red(before)


def appeared(weeks: Sequence[Reading], unit: str, minimum_n: int, rebased: Collection[int]) -> list[str]:
    """The kinds of control signals that the last of these weeks completes. A week with fewer than `minimum_n` is a gap.

    `rebased`: indexes from which limits are counted anew.
    """
    found = limits_of(weeks, unit, minimum_n, rebased).signals_at(len(weeks) - 1)
    return list(dict.fromkeys(signal.kind for signal in found))


def limits_of(weeks: Sequence[Reading | None], unit: str, minimum_n: int = 0, rebased: Collection[int] = ()) -> Control:
    """Control limits and signals of weeks; a week without a figure, or with fewer than `minimum_n`, is a gap.

    A figure that rolls over months has none: its weeks share most of their days, so they hardly differ and every rule would mislead.
    """
    if rolling_months(weeks):
        return Control((), ())
    return control_of([None if one is None else value_of(one, minimum_n) for one in weeks], unit, rebased)


def rolling_months(weeks: Iterable[Reading | None]) -> int:
    """Over how many months the figure of these weeks rolls, 0 if it does not."""
    return max((one.window for one in weeks if one is not None), default=0)


def value_of(reading: Reading, minimum_n: int) -> float | None:
    """The value, None when there is none or too few stand behind it."""
    if reading.value is None or (reading.n is not None and reading.n < minimum_n):
        return None
    return float(reading.value)


def _is_red(judged: tuple[Terms, Reading] | None) -> bool:
    return judged is not None and judge(*judged).rag == RED
