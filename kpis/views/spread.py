"""How a figure spreads: over weekday and hour, over sites against chance, over agents without names."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from statistics import median
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal.accounts.decorators import require_actor
from portal.accounts.rules import Actor
from portal.ui.charts import Axis, DistributionChart, FunnelChart, HeatChart, Limit, Point, Sample

from ..access import subjects
from ..access.subjects import Subject, address
from ..choices import Direction, Interval
from ..models import Kpi, KpiVersion
from ..queries import Figures, figures, kpis_in_use
from ..queries.definitions import in_force, versions_of
from ..queries.intervals import by_hour, has_hours
from ..rules.control import funnel_limits
from ..rules.formulas import Reading
from ..rules.periods import containing
from .asked import Asked, asked_of
from .common import actor_of, head_of
from .entries import FEWEST
from .words.values import value_text

# Limits of 95 % and 99.8 %, as funnels have them.
WIDTHS: Final = ((1.96, "95 %"), (3.09, "99.8 %"))
STEPS: Final = 40
# Fewer agents, and a dot tells who it is.
FEWEST_AGENTS: Final = 3
HOURS: Final = range(24)


def page(get: Callable[[Actor, Any], Subject]) -> Callable[..., HttpResponseBase]:
    """The view of one kind of subject."""

    @require_safe
    @require_actor
    def view(request: HttpRequest, kpi: str, key: Any = None) -> HttpResponse:
        actor = actor_of(request)
        subject = get(actor, key)
        asked = asked_of(request, subject.newest)
        chosen = next((one for one in kpis_in_use() if one.code == kpi), None)
        version = in_force(versions_of([chosen.pk])[chosen.pk], asked.period.last) if chosen else None
        if chosen is None or version is None:
            raise Http404
        context = {
            **head_of(subject, asked), "title": _("How %(kpi)s spreads") % {"kpi": chosen.label}, "kpi": chosen,
            "metas": [subject.label or _("Network")], "back": subject.url,
            "charts": [chart for chart in _charts(subject, asked, chosen, version) if chart],
        }  # fmt: skip
        return render(request, "kpis/spread.html", context)

    return view


network = page(lambda actor, _key: subjects.get_network(actor))
site = page(subjects.get_site)
programme = page(subjects.get_programme)
queue = page(subjects.get_queue)
team = page(subjects.get_team)


def _charts(subject: Subject, asked: Asked, kpi: Kpi, version: KpiVersion) -> list[Any]:
    if subject.kind == "network":
        return [funnel(subject, asked, kpi, version)]
    heat = hours(subject, asked, kpi, version) if subject.kind != "team" and has_hours(version) else None
    return [heat, agents(subject, asked, kpi)]


def hours(subject: Subject, asked: Asked, kpi: Kpi, version: KpiVersion) -> HeatChart:
    """Weekday by hour on the site's clock. A cell with too few contacts stays empty."""
    scope, period = subject.scope, asked.period
    read = by_hour(
        version,
        subject.site.pk,
        subject.site.time_zone,
        period.first,
        period.last,
        scope.queue_ids,
        scope.programme_ids,
    )
    used = [hour for hour in HOURS if any((day, hour) in read for day in range(1, 8))]
    monday = containing("week", period.first)
    names = [date_format(day, "D") for day in _days(monday.first)]
    cells = tuple(tuple(_enough(read.get((day, hour))) for hour in used) for day in range(1, 8))
    title = _("%(kpi)s by weekday and hour") % {"kpi": kpi.label}
    form = _form(kpi)
    return HeatChart(
        title=title,
        description=_("%(title)s, in the site’s time (%(zone)s). Cells with fewer than %(least)s contacts are empty.")
        % {"title": title, "zone": subject.site.time_zone, "least": FEWEST},
        rows=tuple(names), columns=tuple(f"{hour:02}" for hour in used), cells=cells, form=form,
        short=lambda value: value_text(value, kpi.unit, 0).removesuffix("%"),
        low_is_dark=kpi.direction == Direction.UP,
    )  # fmt: skip


def _days(monday: Any) -> list[Any]:
    return [monday + timedelta(days=step) for step in range(7)]


def _enough(reading: Reading | None) -> float | None:
    if reading is None or reading.value is None or (reading.n is not None and reading.n < FEWEST):
        return None
    return float(reading.value)


def funnel(subject: Subject, asked: Asked, kpi: Kpi, version: KpiVersion) -> FunnelChart | None:
    """Sites against the limits that chance alone explains; for proportions only."""
    if version.interval != Interval.WILSON:
        return None
    period = asked.period
    read = figures(subject.scope, [kpi], period.first, period.last, ("site",), formula=asked.formula)
    labels = {one.pk: one for one in subject.sites}
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
    points = [_point(site_, one, kpi, rate) for site_, one in rows]
    title = _("%(kpi)s of sites, against chance") % {"kpi": kpi.label}
    return FunnelChart(
        title=title, description=_reading(points), axis=Axis(form=_form(kpi)), points=tuple(points),
        sizes=tuple(float(one.denominator or 0) for _site, one in rows), centre=rate,
        limits=tuple(Limit(name, _curve(rate, most, z)) for z, name in WIDTHS),
        size_axis=Axis(form=lambda value: value_text(value, "number", 0), title=_("Contacts counted")),
    )  # fmt: skip


def _point(site_: Any, reading: Reading, kpi: Kpi, rate: float) -> Point:
    value = float(reading.value or 0)
    low, high = funnel_limits(rate, float(reading.denominator or 1), WIDTHS[1][0])
    signal = _("more than chance explains") if value > high else _("less than chance explains") if value < low else ""
    return Point(site_.label, value, href=f"{address('site', site_.code)}?kpi={kpi.code}", signal=signal)


def _reading(points: list[Point]) -> str:
    outside = ", ".join(point.label for point in points if point.signal)
    if not outside:
        return _("All sites lie within what chance alone explains.")
    return _("Beyond what chance alone explains: %(sites)s.") % {"sites": outside}


def _curve(rate: float, most: float, z: float) -> tuple[tuple[float, float, float], ...]:
    sizes = [most * step / STEPS for step in range(1, STEPS + 1)]
    return tuple((size, *funnel_limits(rate, size, z)) for size in sizes)


def agents(subject: Subject, asked: Asked, kpi: Kpi) -> DistributionChart | None:
    """How agents lie, without names and not ranked; nothing where so few work that a dot would tell who it is."""
    period = asked.period
    read: Figures = figures(subject.scope, [kpi], period.first, period.last, ("person",), formula=asked.formula)
    samples = [_sample(row) for row in read.values() if kpi.code in row and row[kpi.code].value is not None]
    if len(samples) < FEWEST_AGENTS:
        return None
    title = _("%(kpi)s of agents") % {"kpi": kpi.label}
    middle = median(sample.value for sample in samples)
    said = _("Median %(value)s") % {"value": value_text(middle, kpi.unit, kpi.decimals)}
    words = {"n": len(samples), "median": said}
    return DistributionChart(
        title=title, description=_("%(n)d agents, not ranked. %(median)s.") % words, axis=Axis(form=_form(kpi)),
        samples=tuple(samples), minimum=FEWEST, middle=(middle, said),
    )  # fmt: skip


def _sample(row: Mapping[str, Reading]) -> Sample:
    (reading,) = row.values()
    return Sample(float(reading.value or 0), float(reading.n or 0))


def _form(kpi: Kpi) -> Callable[[float], str]:
    return lambda value: value_text(value, kpi.unit, kpi.decimals)
