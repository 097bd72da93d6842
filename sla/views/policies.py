"""Policies: the list, one with its versions, new, change with a try beforehand, archive."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.decorators import require_actor
from portal.accounts.requests import actor_of
from portal.accounts.rules import Actor
from portal.ui.htmx import flash
from sla import access, actions, registry
from sla.actions import PolicyContent
from sla.actions.calendars import OutdatedError
from sla.actions.policies import newest_policy_version, policy_content
from sla.forms.policies import PolicyForm, initial_of
from sla.models import Policy, PolicyVersion
from sla.queries import pages, rulebook
from sla.queries.calendars import calendars_for, newest_versions
from sla.queries.explain import matched
from sla.queries.preview import Preview, preview, with_rule
from sla.queries.spans import span_text
from sla.rules import Rule, Target, may_edit
from sla.views.common import reader


@dataclass(frozen=True, slots=True)
class VersionLine:
    """What one version says, in words."""

    version: PolicyVersion
    match: Sequence[tuple[str, str]]
    targets: Sequence[tuple[str, Any, str]]  # metric, target, its span in words
    levels: Sequence[tuple[int, str, str]]


@dataclass(frozen=True, slots=True)
class PolicyLine:
    """One policy of the list."""

    policy: Policy
    said: VersionLine | None
    may_edit: bool


@require_safe
@require_actor
def policy_list(request: HttpRequest) -> HttpResponseBase:
    """The policies of every kind of subject, in their order. A constant number of queries per kind."""
    actor = reader(request)
    kinds = [(kind, *_lines(actor, kind)) for kind in registry.kinds_with_policies()]
    context = {"kinds": kinds, "pending": pages.pending_jobs(), "may_configure": access.may_configure(actor)}
    return render(request, "sla/policies.html", context)


def _lines(actor: Actor, kind: registry.SubjectKind) -> tuple[list[PolicyLine], list[Policy], bool]:
    rows = list(pages.policies(kind.key))
    said = pages.newest_of([row.pk for row in rows])
    names = _names(said.values())
    governed, configures = access.governed_by(actor, kind.key), access.may_configure(actor)
    lines = [
        PolicyLine(
            row,
            _said(kind.key, said[row.pk], names),
            configures or may_edit(said[row.pk].match, governed, is_administrator=False),
        )
        for row in rows
    ]
    return lines, list(pages.policies(kind.key, archived=True)), configures or bool(governed)


def _said(kind: str, version: PolicyVersion, names: dict[int, str]) -> VersionLine:
    labels = registry.kind_of(kind)
    targets = sorted(version.targets.all(), key=lambda target: list(labels.metrics).index(target.metric))
    return VersionLine(
        version,
        list(matched(kind, version.match)),
        [(str(labels.metric_label(target.metric)), target, span_text(target.minutes)) for target in targets],
        list(pages.words_of_who(version, names)),
    )


def _names(versions: Any) -> dict[int, str]:
    ids = {int(who) for version in versions for level in version.levels.all() for who in level.who if who.isdigit()}
    return dict(get_user_model().objects.filter(pk__in=ids).values_list("pk", "name")) if ids else {}


@require_safe
@require_actor
def policy(request: HttpRequest, policy_id: int) -> HttpResponseBase:
    """One policy with all its versions."""
    found = _policy(request, policy_id)
    versions = list(pages.policy_versions(found.pk))
    names = _names(versions)
    lines = [_said(found.subject_kind, version, names) for version in versions]
    context = {
        "policy": found,
        "kind": registry.kind_of(found.subject_kind),
        "lines": lines,
        "open_clocks": pages.open_clocks_under(found.pk),
        "jobs": pages.jobs_of(policy=found.pk),
        "may_edit": access.may_edit_match(actor_of(request), found.subject_kind, versions[0].match),
    }
    return render(request, "sla/policy.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def policy_new(request: HttpRequest, subject_kind: str) -> HttpResponseBase:
    """A policy that does not exist yet."""
    actor = reader(request)
    if subject_kind not in {kind.key for kind in registry.kinds_with_policies()}:
        raise Http404
    if not (access.may_configure(actor) or access.governed_by(actor, subject_kind)):
        raise PermissionDenied
    last = pages.policies(subject_kind).count()
    form = PolicyForm(request.POST or None, subject_kind=subject_kind, initial={"position": last + 1})
    return _handle(request, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def policy_edit(request: HttpRequest, policy_id: int) -> HttpResponseBase:
    """Change a policy: try it on the open clocks first, then save."""
    found = _policy(request, policy_id)
    version = newest_policy_version(found.pk)
    if not access.may_edit_match(actor_of(request), found.subject_kind, version.match):
        raise PermissionDenied
    content = policy_content(version)
    form = PolicyForm(
        request.POST or None,
        subject_kind=found.subject_kind,
        policy_id=found.pk,
        stored=content,
        initial=initial_of(found, content, version.number),
    )
    return _handle(request, form, found)


def _handle(request: HttpRequest, form: PolicyForm, found: Policy | None) -> HttpResponseBase:
    if request.method != "POST" or not form.is_valid() or form.content is None:
        return _form_page(request, form, found)
    if not access.may_edit_match(actor_of(request), form.kind.key, form.content.match):
        form.add_error(None, _("Choose at least one service of yours, and none of others."))
        return _form_page(request, form, found)
    if request.POST.get("do") != "save":
        return _form_page(request, form, found, previewed=_preview(form, found))
    return _save(request, form, found, form.content)


def _save(request: HttpRequest, form: PolicyForm, found: Policy | None, content: PolicyContent) -> HttpResponseBase:
    data, actor = form.cleaned_data, actor_of(request)
    common: dict[str, Any] = {"actor": actor, "name": data["name"], "name_zh": data["name_zh"], "content": content}
    try:
        if found is None:
            made = actions.create_policy(subject_kind=form.kind.key, position=data["position"], **common)
            flash(request, _("Policy created. Open clocks are being recomputed."))
            return redirect("sla:policy", made.pk)
        actions.change_policy(policy_id=found.pk, position=data["position"], expected=data["expected"] or 0, **common)
    except IntegrityError:
        form.add_error("name", _("Another policy has this name."))
        return _form_page(request, form, found)
    except OutdatedError:
        form.add_error(None, _("Not saved. Somebody changed this policy a moment ago; open it again to see how."))
        return _form_page(request, form, found, status=409)
    flash(request, _("Policy saved. Open clocks are being recomputed."))
    return redirect("sla:policy", found.pk)


def _preview(form: PolicyForm, found: Policy | None) -> Preview:
    """What the change would do to open clocks."""
    content = form.content or PolicyContent()
    newest = newest_versions({target.calendar_id for target in content.targets.values()})
    arithmetic = calendars_for(newest.values())
    rule = Rule(
        policy_id=found.pk if found else 0,
        policy_version_id=0,
        match={name: frozenset(values) for name, values in content.match.items()},
        targets={
            metric: Target(
                seconds=target.minutes * 60,
                calendar_id=target.calendar_id,
                calendar_version_id=newest[target.calendar_id],
                calendar=arithmetic[newest[target.calendar_id]],
                pause_states=frozenset(target.pause_states),
            )
            for metric, target in content.targets.items()
        },
    )
    return preview(form.kind.key, with_rule(rulebook(form.kind.key), rule, form.cleaned_data["position"]))


def _form_page(
    request: HttpRequest, form: PolicyForm, found: Policy | None, *, status: int = 200, previewed: Preview | None = None
) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "policy": found, "preview": previewed}
    context["cancel_url"] = reverse("sla:policy", args=[found.pk]) if found else reverse("sla:policies")
    return render(request, "sla/policy_form.html", context, status=422 if form.errors and status == 200 else status)


@require_POST
@require_actor
def policy_archive(request: HttpRequest, policy_id: int) -> HttpResponseBase:
    """Take a policy out of the list, or put it back."""
    found = _policy(request, policy_id)
    actor = actor_of(request)
    if not access.may_edit_match(actor, found.subject_kind, newest_policy_version(found.pk).match):
        raise PermissionDenied
    archived = request.POST.get("archived") == "1"
    same = Policy.objects.filter(subject_kind=found.subject_kind, name__iexact=found.name, archived_at=None)
    if not archived and same.exists():
        flash(request, _("Another policy has this name. Rename that one first."), "red")
        return redirect("sla:policy", found.pk)
    actions.archive_policy(actor=actor, policy_id=found.pk, archived=archived)
    flash(request, _("Policy archived") if archived else _("Policy restored"))
    return redirect("sla:policy", found.pk)


def _policy(request: HttpRequest, policy_id: int) -> Policy:
    found = access.get_policy(actor_of(request), policy_id)
    if found is None:
        raise Http404
    return found
