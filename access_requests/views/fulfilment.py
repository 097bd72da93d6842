"""IT's queue, failures, what waits to be confirmed, the page of an item, and the door for systems that call back."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.choices import Role
from portal.accounts.decorators import require_actor, require_right
from portal.accounts.requests import actor_of
from portal.accounts.rules import Actor
from portal.numbers import whole
from portal.refusals import RefusedError
from portal.sealing import SealBrokenError
from portal.ui.htmx import flash
from portal.webhooks.actions import ReplayedError
from portal.webhooks.signing import BadSignatureError

from .. import access, actions, queries
from ..actions import Result, answers
from ..actions.fulfilling import BY_HAND, without_room
from ..choices import ItemState, Operation
from ..forms import fulfilment as forms
from ..models import RequestItem
from ..queries import sweeping, work
from ..queries.failures import failures_of, owned_by, owns_systems
from ..wording import refusal
from .fulfilment_rows import Shown, history, shown

MAX_CALL: Final = 64 * 1024
_TABS: Final = (
    ("open", gettext_lazy("To do")),
    ("retrying", gettext_lazy("Tried again by itself")),
    ("claimed", gettext_lazy("Waiting to be confirmed")),
    ("failed", gettext_lazy("Failed")),
)


@require_safe
@require_right("fulfil_access")
def work_list(request: HttpRequest) -> HttpResponse:
    """Items handed over to systems of one's IT groups: removals first, then what is due first."""
    actor = actor_of(request)
    systems = work.systems_in(work.work_items(actor))
    filters = forms.filters_of(request.GET, [one.pk for one in systems])
    page = work.work_page(actor, filters, request.GET.get("cursor"))
    tabs = [{"key": key, "label": label, "current": key == filters.state} for key, label in _TABS]
    context = _list(request, filters, page, systems) | {
        "tabs": tabs,
        "total": work.count_of(work.open_work(actor)),
        "bulk_url": reverse("access:work-bulk"),
        "may_work": filters.state in {"open", "failed"},
    }
    return render(request, "access_requests/work.html", context)


@require_safe
@require_actor
def failures(request: HttpRequest) -> HttpResponse:
    """What failed and is one's own to deal with."""
    actor = actor_of(request)
    rows = _failures_of(actor)
    systems = work.systems_in(rows)
    filters = forms.filters_of(request.GET, [one.pk for one in systems])
    page = work.failures_page(actor, filters, request.GET.get("cursor"))
    context = _list(request, filters, page, systems) | {
        "total": work.count_of(rows), "bulk_url": reverse("access:failures-bulk"),
        "may_take": actor.can("fulfil_access"), **_check(actor),
    }  # fmt: skip
    return render(request, "access_requests/failures.html", context)


def _check(actor: Actor) -> dict[str, Any]:
    """What was found held without a reason; administrators are shown it as long as it is there."""
    if not actor.has(Role.ADMINISTRATOR):
        return {}
    return {
        "swept": list(sweeping.swept_requests()[: sweeping.MOST]),
        "nowhere": list(sweeping.nowhere()[: sweeping.MOST]),
    }


def _failures_of(actor: Actor) -> Any:
    """The failures of somebody who may have any; 404 for everybody else."""
    if not (actor.can("fulfil_access") or actor.has(Role.ADMINISTRATOR) or owns_systems(actor)):
        raise Http404
    return failures_of(actor)


@require_safe
@require_right("request_access")
def confirm_list(request: HttpRequest) -> HttpResponse:
    """What IT says is done at one's sites."""
    actor = actor_of(request)
    rows = work.to_confirm(actor)
    systems = work.systems_in(rows)
    filters = forms.filters_of(request.GET, [one.pk for one in systems])
    page = work.confirm_page(actor, filters, request.GET.get("cursor"))
    context = _list(request, filters, page, systems) | {
        "total": work.count_of(rows), "bulk_url": reverse("access:confirm-bulk"),
    }  # fmt: skip
    return render(request, "access_requests/confirm.html", context)


def _list(request: HttpRequest, filters: work.WorkFilters, page: Any, systems: Sequence[Any]) -> dict[str, Any]:
    return {
        "filters": filters, "page": page, "systems": systems, "operations": Operation.choices,
        "rows": [shown(one) for one in work.with_places(page.items)], "here": request.get_full_path(),
        "narrowed": bool(filters.system or filters.operation or filters.taken),
    }  # fmt: skip


@require_safe
@require_actor
def item(request: HttpRequest, pk: int) -> HttpResponse:
    """One item with its history."""
    actor = actor_of(request)
    found = access.get_item(actor, pk)
    row = RequestItem.objects.select_related("person", "entitlement__system", "taken_by", "request__site").get(pk=pk)
    (placed,) = work.with_places([row])
    works = work.work_items(actor).filter(pk=pk).exists()
    owns = works or owned_by(actor).filter(pk=pk).exists()
    here = request.get_full_path()
    context = {
        "row": shown(placed), "item": row, "history": history(work.history_of(row)), "here": here,
        "may_work": works and found.state in BY_HAND and not without_room([pk]).exists(),
        "may_retry": owns and found.state == ItemState.FAILED_FINAL,
        "may_confirm": work.to_confirm(actor).filter(pk=found.pk).exists(),
        "sees_request": queries.visible_to(actor).filter(pk=found.request_id).exists(),
    }  # fmt: skip
    return render(request, "access_requests/item.html", context)


