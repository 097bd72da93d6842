"""Approval rules, conflict rules and exceptions from them."""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.decorators import require_actor, require_right
from portal.accounts.requests import actor_of
from portal.ui.pagination import keyset_page

from ... import access
from ...actions import catalogue as actions
from ...actions.approving import DEFAULT_RULE
from ...actions.catalogue.base import configuring
from ...choices import ItemState
from ...forms.catalogue import NewRuleForm, NewSodRuleForm, RuleForm, SodRuleForm
from ...models import ApprovalRule, Entitlement, RequestItem, SodRule, System
from ...queries import catalogue, conflicting
from .common import FormPage, archive, data_of, edit, listing, page, reader, tabs_for

_RULES, _SOD = "access:approval_rules", "access:sod_rules"
_RULE_FORM = "access_requests/config/rule_form.html"


def _rule_url(row: ApprovalRule) -> str:
    return reverse("access:approval_rule", args=[row.code])


def _sod_url(row: SodRule) -> str:
    return reverse("access:sod_rule", args=[row.code])


@require_safe
@require_actor
def approval_rules(request: HttpRequest) -> HttpResponse:
    """Rules with their stages."""
    actor = reader(request, "approval_rules")
    rows = catalogue.approval_rules_visible_to(actor).prefetch_related("stages__group")
    return listing(request, "approval_rules", rows, lambda _items: {"default": DEFAULT_RULE})


@require_safe
@require_actor
def approval_rule(request: HttpRequest, code: str) -> HttpResponse:
    """A rule: its stages, where it holds, how many items wait at it."""
    row = access.get_approval_rule(actor_of(request), code)
    waiting = RequestItem.objects.filter(rule=row, state=ItemState.AWAITING_APPROVAL)
    context = {
        "rule": row,
        "stages": list(row.stages.select_related("group").order_by("number")),
        "systems": list(System.objects.filter(rule=row, archived_at=None)),
        "entitlements": list(Entitlement.objects.filter(rule=row, archived_at=None).select_related("system")),
        "waiting": waiting.count(),
        "is_default": row.code == DEFAULT_RULE,
    }
    return page(request, "approval_rule", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require_right("configure")
def approval_rule_new(request: HttpRequest) -> HttpResponse:
    """A rule that does not exist yet."""
    actor, url = actor_of(request), reverse(_RULES)
    shown = FormPage(
        _("New approval rule"), [_RULES, _("Approval rules"), "", _("New")], _("Add rule"), url, template=_RULE_FORM
    )
    return edit(
        request,
        NewRuleForm(data_of(request)),
        lambda f: actions.add_rule(actor=actor, code=f.cleaned_data["code"], values=f.values(), stages=f.stages()),
        shown,
        lambda row: (_rule_url(row), _("Rule added")),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def approval_rule_change(request: HttpRequest, code: str) -> HttpResponse:
    """Rename a rule or give it other stages."""
    actor = actor_of(request)
    row = access.get_approval_rule(actor, code)
    configuring(actor)
    url = _rule_url(row)
    crumbs = [_RULES, _("Approval rules"), url, row.label, "", _("Change")]
    note = _("What waits for approval already keeps the stages it was asked under.")
    return edit(
        request,
        RuleForm(data_of(request), initial=RuleForm.initial_from(row)),
        lambda f: actions.change_rule(
            actor=actor, code=code, version=f.seen_version, values=f.values(), stages=f.stages()
        ),
        FormPage(_("Change approval rule"), crumbs, _("Save"), url, note, _RULE_FORM),
        lambda _saved: (url, _("Rule saved")),
    )


@require_POST
@require_actor
def approval_rule_archive(request: HttpRequest, code: str) -> HttpResponse:
    """Offer a rule no more, or again."""
    actor = actor_of(request)
    url = _rule_url(access.get_approval_rule(actor, code))
    configuring(actor)
    return archive(request, lambda on: actions.archive_rule(actor=actor, code=code, archived=on), url)


@require_safe
@require_actor
def sod_rules(request: HttpRequest) -> HttpResponse:
    """What must not be held together, and how many do."""
    actor = reader(request, "sod_rules")
    rows = catalogue.sod_rules_visible_to(actor).select_related("left__system", "right__system")

    def more(items: list[SodRule]) -> Mapping[str, object]:
        counts = conflicting.counts_of_both(actor, items)
        return {"rows": [(one, counts[one.pk]) for one in items]}

    return listing(request, "sod_rules", rows, more)


@require_safe
@require_actor
def sod_rule(request: HttpRequest, code: str) -> HttpResponse:
    """A conflict rule and who holds both sides today."""
    actor = actor_of(request)
    row = access.get_sod_rule(actor, code)
    holders = conflicting.holders_of_both(actor, row, timezone.now())
    context = {
        "rule": row,
        "holders": holders,
        "without": sum(one.until is None for one in holders),
        "capped": len(holders) >= conflicting.MOST,
    }
    return page(request, "sod_rule", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require_right("configure")
def sod_rule_new(request: HttpRequest) -> HttpResponse:
    """A conflict rule that does not exist yet."""
    actor, url = actor_of(request), reverse(_SOD)
    note = _("It blocks requests from now on. Who holds both already is shown and keeps them.")
    return edit(
        request,
        NewSodRuleForm(data_of(request)),
        lambda f: actions.add_sod_rule(
            actor=actor, code=f.cleaned_data["code"], values=f.values(), left_id=f.cleaned_data["left"],
            right_id=f.cleaned_data["right"],
        ),
        FormPage(_("New conflict rule"), [_SOD, _("Conflict rules"), "", _("New")], _("Add rule"), url, note),
        lambda row: (_sod_url(row), _("Rule added")),
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def sod_rule_change(request: HttpRequest, code: str) -> HttpResponse:
    """Rename a conflict rule."""
    actor = actor_of(request)
    row = access.get_sod_rule(actor, code)
    configuring(actor)
    url = _sod_url(row)
    crumbs = [_SOD, _("Conflict rules"), url, row.label, "", _("Change")]
    return edit(
        request,
        SodRuleForm(data_of(request), initial=SodRuleForm.initial_from(row)),
        lambda f: actions.change_sod_rule(actor=actor, code=code, version=f.seen_version, values=f.values()),
        FormPage(_("Change conflict rule"), crumbs, _("Save"), url),
        lambda _saved: (url, _("Rule saved")),
    )


@require_POST
@require_actor
def sod_rule_archive(request: HttpRequest, code: str) -> HttpResponse:
    """Block nothing by a rule any more, or again."""
    actor = actor_of(request)
    url = _sod_url(access.get_sod_rule(actor, code))
    configuring(actor)
    return archive(request, lambda on: actions.archive_sod_rule(actor=actor, code=code, archived=on), url)


@require_safe
@require_actor
def sod_exceptions(request: HttpRequest) -> HttpResponse:
    """Exceptions in force and those that are over, newest first."""
    actor = reader(request, "sod_exceptions")
    rows = conflicting.sod_exceptions_visible_to(actor).select_related(
        "rule", "person", "requested_by", "approved_by", "principal"
    )
    shown = keyset_page(rows, order=("-starts_at", "-id"), cursor=request.GET.get("cursor"))
    context = {
        "page": shown, "items": list(shown.items), "now": timezone.now(), "tabs": tabs_for(actor, "sod_exceptions"),
    }  # fmt: skip
    return page(request, "sod_exceptions", context)
