"""Screens of what other systems hear of cases. Administrators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from escalations import access, actions, queries
from escalations.choices.hooks import Happening
from escalations.forms.channels import NewSubscriptionForm, SubscriptionForm
from escalations.queries import channels as reads
from escalations.views.common import moved_on, refusal
from escalations.views.config import stale_text
from portal.accounts.decorators import require_right
from portal.accounts.requests import actor_of

if TYPE_CHECKING:
    from escalations.forms.base import Choice
    from portal.accounts.rules import Actor

_FIELDS = {"unknown_service": "services", "unknown_value": "events"}


@require_safe
@require_right("configure")
def case_events(request: HttpRequest) -> HttpResponseBase:
    """Who hears what of whose cases."""
    return render(request, "escalations/case_events.html", {"rows": reads.subscriptions(actor_of(request))})


@require_http_methods(["GET", "HEAD", "POST"])
@require_right("configure")
def case_event_new(request: HttpRequest) -> HttpResponseBase:
    """One more receiver."""
    actor = actor_of(request)
    targets: list[Choice] = [(one.pk, one.name) for one in reads.targets()]
    data = request.POST if request.method == "POST" else None
    form = NewSubscriptionForm(data, targets=targets, services=_services(actor))
    if request.method == "POST" and form.is_valid():
        try:
            row = actions.subscribe(actor=actor, target_id=form.cleaned_data["target"], **form.settings())
        except actions.Refused as error:
            form.add_error(_FIELDS.get(error.code), refusal(error))
        else:
            url = reverse("escalations:case-event", args=[row.pk])
            return moved_on(request, url, _("The receiver hears of cases from now on."))
    context = {"form": form, "any_target": bool(targets), "back_url": reverse("escalations:case-events")}
    return render(request, "escalations/case_event_form.html", context, status=422 if form.errors else 200)


def _services(actor: Actor) -> list[Choice]:
    return [(one.pk, one.label) for one in queries.live_services(actor)]


@require_safe
@require_right("configure")
def case_event(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A subscription, and how its events fare."""
    row = access.get_subscription(actor_of(request), pk)
    heard = [Happening(one).label for one in row.events]
    context = {"row": row, "heard": heard, "deliveries": reads.deliveries(row), "nav_key": "case_events"}
    return render(request, "escalations/case_event.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require_right("configure")
def case_event_change(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Other events, other services, or nothing for now."""
    actor = actor_of(request)
    row = access.get_subscription(actor, pk)
    kept = {one.pk: one.label for one in row.services.all()}
    offered: list[Choice] = list({**dict(_services(actor)), **kept}.items())
    initial = {"version": row.version, "events": row.events, "services": list(kept), "is_on": row.is_on}
    form = SubscriptionForm(request.POST if request.method == "POST" else None, services=offered, initial=initial)
    url = reverse("escalations:case-event", args=[pk])
    if request.method == "POST" and form.is_valid():
        on, version = form.cleaned_data["is_on"], form.expected_version
        try:
            actions.change_subscription(actor=actor, pk=pk, on=on, expected_version=version, **form.settings())
        except actions.Refused as error:
            form.add_error(_FIELDS.get(error.code), stale_text() if error.code == "stale" else refusal(error))
        else:
            return moved_on(request, url, _("Saved"))
    context = {"form": form, "row": row, "any_target": True, "back_url": url, "nav_key": "case_events"}
    return render(request, "escalations/case_event_form.html", context, status=422 if form.errors else 200)
