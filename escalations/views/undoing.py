"""Taking an act back, for a quarter of an hour, unless the case has moved on since."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from escalations import access, actions, queries
from escalations.views.common import case_reader, case_url, refusal
from escalations.wording import Names, sentence
from portal.accounts.requests import actor_of
from portal.ui.htmx import conflict, flash, is_htmx

if TYPE_CHECKING:
    from escalations.models import Case
    from portal.accounts.rules import Actor

Undo = dict[str, Any]
_UNDO_SALT: Final = "escalations.undo"
# An undo is for a slip that is noticed at once; later the case has moved on anyway.
_UNDO_SECONDS: Final = 15 * 60
# Changes that name nobody and nothing but the case, so that whoever reads it may read them.
_TOLD: Final = frozenset({"state.changed", "severity.changed"})


def conflict_words(case: Case) -> str:
    """Who changed the case last, and what, if that is said in few words."""
    last = queries.last_change(case)
    told = _("Not saved. This case was changed a moment ago.")
    if last and last.actor:
        told = _("Not saved. %(name)s changed this case a moment ago.") % {"name": last.actor.name}
    if last is None or last.code not in _TOLD:
        return told
    return _("%(told)s %(what)s.") % {"told": told, "what": sentence(last.code, last.params, Names())}


def undo_url_for(request: HttpRequest, undo: Undo | list[Undo] | None) -> str | None:
    """The address that takes an act back, or several at once, for this person and a quarter of an hour."""
    if not undo:
        return None
    token = signing.dumps({"user": actor_of(request).user_id, "undo": undo}, salt=_UNDO_SALT, compress=True)
    return f"{reverse('escalations:undo')}?{urlencode({'token': token})}"


_UNDOERS: Final[dict[str, Callable[..., object]]] = {
    "assign": actions.assign,
    "severity": actions.set_severity,
    "state": actions.set_state,
    "step": actions.mark_step,
}


@require_POST
@case_reader
def undo(request: HttpRequest) -> HttpResponseBase:
    """Take an act back, unless the case has moved on since."""
    actor = actor_of(request)
    try:
        said = signing.loads(request.GET.get("token", ""), salt=_UNDO_SALT, max_age=_UNDO_SECONDS)
    except signing.BadSignature:
        raise Http404 from None
    if said["user"] != actor.user_id:
        raise Http404
    if isinstance(said["undo"], list):
        return _undo_all(request, said["undo"])
    arguments = dict(said["undo"])
    run = _UNDOERS[arguments.pop("operation")]
    case = access.get_case(actor, arguments["ref"])
    try:
        run(actor=actor, **arguments)
    except actions.Stale as error:
        return conflict(request, conflict_words(error.case), case_url(case))
    except actions.Refused as error:
        return told(request, case, refusal(error), "red")
    return told(request, case, _("%(ref)s: undone") % {"ref": case.ref}, "ok")


def _undo_all(request: HttpRequest, acts: list[Undo]) -> HttpResponse:
    """Take several acts back, each unless its case has moved on since, and say of how many."""
    done = sum(_undone(actor_of(request), dict(one)) for one in acts)
    words = {"n": done, "all": len(acts)}
    if done == len(acts):
        text = ngettext("%(n)d case: undone", "%(n)d cases: undone", done) % words
    else:
        text = _("%(n)d of %(all)d cases undone. The others have changed since.") % words
    flash(request, text, "ok" if done else "red")
    if is_htmx(request):
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    return redirect("escalations:queue")


def _undone(actor: Actor, arguments: Undo) -> bool:
    try:
        _UNDOERS[arguments.pop("operation")](actor=actor, **arguments)
    except (actions.Stale, actions.Refused, Http404):
        return False
    return True


def told(request: HttpRequest, case: Case, text: str, tone: str) -> HttpResponse:
    """Say it after reloading the page one is on."""
    flash(request, text, "ok" if tone == "ok" else "red")
    if is_htmx(request):
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    return redirect(case_url(case))
