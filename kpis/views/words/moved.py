"""Why a figure moved, in a sentence."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from portal.audit.wording import sentences

from ...models import Kpi
from ...rules.decomposition import Moved, Part, largest
from ...rules.rounding import rounded
from ...wording.values import count_text, step_text, value_text


@dataclass(frozen=True, slots=True)
class Step:
    """What a part did as it is written, everywhere alike: mix and rate make the effect, and all effects the difference, to the last digit."""

    part: Part
    mix: Fraction
    rate: Fraction
    effect: Fraction


def printed(kpi: Kpi, moved: Moved) -> list[Step]:
    """Each part's steps, the one that moved it most first."""
    ranked, _rest = largest(moved.parts, len(moved.parts))
    rates, effects = (rounded([getattr(part, name) for part in ranked], digits_of(kpi)) for name in ("rate", "effect"))
    return [Step(part, effect - rate, rate, effect) for part, rate, effect in zip(ranked, rates, effects, strict=True)]


def effect_text(kpi: Kpi, step: Fraction, *, unit: bool = True) -> str:
    """A step with one digit more than the figure has, so that small parts can be seen. `unit`: a duration says that it is one."""
    if kpi.unit != "seconds":
        return step_text(float(step), kpi.unit, kpi.decimals + 1)
    text = count_text(Decimal(repr(round(float(step), 1))))
    return f"{'+' if step > 0 and text != '0' else ''}{text}{'s' if unit else ''}"


def digits_of(kpi: Kpi) -> int:
    """Decimals of a step in the KPI's own unit; a percent is a ratio."""
    return 1 if kpi.unit == "seconds" else kpi.decimals + (3 if kpi.unit == "percent" else 1)


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
    top = next((one for one in printed(kpi, moved) if one.part.effect and (one.part.effect > 0) == rose), None)
    if top:
        said = sentences(said, _main(kpi, top, names))
    if moved.volume is not None:
        change = step_text(float(moved.volume), "percent", 1)
        said = sentences(
            said, _("Volume changed by %(change)s, which by itself moves nothing.") % {"change": f"{change}%"}
        )
    return said


def _main(kpi: Kpi, step: Step, names: Mapping[Any, str]) -> str:
    part = step.part
    form = {"name": names[part.key], "effect": effect_text(kpi, step.effect)}
    if abs(part.rate) >= abs(part.mix):
        return _("%(name)s did most: %(effect)s, mainly through its own rate.") % form
    return _("%(name)s did most: %(effect)s, mainly because its share of the volume changed.") % form
