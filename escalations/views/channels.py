"""Screens of channels: the systems that write to us for customers. Administrators."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from escalations import access, actions, queries
from escalations.forms import issue_groups
from escalations.forms.channels import EndpointForm, NewEndpointForm
from escalations.queries import channels as reads
from escalations.views.common import moved_on, refusal
from escalations.views.config import stale_text
from partners import queries as directory
from portal.accounts.decorators import require_right
from portal.accounts.requests import actor_of
from portal.accounts.rules import Actor
from portal.ui.htmx import flash

FIELDS = {
    "name_taken": "name", "name_needed": "name", "unknown_site": "site", "unknown_issue": "issue_type", "unknown_service": "service",
}  # fmt: skip


@require_safe
@require_right("configure")
def channels(request: HttpRequest) -> HttpResponseBase:
    """All endpoints with what came in."""
    actor = actor_of(request)
    rows = reads.with_figures(reads.endpoints(actor))
    return render(request, "escalations/channels.html", {"rows": rows, "trouble": reads.trouble_count(actor)})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@require_right("configure")
def channel_new(request: HttpRequest) -> HttpResponseBase:
    """One more endpoint. Its secret is shown in the answer and never again."""
    actor = actor_of(request)
    services = [(one.pk, one.label) for one in queries.live_services(actor)]
    form = NewEndpointForm(request.POST if request.method == "POST" else None, services=services, **_offered(actor))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            row, secret = actions.add_endpoint(
                actor=actor, service_id=data["service"], kind=data["kind"], **form.settings()
            )
        except actions.Refused as error:
            form.add_error(FIELDS.get(error.code), refusal(error))
        else:
            return _show(request, row.pk, secret)
    context = {"form": form, "back_url": reverse("escalations:channels")}
    return render(request, "escalations/channel_form.html", context, status=422 if form.errors else 200)


def _offered(actor: Actor) -> dict[str, Any]:
    rows = directory.sites_visible_to(actor).filter(archived_at=None).order_by("name", "pk")
    return {"sites": [(site.pk, site.label) for site in rows], "issues": issue_groups(queries.issue_choices())}


@require_safe
@require_right("configure")
def channel(request: HttpRequest, pk: int) -> HttpResponseBase:
    """An endpoint: its address, what came in, and its secrets without a word of them."""
    return _show(request, pk)


def _show(request: HttpRequest, pk: int, secret: str = "") -> HttpResponse:
    access.get_endpoint(actor_of(request), pk)
    row = reads.with_figures(reads.endpoints(actor_of(request))).get(pk=pk)
    address = request.build_absolute_uri(reverse("escalations:channel-door", args=[row.key]))
    context = {"row": row, "secret": secret, "address": address, "nav_key": "channels"}
    return render(request, "escalations/channel.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require_right("configure")
def channel_change(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The name of an endpoint, and what its new cases begin with."""
    actor = actor_of(request)
    row = access.get_endpoint(actor, pk)
    initial = {"version": row.version, "name": row.name, "site": row.site_id, "issue_type": row.issue_type_id}
    form = EndpointForm(request.POST if request.method == "POST" else None, initial=initial, **_offered(actor))
    url = reverse("escalations:channel", args=[pk])
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_endpoint(actor=actor, pk=pk, expected_version=form.expected_version, **form.settings())
        except actions.Refused as error:
            form.add_error(FIELDS.get(error.code), stale_text() if error.code == "stale" else refusal(error))
        else:
            return moved_on(request, url, _("Saved"))
    context = {"form": form, "row": row, "back_url": url, "nav_key": "channels"}
    return render(request, "escalations/channel_form.html", context, status=422 if form.errors else 200)


@require_POST
@require_right("configure")
def channel_switch(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take what is sent there, or no more."""
    on = request.POST.get("on") == "1"
    actions.switch_endpoint(actor=actor_of(request), pk=pk, on=on)
    text = _("What is sent here is taken.") if on else _("What is sent here is refused from now on.")
    return moved_on(request, reverse("escalations:channel", args=[pk]), text)


@require_POST
@never_cache
@require_right("configure")
def channel_secret(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Another secret, shown in this answer alone; or the end of the one before."""
    if request.POST.get("end") == "1":
        actions.end_former_secret(actor=actor_of(request), pk=pk)
        flash(request, _("Only the newest secret counts now."))
        return redirect("escalations:channel", pk)
    return _show(request, pk, actions.renew_channel_secret(actor=actor_of(request), pk=pk))
