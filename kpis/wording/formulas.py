"""A formula in words, and what lies beside it. In the reader's language."""

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from portal.ui.times import is_chinese

from ..components import BY_CODE

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from ..models import KpiVersion

type Labels = Mapping[str, str]

_PARAMETERS: Final[Mapping[str, "StrOrPromise"]] = {
    "variant": gettext_lazy("Variant"),
    "threshold_seconds": gettext_lazy("Threshold T, seconds"),
    "short_seconds": gettext_lazy("Short abandons end before, seconds"),
    "window_days": gettext_lazy("Window, days"),
    "window": gettext_lazy("Window"),
    "cohort": gettext_lazy("Cohort by"),
}
REFUSALS: Final[Mapping[str, "StrOrPromise"]] = {
    "no_numerator": gettext_lazy("Choose at least one component."),
    "unknown_component": gettext_lazy("There is no such component."),
    "component_twice": gettext_lazy("A component stands here twice. Put its factors together."),
    "no_factor": gettext_lazy("A factor of 0 counts nothing. Leave the component out."),
    "no_scale": gettext_lazy("The scale cannot be 0."),
    "percent_scale": gettext_lazy("A percent is shown times 100 by itself. Leave the scale at 1."),
    "no_sample": gettext_lazy("Without a denominator, say which component counts n."),
    "last_of_stocks": gettext_lazy("Only stocks are read last. Choose “Sum over sum”, or components that are stocks."),
    "stock_is_last": gettext_lazy("A stock is not added up over time. Choose “Last value”."),
    "window_of_stock": gettext_lazy("A window adds up days, and a stock has none to add. Leave the window out."),
    "window_long": gettext_lazy("A window has 1 to 24 months."),
    "wilson_needs_share": gettext_lazy("A Wilson interval needs a denominator."),
    "wald_needs_nps": gettext_lazy("This interval is for NPS alone: 100 × (Promoters − Detractors) ÷ NPS responses."),
    "code_taken": gettext_lazy("This code is taken. Choose another one."),
    "not_ahead": gettext_lazy("A formula begins tomorrow at the earliest: days that have begun keep theirs."),
    "not_later": gettext_lazy(
        "Version %(number)s begins on %(day)s already. Choose a later day, or withdraw that version first."
    ),
    "too_early": gettext_lazy("Choose a day from 2000 on."),
    "unchanged": gettext_lazy("This is the formula in force already."),
    "begun": gettext_lazy("This version was in force. It stays; make a new one."),
    "only_version": gettext_lazy("A KPI keeps at least one formula. Archive the KPI instead."),
    "pinned": gettext_lazy("A contract names this version. It stays."),
    "in_contract": gettext_lazy("A scorecard in force or to come uses this KPI: %(contracts)s."),
    "in_formula": gettext_lazy("A formula in force or to come uses this component: %(kpis)s."),
    "has_figures": gettext_lazy(
        "There are figures of this component already, so a stock stays a stock and a sum a sum."
    ),
}


def formula_text(version: "KpiVersion", labels: Labels) -> str:
    """`100 × (Promoters − Detractors) ÷ NPS responses`, with its window if it has one. `labels`: names of components that are not built in, by code."""
    top, bottom = terms_text(version.numerator, labels), terms_text(version.denominator, labels)
    scale = "" if Decimal(version.scale) == 1 else f"{_number(Decimal(version.scale))} × "
    months = version.window_months
    rolling = _(", %(window)s") % {"window": rolling_text(months)} if months else ""
    if not bottom:
        return _spaced(f"{scale}{_bracketed(top) if scale else top}{rolling}")
    return _spaced(f"{scale}{_bracketed(top)} ÷ {_bracketed(bottom)}{rolling}")


def rolling_text(months: int) -> str:
    """`rolling 12 months`."""
    return ngettext("rolling %(months)d month", "rolling %(months)d months", months) % {"months": months}


def terms_text(terms: Mapping[str, str], labels: Labels) -> str:
    """`Answered + Abandoned − 2 × Abandoned in time`."""
    text = ""
    # What is added comes first: a minus at the very beginning is easily read as part of a name.
    for code, number in sorted(((code, Decimal(factor)) for code, factor in terms.items()), key=lambda one: one[1] < 0):
        size = "" if abs(number) == 1 else f"{_number(abs(number))} × "
        sign = ("−" if text == "" else " − ") if number < 0 else (" + " if text else "")
        text += f"{sign}{size}{component_text(code, labels)}"
    return text


def component_text(code: str, labels: Labels) -> str:
    """What a component is called; its code where nobody named it."""
    return str(BY_CODE[code].label) if code in BY_CODE else labels.get(code, code)


def parameter_texts(version: "KpiVersion") -> list[tuple[str, str]]:
    """What the components were measured with: (name, value). A window of the formula stands in the formula itself."""
    return [
        (str(_PARAMETERS.get(name, name)), str(value).upper() if name == "variant" else str(value))
        for name, value in version.parameters.items()
        if name != "window" or not version.window_months
    ]


def refusal_text(code: str, params: Mapping[str, object]) -> str:
    """What to tell somebody whose definition was refused."""
    return str(REFUSALS.get(code, _("This is not possible."))) % dict(params)


def _number(value: Decimal) -> str:
    text = f"{value:,f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", "−")


def _bracketed(text: str) -> str:
    """In the reader's own brackets."""
    if " + " not in text and " − " not in text and not text.startswith("−"):
        return text
    return f"（{text}）" if is_chinese() else f"({text})"


def _spaced(text: str) -> str:
    """Full-width brackets bring their own space."""
    return text.replace(" （", "（").replace("） ", "）")
