"""Why did it move? What volume, mix and rate of each part did, adding up exactly."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, Literal

from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from portal.accounts.decorators import require_actor
from portal.accounts.requests import actor_of
from portal.accounts.rules import Actor
from portal.ui.charts import Axis, Point, WaterfallChart

from ..access import subjects
from ..access.subjects import Subject, address
from ..models import Kpi, KpiVersion
from ..queries import Figures, kpis_in_use
from ..queries.book import book_of
from ..queries.figures import Together
from ..rules.decomposition import Moved, largest, ratio_moved, sum_moved
from ..rules.formulas import Reading
from ..rules.periods import Period
from ..rules.windows import first_of
from ..wording.periods import day_text, period_text
from ..wording.values import value_text
from .asked import NONE, PREVIOUS, Asked, asked_of
from .common import head_of
from .counted import ByKey, answered, counted
from .entries import MISSING, Entry, entry_of
from .hows import Formulary, formulary
from .markup import markup_of
from .parts import HEADS, names_of
from .pins import pins_of
from .reading import way_of
from .why_file import export
from .words.moved import Step, effect_text, printed, sentence, share_text

SHOWN: Final = 6
_BETTER: Final[Mapping[str, Literal["up", "down", ""]]] = {"up": "up", "down": "down"}
# By what each kind of subject is taken apart.
WAYS: Final[Mapping[str, tuple[str, ...]]] = {
    "network": ("site", "programme", "queue"), "partner": ("site", "programme", "queue"), "site": ("programme", "queue"),
    "programme": ("queue",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One part in the table; all but the names are figures in the KPI's unit."""

    key: str
    label: str
    url: str
    before: Entry
    after: Entry
    share_before: str
    share_after: str
    mix: str
    rate: str
    effect: str


def page(get: Callable[[Actor, Any], Subject]) -> Callable[..., HttpResponseBase]:
    """The view of one kind of subject."""

    @require_http_methods(["GET", "HEAD", "POST"])
    @require_actor
    def view(request: HttpRequest, kpi: str, key: Any = None) -> HttpResponseBase:
        actor = actor_of(request)
        subject = get(actor, key)
        asked = asked_of(request, subject)
        chosen = next((one for one in kpis_in_use() if one.code == kpi), None)
        ways = WAYS[subject.kind]
        by = request.GET.get("by", "") or ways[0]
        if chosen is None or by not in ways:
            raise Http404
        context = context_of(actor, subject, asked, chosen, by)
        if request.method == "POST":
            return export(request, actor, subject, asked, context)
        return answered(request, "kpis/why.html", context | {"markup": markup_of(request, asked)}, _figures(context))

    return view


network = page(lambda actor, _key: subjects.get_network(actor))
partner = page(subjects.get_partner)
site = page(subjects.get_site)
programme = page(subjects.get_programme)


def _figures(context: Mapping[str, Any]) -> ByKey:
    """How each figure of the table was counted, by its key."""
    for line in context.get("lines", ()):
        yield f"b-{line.key}", counted(line.before, context["from_name"])
        yield f"a-{line.key}", counted(line.after, context["period_name"])


def context_of(actor: Actor, subject: Subject, asked: Asked, kpi: Kpi, by: str) -> dict[str, Any]:
    """What the page shows."""
    other = asked.other or asked.period.previous()
    formulas = formulary(asked, book_of([kpi]), [kpi], pins_of(subject, asked))
    first, second = read(subject, kpi, [other, asked.period], formulas, by)
    moved = moved_of(kpi, first, second, formulas.chosen(kpi))
    title = _("Why did %(kpi)s move?") % {"kpi": kpi.label}
    head = head_of(subject, asked, numbers=formulas.numbers, here=title)
    context = {
        **head, "title": title, "kpi": kpi, "metas": [subject.label or _("Network")],
        "ways": [(part, HEADS[part], part == by) for part in WAYS[subject.kind]],
        "windows": _windows([first, second], [other, asked.period]), "from_name": period_text(other), "comparisons": [one for one in head["comparisons"] if one[0] != NONE],
        "other_sites": [], "hows": _hows(kpi, formulas, first, second), "export_url": address(subject.kind, subject.key, "why", kpi.code), "by": by,
    }  # fmt: skip
    if asked.compare not in {PREVIOUS, "year"}:
        context["compared"] = period_text(other)
    if moved is None:
        return context
    known = [part.key for part in moved.parts if isinstance(part.key, int) and part.key >= 0]
    labels = names_of(actor, subject, by, known)
    names = {
        part.key: _linked(labels[part.key], asked) if part.key in labels else (_("Others"), "") for part in moved.parts
    }
    return context | {
        "moved": moved, "chart": chart_of(kpi, moved, names, other, asked.period),
        "lines": lines_of(kpi, moved, names, Readings(first, second, formulas)),
        "sentence": sentence(kpi, moved, {key: label for key, (label, _url) in names.items()}),
        "total": {
            "before": _value(kpi, moved.before), "after": _value(kpi, moved.after),
            **_sums_of(kpi, moved),
        },
        "volume": share_text(moved.volume) if moved.volume is not None else "",
    }  # fmt: skip


def _windows(read_: Sequence[Figures], periods: Sequence[Period]) -> list[str]:
    """From when to when each figure rolls, in the order of time; empty where it is that of the period alone."""
    months = [max((one.window for row in figures_.values() for one in row.values()), default=0) for figures_ in read_]
    if not any(months):
        return []
    firsts = [first_of(one.last, reach) if reach else one.first for one, reach in zip(periods, months, strict=True)]
    return [f"{day_text(first)} – {day_text(one.last)}" for first, one in zip(firsts, periods, strict=True)]


