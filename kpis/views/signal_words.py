"""What a signal says, in one sentence."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ..choices import SignalKind
from ..rules.periods import Period, containing
from ..wording.periods import period_text

# How wide the longest bar is, in characters.
WIDTH = 12


def sentence(params: Mapping[str, Any]) -> str:
    """`Cebu: Service level is off target: 71.2% in Week 46, 2026 (target 80.0%)`, from what was kept of the signal."""
    words = {
        "site": named(params, "site"),
        "kpi": named(params, "kpi"),
        "value": params.get("value", ""),
        "target": params.get("target", ""),
        "period": period_text(_period(params)),
    }
    return _pattern(str(params.get("kind", "")), with_target=bool(words["target"])) % words


def _pattern(kind: str, *, with_target: bool) -> str:
    if kind == SignalKind.RED:
        if with_target:
            return _("%(site)s: %(kpi)s is off target: %(value)s in %(period)s (target %(target)s)")
        return _("%(site)s: %(kpi)s is off target: %(value)s in %(period)s")
    if kind == SignalKind.OUTSIDE:
        return _("%(site)s: %(kpi)s is outside its control limits: %(value)s in %(period)s")
    if kind == SignalKind.NEAR:
        return _("%(site)s: %(kpi)s has been near a control limit in 3 of 4 weeks: %(value)s in %(period)s")
    return _("%(site)s: %(kpi)s has been on one side of its mean for 8 weeks: %(value)s in %(period)s")


def named(params: Mapping[str, Any], what: str) -> str:
    """The name of a site or KPI that was kept with a notification, in the reader's language."""
    chinese = (get_language() or "").startswith("zh") and params.get(f"{what}_zh")
    return str(chinese or params.get(what, ""))


def _period(params: Mapping[str, Any]) -> Period:
    return containing(str(params.get("grain", "week")), date.fromisoformat(str(params["period"])))


def bars(values: list[float | None]) -> list[str]:
    """A bar of blocks for each value, the longest for the largest; empty for none, for 0 and below."""
    largest = max((value for value in values if value is not None), default=0.0)
    if largest <= 0:
        return [""] * len(values)
    return ["█" * max(0, round(WIDTH * value / largest)) if value is not None else "" for value in values]
