"""Requests: the list, its export, a request with its items, and what can be done with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from partners import queries as directory
from portal.accounts import queries as accounts
from portal.accounts.decorators import require_actor, require_role
from portal.accounts.rules import Actor
from portal.ui.exports import csv_response
from portal.ui.htmx import conflict, flash
from portal.ui.pagination import keyset_page
from sla.queries import clocks_of, open_views, pill

from .. import access, actions, queries, rules
from ..choices import FINAL_STATES, ItemState, Operation, Origin, RequestKind, RequestState
from ..forms.requests import RequestFilter
from ..models import AccessRequest, RequestItem
from ..queries import requests as listing
from ..queries.scope import SEE_ALL, SITE_READERS
from ..queries.waiting import waiting_of
from ..wording import EVENTS, refusal
from ..wording.requests import WAITING
from .request_words import label_of
from .wizard import actor_of

READERS: Final = (*SEE_ALL, *SITE_READERS)
ITEM_KIND: Final = queries.ITEM_KIND
TONES: Final[Mapping[str, str]] = {
    **dict.fromkeys([ItemState.VERIFIED, RequestState.DONE], "green"),
    **dict.fromkeys([ItemState.AWAITING_APPROVAL, ItemState.CLAIMED_DONE, ItemState.FAILED_RETRYABLE], "amber"),
    **dict.fromkeys([ItemState.BLOCKED_SOD, ItemState.FAILED_FINAL, RequestState.ATTENTION], "red"),
    **dict.fromkeys([ItemState.APPROVED, ItemState.QUEUED, ItemState.SENT, RequestState.IN_PROGRESS], "blue"),
}
_PEOPLE: Final = 25
_EXPORT_MOST: Final = 50_000
_SOON: Final = timedelta(hours=24)

reads = require_role(*READERS)


@require_safe
@reads
def request_list(request: HttpRequest) -> HttpResponseBase:
    """Requests of the reader's sites by tab, newest first."""
    actor = actor_of(request)
    tab = request.GET.get("tab", "open")
    tab = tab if tab in listing.TABS else "open"
    filters = RequestFilter(request.GET, sites=_sites(actor))
    found = _filtered(actor, tab, filters)
    if isinstance(found, AccessRequest):
        return redirect("access:request", found.ref)
    page = None if found is None else keyset_page(found, order=("-id",), cursor=request.GET.get("cursor"))
    items = [] if page is None else list(page.items)
    context = {
        "tabs": _tabs(actor, tab),
        "tab": tab,
        "filters": filters,
        "page": page,
        "rows": _rows(items),
        "drafts": listing.drafts_of(actor) if tab in {"open", "mine"} else [],
        "may_request": actor.can("request_access"),
        "filtered": any(request.GET.get(name) for name in ("q", "site", "kind", "state")),
    }
    return render(request, "access_requests/requests.html", context, status=400 if page is None else 200)


@require_safe
@reads
def request_export(request: HttpRequest) -> HttpResponseBase:
    """The list as it is narrowed, as CSV, an item per line."""
    actor = actor_of(request)
    tab = request.GET.get("tab", "open")
    filters = RequestFilter(request.GET, sites=_sites(actor))
    found = _filtered(actor, tab if tab in listing.TABS else "open", filters)
    if found is None:
        return redirect(reverse("access:requests"))
    rows = AccessRequest.objects.filter(pk=found.pk) if isinstance(found, AccessRequest) else found
    heading = [_("Request"), _("Kind"), _("Site"), _("Person"), _("Access"), _("Operation"), _("State"), _("Due"),
               _("Sent"), _("Requested by")]  # fmt: skip
    return csv_response("requests.csv", heading, _exported(rows))


def _exported(rows: Any) -> Iterator[list[object]]:
    items = RequestItem.objects.filter(request__in=rows).select_related(
        "request__site", "request__requested_by", "person", "entitlement__system"
    )
    for one in items.order_by("-request_id", "pk")[:_EXPORT_MOST].iterator(chunk_size=2000):
        asked = one.request
        yield [
            asked.ref, asked.get_kind_display(), asked.site.label, one.person.label, label_of(one.entitlement),
            one.get_operation_display(), one.get_state_display(), _iso(one.due_at), _iso(asked.submitted_at),
            asked.requested_by.name if asked.requested_by else "",
        ]  # fmt: skip


def _iso(at: Any) -> str:
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M") if at else ""


