"""One's own page: name, language, time zone, stand-ins, password, second factor."""

from functools import partial

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_http_methods, require_POST

from portal.accounts import access, actions
from portal.accounts.decorators import require_actor
from portal.accounts.forms import ProfileForm, StandInForm, time_zones
from portal.accounts.models import User
from portal.accounts.queries import has_second_factor, memberships_of, stand_ins_for
from portal.accounts.queries.people import delegations_of
from portal.accounts.requests import actor_of
from portal.accounts.views.answers import attempt, refused_in
from portal.accounts.views.users import STAND_IN_FIELDS, delegate_by_form

_SUGGESTED = 50


@require_http_methods(["GET", "POST"])
@require_actor
def profile(request: HttpRequest) -> HttpResponse:
    """Show and change one's own settings."""
    person = access.get_self(actor_of(request))
    form = ProfileForm.of(person, request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.change_profile(actor=actor_of(request), **form.cleaned_data)
        with override(form.cleaned_data["language"]):
            messages.success(request, _("Saved"))
        return redirect("accounts:profile")
    return _page(request, person, form, StandInForm())


@require_POST
@require_actor
def name_stand_in(request: HttpRequest) -> HttpResponse:
    """Name a stand-in for oneself."""
    person = access.get_self(actor_of(request))
    form = StandInForm(request.POST)
    if form.is_valid() and not refused_in(form, partial(delegate_by_form, request, person, form), STAND_IN_FIELDS):
        messages.success(request, _("Stand-in named"))
        return redirect("accounts:profile")
    return _page(request, person, ProfileForm.of(person), form)


@require_POST
@require_actor
def cancel_stand_in(request: HttpRequest, delegation_id: int) -> HttpResponse:
    """End a delegation: one's own, or as an administrator anybody's."""
    principal_id = access.principal_of(actor_of(request), delegation_id)
    action = partial(actions.cancel_delegation, actor=actor_of(request), delegation_id=delegation_id)
    attempt(request, action, _("Stand-in cancelled"))
    if principal_id == actor_of(request).user_id:
        return redirect("accounts:profile")
    return redirect("accounts:user", principal_id)


@require_POST
@require_actor
def end_sessions(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere else; this browser stays signed in."""
    user = actions.end_own_sessions(actor=actor_of(request))
    update_session_auth_hash(request, user)
    messages.success(request, _("Signed out everywhere else"))
    return redirect("accounts:profile")


def _page(request: HttpRequest, person: User, form: ProfileForm, stand_in_form: StandInForm) -> HttpResponse:
    context = {
        "form": form,
        "person": person,
        "stand_in_form": stand_in_form,
        "colleagues": stand_ins_for(person).order_by("name", "pk")[:_SUGGESTED],
        "delegations": delegations_of(person, actor_of(request)),
        "roles": [line for line in memberships_of(person) if line.membership.ended_at is None],
        "second_factor": has_second_factor(person.pk),
        "time_zones": time_zones(),
    }
    failed = bool(form.errors or stand_in_form.errors)
    return render(request, "accounts/profile.html", context, status=422 if failed else 200)
