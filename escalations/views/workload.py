"""Who of a service works when and takes what; one's own hours; the next case for oneself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from escalations import actions, queries
from escalations.actions.workload import Taken
from escalations.forms.workload import HoursForm, WorkloadForm
from escalations.queries import assigning
from escalations.queries.languages import language_choices, language_name
from escalations.rules.assigning import Shift
from escalations.views.common import case_url, moved_on, own_services, refusal
from escalations.views.config import may_change, shown_service, stale_text
from portal.accounts.decorators import require_actor
from portal.accounts.requests import actor_of
from portal.ui.htmx import flash

if TYPE_CHECKING:
    from escalations.queries.assigning import Member


@dataclass(frozen=True, slots=True)
class Line:
    """A member as the table shows them."""

    member: Member
    hours: list[str]
    languages: list[str]
    issues: list[str]


@require_safe
@require_actor
def service_people(request: HttpRequest, code: str) -> HttpResponseBase:
    """The members of a service: on duty or not, how much they have, what they take."""
    actor = actor_of(request)
    found = shown_service(actor, code)
    paths = {one.id: one.path for one in queries.issue_choices()}
    lines = [_line(one, paths) for one in assigning.staff_of(found.pk, timezone.now(), reader=actor)]
    context = {"service": found, "lines": lines, "may_change": may_change(actor, found)}
    return render(request, "escalations/service_people.html", context)


def _line(one: Member, paths: dict[int, str]) -> Line:
    return Line(
        one,
        [_run_text(list(run)) for _key, run in groupby(enumerate(one.shifts), _same_run)],
        [language_name(code) for code in sorted(one.candidate.languages)],
        sorted(paths[pk] for pk in one.candidate.issues if pk in paths),
    )


def _same_run(numbered: tuple[int, Shift]) -> tuple[int, time, time]:
    """Alike for neighbouring days of the same hours: their weekdays grow as their places do."""
    place, shift = numbered
    return shift.weekday - place, shift.starts, shift.ends


def _run_text(run: list[tuple[int, Shift]]) -> str:
    first, last = run[0][1], run[-1][1]
    days = str(WEEKDAYS[first.weekday]) if first == last else f"{WEEKDAYS[first.weekday]}–{WEEKDAYS[last.weekday]}"
    if first.starts == first.ends == time():
        return _("%(days)s around the clock") % {"days": days}
    return f"{days} {first.starts:%H:%M}–{first.ends:%H:%M}"


@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def service_person(request: HttpRequest, code: str, user_id: int) -> HttpResponseBase:
    """Hours and what somebody takes, for a lead of the service."""
    actor = actor_of(request)
    found = shown_service(actor, code)
    member = next((one for one in assigning.staff_of(found.pk, timezone.now()) if one.pk == user_id), None)
    if member is None:
        raise Http404
    if not may_change(actor, found):
        raise PermissionDenied
    form = _workload_form(request, member)
    back = reverse("escalations:service-people", args=[found.code])
    context = {"service": found, "member": member, "form": form, "back": back}
    if request.method != "POST" or not form.is_valid():
        return _shown(request, context)
    data = form.cleaned_data
    taken = Taken(data["cap"], data["issues"], data["languages"])
    try:
        actions.set_workload(
            actor=actor, service_id=found.pk, user_id=user_id, shifts=form.shifts(), taken=taken, expected_version=data["version"]
        )  # fmt: skip
    except actions.Refused as error:
        return _refused(request, context, error)
    return moved_on(request, back, _("Saved"))


def _workload_form(request: HttpRequest, member: Member) -> WorkloadForm:
    taken = member.candidate
    initial = {
        "version": assigning.workload_version(member.pk), "cap": taken.cap, "languages": list(taken.languages), "issues": list(taken.issues),
    }  # fmt: skip
    issues = [(one.id, one.path) for one in queries.issue_choices()]
    return WorkloadForm(
        _sent(request), shifts=member.shifts, initial=initial, languages=language_choices(), issues=issues
    )


@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def hours(request: HttpRequest) -> HttpResponseBase:
    """One's own working hours."""
    actor = actor_of(request)
    user_id = actor.user_id
    if user_id is None or not own_services(actor):
        raise Http404
    shifts: tuple[Shift, ...] = assigning.shifts_of([user_id]).get(user_id, ())
    form = HoursForm(_sent(request), shifts=shifts, initial={"version": assigning.workload_version(user_id)})
    context = {"form": form, "back": reverse("home:day")}
    if request.method != "POST" or not form.is_valid():
        return _shown(request, context)
    try:
        actions.set_own_hours(actor=actor, shifts=form.shifts(), expected_version=form.cleaned_data["version"])
    except actions.Refused as error:
        return _refused(request, context, error)
    return moved_on(request, reverse("escalations:hours"), _("Saved"))


@require_POST
@require_actor
def case_next(request: HttpRequest) -> HttpResponseBase:
    """Take the gravest unowned case that one can take."""
    actor = actor_of(request)
    if not own_services(actor):
        raise Http404
    try:
        outcome = actions.take_next(actor=actor)
    except actions.Refused as error:
        flash(request, refusal(error), tone="red")
        return redirect("escalations:queue")
    return moved_on(request, case_url(outcome.case), _("%(ref)s is yours") % {"ref": outcome.case.ref})


def _sent(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _shown(request: HttpRequest, context: dict[str, Any], status: int = 0) -> HttpResponse:
    default = 422 if context["form"].errors else 200
    return render(request, "escalations/workload.html", context, status=status or default)


def _refused(request: HttpRequest, context: dict[str, Any], error: actions.Refused) -> HttpResponse:
    if error.code == "stale":
        return _shown(request, {**context, "conflict_text": stale_text()}, 409)
    context["form"].add_error(None, refusal(error))
    return _shown(request, context)
