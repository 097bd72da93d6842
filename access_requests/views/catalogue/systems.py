"""Systems and entitlements."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from partners import queries as directory
from portal.accounts.decorators import require_actor, require_right
from portal.accounts.requests import actor_of
from portal.accounts.rules import SYSTEM, Actor
from portal.refusals import RefusedError
from portal.ui.htmx import flash
from sla.queries.spans import business_day, business_text

from ... import access
from ...actions import catalogue as actions
from ...actions.catalogue.base import configuring
from ...choices import Channel, DataClass, Proof
from ...forms.catalogue import EntitlementForm, NewEntitlementForm, NewSystemForm, SystemForm
from ...models import Entitlement, System
from ...queries import catalogue, sees_all
from ...wording import refusal
from .common import FormPage, archive, data_of, edit, listing, page, reader

_CRUMB = "access:systems"


@require_safe
@require_actor
def systems(request: HttpRequest) -> HttpResponse:
    """All systems with seats and, for the company, cost."""
    actor = reader(request, "systems")
    rows = catalogue.systems_visible_to(actor).select_related("owner", "group")

    def more(items: list[System]) -> Mapping[str, object]:
        ids = [one.pk for one in items]
        used = catalogue.seats(actor, ids)
        taken = used if sees_all(actor) else catalogue.seats(SYSTEM, ids)
        sees_cost = catalogue.sees_cost(actor)
        rows = [_line(one, used.get(one.pk, 0), taken.get(one.pk, 0)) for one in items]
        for line in rows:
            line["shown"] = line["taken"] if sees_cost else line["used"]
        return {"rows": rows, "sees_cost": sees_cost, "unused": _unused(rows)}

    number = Count("entitlements", filter=Q(entitlements__archived_at=None))
    return listing(request, "systems", rows.annotate(offered=number), more)


def _line(system: System, used: int, taken: int) -> dict[str, Any]:
    """`used` by people whom the reader sees, `taken` by anybody: seats are the company's, whoever has them."""
    limit, price = system.seat_limit, system.seat_cost
    free = None if limit is None else max(0, limit - taken)
    return {
        "system": system,
        "channel": Channel(system.channel).label,
        "used": used,
        "taken": taken,
        "free": free,
        "full": free == 0,
        "percent": min(100, round(100 * taken / limit)) if limit else None,
        "cost": None if price is None else price * used,
        "free_cost": None if price is None or free is None else price * free,
    }


