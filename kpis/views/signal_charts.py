"""The chart behind a signal, the same on its page and in the mail: the weeks up to it with limits, target and what was noted."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from portal.accounts.rules import SYSTEM
from portal.notifications.registry import Picture
from portal.ui.charts.pictures import png_of, width_of
from portal.ui.templatetags.charts import chart_picture

from ..access.subjects import Subject
from ..models import AlertEvent
from ..queries.contracts import Card
from ..queries.signals import period_of, smallest_samples, weekly, weeks_until
from ..queries.sums import Scope
from ..rules.formulas import Reading
from ..rules.periods import Period
from ..rules.scoring import LineScore, judge
from ..rules.signals import value_of
from .asked import WEEKS, Asked
from .control import Drawn, drawn
from .entries import Entry
from .noted import noted_of


@dataclass(frozen=True, slots=True)
class Behind:
    """The weeks up to a signal with their readings, the signal's own the last."""

    event: AlertEvent
    card: Card | None
    weeks: Sequence[Period]
    readings: Sequence[Reading]


@dataclass(frozen=True, slots=True)
class Shown:
    """A chart as a mail shows it: the picture, its width on the screen, and what it says to whoever does not see it."""

    picture: Picture
    width: int
    text: str


def behind(event: AlertEvent, card: Card | None) -> Behind:
    """Read them. The event has its site and KPI at hand."""
    weeks = weeks_until(event, WEEKS)
    return Behind(
        event, card, weeks, weekly(event.site_id, [event.kpi], weeks, card.pins if card else None)[event.kpi.code]
    )


def chart_of(found: Behind, scorecard: str) -> Drawn:
    """The chart in the reader's language. Points lead to their weeks on the scorecard; weeks of too small a sample are gaps."""
    event, kpi = found.event, found.event.kpi
    fewest = smallest_samples([kpi], found.card, found.weeks[-1].last)[kpi.pk]
    trend = [one if value_of(one, fewest) is not None else None for one in found.readings]
    terms = found.card.line_of(kpi.code) if found.card else None
    last = found.readings[-1]
    line = LineScore(terms, last, judge(terms, last), None) if terms else None
    made = drawn(
        Entry(kpi, last, line=line, trend=trend), found.weeks,
        noted_of(SYSTEM, _place(event), kpi, found.weeks), Asked(period=period_of(event), kpi=kpi.code),
    )  # fmt: skip
    points = tuple(replace(point, href=f"{scorecard}{point.href}") for point in made.chart.points)
    return replace(made, chart=replace(made.chart, points=points))


def shown(found: Behind) -> Shown:
    """The chart as a picture, half a page wide, so that it can be read on a phone too."""
    made = chart_of(found, "")
    svg = str(chart_picture(replace(made.chart, wide=False), f"signal{found.event.pk}"))
    return Shown(Picture(f"signal{found.event.pk}", png_of(svg)), width_of(svg), made.reading)


def _place(event: AlertEvent) -> Subject:
    site = event.site
    return Subject("site", site.code, site.label, Scope(frozenset({site.pk})), (site,), site=site)
