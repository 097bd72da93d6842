"""One KPI of one subject as a page shows it: value, verdict, difference, weeks, and how it was counted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.ui.marks import RAG

from ..models import Kpi
from ..rules import control
from ..rules.control import Control
from ..rules.formulas import Reading
from ..rules.scoring import INTERVAL, SAMPLE, LineScore, Terms
from ..rules.signals import value_of
from .asked import SPARK
from .hows import How
from .words.values import (
    count_text,
    difference_text,
    interval_text,
    spread_text,
    target_text,
    value_text,
)

MISSING = Reading(why="no_data")
# A rate of so few is no rate; where no contract says otherwise.
FEWEST = 30
# To the hour.
SECONDS = 3600
# Why there is no figure.
_WHY: Final = {
    "no_data": gettext_lazy("No figures in this period"),
    "not_measured": gettext_lazy("Not measured here"),
    "zero_denominator": gettext_lazy("Nothing to divide by"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """`line` is None without a contract. `trend`: a reading per week, oldest first. `how`: the formulas that made it, in their order."""

    kpi: Kpi
    reading: Reading
    before: Reading | None = None
    line: LineScore | None = None
    trend: Sequence[Reading | None] = ()
    how: Sequence[How] = ()
    url: str = ""

    @property
    def value(self) -> str:
        """The figure; a dash where there is none, or where the contract says that it is too small a sample."""
        return value_text(None if self.is_short else self.reading.value, self.kpi.unit, self.kpi.decimals)

    @property
    def is_short(self) -> bool:
        """Whether the sample is too small to be shown as a rate."""
        reading = self.reading
        if self.line is not None:
            return self.line.verdict.why == SAMPLE
        return reading.n is not None and reading.denominator is not None and bool(self.is_sample) and reading.n < FEWEST

    @property
    def is_sample(self) -> bool:
        """Whether what it counts are contacts, answers and the like, so that few of them say little."""
        return self.kpi.unit in {"percent", "points"} and self.reading.low is not None

    @property
    def rag(self) -> str:
        """g, a, r or n; empty without a contract."""
        return self.line.verdict.rag if self.line else ""

    @property
    def verdict(self) -> str:
        """The verdict in words, and why where the value does not say it."""
        return verdict_text(self.line, self.kpi) if self.line else ""

    @property
    def spread(self) -> str:
        """`± 6`."""
        return "" if self.is_short else spread_text(self.reading, self.kpi.unit, self.kpi.decimals)

    @property
    def interval(self) -> str:
        """From where to where."""
        return interval_text(self.reading, self.kpi.unit, self.kpi.decimals)

    @property
    def n(self) -> str:
        """The sample, in hours where seconds are counted; empty where nothing is."""
        if self.reading.n is None or (self.reading.denominator is None and not self.reading.n):
            return ""
        if self.how and self.how[-1].seconds:
            return _("%(n)s h") % {"n": count_text(round(self.reading.n / SECONDS))}
        return count_text(self.reading.n)

    @property
    def difference(self) -> str:
        """Against the comparison; a dash where either is missing."""
        before = self.before.value if self.before else None
        return difference_text(None if self.is_short else self.reading.value, before, self.kpi.unit, self.kpi.decimals)

    @property
    def icon(self) -> str:
        """The verdict's shape."""
        return f"rag-{self.rag}"

    @property
    def small(self) -> str:
        """Below the value: why there is none, else interval and difference."""
        if self.reading.value is None:
            return self.why
        if self.is_short:
            return f"n = {self.n}"
        return ", ".join(part for part in (self.spread, self.difference) if part)

    @property
    def earlier(self) -> str:
        """What it is compared with."""
        return value_text(self.before.value if self.before else None, self.kpi.unit, self.kpi.decimals)

    @property
    def target(self) -> str:
        """What the contract asks for."""
        return target_text(self.line.terms, self.kpi.unit, self.kpi.decimals) if self.line else ""

    @property
    def aim(self) -> float | None:
        """The target as a number, for charts."""
        return float(self.line.terms.target) if self.line else None

    @property
    def weight(self) -> str:
        """The weight in the contract."""
        return f"{self.line.terms.weight.normalize():f}%" if self.line else ""

    @property
    def score(self) -> str:
        """0 to the cap."""
        return f"{self.line.score:.0f}" if self.line and self.line.score is not None else "–"

    @property
    def points(self) -> str:
        """What it brings to the total."""
        return f"{self.line.points:.1f}" if self.line and self.line.points is not None else "–"

    @property
    def numerator(self) -> str:
        """The numerator, before the scale."""
        return count_text(self.reading.numerator)

    @property
    def denominator(self) -> str:
        """The denominator; empty when the numerator is the figure."""
        return "" if self.reading.denominator is None else count_text(self.reading.denominator)

    @property
    def versions(self) -> str:
        """The formulas that made it: `1`, or `1, 2` over a change."""
        return ", ".join(map(str, self.reading.versions))

    @property
    def why(self) -> str:
        """Why there is no figure."""
        return str(_WHY.get(self.reading.why, ""))

    @property
    def weeks(self) -> list[float | None]:
        """The last weeks for a sparkline."""
        return self.values[-SPARK:]

    @property
    def values(self) -> list[float | None]:
        """Its weeks as numbers; a week with fewer than the contract asks for is a gap, so that chance gives no signal."""
        return values_of(self.trend, self.line.terms.minimum_n if self.line else 0)

    @property
    def control(self) -> Control:
        """Limits and signals of its weeks."""
        return control_of(self.values, self.kpi)


def values_of(trend: Sequence[Reading | None], minimum_n: int = 0) -> list[float | None]:
    """Readings as numbers for a chart; None is a gap."""
    return [None if one is None else value_of(one, minimum_n) for one in trend]


def control_of(values: Sequence[float | None], kpi: Kpi, rebased: Sequence[int] = ()) -> Control:
    """Control limits that do not go where the figure cannot."""
    return control.control_of(values, kpi.unit, rebased)


def verdict_text(line: LineScore, kpi: Kpi) -> str:
    """`On target`, `Watch: the interval holds 45`, `n = 22, needs 30`."""
    verdict, terms = line.verdict, line.terms
    if verdict.why == INTERVAL:
        return _("Watch: the interval holds %(target)s") % {"target": _nearest(terms, kpi)}
    if verdict.why == SAMPLE:
        return _("n = %(n)s, needs %(least)s") % {"n": line.reading.n, "least": terms.minimum_n}
    return str(RAG[verdict.rag])


def _nearest(terms: Terms, kpi: Kpi) -> str:
    return value_text(terms.target, kpi.unit, kpi.decimals)


def entry_of(kpi: Kpi, readings: Mapping[str, Reading], **more: Any) -> Entry:
    """An entry of a row of readings."""
    return Entry(kpi, readings.get(kpi.code, MISSING), **more)
