"""The administrators' screens; auditors may look."""

from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal.accounts import access, actions
from portal.accounts.choices import Refusal
from portal.accounts.decorators import require_right
from portal.accounts.forms import GrantForm, InviteForm, StandInForm, UserFilter, time_zones
from portal.accounts.middleware import zone_or_utc
from portal.accounts.models import User
from portal.accounts.queries.people import delegations_of, filtered, memberships_of, rows_of, users_visible_to
from portal.accounts.requests import actor_of
from portal.accounts.views.answers import attempt, refused_in
from portal.audit.paging import Page, page_of
from portal.audit.queries import audit_by, audit_of

SIGN_INS = ("user.signed_in", "user.signed_out")


@require_GET
@require_right("see_users")
def users(request: HttpRequest) -> HttpResponse:
    """Everybody who has or had an account, by name."""
    form = UserFilter(request.GET)
    page: Page[User] = Page([], None, None)
    if form.is_valid():
        found = filtered(
            users_visible_to(actor_of(request)),
            text=form.cleaned_data["q"],
            role=form.cleaned_data["role"],
            scope=form.chosen_scope(),
            state=form.cleaned_data["state"],
        )
        page = page_of(found, column="name", cursor=request.GET.get("cursor"))
    context = {
        "form": form,
        "page": page,
        "rows": rows_of(page.items, form.scope_labels()),
        "may_manage": _may_manage(request),
    }
    return render(request, "accounts/users.html", context)


@require_http_methods(["GET", "POST"])
@require_right("manage_users")
def invite(request: HttpRequest) -> HttpResponse:
    """Invite somebody new, with one role; more can be added on their page."""
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        action = partial(
            actions.invite,
            actor=actor_of(request),
            email=data["email"],
            name=data["name"],
            language=data["language"],
            time_zone=data["time_zone"],
            grants=[form.grant()],
        )
        if not refused_in(form, action, {Refusal.EMAIL_TAKEN: "email", Refusal.SCOPE: "scope"}):
            messages.success(request, _("Invited %(name)s. The link works for 7 days.") % {"name": data["name"]})
            return redirect("accounts:users")
    context = {"form": form, "time_zones": time_zones()}
    return render(request, "accounts/invite.html", context, status=422 if form.errors else 200)


@require_GET
@require_right("see_users")
def user(request: HttpRequest, user_id: int) -> HttpResponse:
    """One user: roles past and present, stand-ins, sign-ins, what was changed."""
    person = access.view_user(actor_of(request), user_id)
    return _user_page(request, person, GrantForm(), StandInForm())


@require_POST
@require_right("manage_users")
def add_role(request: HttpRequest, user_id: int) -> HttpResponse:
    """Give a role."""
    person = access.get_user(actor_of(request), user_id)
    form = GrantForm(request.POST)
    if form.is_valid():
        action = partial(actions.add_membership, actor=actor_of(request), user_id=user_id, grant=form.grant())
        if not refused_in(form, action, {Refusal.ROLE_HELD: "role", Refusal.SCOPE: "scope"}):
            messages.success(request, _("Role given"))
            return redirect("accounts:user", user_id)
    return _user_page(request, person, form, StandInForm())


@require_POST
@require_right("manage_users")
def end_role(request: HttpRequest, membership_id: int) -> HttpResponse:
    """End a role now."""
    person_id = access.owner_of_membership(actor_of(request), membership_id)
    action = partial(actions.end_membership, actor=actor_of(request), membership_id=membership_id)
    attempt(request, action, _("Role ended"))
    return redirect("accounts:user", person_id)


@require_POST
@require_right("manage_users")
def reinvite(request: HttpRequest, user_id: int) -> HttpResponse:
    """Send a new link; the old one stops working."""
    action = partial(actions.reinvite, actor=actor_of(request), user_id=user_id)
    attempt(request, action, _("Invited again. Earlier links no longer work."))
    return redirect("accounts:user", user_id)


@require_POST
@require_right("manage_users")
def deactivate(request: HttpRequest, user_id: int) -> HttpResponse:
    """End all access of a user."""
    action = partial(actions.deactivate, actor=actor_of(request), user_id=user_id)
    attempt(request, action, _("Deactivated and signed out everywhere"))
    return redirect("accounts:user", user_id)


@require_POST
@require_right("manage_users")
def reactivate(request: HttpRequest, user_id: int) -> HttpResponse:
    """Let a user come back, without roles."""
    action = partial(actions.reactivate, actor=actor_of(request), user_id=user_id)
    attempt(request, action, _("Reactivated. Give the roles anew."))
    return redirect("accounts:user", user_id)


@require_POST
@require_right("manage_users")
def reset_second_factor(request: HttpRequest, user_id: int) -> HttpResponse:
    """Remove a user's one-time codes, for a phone that is gone."""
    action = partial(actions.reset_second_factor, actor=actor_of(request), user_id=user_id)
    attempt(request, action, _("Second factor removed"))
    return redirect("accounts:user", user_id)


@require_POST
@require_right("manage_users")
def name_stand_in(request: HttpRequest, user_id: int) -> HttpResponse:
    """Name a stand-in for a user who cannot do it, for instance being ill."""
    person = access.get_user(actor_of(request), user_id)
    form = StandInForm(request.POST)
    if form.is_valid() and not refused_in(form, partial(delegate_by_form, request, person, form), STAND_IN_FIELDS):
        messages.success(request, _("Stand-in named"))
        return redirect("accounts:user", user_id)
    return _user_page(request, person, GrantForm(), form)


STAND_IN_FIELDS: dict[str, str] = {
    Refusal.NO_STAND_IN: "email",
    Refusal.PERIOD: "last_day",
    Refusal.TOO_LONG: "last_day",
    Refusal.OVERLAP: "first_day",
}


def delegate_by_form(request: HttpRequest, person: User, form: StandInForm) -> None:
    """Name the stand-in that a valid form asks for. Raises RefusedError."""
    starts_at, ends_at = form.period(zone_or_utc(person.time_zone))
    actions.delegate(
        actor=actor_of(request),
        principal_id=person.pk,
        delegate_email=form.cleaned_data["email"],
        starts_at=starts_at,
        ends_at=ends_at,
    )


def _may_manage(request: HttpRequest) -> bool:
    return actor_of(request).can("manage_users")


def _user_page(request: HttpRequest, person: User, grant_form: GrantForm, stand_in_form: StandInForm) -> HttpResponse:
    [row] = rows_of([person])
    context = {
        "person": person,
        "row": row,
        "roles": memberships_of(person),
        "delegations": delegations_of(person, actor_of(request)),
        "sign_ins": audit_by(person.pk, SIGN_INS),
        "trail": audit_of("user", person.pk, limit=20),
        "grant_form": grant_form,
        "stand_in_form": stand_in_form,
        "may_manage": _may_manage(request),
        "is_self": person.pk == actor_of(request).user_id,
    }
    failed = bool(grant_form.errors or stand_in_form.errors)
    return render(request, "accounts/user.html", context, status=422 if failed else 200)
