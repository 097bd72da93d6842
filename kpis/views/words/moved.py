"""Why a figure moved, in a sentence."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from ...models import Kpi
from ...rules.decomposition import Moved, Part, largest
from .values import step_text, value_text


def share_text(share: Fraction) -> str:
    """A ratio as a percentage: `24%`."""
    return value_text(float(share), "percent", 1)


def sentence(kpi: Kpi, moved: Moved, names: Mapping[Any, str]) -> str:
    """By how much it moved, which part did most, whether through its own rate or its share, and how volume changed."""
    form = {
        "kpi": kpi.label, "before": value_text(float(moved.before), kpi.unit, kpi.decimals),
        "after": value_text(float(moved.after), kpi.unit, kpi.decimals),
    }  # fmt: skip
    if not moved.difference or not moved.parts:
        return _("%(kpi)s stayed at %(after)s.") % form
    rose = moved.difference > 0
    said = (
        _("%(kpi)s rose from %(before)s to %(after)s.") if rose else _("%(kpi)s fell from %(before)s to %(after)s.")
    ) % form
    top = largest([part for part in moved.parts if (part.effect > 0) == rose], 1)[0]
    if top:
        said = f"{said} {_main(kpi, top[0], names)}"
    if moved.volume is not None:
        change = step_text(float(moved.volume), "percent", 1)
        said = f"{said} {_('Volume changed by %(change)s, which by itself moves nothing.') % {'change': f'{change}%'}}"
    return said


def _main(kpi: Kpi, part: Part, names: Mapping[Any, str]) -> str:
    effect = step_text(float(part.effect), kpi.unit, kpi.decimals + (0 if kpi.unit == "seconds" else 1))
    form = {"name": names[part.key], "effect": effect}
    if abs(part.rate) >= abs(part.mix):
        return _("%(name)s did most: %(effect)s, mainly through its own rate.") % form
    return _("%(name)s did most: %(effect)s, mainly because its share of the volume changed.") % form