def _unused(rows: Collection[Mapping[str, Any]]) -> list[tuple[Decimal, str]]:
    """What seats that nobody uses cost a month, by currency."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for line in rows:
        if line["free_cost"]:
            sums[line["system"].currency] += line["free_cost"]
    return [(sums[currency], currency) for currency in sorted(sums)]


@require_safe
@require_actor
def system(request: HttpRequest, code: str) -> HttpResponse:
    """A system: what may be held in it, who has a seat where, how it is told of changes."""
    actor = actor_of(request)
    row = access.get_system(actor, code)
    entitlements = row.entitlements.select_related("rule").order_by("name", "pk")
    counts = catalogue.entitlement_counts(actor, row)
    cost = row.seat_cost if catalogue.sees_cost(actor) else None
    sites = catalogue.holders_by_site(actor, row.entitlements.all(), cost)
    context = {
        **_line(row, catalogue.seats(actor, [row.pk]).get(row.pk, 0), catalogue.seats(SYSTEM, [row.pk]).get(row.pk, 0)),
        "waiting": catalogue.waiting_people(actor, row),
        "entitlements": [(one, counts.get(one.pk, 0)) for one in entitlements],
        "sites": sites,
        "sees_cost": catalogue.sees_cost(actor),
        "sees_connection": catalogue.sees_connection(actor, row),
        "sees_rules": catalogue.sees_cost(actor),
        "usual_time": business_text(row.lead_minutes, _business_day(actor)),
        "data_class": DataClass(row.data_class).label,
        "proof": Proof(row.proof).label,
        "held": sum(counts.values()),
    }
    return page(request, "system", context)


def _business_day(actor: Actor) -> int | None:
    """How long a business day is at the sites that the actor sees, if it is the same at all of them."""
    sites = directory.sites_visible_to(actor).filter(archived_at=None, calendar__isnull=False)
    return business_day(set(sites.values_list("calendar_id", flat=True)))


@require_http_methods(["GET", "HEAD", "POST"])
@require_right("configure")
def system_new(request: HttpRequest) -> HttpResponse:
    """A system that does not exist yet."""
    actor, url = actor_of(request), reverse(_CRUMB)
    return edit(
        request,
        NewSystemForm(data_of(request)),
        lambda f: actions.add_system(
            actor=actor, code=f.cleaned_data["code"], values=f.values(), scim_token=f.cleaned_data["scim_token"]
        ),
        FormPage(_("New system"), [_CRUMB, _("Systems"), "", _("New")], _("Add system"), url),
        lambda row: (_url(row), _("System added")),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def system_change(request: HttpRequest, code: str) -> HttpResponse:
    """Change a system."""
    actor = actor_of(request)
    row = access.get_system(actor, code)
    configuring(actor)
    initial = {**SystemForm.initial_from(row), "scim_token": ""}
    return edit(
        request,
        SystemForm(data_of(request), initial=initial, row=row),
        lambda f: actions.change_system(
            actor=actor, code=code, version=f.seen_version, values=f.values(), scim_token=f.cleaned_data["scim_token"]
        ),
        FormPage(
            _("Change system"), [_CRUMB, _("Systems"), _url(row), row.label, "", _("Change")], _("Save"), _url(row)
        ),
        lambda saved: (_url(saved), _("System saved")),
    )


@require_POST
@require_actor
def system_archive(request: HttpRequest, code: str) -> HttpResponse:
    """Offer nothing of a system any more, or again."""
    actor = actor_of(request)
    row = access.get_system(actor, code)
    configuring(actor)
    return archive(request, lambda on: actions.archive_system(actor=actor, code=code, archived=on), _url(row))


@require_POST
@require_actor
def system_revoke(request: HttpRequest, code: str) -> HttpResponse:
    """Take everything in an archived system away from everybody."""
    actor = actor_of(request)
    row = access.get_system(actor, code)
    configuring(actor)
    return _revoke(request, list(row.entitlements.values_list("pk", flat=True)), _url(row))


def _revoke(request: HttpRequest, entitlement_ids: Collection[int], url: str) -> HttpResponse:
    try:
        made = actions.revoke_archived(actor=actor_of(request), entitlement_ids=entitlement_ids)
    except RefusedError as refused:
        flash(request, refusal(refused.code, refused.params), tone="red")
        return redirect(url)
    text = ngettext("%(n)d request to take it away was sent", "%(n)d requests to take it away were sent", len(made))
    flash(request, text % {"n": len(made)} if made else _("Nobody holds it any more"))
    return redirect(url)


def _url(row: System) -> str:
    return reverse("access:system", args=[row.code])


def _entitlement_url(row: Entitlement) -> str:
    return reverse("access:entitlement", args=[row.pk])


@require_safe
@require_actor
def entitlement(request: HttpRequest, pk: int) -> HttpResponse:
    """An entitlement: who decides, which bundles bring it, what it must not be held with, who holds it where."""
    actor = actor_of(request)
    row = access.get_entitlement(actor, pk)
    sites = catalogue.holders_by_site(actor, Entitlement.objects.filter(pk=pk))
    bundles = catalogue.bundles_visible_to(actor).filter(current__items__entitlement=row, archived_at=None)
    sod = catalogue.sod_rules_visible_to(actor).filter(Q(left=row) | Q(right=row), archived_at=None)
    context = {
        "entitlement": row,
        "rule": row.rule or row.system.rule,
        "sites": sites,
        "held": sum(one.people for one in sites),
        "bundles": list(bundles.select_related("job_role", "site")),
        "sod_rules": list(sod),
        "sees_rules": catalogue.sees_cost(actor),
        "sees_connection": catalogue.sees_connection(actor, row.system),
    }
    return page(request, "entitlement", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def entitlement_new(request: HttpRequest, code: str) -> HttpResponse:
    """Something new to hold in a system."""
    actor = actor_of(request)
    row = access.get_system(actor, code)
    configuring(actor)
    crumbs = [_CRUMB, _("Systems"), _url(row), row.label, "", _("New entitlement")]
    return edit(
        request,
        NewEntitlementForm(data_of(request)),
        lambda f: actions.add_entitlement(actor=actor, system=code, code=f.cleaned_data["code"], values=f.values()),
        FormPage(_("New entitlement"), crumbs, _("Add entitlement"), _url(row)),
        lambda _made: (_url(row), _("Entitlement added")),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def entitlement_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change an entitlement."""
    actor = actor_of(request)
    row = access.get_entitlement(actor, pk)
    configuring(actor)
    url = _entitlement_url(row)
    crumbs = [_CRUMB, _("Systems"), _url(row.system), row.system.label, url, row.label, "", _("Change")]
    return edit(
        request,
        EntitlementForm(data_of(request), initial=EntitlementForm.initial_from(row), but=row.rule_id),
        lambda f: actions.change_entitlement(actor=actor, pk=pk, version=f.seen_version, values=f.values()),
        FormPage(_("Change entitlement"), crumbs, _("Save"), url),
        lambda _saved: (url, _("Entitlement saved")),
    )


@require_POST
@require_actor
def entitlement_archive(request: HttpRequest, pk: int) -> HttpResponse:
    """Offer it no more, or again."""
    actor = actor_of(request)
    url = _entitlement_url(access.get_entitlement(actor, pk))
    configuring(actor)
    return archive(request, lambda on: actions.archive_entitlement(actor=actor, pk=pk, archived=on), url)


@require_POST
@require_actor
def entitlement_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an archived entitlement away from everybody."""
    actor = actor_of(request)
    url = _entitlement_url(access.get_entitlement(actor, pk))
    configuring(actor)
    return _revoke(request, [pk], url)
