"""One KPI of one subject as a page shows it: value, verdict, difference, weeks, and how it was counted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.audit.wording import joined
from portal.ui.marks import RAG

from ..models import Kpi
from ..rules.control import Control
from ..rules.formulas import Reading
from ..rules.samples import least
from ..rules.scoring import INTERVAL, SAMPLE, LineScore, Terms
from ..rules.signals import limits_of, value_of
from ..wording.periods import day_text
from ..wording.values import (
    count_text,
    difference_text,
    interval_text,
    over_text,
    spread_text,
    target_text,
    value_text,
)
from .asked import SPARK
from .hows import How

MISSING = Reading(why="no_data")
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
    """`line` is None without a contract. `trend`: a reading per week, oldest first. `how`: the formulas that made it, in their order.

    `today`: the day at its site, by which it may be provisional.
    """

    kpi: Kpi
    reading: Reading
    before: Reading | None = None
    line: LineScore | None = None
    trend: Sequence[Reading | None] = ()
    how: Sequence[How] = ()
    url: str = ""
    today: date | None = None

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
        counts = reading.denominator is not None or bool(self._minimum_n)
        return reading.value is not None and reading.n is not None and counts and reading.n < self.least

    @property
    def least(self) -> int:
        """The smallest sample that is shown as a figure."""
        return least(self.line.terms if self.line else None, self._minimum_n, sampled=self.is_sample)

    @property
    def _minimum_n(self) -> int:
        return self.how[-1].minimum_n if self.how else 0

    @property
    def is_sample(self) -> bool:
        """Whether what it counts are contacts, answers and the like, so that few of them say little."""
        bounded = self.how[-1].bounded if self.how else self.reading.low is not None
        return self.kpi.unit in {"percent", "points"} and bounded

    @property
    def rag(self) -> str:
        """g, a, r or n; empty without a contract."""
        return self.line.verdict.rag if self.line else ""

    @property
    def verdict(self) -> str:
        """The verdict in words, and why where the value does not say it; without a contract only that the sample is too small."""
        if self.line:
            return verdict_text(self.line, self.kpi)
        return short_text(self.reading, self.least) if self.is_short else ""

    @property
    def provisional(self) -> str:
        """`provisional`, while its own formula may still change it; else empty."""
        return _("provisional") if self.reading.is_provisional(self.today or timezone.localdate()) else ""

    @property
    def settles(self) -> str:
        """Until when it may still change; empty where it does not any more."""
        return day_text(self.reading.closes) if self.provisional and self.reading.closes else ""

    @property
    def over(self) -> str:
        """`over 20 days`: how many there are, where its window has more."""
        return over_text(self.reading.days)

    @property
    def sample(self) -> str:
        """`n = 4,000, over 20 days`; empty where neither is known."""
        return joined(f"n = {self.n}" if self.n else "", self.over)

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
        parts = (f"n = {self.n}",) if self.is_short else (self.spread, self.difference)
        return joined(*parts, self.over, self.provisional)

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
        """Its weeks as numbers; a week of too small a sample is a gap, so that chance gives no signal."""
        return values_of(self.trend, self.least)

    @property
    def control(self) -> Control:
        """Limits and signals of its weeks."""
        return self.control_from(())

    def control_from(self, rebased: Sequence[int]) -> Control:
        """The same, counted anew from each of these weeks."""
        return limits_of(self.trend, self.kpi.unit, self.least, rebased)


def values_of(trend: Sequence[Reading | None], minimum_n: int = 0) -> list[float | None]:
    """Readings as numbers for a chart; None is a gap."""
    return [None if one is None else value_of(one, minimum_n) for one in trend]


def verdict_text(line: LineScore, kpi: Kpi) -> str:
    """`On target`, `Watch: the interval holds 45`, `n = 22, needs 30`."""
    verdict, terms = line.verdict, line.terms
    if verdict.why == INTERVAL:
        return _("Watch: the interval holds %(target)s") % {"target": _nearest(terms, kpi)}
    if verdict.why == SAMPLE:
        return short_text(line.reading, terms.minimum_n)
    return str(RAG[verdict.rag])


def short_text(reading: Reading, fewest: int) -> str:
    """`n = 22, needs 30`."""
    return _("n = %(n)s, needs %(least)s") % {"n": reading.n, "least": fewest}


def _nearest(terms: Terms, kpi: Kpi) -> str:
    return value_text(terms.target, kpi.unit, kpi.decimals)


def entry_of(kpi: Kpi, readings: Mapping[str, Reading], **more: Any) -> Entry:
    """An entry of a row of readings."""
    return Entry(kpi, readings.get(kpi.code, MISSING), **more)
