"""What a point of an agenda says in the reader's language."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from kpis.rules.periods import containing
from kpis.wording.periods import period_text
from portal.naming import in_language
from portal.ui.charts import formats


def exception_title(params: Mapping[str, Any]) -> str:
    """The KPI, the site where there is one, and the period."""
    kpi, site = _name(params.get("kpi")), _name(params.get("site"))
    period = _period(params)
    return " · ".join(part for part in (kpi, site, period) if part)


def exception_detail(params: Mapping[str, Any]) -> str:
    """The value against its target, and what the control chart says."""
    unit = str(params.get("unit") or "number")
    parts = []
    if params.get("value") is not None:
        value, target = _figure(params["value"], unit), params.get("target")
        if target is None:
            parts.append(value)
        else:
            parts.append(_("%(value)s, target %(target)s") % {"value": value, "target": _figure(target, unit)})
    if params.get("signals"):
        parts.append(_("a signal on the control chart"))
    return " · ".join(parts)


def _name(both: Any) -> str:
    return in_language(str(both.get("en", "")), str(both.get("zh", ""))) if isinstance(both, Mapping) else ""


def _period(params: Mapping[str, Any]) -> str:
    try:
        return period_text(containing(str(params["rhythm"]), date.fromisoformat(str(params["first_day"]))))
    except (KeyError, ValueError):
        return ""


def _figure(value: Any, unit: str) -> str:
    number = float(value)
    if unit == "percent":
        return formats.percent(number)
    return formats.clock(number) if unit == "seconds" else formats.plain(number)
