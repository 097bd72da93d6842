"""Groups and who is in them."""

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.decorators import require_actor, require_right
from portal.accounts.requests import actor_of
from portal.refusals import RefusedError
from portal.ui.htmx import flash

from ... import access
from ...actions import catalogue as actions
from ...actions.catalogue.base import configuring
from ...forms.catalogue import GroupForm, MemberForm, NewGroupForm
from ...models import ApprovalRule, Group
from ...queries import catalogue
from ...wording import refusal
from .common import FormPage, archive, data_of, edit, listing, page, reader

_CRUMB = "access:groups"


def _url(row: Group) -> str:
    return reverse("access:group", args=[row.code])


@require_safe
@require_actor
def groups(request: HttpRequest) -> HttpResponse:
    """Groups with how many are in them, and what they are for."""
    actor = reader(request, "groups")
    members = Count("members", filter=Q(members__ended_at=None), distinct=True)
    systems = Count("systems", filter=Q(systems__archived_at=None), distinct=True)
    rows = catalogue.groups_visible_to(actor).annotate(number=members, worked=systems)
    return listing(request, "groups", rows)


@require_safe
@require_actor
def group(request: HttpRequest, code: str) -> HttpResponse:
    """A group: who is in it, what it works and what it decides."""
    return _show(request, access.get_group(actor_of(request), code), MemberForm)


def _show(request: HttpRequest, row: Group, form: type[MemberForm], data: object = None) -> HttpResponse:
    members = list(row.members.filter(ended_at=None).select_related("user").order_by("user__name", "pk"))
    actor = actor_of(request)
    filled = form(data, but=[one.user_id for one in members]) if actor.can("configure") else None
    rules = ApprovalRule.objects.filter(stages__group=row, archived_at=None).distinct()
    context = {
        "group": row,
        "members": members,
        "form": filled,
        "systems": list(row.systems.filter(archived_at=None)),
        "rules": list(rules) if catalogue.sees_cost(actor) else [],
    }
    return page(request, "group", context, 422 if filled is not None and filled.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@require_right("configure")
def group_new(request: HttpRequest) -> HttpResponse:
    """A group that does not exist yet."""
    actor, url = actor_of(request), reverse(_CRUMB)
    return edit(
        request,
        NewGroupForm(data_of(request)),
        lambda f: actions.add_group(actor=actor, code=f.cleaned_data["code"], values=f.values()),
        FormPage(_("New group"), [_CRUMB, _("Groups"), "", _("New")], _("Add group"), url),
        lambda row: (_url(row), _("Group added. Now add its members.")),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def group_change(request: HttpRequest, code: str) -> HttpResponse:
    """Rename a group."""
    actor = actor_of(request)
    row = access.get_group(actor, code)
    configuring(actor)
    return edit(
        request,
        GroupForm(data_of(request), initial=GroupForm.initial_from(row)),
        lambda f: actions.change_group(actor=actor, code=code, version=f.seen_version, values=f.values()),
        FormPage(_("Change group"), [_CRUMB, _("Groups"), _url(row), row.label, "", _("Change")], _("Save"), _url(row)),
        lambda saved: (_url(saved), _("Group saved")),
    )


@require_POST
@require_actor
def group_archive(request: HttpRequest, code: str) -> HttpResponse:
    """Take a group out of use, or bring it back."""
    actor = actor_of(request)
    row = access.get_group(actor, code)
    configuring(actor)
    return archive(request, lambda on: actions.archive_group(actor=actor, code=code, archived=on), _url(row))


@require_POST
@require_actor
def member_add(request: HttpRequest, code: str) -> HttpResponse:
    """Somebody joins a group."""
    actor = actor_of(request)
    row = access.get_group(actor, code)
    configuring(actor)
    form = MemberForm(request.POST)
    if not form.is_valid():
        return _show(request, row, MemberForm, request.POST)
    try:
        actions.add_member(actor=actor, code=code, user_id=form.cleaned_data["user"])
    except RefusedError as refused:
        flash(request, refusal(refused.code, refused.params), tone="red")
    else:
        flash(request, _("Added to the group"))
    return redirect(_url(row))


@require_POST
@require_actor
def member_end(request: HttpRequest, code: str, member_id: int) -> HttpResponse:
    """Somebody leaves a group."""
    actor = actor_of(request)
    row = access.get_group(actor, code)
    configuring(actor)
    actions.end_member(actor=actor, code=code, member_id=member_id)
    flash(request, _("Taken out of the group"))
    return redirect(_url(row))
