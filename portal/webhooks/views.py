"""Screens of the targets, for administrators."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal.accounts.decorators import require_right
from portal.accounts.requests import actor_of
from portal.refusals import RefusedError
from portal.sealing import SealBrokenError
from portal.ui.htmx import flash
from portal.webhooks import access, actions, queries
from portal.webhooks.choices import NAME_TAKEN
from portal.webhooks.forms import TargetForm


@require_GET
@require_right("configure")
def targets(request: HttpRequest) -> HttpResponse:
    """All targets, with how the last request went."""
    rows = list(queries.targets(actor_of(request)))
    context = {
        "targets": [row for row in rows if row.archived_at is None],
        "archived": [row for row in rows if row.archived_at is not None],
    }
    return render(request, "webhooks/targets.html", context)


@require_http_methods(["GET", "POST"])
@require_right("configure")
def target_new(request: HttpRequest) -> HttpResponse:
    """Add a target."""
    form = TargetForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.create_target(actor=actor_of(request), **form.cleaned_data)
        except RefusedError:
            form.add_error("name", NAME_TAKEN)
        else:
            flash(request, _("Webhook created. Give its secret to the receiver."))
            return redirect("webhooks:target", made.pk)
    return _form_page(request, form, reverse("webhooks:targets"))


@require_GET
@require_right("configure")
def target(request: HttpRequest, pk: int) -> HttpResponse:
    """A target and its last requests."""
    return _target_page(request, pk)


@require_http_methods(["GET", "POST"])
@require_right("configure")
def target_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename a target or send it elsewhere."""
    row = access.get_target(actor_of(request), pk)
    form = TargetForm(request.POST if request.method == "POST" else None, initial=vars(row), target_id=pk)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_target(actor=actor_of(request), target_id=pk, **form.cleaned_data)
        except RefusedError:
            form.add_error("name", NAME_TAKEN)
        else:
            flash(request, _("Saved"))
            return redirect("webhooks:target", pk)
    return _form_page(request, form, reverse("webhooks:target", args=[pk]), row)


@require_POST
@require_right("configure")
def target_archive(request: HttpRequest, pk: int) -> HttpResponse:
    """Archive a target or bring it back."""
    archived = request.POST.get("archived") == "1"
    try:
        actions.archive_target(actor=actor_of(request), target_id=pk, archived=archived)
    except RefusedError:
        flash(request, NAME_TAKEN, tone="red")
    return redirect("webhooks:target", pk)


@require_POST
@require_right("configure")
def target_test(request: HttpRequest, pk: int) -> HttpResponse:
    """Send an event that says hello."""
    actions.send_test(actor=actor_of(request), target_id=pk)
    flash(request, _("The test goes out within seconds. Reload to see how it went."))
    return redirect("webhooks:target", pk)


@require_POST
@never_cache
@require_right("configure")
def target_secret(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the secret once, on this page alone; with `renew`, a new one."""
    try:
        secret = actions.reveal_secret(actor=actor_of(request), target_id=pk, renew=request.POST.get("renew") == "1")
    except SealBrokenError:
        flash(request, _("The secret was encrypted with another key. Make a new one."), tone="red")
        return redirect("webhooks:target", pk)
    return _target_page(request, pk, secret)


def _target_page(request: HttpRequest, pk: int, secret: str = "") -> HttpResponse:
    row = access.get_target(actor_of(request), pk)
    context = {"target": row, "attempts": queries.last_attempts(row), "secret": secret, "nav_key": "webhooks"}
    return render(request, "webhooks/target.html", context)


def _form_page(request: HttpRequest, form: TargetForm, cancel_url: str, row: object = None) -> HttpResponse:
    context = {"form": form, "target": row, "cancel_url": cancel_url, "nav_key": "webhooks"}
    return render(request, "webhooks/target_form.html", context, status=422 if form.errors else 200)
