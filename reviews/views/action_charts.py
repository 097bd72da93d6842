"""What an action changed: its KPI before and after on a control chart, with a plain verdict."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from kpis.rules.control import RANGE_LIMIT
from kpis.views.words.signals import label_of
from kpis.wording.periods import week_text
from kpis.wording.values import value_text
from portal.ui.charts import Axis, Mark, Point, Segment, XmrChart

from ..choices import Verdict
from ..models import Action
from ..queries.effects import Measured
from ..wording.actions import EFFECTS

TONES = {Verdict.SEEN: "green", Verdict.NOT_SEEN: "amber", Verdict.TOO_EARLY: "", Verdict.UNTOLD: ""}


@dataclass(frozen=True, slots=True)
class Drawn:
    """`verdict` in two words with its `tone`, `why` in a sentence, the means before and after."""

    chart: XmrChart
    verdict: str
    tone: str
    why: str
    before: str
    after: str


def drawn(action: Action, shown: Measured) -> Drawn:
    """The weeks with the limits of those before, under which all of them stand, and the week of completion marked."""
    kpi, found = action.kpi, shown.effect
    assert kpi is not None
    verdict = Verdict(found.verdict)
    why = str(EFFECTS[found.why])
    unit, decimals = kpi.unit, kpi.decimals

    def form(value: float | None) -> str:
        return value_text(value, unit, decimals)

    signals = {shown.at + 1 + at: label_of(one) for one in found.signals for at in (one.at,)}
    limits = found.segment
    chart = XmrChart(
        title=_("%(kpi)s by week, before and after") % {"kpi": kpi.label},
        description=f"{verdict.label}. {why}",
        axis=Axis(form=form),
        points=tuple(
            Point(week_text(week.first), value, signal=signals.get(at, ""))
            for at, (week, value) in enumerate(zip(shown.weeks, shown.values, strict=True))
        ),
        segments=(
            Segment(0, len(shown.weeks), limits.mean, limits.low, limits.high, limits.range_limit / RANGE_LIMIT, limits.range_limit),
        ) if limits else (),
        marks=(Mark(shown.at, _("Done")),),
        along=pgettext("period", "Week"),
    )  # fmt: skip
    return Drawn(chart, str(verdict.label), TONES[verdict], why, form(found.mean_before), form(found.mean_after))
