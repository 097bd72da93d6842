"""To report trouble: what and where, what to try step by step, then the report. Nothing is written before it is sent."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from portal.accounts.choices import Role
from portal.accounts.decorators import require_role
from portal.accounts.requests import actor_of
from portal.accounts.rules import Actor
from portal.refusals import RefusedError
from portal.ui.htmx import flash, form_response

from ..actions import trouble as acts
from ..addresses import address
from ..choices import Symptom
from ..forms.trouble import (
    AboutForm,
    FirstChecks,
    Step,
    TroubleForm,
    may_report_at,
    steps_of,
    symptom_of,
)
from ..models import System
from .readiness import visible_sites

_TEMPLATE = "access_requests/trouble_new.html"
_REPORT = "report"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address (or the form) says so far."""

    actor: Actor
    symptom: str | None
    sites: list[Any]
    site: Any
    systems: list[System]
    system: System | None
    tried: tuple[str, ...] = ()

    def url(self, step: str | int | None = None) -> str:
        """The address of a step with all that was said."""
        values = [("symptom", self.symptom), ("site", self.site.code if self.site else ""),
                  ("system", self.system.code if self.system else ""), *(("check", one) for one in self.tried),
                  ("step", step)]  # fmt: skip
        return f"{address('trouble-new')}?{urlencode([(name, value) for name, value in values if value])}"

    def context(self) -> dict[str, Any]:
        """What every step shows."""
        return {
            "symptom": Symptom(self.symptom) if self.symptom else None, "symptoms": Symptom.choices,
            "site": self.site, "system": self.system, "tried_codes": self.tried,
        }  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@require_role(Role.COORDINATOR, Role.MANAGER, Role.PARTNER_LEAD)
def new(request: HttpRequest) -> HttpResponseBase:
    """What is wrong; where; what to try, one thing at a time; only then the report."""
    actor = actor_of(request)
    if request.method == "POST":
        return _send(request, _asked(actor, request.POST, sent=True))
    asked = _asked(actor, request.GET)
    if asked.symptom is None:
        return render(request, _TEMPLATE, asked.context())
    step = _step(request.GET.get("step"))
    if asked.site is None or step is None:
        return _about(request, asked)
    steps = steps_of(asked.symptom, asked.system)
    if isinstance(step, int) and step <= len(steps):
        return render(request, _TEMPLATE, asked.context() | _guided(asked, steps, step))
    form = TroubleForm(
        initial={"check": list(asked.tried), "system": asked.system.code if asked.system else ""},
        actor=actor, site=asked.site, symptom=asked.symptom, systems=asked.systems,
    )  # fmt: skip
    return render(request, _TEMPLATE, asked.context() | {"form": form, "about": _about_report(asked)})


def _asked(actor: Actor, given: QueryDict, *, sent: bool = False) -> Asked:
    """Raises Http404 for what is not there; a report that is sent says it at its fields."""
    symptom = symptom_of(given.get("symptom"))
    if given.get("symptom") and symptom is None:
        raise Http404
    sites = [one for one in visible_sites(actor) if may_report_at(actor, one)]
    code = given.get("site") or (sites[0].code if len(sites) == 1 else "")
    site = next((one for one in sites if one.code == code), None)
    systems = list(System.objects.filter(archived_at=None))
    wanted = given.get("system") or ""
    system = next((one for one in systems if one.code == wanted), None)
    if (code and site is None) or (wanted and system is None and not sent):
        raise Http404
    tried: tuple[str, ...] = ()
    if symptom is not None:
        checks = FirstChecks(given, symptom=symptom)
        if checks.is_valid():
            tried = tuple(checks.cleaned_data["check"])
        elif not sent:
            raise Http404
    return Asked(actor, symptom, sites, site, systems, system, tried)


def _step(text: str | None) -> int | str | None:
    """A number, the report, or None. Raises Http404."""
    if not text or text == _REPORT:
        return text or None
    if not (text.isascii() and text.isdecimal() and 0 < len(text) < 4 and int(text)):
        raise Http404
    return int(text)


def _about(request: HttpRequest, asked: Asked) -> HttpResponseBase:
    initial = {"site": asked.site.code if asked.site else "", "system": asked.system.code if asked.system else ""}
    form = AboutForm(initial=initial, sites=asked.sites, systems=asked.systems)
    return render(request, _TEMPLATE, asked.context() | {"about_form": form, "one_site": len(asked.sites) == 1})


def _guided(asked: Asked, steps: list[Step], number: int) -> dict[str, Any]:
    before = [(one, one.code in asked.tried) for one in steps[: number - 1]]
    return {
        "check": steps[number - 1], "number": number, "next": number + 1, "count": len(steps), "before": before,
        "after": steps[number:], "back_url": asked.url(number - 1) if number > 1 else asked.url(),
        "report_url": asked.url(_REPORT), "tried_codes": [one for one in asked.tried if one != steps[number - 1].code],
    }  # fmt: skip


def _about_report(asked: Asked) -> dict[str, Any]:
    """What was tried, and the way back to it."""
    assert asked.symptom is not None
    tried = [one.text for one in steps_of(asked.symptom, asked.system) if one.code in asked.tried]
    return {"tried": tried, "back_url": asked.url(1)}


def _send(request: HttpRequest, asked: Asked) -> HttpResponseBase:
    if asked.symptom is None or asked.site is None:
        return form_response(request, _TEMPLATE, asked.context())
    form = TroubleForm(
        request.POST, actor=asked.actor, site=asked.site, symptom=asked.symptom, systems=asked.systems
    )  # fmt: skip
    if form.is_valid():
        data = form.cleaned_data
        try:
            made = acts.report(
                actor=asked.actor,
                site_id=asked.site.pk,
                person_id=data["person"].pk,
                symptom=asked.symptom,
                system_id=asked.system.pk if asked.system else None,
                checks=data["check"],
                details=data["details"],
            )
        except RefusedError as refused:
            form.refuse(refused)
        else:
            if made.incident is not None:
                flash(request, _("Others have the same: it is part of %(incident)s") % {"incident": made.incident})
            else:
                flash(request, _("Sent to IT"))
            return redirect(address("trouble-report", made.request.ref))
    return form_response(request, _TEMPLATE, asked.context() | {"form": form, "about": _about_report(asked)})
