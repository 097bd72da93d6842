"""A formula in words, and what lies beside it."""

from collections.abc import Mapping
from decimal import Decimal

from django.utils.translation import gettext as _

from portal.ui.charts import formats

from ...components import BY_CODE
from ...models import KpiVersion


def formula_text(version: KpiVersion, names: Mapping[str, str]) -> str:
    """`100 × (Promoters − Detractors) ÷ NPS responses`. `names`: labels of components that are not built in."""
    top, bottom = terms_text(version.numerator, names), terms_text(version.denominator, names)
    scale = "" if version.scale == 1 else f"{formats.plain(float(version.scale))} × "
    if not bottom:
        return f"{scale}{_bracketed(top) if scale else top}"
    return f"{scale}{_bracketed(top)} ÷ {_bracketed(bottom)}"


def terms_text(terms: Mapping[str, str], names: Mapping[str, str]) -> str:
    """`Answered + Abandoned − 2 × Abandoned in time`."""
    text = ""
    for code, factor in terms.items():
        number = Decimal(factor)
        size = "" if abs(number) == 1 else f"{formats.plain(float(abs(number)))} × "
        sign = ("− " if number < 0 else "") if not text else (" − " if number < 0 else " + ")
        text += f"{sign}{size}{label_of(code, names)}"
    return text


def label_of(code: str, names: Mapping[str, str]) -> str:
    """What a component is called."""
    return str(BY_CODE[code].label) if code in BY_CODE else names.get(code, code)


def parameter_texts(version: KpiVersion) -> list[tuple[str, str]]:
    """What it was measured with: (name, value)."""
    known = {
        "variant": _("Variant"),
        "threshold_seconds": _("Threshold, seconds"),
        "short_seconds": _("Short abandons, seconds"),
        "window_days": _("Window, days"),
        "window": _("Window"),
        "cohort": _("Cohort by"),
    }
    return [
        (known.get(name, name), str(value).upper() if name == "variant" else str(value))
        for name, value in version.parameters.items()
    ]


def _bracketed(text: str) -> str:
    return f"({text})" if " + " in text or " − " in text else text
