"""Why it moved, as a file."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

from portal.accounts.rules import Actor

from ..access.subjects import Subject
from ..models import Kpi
from .asked import Asked
from .entries import Entry
from .exporting import provisional_until, sent
from .parts import HEADS
from .words.moved import Step, digits_of, printed


def export(
    request: HttpRequest, actor: Actor, subject: Subject, asked: Asked, context: Mapping[str, Any]
) -> HttpResponseBase:
    """The parts as a file."""
    words, kpi = [*_words(context)], context["kpi"]
    steps = printed(kpi, context["moved"]) if "moved" in context else ()
    lines: list[list[object]] = [
        [line.label, *_cells(line.before), *_cells(line.after), *_shares(step, steps, line), *_steps(kpi, step, line)]
        for line, step in zip(context.get("lines", ()), steps, strict=True)
    ]
    return sent(request, actor, subject, asked, words, lines, name=f"why-{kpi.code}", compared=context["from_name"])


def _words(context: Mapping[str, Any]) -> list[str]:
    before, after = context["from_name"], context["period_name"]
    found = [str(HEADS[context["by"]])]
    for name in (before, after):
        found += [f"{context['kpi'].label}, {name}", f"n, {name}", _("Interval (95%%), %(period)s") % {"period": name}]
        found.append(_("Provisional until"))
    return [*found, _("Share before"), _("Share now"), _("Mix"), _("Rate"), _("Together")]


def _cells(entry: Entry) -> list[object]:
    value = entry.reading.value
    n = entry.reading.n
    return [
        "" if value is None else float(value),
        "" if n is None else float(n),
        entry.interval,
        provisional_until(entry.reading, entry.today),
    ]


def _shares(step: Step, steps: Sequence[Step], line: Any) -> list[object]:
    """Its share of the volume before and after, as ratios; empty where there is no volume."""
    if not line.mix:
        return ["", ""]
    old, new = (sum(getattr(one.part, when)[1] for one in steps) for when in ("before", "after"))
    part = step.part
    return [_ratio(part.before[1], old), _ratio(part.after[1], new)]


def _ratio(part: Fraction, whole: Fraction) -> object:
    return round(float(part / whole), 4) if whole else ""


def _steps(kpi: Kpi, step: Step, line: Any) -> list[object]:
    """Mix, rate and both together in the unit of the values, so that before and together make after."""
    mix, rate, effect = (round(float(one), digits_of(kpi)) for one in (step.mix, step.rate, step.effect))
    return [mix if line.mix else "", rate, effect]
