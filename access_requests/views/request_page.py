"""A request: its items and what each waits for, what happened, and what can be done with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
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
from portal.accounts.decorators import require_actor
from portal.accounts.requests import actor_of
from portal.accounts.rules import Actor
from portal.numbers import whole, wholes
from portal.refusals import ConflictError, RefusedError
from portal.ui.htmx import conflict, flash
from portal.ui.pagination import keyset_page
from sla.queries import clocks_of, open_views, pill

from .. import access, actions, queries, rules
from ..choices import FINAL_STATES, ItemState, Operation, Origin, RequestKind, RequestState
from ..models import AccessRequest, RequestItem
from ..queries import requests as listing
from ..queries.waiting import waiting_of
from ..wording import EVENTS, refusal
from ..wording.requests import WAITING
from .request_words import TONES, due_pill, label_of

ITEM_KIND: Final = queries.ITEM_KIND
_PEOPLE: Final = 25


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
        "pill": due_pill(row),
        "tone": TONES.get(row.state, ""),
        **_buttons(actor, row, now),
    }


def _text(names: Mapping[int, Any], pk: int | None) -> str:
    found = names.get(pk) if pk is not None else None
    return found.text if found else ""


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
    empty = may and row.last_shift_at is not None and row.last_shift_at > now and listing.empty_in(row).exists()
    return {
        "may_cancel": untried.exists() or empty,
        "may_send": may and row.state == RequestState.DRAFT and row.items.exists(),
    }


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
    empty = listing.empty_in(row).exists()
    chosen = wholes(request.POST.getlist("item"))
    try:
        taken = actions.cancel(actor=actor, ref=row.pk, item_ids=chosen or None)
    except RefusedError as refused:
        flash(request, refusal(refused.code, refused.params), tone="red")
    else:
        text = ngettext("%(n)d item taken back.", "%(n)d items taken back.", len(taken)) if taken else _("Taken back.")
        if taken or empty:
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
    number = whole(request.POST.get("version", ""))
    try:
        actions.submit_request(actor=actor, ref=row.pk, version=number if row.state == RequestState.DRAFT else None)
    except ConflictError:
        url = reverse("access:request", args=[row.ref])
        return conflict(request, _("Not sent. Somebody changed this draft a moment ago."), url)
    except RefusedError as refused:
        flash(request, refusal(refused.code, refused.params), tone="red")
    else:
        flash(request, _("%(ref)s sent.") % {"ref": row.ref})
    return redirect("access:request", row.ref)