def _linked(name: tuple[str, str], asked: Asked) -> tuple[str, str]:
    """A part with the way to its page, the whole view along."""
    label, url = name
    return label, f"{url}{asked.query()}" if url else ""


def _hows(kpi: Kpi, formulas: Formulary, *read_: Figures) -> tuple[Any, ...]:
    """The formulas that made any of these figures."""
    numbers = sorted(
        {number for figures_ in read_ for row in figures_.values() for number in row.get(kpi.code, MISSING).versions}
    )
    return formulas.of(kpi, Reading(versions=tuple(numbers)))


@dataclass(frozen=True, slots=True)
class Readings:
    """The figures of both periods, and how they were counted."""

    first: Figures
    second: Figures
    formulas: Formulary

    def pair(self, kpi: Kpi, part: Any) -> tuple[Entry, Entry]:
        """A part's entries before and after; those without a name have key -1."""
        key = (None if part == -1 else part,)
        before, after = (
            entry_of(kpi, row, how=self.formulas.of(kpi, row.get(kpi.code)), today=self.formulas.asked.today)
            for row in (self.first.get(key, {}), self.second.get(key, {}))
        )
        return before, after


def read(subject: Subject, kpi: Kpi, periods: Sequence[Period], formulas: Formulary, by: str) -> list[Figures]:
    """The readings of each part over each period; of a rolling figure also those parts that the window alone knows, for the whole has them."""
    together, way = Together(formulas.book), way_of(formulas.asked, formulas.pins) | {"fallen_silent": True}
    asked = [together.figures(subject.scope, [kpi], one.first, one.last, (by,), **way) for one in periods]
    return [answer() for answer in asked]


def moved_of(kpi: Kpi, first: Figures, second: Figures, version: KpiVersion | None) -> Moved | None:
    """The difference taken apart; None where one of the two has no figure. Parts without a name have key -1."""
    if version is None or not first or not second:
        return None
    if not version.denominator:
        return sum_moved(_values(kpi, first), _values(kpi, second))
    return ratio_moved(_ratios(kpi, first), _ratios(kpi, second), version.scale)


def _ratios(kpi: Kpi, read_: Figures) -> dict[Any, tuple[Decimal, Decimal]]:
    found = {}
    for key, row in read_.items():
        one = row.get(kpi.code)
        if one is not None and one.numerator is not None and one.denominator is not None:
            found[-1 if key[0] is None else key[0]] = (one.numerator, one.denominator)
    return found


def _values(kpi: Kpi, read_: Figures) -> dict[Any, Decimal]:
    return {
        -1 if key[0] is None else key[0]: row[kpi.code].value or Decimal(0)
        for key, row in read_.items()
        if kpi.code in row and row[kpi.code].value is not None
    }


def chart_of(
    kpi: Kpi, moved: Moved, names: Mapping[Any, tuple[str, str]], other: Period, period: Period
) -> WaterfallChart:
    """The largest parts, mix and rate together, and the rest in one; drawn exactly, written as in the table."""
    steps, (_top, rest) = printed(kpi, moved), largest(moved.parts, SHOWN)
    points = [
        Point(names[one.part.key][0], float(one.part.effect), effect_text(kpi, one.effect), href=names[one.part.key][1])
        for one in steps[:SHOWN]
    ]
    if len(steps) > SHOWN:
        others = sum((one.effect for one in steps[SHOWN:]), Fraction(0))
        points.append(Point(_("All others"), float(rest), effect_text(kpi, others)))
    title = _("%(kpi)s from %(before)s to %(after)s") % {
        "kpi": kpi.label, "before": _value(kpi, moved.before), "after": _value(kpi, moved.after),
    }  # fmt: skip
    return WaterfallChart(
        title=title, description=sentence(kpi, moved, {key: label for key, (label, _url) in names.items()}),
        start=Point(period_text(other), float(moved.before)), parts=tuple(points),
        end=Point(period_text(period), float(moved.after)),
        axis=Axis(form=lambda value: value_text(value, kpi.unit, kpi.decimals)),
        better=_BETTER.get(kpi.direction, ""),
    )  # fmt: skip


def lines_of(kpi: Kpi, moved: Moved, names: Mapping[Any, tuple[str, str]], read_: Readings) -> list[Line]:
    """Every part, the one that moved it most first."""
    old = sum((part.before[1] for part in moved.parts), Fraction(0))
    new = sum((part.after[1] for part in moved.parts), Fraction(0))
    return [
        _line(kpi, one, names[one.part.key], (old, new), moved.volume is not None, read_.pair(kpi, one.part.key))
        for one in printed(kpi, moved)
    ]


def _sums_of(kpi: Kpi, moved: Moved) -> dict[str, str]:
    steps = printed(kpi, moved)
    return {
        name: effect_text(kpi, sum((getattr(one, name) for one in steps), Fraction(0)), unit=False)
        for name in ("mix", "rate", "effect")
    }


def _line(
    kpi: Kpi, step: Step, name: tuple[str, str], wholes: tuple[Fraction, Fraction], is_ratio: bool, pair: tuple[Entry, Entry]
) -> Line:  # fmt: skip
    part = step.part
    mix, rate, effect = (effect_text(kpi, one, unit=False) for one in (step.mix, step.rate, step.effect))
    return Line(
        str(part.key), *name, *pair,
        share_text(part.before[1] / wholes[0]) if is_ratio and wholes[0] else "",
        share_text(part.after[1] / wholes[1]) if is_ratio and wholes[1] else "",
        mix if is_ratio else "", rate, effect,
    )  # fmt: skip


def _value(kpi: Kpi, value: Fraction) -> str:
    return value_text(float(value), kpi.unit, kpi.decimals)