@dataclass(frozen=True, slots=True)
class Deed:
    """Something done to several items at once; `run` gets the actor, the items and what was said."""

    label: Any
    run: Callable[[Actor, Collection[int], Mapping[str, str]], Result]


_WORK: Final[Mapping[str, Deed]] = {
    "take": Deed(gettext_lazy("Take"), lambda actor, ids, said: actions.take(actor=actor, item_ids=ids)),
    "done": Deed(
        gettext_lazy("Done"),
        lambda actor, ids, said: actions.claim(actor=actor, item_ids=ids, ticket=said["ticket"]),
    ),
    "failed": Deed(
        gettext_lazy("Failed"), lambda actor, ids, said: actions.fail(actor=actor, item_ids=ids, why=said["why"])
    ),
}
_FAILURES: Final[Mapping[str, Deed]] = {
    "take": _WORK["take"],
    "retry": Deed(gettext_lazy("Try again"), lambda actor, ids, said: actions.retry(actor=actor, item_ids=ids)),
    "close": Deed(
        gettext_lazy("Not done, close"), lambda actor, ids, said: actions.never_done(actor=actor, item_ids=ids)
    ),
}
_CONFIRM: Final[Mapping[str, Deed]] = {
    "confirm": Deed(
        gettext_lazy("Confirm"), lambda actor, ids, said: actions.verify_by_lead(actor=actor, item_ids=ids)
    ),
    "dispute": Deed(
        gettext_lazy("Does not work"),
        lambda actor, ids, said: actions.dispute(actor=actor, item_ids=ids, why=said["why"]),
    ),
}


@require_POST
@require_right("fulfil_access")
def work_bulk(request: HttpRequest) -> HttpResponseBase:
    """Take, finish or fail the picked items."""
    return _bulk(request, _WORK, "access:work")


@require_POST
@require_actor
def failures_bulk(request: HttpRequest) -> HttpResponseBase:
    """Take, retry or close the picked failures."""
    _failures_of(actor_of(request))
    return _bulk(request, _FAILURES, "access:failures")


@require_POST
@require_right("request_access")
def confirm_bulk(request: HttpRequest) -> HttpResponseBase:
    """Confirm or dispute the picked items."""
    return _bulk(request, _CONFIRM, "access:confirm")


def _bulk(request: HttpRequest, deeds: Mapping[str, Deed], fallback: str) -> HttpResponseBase:
    """Do it, and say what came of each item; back to the list at once where nothing was left."""
    back = _back(request, reverse(fallback))
    deed, ids = deeds.get(request.POST.get("op", "")), forms.picked(request.POST)
    if deed is None:
        raise Http404
    if not ids or len(ids) > forms.MAX_PICKED:
        text = _("Pick at least one item.") if not ids else _("Pick at most %(n)d items.") % {"n": forms.MAX_PICKED}
        flash(request, text, tone="red")
        return redirect(back)
    said = {"ticket": forms.ticket_of(request.POST), "why": forms.why_of(request.POST)}
    try:
        result = deed.run(actor_of(request), ids, said)
    except RefusedError as error:
        flash(request, refusal(error.code, error.params), tone="red")
        return redirect(back)
    except PermissionDenied:
        result = Result([], ids)
    left = [pk for pk in ids if pk not in set(result.done)]
    done = ngettext("%(n)d item done", "%(n)d items done", len(result.done)) % {"n": len(result.done)}
    if not left:
        flash(request, done)
        return redirect(back)
    context = {"deed": deed.label, "done": done, "left": _seen(actor_of(request), left), "back": back}
    return render(request, "access_requests/bulk_done.html", context)


def _seen(actor: Actor, ids: Sequence[int]) -> list[tuple[int, Shown | None]]:
    """The items that were left, in the order in which they were picked; those out of sight say nothing of themselves."""
    rows = queries.items_visible_to(actor).filter(pk__in=ids).distinct()
    items = list(rows.select_related("person", "entitlement__system", "taken_by", "request__site"))
    by_id = {one.item.pk: shown(one) for one in work.with_places(items)}
    return [(pk, by_id.get(pk)) for pk in ids]


def _back(request: HttpRequest, fallback: str) -> str:
    wanted = request.POST.get("next", "")
    fine = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure())
    return wanted if fine else fallback


@csrf_exempt
@require_http_methods(["POST"])
def hook(request: HttpRequest, code: str) -> HttpResponse:
    """A system calls back about what it had accepted. Signed, each message once, never older than five minutes."""
    if (whole(request.headers.get("content-length") or "0") or 0) > MAX_CALL:
        return JsonResponse({"error": "too large"}, status=413)
    status, said = _called(code, request)
    return JsonResponse(said, status=status)


def _called(code: str, request: HttpRequest) -> tuple[int, dict[str, str]]:
    """What a call is answered with."""
    refused: tuple[int, str]
    try:
        return 200, {"status": answers.take_call(code=code, headers=request.headers, body=request.body)}
    except ReplayedError:
        return 200, {"status": "seen"}
    except answers.UnknownSystemError:
        refused = 404, "unknown"
    except BadSignatureError as error:
        refused = 401, error.code
    except answers.BadAnswerError:
        refused = 400, "not understood"
    except SealBrokenError:
        refused = 503, "try again later"
    return refused[0], {"error": refused[1]}
