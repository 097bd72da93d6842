"""The first policies of an installation."""

from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from portal.accounts.decorators import require_actor
from portal.ui.htmx import flash
from sla import registry
from sla.actions.starting import PoliciesExistError, create_starters
from sla.forms.starting import StarterForm
from sla.queries.pages import policies
from sla.views.common import configurer


@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def starter(request: HttpRequest, subject_kind: str) -> HttpResponseBase:
    """Suggested policies while there is none; with one there, the list itself is the place to go on."""
    actor = configurer(request)
    kind = next((kind for kind in registry.kinds() if kind.key == subject_kind and kind.starters), None)
    if kind is None:
        raise Http404
    if policies(kind.key).exists():
        return redirect("sla:policies")
    form = StarterForm(request.POST or None, kind=kind)
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.is_bound else 200
        return render(request, "sla/starter.html", {"form": form, "kind": kind}, status=status)
    try:
        made = create_starters(actor=actor, subject_kind=kind.key, calendar_id=form.calendar_id, chosen=form.chosen())
    except (PoliciesExistError, IntegrityError):
        flash(request, _("Not made: somebody made policies a moment ago."), "red")
        return redirect("sla:policies")
    flash(request, _("%(n)d policies are in force.") % {"n": len(made)})
    return redirect("sla:policies")
