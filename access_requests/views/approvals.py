"""Approvals: what waits, decided one by one or many at once, with a result for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from partners import queries as directory
from portal.accounts.decorators import require_actor
from portal.accounts.requests import actor_of
from portal.accounts.rules import Actor
from portal.numbers import wholes
from portal.ui.htmx import flash
from sla.queries import pill

from .. import access, actions, queries
from ..choices import RequestKind, Verdict
from ..forms.approvals import DecideForm
from ..models import RequestItem
from ..queries import approvals
from ..queries.approvals import ItemLine, RequestLine
from ..queries.seating import without_seat
from ..wording import refusal

MAX_PICKED: Final = 5000
_NAMED: Final = 50
TABS: Final = ("mine", "decided", "sites")


@dataclass(frozen=True, slots=True)
class Shown:
    """A line with its pill and its words."""

    line: Any
    pill: Any
    why: str = ""


@require_safe
@require_actor
def approval_list(request: HttpRequest) -> HttpResponseBase:
    """What waits for the reader, what they decided, what their sites wait for."""
    actor = actor_of(request)
    tab = request.GET.get("tab", "mine")
    may_read_sites = queries.sees_all(actor) or bool(queries.site_ids(actor))
    if tab not in TABS or (tab == "sites" and not may_read_sites):
        raise Http404
    cursor = request.GET.get("cursor")
    context: dict[str, Any] = {"tab": tab, "tabs": _tabs(actor, tab, may_read_sites), "here": request.get_full_path()}
    if tab == "decided":
        page: Any = approvals.decided_by(actor, cursor=cursor)
        return render(request, "access_requests/approvals_decided.html", {**context, "page": page})
    read_only = tab == "sites"
    items = approvals.waiting_at_sites(actor) if read_only else approvals.waiting_for(actor)
    page = approvals.request_lines(actor, items, cursor=cursor, read_only=read_only)
    shown = [line.item for row in page.items for line in row.lines]
    context |= {
        "no_seat": without_seat(shown),
        "page": page,
        "rows": [_shown_request(one) for one in page.items],
        "read_only": read_only,
    }
    if tab == "mine" and not cursor:
        context["exceptions"] = approvals.exceptions_waiting(actor)
    return render(request, "access_requests/approvals.html", context)


@require_safe
@require_actor
def approval(request: HttpRequest, ref: str) -> HttpResponseBase:
    """The waiting items of one request, each to be picked by itself."""
    actor = actor_of(request)
    asked = access.get_request(actor, ref)
    context = {"asked": asked, "kind": RequestKind(asked.kind).label, "here": request.get_full_path()}
    return render(request, "access_requests/approval.html", {**context, **items_of(actor, asked.pk, request.GET)})


def items_of(actor: Actor, request_id: int, data: QueryDict) -> dict[str, Any]:
    """The waiting items of a request as the reader may decide them, for its page or as a panel of another one."""
    rows = RequestItem.objects.filter(request=request_id, state="awaiting_approval")
    page = approvals.items_page(rows, cursor=data.get("cursor"))
    mine = set(approvals.waiting_for(actor).filter(pk__in=[one.pk for one in page.items]).values_list("pk", flat=True))
    lines = approvals.item_lines(actor, [one for one in page.items if one.pk in mine])
    lines += approvals.item_lines(actor, [one for one in page.items if one.pk not in mine], read_only=True)
    shown = [shown_item(one) for one in sorted(lines, key=lambda one: one.item.pk)]
    people = directory.people_visible_to(actor).filter(pk__in={one.person_id for one in page.items})
    return {
        "page": page,
        "no_seat": without_seat(page.items),
        "items": shown,
        "may": any(one.may for one in lines),
        "linked": set(people.values_list("pk", flat=True)),
    }


@require_POST
@require_actor
def decide(request: HttpRequest) -> HttpResponseBase:
    """Decide what was picked; without a reason for a rejection, ask for it first."""
    actor = actor_of(request)
    back = safe_next(request, request.POST.get("next", ""))
    picked = _picked(actor, request.POST)
    form = DecideForm(request.POST)
    if request.POST.get("verdict") not in Verdict.values:
        raise Http404
    if not picked:
        return _ask(request, form, picked, back, problem=refusal("nothing_picked"))
    if len(picked) > MAX_PICKED:
        return _ask(request, form, picked, back, problem=refusal("too_many_picked", {"most": MAX_PICKED}))
    if form.is_valid() and form.cleaned_data["verdict"] == Verdict.REJECTED and not form.cleaned_data["comment"]:
        form.add_error("comment", refusal("rejection_needs_reason"))
    if not form.is_valid():
        return _ask(request, form, picked, back)
    data = form.cleaned_data
    outcome = actions.decide(actor=actor, item_ids=picked, verdict=data["verdict"], comment=data["comment"])
    left = [pk for pk in picked if pk not in set(outcome.decided)]
    text = _done_text(len(outcome.decided), data["verdict"])
    if not left:
        flash(request, text)
        return redirect(back)
    context = {"done": text, "results": _results(actor, left, outcome.skipped), "back": back}
    return render(request, "access_requests/approvals_done.html", context)


def _ask(request: HttpRequest, form: DecideForm, picked: Sequence[int], back: str, problem: str = "") -> HttpResponse:
    """What is about to be decided, with room for the reason."""
    rows = queries.items_visible_to(actor_of(request)).filter(pk__in=picked[:_NAMED])
    context = {
        "form": form,
        "items": list(rows.select_related("request", "person", "entitlement__system").order_by("pk")),
        "more": max(0, len(picked) - _NAMED),
        "picked": picked,
        "count": len(picked),
        "back": back,
        "problem": problem,
        "rejects": request.POST["verdict"] == Verdict.REJECTED,
    }
    return render(request, "access_requests/approvals_decide.html", context, status=422)


def _picked(actor: Actor, data: QueryDict) -> list[int]:
    """Items picked one by one, and all items of picked requests that wait for the actor and are theirs to decide."""
    ids = set(numbers(data.getlist("item")))
    if requests := numbers(data.getlist("request")):
        ids |= set(approvals.waiting_for(actor).filter(request__in=requests).values_list("pk", flat=True))
    return sorted(ids)


def numbers(values: Sequence[str]) -> list[int]:
    """Ids among what was sent."""
    return sorted(set(wholes(values)))


def _done_text(count: int, verdict: str) -> str:
    if not count:
        return _("Nothing was decided")
    if verdict == Verdict.APPROVED:
        return ngettext("%(n)d item approved", "%(n)d items approved", count) % {"n": count}
    return ngettext("%(n)d item rejected", "%(n)d items rejected", count) % {"n": count}


def _results(actor: Actor, left: Sequence[int], skipped: Mapping[int, str]) -> list[tuple[RequestItem | None, str]]:
    rows = (
        queries.items_visible_to(actor).filter(pk__in=left).select_related("request", "person", "entitlement__system")
    )
    return [(one, refusal(skipped.get(one.pk, "not_yours_to_decide"))) for one in rows.order_by("pk")]


def _tabs(actor: Actor, current: str, may_read_sites: bool) -> list[dict[str, Any]]:
    url = reverse("access:approvals")
    cap = approvals.COUNT_CAP
    found: list[dict[str, Any]] = [
        {"key": "mine", "label": _("Waiting for me"), "count": approvals.waiting_for(actor).order_by()[:cap].count()},
        {"key": "decided", "label": _("Decided by me"), "count": None},
    ]
    if may_read_sites:
        rows = approvals.waiting_at_sites(actor).order_by()[:cap]
        label = _("All waiting") if queries.sees_all(actor) else _("All waiting at my sites")
        found.append({"key": "sites", "label": label, "count": rows.count()})
    return [{**one, "url": f"{url}?tab={one['key']}", "current": one["key"] == current} for one in found]


def _shown_request(line: RequestLine) -> Shown:
    return Shown(
        {
            "row": line,
            "kind": RequestKind(line.request.kind).label,
            "items": [shown_item(one) for one in line.lines],
            "orphaned": any(one.item.orphaned_at for one in line.lines),
        },
        pill(line.clock, timezone.now()) if line.clock else None,
    )


def shown_item(line: ItemLine) -> Shown:
    """An item with its pill, and why the reader may not decide it."""
    clock = pill(line.clock, timezone.now()) if line.clock else None
    return Shown(line, clock, _why(line))


def _why(line: ItemLine) -> str:
    if line.may:
        return ""
    if line.denied != "read_only":
        return refusal(line.denied)
    names = ", ".join(line.asked)
    return _("Waits for %(names)s") % {"names": names} if names else _("Nobody can decide")


def safe_next(request: HttpRequest, wanted: str) -> str:
    """An address of our own to go back to; the list for any other."""
    if wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure()):
        return wanted
    return reverse("access:approvals")