def _sites(actor: Actor) -> Any:
    rows = directory.sites_visible_to(actor)
    if not queries.sees_all(actor):
        rows = rows.filter(pk__in=queries.site_ids(actor))
    return rows.select_related("partner").order_by("name", "pk")


def _filtered(actor: Actor, tab: str, filters: RequestFilter) -> Any:
    """The rows; the request itself where the text is its reference; None for a filter that cannot be read."""
    if not filters.is_valid():
        return None
    data = filters.cleaned_data
    text = data["q"]
    number = rules.request_number(text) if text.upper().startswith("AR-") else None
    if number is not None and (exact := queries.visible_to(actor).filter(pk=number).first()):
        return exact
    rows = listing.in_tab(actor, tab)
    rows = listing.narrowed(rows, text=text, site=data["site"], kind=data["kind"], state=data["state"])
    return rows.select_related("site__partner", "requested_by")


def _tabs(actor: Actor, current: str) -> list[dict[str, Any]]:
    labels = {"open": _("Open"), "mine": _("Mine"), "attention": _("Needs attention"), "done": _("Done")}
    counts = listing.tab_counts(actor)
    base = reverse("access:requests")
    return [
        {"key": key, "label": labels[key], "count": counts[key], "url": f"{base}?tab={key}", "current": key == current}
        for key in listing.TABS
    ]


def _rows(found: list[AccessRequest]) -> list[dict[str, Any]]:
    progress = listing.progress_of([one.pk for one in found])
    return [
        {
            "request": one,
            "progress": progress.get(one.pk, listing.Progress()),
            "people": _people_text(progress.get(one.pk, listing.Progress())),
            "tone": TONES.get(one.state, ""),
            "pill": _pill(one),
        }
        for one in found
    ]


def _people_text(progress: listing.Progress) -> str:
    if progress.people <= 1:
        return progress.first_person
    others = progress.people - 1
    text = ngettext("%(name)s and %(n)d other", "%(name)s and %(n)d others", others)
    return text % {"name": progress.first_person, "n": others}


def _pill(one: AccessRequest) -> dict[str, Any] | None:
    """How much time is left until everything must be done; None where nothing is due any more."""
    if one.due_at is None or one.ended_at is not None or one.state == RequestState.DRAFT:
        return None
    left = one.due_at - timezone.now()
    state = "breached" if left < timedelta(0) else "warn" if left < _SOON else "ok"
    return {"state": state, "due": one.due_at}


@require_safe
@require_actor
def request_page(request: HttpRequest, ref: str) -> HttpResponseBase:
    """A request: its items by person with what they wait for, how far it is, what happened."""
    actor = actor_of(request)
    row = access.get_request(actor, ref)
    if str(row.ref) != ref:
        return redirect("access:request", row.ref)
    context = _page(actor, row, request.GET.get("cursor"))
    return render(request, "access_requests/request.html", context)


def _page(actor: Actor, row: AccessRequest, cursor: str | None) -> dict[str, Any]:
    now = timezone.now()
    page = keyset_page(listing.people_in(row), order=("name", "id"), cursor=cursor, size=_PEOPLE)
    items = listing.items_for(row, [one.pk for one in page.items])
    waiting = waiting_of(row, items, now)
    clocks = clocks_of(ITEM_KIND, [one.pk for one in items if one.state not in FINAL_STATES])
    lines: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for one in items:
        lines[one.person_id].append(_item(one, waiting.get(one.pk), clocks.get(one.pk, ()), now))
    users = accounts.names_of([pk for pk in (row.requested_by_id, row.on_behalf_of_id) if pk is not None])
    return {
        "asked": row,
        "progress": listing.progress_of([row.pk]).get(row.pk, listing.Progress()),
        "states": _states(row),
        "people": [(one, lines[one.pk]) for one in page.items],
        "page": page,
        "history": _history(row, items),
        "requester": _text(users, row.requested_by_id) or _origin(row),
        "principal": _text(users, row.on_behalf_of_id),
        "pill": _pill(row),
        "tone": TONES.get(row.state, ""),
        **_buttons(actor, row, now),
    }


def _text(names: Mapping[int, Any], pk: int | None) -> str:
    return names[pk].text if pk in names else ""


def _origin(row: AccessRequest) -> str:
    return "" if row.origin == Origin.PERSON else _("The portal itself")


def _states(row: AccessRequest) -> list[tuple[str, int, str]]:
    found = listing.states_in(row)
    return [(str(state.label), found[state], TONES.get(state, "")) for state in ItemState if state in found]


