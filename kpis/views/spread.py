"""How a figure spreads: over weekday and hour, over sites against chance, over agents without names."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from portal.accounts.decorators import require_actor
from portal.accounts.requests import actor_of
from portal.accounts.rules import Actor
from portal.audit.wording import listed
from portal.ui.charts import Axis, Chart, DistributionChart, FunnelChart, Limit, Point, Sample

from ..access import subjects
from ..access.subjects import Subject, address
from ..choices import Interval
from ..models import Kpi, KpiVersion
from ..queries import Figures, figures, kpis_in_use
from ..queries.book import book_of
from ..queries.intervals import has_hours
from ..rules.control import funnel_limits
from ..rules.formulas import Reading
from ..wording.values import value_text
from .asked import Asked, asked_of
from .common import head_of
from .counted import ByKey, answered, counted
from .entries import entry_of
from .exporting import Line, provisional_until, sent
from .heat import STEPS, Cells, behind_of, cell_of, cells_of, drawn, fewest_of, step_of, time_text, weekday_text
from .hows import Formulary, formulary
from .markup import markup_of
from .pins import pins_of

# Limits of 95 % and 99.8 %, as funnels have them.
WIDTHS: Final = ((1.96, "95%"), (3.09, "99.8%"))
CURVE: Final = 40
# Fewer agents, and a dot tells who it is.
FEWEST_AGENTS: Final = 3


@dataclass(slots=True)
class Spread:
    """What a page draws of a KPI, and what its export holds: chart, row, column, reading."""

    subject: Subject
    kpi: Kpi
    version: KpiVersion
    formulas: Formulary
    step: int
    shortest: int = STEPS[0]
    charts: list[Chart] = field(default_factory=list)
    lines: list[tuple[str, str, str, Reading]] = field(default_factory=list)

    @property
    def asked(self) -> Asked:
        """What the page is asked for."""
        return self.formulas.asked

    def read(self, *by: str) -> Figures:
        """The KPI's figures of the period, by this page's formula."""
        asked, period = self.asked, self.asked.period
        return figures(
            self.subject.scope, [self.kpi], period.first, period.last, by, formula=asked.formula,
            excluded=asked.excluded, pins=self.formulas.pins, book=self.formulas.book,
        )  # fmt: skip

    def add(self, chart: Chart | None, lines: list[tuple[str, str, Reading]]) -> None:
        """A chart, if there is one, with its values."""
        if chart is not None:
            self.charts.append(chart)
            self.lines += [(chart.title, *line) for line in lines]


def page(get: Callable[[Actor, Any], Subject]) -> Callable[..., HttpResponseBase]:
    """The view of one kind of subject; a POST to it is its export."""

    @require_http_methods(["GET", "HEAD", "POST"])
    @require_actor
    def view(request: HttpRequest, kpi: str, key: Any = None) -> HttpResponseBase:
        actor = actor_of(request)
        subject = get(actor, key)
        asked = asked_of(request, subject)
        step = step_of(request)
        cell = cell_of(request, step)
        chosen = next((one for one in kpis_in_use() if one.code == kpi), None)
        if chosen is None:
            raise Http404
        formulas = formulary(asked, book_of([chosen]), [chosen], pins_of(subject, asked))
        version = formulas.chosen(chosen)
        made = _made(Spread(subject, chosen, version, formulas, step)) if version else None
        if request.method == "POST":
            return _export(request, actor, subject, asked, made)
        context = _context(subject, asked, chosen, formulas, made)
        if made and cell and _by_interval(made):
            context["behind"] = behind_of(subject, chosen, made.version, formulas, cell, step)
        return answered(request, "kpis/spread.html", context | {"markup": markup_of(request, asked)}, _figures(context))

    return view


network = page(lambda actor, _key: subjects.get_network(actor))
site = page(subjects.get_site)
programme = page(subjects.get_programme)
queue = page(subjects.get_queue)
team = page(subjects.get_team)


def _figures(context: Mapping[str, Any]) -> ByKey:
    """How each figure of the page was counted, by its key."""
    yield context["kpi"].code, counted(context["entry"], context["period_name"])
    for day in context["behind"].days if "behind" in context else ():
        yield day.key, counted(day.entry, day.label)


def _context(subject: Subject, asked: Asked, kpi: Kpi, formulas: Formulary, made: Spread | None) -> dict[str, Any]:
    title = _("How %(kpi)s spreads") % {"kpi": kpi.label}
    whole = made.read().get((), {}) if made else {}
    head = head_of(subject, asked, numbers=formulas.numbers, here=title)
    return {
        **head, "title": title, "kpi": kpi, "metas": [subject.label or _("Network")], "comparisons": [], "other_sites": [],
        "compared": "", "entry": entry_of(kpi, whole, how=formulas.of(kpi, whole.get(kpi.code)), today=asked.today),
        "charts": made.charts if made else [],
        "export_url": address(subject.kind, subject.key, "spread", kpi.code) if made and made.charts else "",
        "steps": _steps(made) if made and made.shortest <= STEPS[-1] else [],
    }  # fmt: skip


def _steps(made: Spread) -> list[tuple[str, str, bool]]:
    labels = {60: _("By hour"), 30: _("By half-hour")}
    return [("" if step == STEPS[0] else str(step), labels[step], step == made.step) for step in STEPS]


def _by_interval(made: Spread) -> bool:
    """Whether contact intervals of one site know the figure."""
    return made.subject.kind in {"site", "programme", "queue"} and has_hours(made.version)


def _made(made: Spread) -> Spread:
    """With its charts: of the network the funnel, of everything else weekdays by interval, and agents."""
    if made.subject.kind == "network":
        read = made.read("site")
        labels = {one.pk: one.label for one in made.subject.sites}
        values = [(labels[key[0]], "", row[made.kpi.code]) for key, row in read.items() if key[0] in labels]
        made.add(funnel(made, read), values)
        return made
    if _by_interval(made):
        cells, made.shortest = cells_of(made.subject, made.asked, made.version, made.step)
        chart = drawn(made.subject, made.asked, made.version, made.kpi, cells, made.step) if cells else None
        made.add(chart, _of_cells(cells, made.step))
    if made.subject.kind != "queue":
        read = made.read("person")
        values = [("", "", row[made.kpi.code]) for row in read.values() if made.kpi.code in row]
        made.add(agents(made, read), sorted(values, key=lambda one: one[2].value or 0))
    return made


def _of_cells(cells: Cells, step: int) -> list[tuple[str, str, Reading]]:
    return [(weekday_text(day), time_text(minute, step), reading) for (day, minute), reading in sorted(cells.items())]


def funnel(made: Spread, read: Figures) -> FunnelChart | None:
    """Sites against the limits that chance alone explains; for proportions only."""
    kpi = made.kpi
    if made.version.interval != Interval.WILSON:
        return None
    labels = {one.pk: one for one in made.subject.sites}
    rows = [
        (labels[key[0]], row[kpi.code])
        for key, row in read.items()
        if key[0] in labels and row[kpi.code].value is not None and row[kpi.code].denominator
    ]
    top = sum(float(one.numerator or 0) for _site, one in rows)
    bottom = sum(float(one.denominator or 0) for _site, one in rows)
    if not bottom or not 0 <= top <= bottom:
        return None
    rate, most = top / bottom, max(float(one.denominator or 0) for _site, one in rows)
    points = [_point(site_, one, made, rate) for site_, one in rows]
    title = _("%(kpi)s of sites, against chance") % {"kpi": kpi.label}
    return FunnelChart(
        title=title, description=_reading(points), axis=Axis(form=_form(kpi)), points=tuple(points),
        sizes=tuple(float(one.denominator or 0) for _site, one in rows), centre=rate,
        limits=tuple(Limit(name, _curve(rate, most, z)) for z, name in WIDTHS),
        size_axis=Axis(form=lambda value: value_text(value, "number", 0), title=_("Contacts counted")),
    )  # fmt: skip


def _point(site_: Any, reading: Reading, made: Spread, rate: float) -> Point:
    value = float(reading.value or 0)
    low, high = funnel_limits(rate, float(reading.denominator or 1), WIDTHS[1][0])
    signal = _("more than chance explains") if value > high else _("less than chance explains") if value < low else ""
    url = f"{address('site', site_.code)}{made.asked.query(kpi=made.kpi.code)}"
    return Point(site_.label, value, href=url, signal=signal)


def _reading(points: list[Point]) -> str:
    outside = listed(point.label for point in points if point.signal)
    if not outside:
        return _("All sites lie within what chance alone explains.")
    return _("Beyond what chance alone explains: %(sites)s.") % {"sites": outside}


def _curve(rate: float, most: float, z: float) -> tuple[tuple[float, float, float], ...]:
    sizes = [most * step / CURVE for step in range(1, CURVE + 1)]
    return tuple((size, *funnel_limits(rate, size, z)) for size in sizes)


def agents(made: Spread, read: Figures) -> DistributionChart | None:
    """How agents lie, without names and not ranked; nothing where so few work that a dot would tell who it is."""
    kpi = made.kpi
    samples = [_sample(row) for row in read.values() if kpi.code in row and row[kpi.code].value is not None]
    if len(samples) < FEWEST_AGENTS:
        return None
    title = _("%(kpi)s of agents") % {"kpi": kpi.label}
    middle = median(sample.value for sample in samples)
    said = _("Median %(value)s") % {"value": value_text(middle, kpi.unit, kpi.decimals)}
    words = {"n": len(samples), "median": said}
    return DistributionChart(
        title=title, description=_("%(n)d agents, not ranked. %(median)s.") % words, axis=Axis(form=_form(kpi)),
        samples=tuple(samples), minimum=fewest_of(made.version), middle=(middle, said),
    )  # fmt: skip


def _sample(row: Mapping[str, Reading]) -> Sample:
    (reading,) = row.values()
    return Sample(float(reading.value or 0), float(reading.n or 0))


def _form(kpi: Kpi) -> Callable[[float], str]:
    return lambda value: value_text(value, kpi.unit, kpi.decimals)


def _export(
    request: HttpRequest, actor: Actor, subject: Subject, asked: Asked, made: Spread | None
) -> HttpResponseBase:
    """What the charts show, as a table. Agents stay without names."""
    head = [
        _("Chart"), _("Row"), _("Column"), _("Value"), _("Numerator"), _("Denominator"), "n", _("Interval (95%), from"),
        _("Interval (95%), to"), _("Provisional until"),
    ]  # fmt: skip
    lines: list[Line] = [
        [
            chart, row, column,
            *("" if one is None else float(one) for one in (
                found.value, found.numerator, found.denominator, found.n, found.low, found.high,
            )),
            provisional_until(found, asked.today),
        ]
        for chart, row, column, found in (made.lines if made else ())
    ]  # fmt: skip
    return sent(request, actor, subject, asked, head, lines, name=f"spread-{made.kpi.code}" if made else "spread")
