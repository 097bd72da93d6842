"""What KPIs are: the list, one with all its versions, new ones, new formulas tried out before they are kept."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.decorators import require_actor
from portal.accounts.requests import actor_of
from portal.accounts.rules import Actor
from portal.refusals import ConflictError, RefusedError
from portal.ui.htmx import flash

from ..access import definitions as access
from ..actions import definitions as actions
from ..choices import Interval
from ..forms.definitions import FormulaForm, KpiForm, NewKpiForm, NewVersionForm
from ..models import Kpi, KpiVersion
from ..queries import definitions as queries
from ..queries.trying import tried
from ..rules.formulas import Reading
from ..rules.periods import Period, containing
from ..wording.formulas import Labels, component_text, formula_text, parameter_texts
from ..wording.periods import day_text, period_text
from ..wording.values import difference_text, value_text
from .saving import conflict_text, edit, press


@dataclass(frozen=True, slots=True)
class VersionLine:
    """What one version says, in words. `state`: now, past or ahead."""

    version: KpiVersion
    formula: str
    state: str
    begins: str
    ends: str
    parameters: list[tuple[str, str]]
    interval: str
    sample: str


@dataclass(frozen=True, slots=True)
class KpiLine:
    """One KPI of the list; `line` is None before its first formula is in force."""

    kpi: Kpi
    line: VersionLine | None


@require_safe
@require_actor
def definitions(request: HttpRequest) -> HttpResponseBase:
    """Every KPI with its formula in force. Three queries."""
    actor = actor_of(request)
    access.permit_reading(actor)
    kpis = list(Kpi.objects.all())
    versions, labels, today = queries.versions_of([kpi.pk for kpi in kpis]), queries.component_labels(), _today()
    lines = [KpiLine(kpi, _current(versions[kpi.pk], labels, today)) for kpi in kpis]
    context = {
        "lines": [line for line in lines if line.kpi.archived_at is None],
        "archived": [line.kpi for line in lines if line.kpi.archived_at],
        "may_define": access.may_define(actor),
        "export_url": reverse("kpis:definitions_export"),
    }
    return render(request, "kpis/definitions.html", context)


@require_safe
@require_actor
def definition(request: HttpRequest, code: str) -> HttpResponseBase:
    """A KPI with all its versions, the newest first."""
    actor = actor_of(request)
    kpi = access.get_kpi(actor, code)
    labels, today = queries.component_labels(), _today()
    versions = kpi.versions.select_related("made_by").order_by("-number")
    context = {
        "kpi": kpi,
        "lines": [_line(version, labels, today) for version in versions],
        "may_define": access.may_define(actor),
    }
    return render(request, "kpis/definition.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def definition_new(request: HttpRequest) -> HttpResponseBase:
    """A KPI that does not exist yet."""
    actor = actor_of(request)
    access.permit_defining(actor)
    form = NewKpiForm(_posted(request), initial={"first": _today()})

    def save() -> tuple[str, str]:
        data = form.cleaned_data
        made = actions.add_kpi(
            actor=actor,
            code=data["code"],
            unit=data["unit"],
            values=form.values(),
            formula=_formula(form),
            first=data["first"],
        )
        return made.code, _("KPI added")

    def show() -> Kpi:
        data = form.cleaned_data
        return Kpi(code=data["code"], unit=data["unit"], decimals=data["decimals"])

    return _formula_page(request, form, None, save, show)


@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def version_new(request: HttpRequest, code: str) -> HttpResponseBase:
    """A new formula of a KPI, beginning from the newest one."""
    actor = actor_of(request)
    kpi = access.get_kpi(actor, code)
    access.permit_defining(actor)
    base = kpi.versions.order_by("-number").first()
    form = NewVersionForm(_posted(request), base=base, initial=NewVersionForm.initial_from(kpi, base))

    def save() -> tuple[str, str]:
        data = form.cleaned_data
        made = actions.add_version(
            actor=actor,
            code=code,
            version=form.seen_version,
            formula=_formula(form),
            first=data["first"],
            reason=data["reason"],
        )
        return code, _("Version %(number)d is in force from %(day)s") % {
            "number": made.number,
            "day": day_text(data["first"]),
        }

    return _formula_page(request, form, kpi, save, lambda: kpi)


@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def definition_change(request: HttpRequest, code: str) -> HttpResponseBase:
    """How a KPI is called and shown."""
    actor = actor_of(request)
    kpi = access.get_kpi(actor, code)
    access.permit_defining(actor)
    form = KpiForm(_posted(request), initial=KpiForm.initial_from(kpi))

    def save() -> tuple[str, str]:
        actions.change_kpi(actor=actor, code=code, version=form.seen_version, values=form.values())
        return reverse("kpis:definition", args=[code]), _("KPI changed")

    page = {
        "title": _("Change %(name)s") % {"name": kpi.label},
        "button": _("Save"),
        "cancel_url": reverse("kpis:definition", args=[code]),
        "parents": [(reverse("kpis:definition", args=[code]), kpi.label)],
    }
    return edit(request, form, page, save, KpiForm.initial_from, "kpi")


@require_POST
@require_actor
def version_withdraw(request: HttpRequest, code: str, number: int) -> HttpResponseBase:
    """Take back a formula that has not begun."""
    actor = actor_of(request)
    return press(
        request,
        lambda: actions.withdraw_version(actor=actor, code=code, number=number),
        reverse("kpis:definition", args=[code]),
        _("Version withdrawn"),
    )


@require_POST
@require_actor
def definition_archive(request: HttpRequest, code: str) -> HttpResponseBase:
    """Take a KPI out of use."""
    actor, url = actor_of(request), reverse("kpis:definition", args=[code])
    return press(request, lambda: actions.archive_kpi(actor=actor, code=code), url, _("KPI archived"))


@require_POST
@require_actor
def definition_restore(request: HttpRequest, code: str) -> HttpResponseBase:
    """Bring a KPI back into use."""
    actor, url = actor_of(request), reverse("kpis:definition", args=[code])
    return press(request, lambda: actions.restore_kpi(actor=actor, code=code), url, _("KPI restored"))


def _formula_page(
    request: HttpRequest,
    form: FormulaForm,
    kpi: Kpi | None,
    save: Callable[[], tuple[str, str]],
    show: Callable[[], Kpi],
) -> HttpResponse:
    """The form of a formula: tried out on last month first, then saved."""
    context: dict[str, Any] = {"form": form, "kpi": kpi}
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                if request.POST.get("do") != "save":
                    context["tried"], status = _tried(actor_of(request), show(), form), 200
                else:
                    code, text = save()
                    flash(request, text)
                    return redirect("kpis:definition", code)
            except RefusedError as refused:
                form.refuse(refused)
            except ConflictError as found:
                row: Any = found.row
                newest = row.versions.order_by("-number").first()
                form.show_conflict(NewVersionForm.initial_from(row, newest))
                context["conflict"], status = conflict_text("kpi", row), 409
    return render(request, "kpis/formula_form.html", context, status=status)


def _tried(actor: Actor, kpi: Kpi, form: FormulaForm) -> dict[str, Any]:
    """Last month by the formula in force and by the one typed, for the sites that the actor reads."""
    draft = actions.draft(kpi, _formula(form))
    month = _last_month()
    rows = [
        {
            "site": row.site or _("All sites"),
            "old": _reading_text(row.old, kpi),
            "new": _reading_text(row.new, kpi),
            "step": difference_text(row.new.value, row.old.value, kpi.unit, kpi.decimals),
            "n": row.new.n,
        }
        for row in tried(actor, kpi, draft, month.first, month.last)
    ]
    return {
        "rows": rows,
        "month": period_text(month),
        "formula": formula_text(draft, queries.component_labels()),
        "has_old": kpi.pk is not None,
    }


def _reading_text(reading: Reading, kpi: Kpi) -> str:
    return value_text(reading.value, kpi.unit, kpi.decimals)


def _formula(form: FormulaForm) -> actions.FormulaValues:
    if form.formula is None:
        raise RefusedError("no_numerator", "numerator")
    return form.formula


def _posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _today() -> date:
    return timezone.now().date()


def _last_month() -> Period:
    return containing("month", _today()).previous()


def _current(versions: Iterable[KpiVersion], labels: Labels, today: date) -> VersionLine | None:
    version = queries.in_force(list(versions), today)
    return _line(version, labels, today) if version else None


def _line(version: KpiVersion, labels: Labels, today: date) -> VersionLine:
    first, until = version.period.lower, version.period.upper
    state = "ahead" if first > today else "past" if until and until <= today else "now"
    return VersionLine(
        version,
        formula_text(version, labels),
        state,
        day_text(first),
        day_text(until - timedelta(days=1)) if until else "",
        parameter_texts(version),
        str(Interval(version.interval).label) if version.interval != Interval.NONE else "",
        component_text(version.sample, labels) if version.sample else "",
    )