def _item(one: RequestItem, waits: Any, clocks: Iterable[Any], now: Any) -> dict[str, Any]:
    running = open_views(list(clocks))
    return {
        "item": one,
        "label": label_of(one.entitlement),
        "revokes": one.operation == Operation.REVOKE,
        "tone": TONES.get(one.state, ""),
        "why": _why(one, waits),
        "owner": waits.owner if waits else "",
        "until": waits.until if waits else None,
        "pill": pill(running[0], now) if running else None,
    }


def _why(one: RequestItem, waits: Any) -> str:
    if waits is None:
        return ""
    detail = waits.detail or ("" if waits.code != "conflict" else _("a rule that is gone"))
    return str(WAITING[waits.code]) % {"detail": detail}


def _history(row: AccessRequest, items: list[RequestItem]) -> list[dict[str, Any]]:
    found = listing.history_of(row)
    known = {one.pk: one for one in items}
    missing = {line.item_id for line in found if line.item_id} - known.keys()
    known |= RequestItem.objects.select_related("entitlement__system").in_bulk(missing)
    people = directory.person_labels({one.person_id for one in known.values()})
    return [
        {
            "at": line.at,
            "who": _("By policy:") if line.params.get("policy") else line.actor or _("The portal"),
            "principal": line.principal,
            "text": _event(line.code, line.params),
            "times": line.times if line.times > 1 else 0,
            "about": _about(known.get(line.item_id or 0), people),
            "comment": str(line.params.get("comment", "")),
        }
        for line in found
    ]


def _event(code: str, params: Mapping[str, Any]) -> str:
    text = str(EVENTS.get(code, code))
    try:
        return text % dict(params)
    except (KeyError, TypeError, ValueError):
        return text


def _about(item: RequestItem | None, people: Mapping[int, str]) -> str:
    return f"{people.get(item.person_id, '')} · {label_of(item.entitlement)}" if item else ""


def _buttons(actor: Actor, row: AccessRequest, now: Any) -> dict[str, bool]:
    """What the reader may do with the request as it stands."""
    may = rules.requesting(actor, rules.Site(row.site_id, row.site.partner_id)) is not None
    untried = row.items.filter(generation=0, state__in=_TAKEN_BACK) if may else row.items.none()
    if row.kind == RequestKind.LEAVER and row.state != RequestState.DRAFT:
        going = row.last_shift_at is None or row.last_shift_at <= now
        untried = untried.none() if going else untried
    elif row.state != RequestState.DRAFT:
        untried = untried.filter(operation=Operation.GRANT)
    return {"may_cancel": untried.exists(), "may_send": may and row.state == RequestState.DRAFT and row.items.exists()}


_TAKEN_BACK: Final = (
    ItemState.DRAFT,
    ItemState.SUBMITTED,
    ItemState.BLOCKED_SOD,
    ItemState.AWAITING_APPROVAL,
    ItemState.APPROVED,
    ItemState.QUEUED,
)


@require_POST
@require_actor
def request_cancel(request: HttpRequest, ref: str) -> HttpResponseBase:
    """Take a request back, or those of its items that were ticked."""
    actor = actor_of(request)
    row = access.get_request(actor, ref)
    chosen = [int(pk) for pk in request.POST.getlist("item") if pk.isascii() and pk.isdigit() and len(pk) < 19]
    try:
        taken = actions.cancel(actor=actor, ref=row.pk, item_ids=chosen or None)
    except rules.RefusedError as refused:
        flash(request, refusal(refused.code, refused.params), tone="red")
    else:
        text = ngettext("%(n)d item taken back.", "%(n)d items taken back.", len(taken))
        if taken:
            flash(request, text % {"n": len(taken)})
        else:
            flash(request, _("Nothing can be taken back any more: it has been handed over."), tone="red")
    return redirect("access:request", row.ref)


@require_POST
@require_actor
def request_send(request: HttpRequest, ref: str) -> HttpResponse:
    """Send a draft as the reader saw it."""
    actor = actor_of(request)
    row = access.get_request(actor, ref)
    version = request.POST.get("version", "")
    try:
        number = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else None
        actions.submit_request(actor=actor, ref=row.pk, version=number if row.state == RequestState.DRAFT else None)
    except rules.ConflictError:
        url = reverse("access:request", args=[row.ref])
        return conflict(request, _("Not sent. Somebody changed this draft a moment ago."), url)
    except rules.RefusedError as refused:
        flash(request, refusal(refused.code, refused.params), tone="red")
    else:
        flash(request, _("%(ref)s sent.") % {"ref": row.ref})
    return redirect("access:request", row.ref)
