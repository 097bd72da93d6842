"""One action: its page, and what is done on it."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from kpis.queries.scope import READERS
from portal.accounts.decorators import require_role
from portal.accounts.requests import actor_of
from portal.accounts.rules import Actor
from portal.files.queries import files_of
from portal.refusals import RefusedError
from portal.ui.htmx import flash
from sla import queries as clocks

from ..access.actions import get_action, verbs_for
from ..actions import actions as acts
from ..choices import OPEN_ACTIONS
from ..forms.actions import DoneForm, NoteForm, SendBackForm, TextForm, VerifyForm, due_at
from ..forms.base import VersionedForm
from ..models import Action
from ..queries import actions as queries
from ..queries.effects import measured
from ..rules.actions import step
from . import action_words as words
from .action_charts import drawn

reads = require_role(*READERS)
FORMS: Final[Mapping[str, type[VersionedForm]]] = {
    "done": DoneForm, "verify": VerifyForm, "send_back": SendBackForm, "drop": TextForm, "note": NoteForm,
}  # fmt: skip
_SAID: Final[Mapping[str, Promise]] = {
    "take": gettext_lazy("You have taken it on"),
    "done": gettext_lazy("Done: somebody else verifies it"),
    "verify": gettext_lazy("Verified"),
    "send_back": gettext_lazy("Sent back"),
    "drop": gettext_lazy("Dropped"),
    "note": gettext_lazy("Noted"),
}
_LABELS: Final[Mapping[str, Promise]] = {
    "done": gettext_lazy("It is done"),
    "verify": gettext_lazy("Verify"),
    "send_back": gettext_lazy("Send back"),
    "drop": gettext_lazy("Drop it"),
    "note": gettext_lazy("Add a note"),
}


@require_safe
@reads
def action(request: HttpRequest, ref: str) -> HttpResponse:
    """What is to be done, by whom and until when, what shows that it is done, what came of it."""
    actor = actor_of(request)
    return _page(request, actor, get_action(actor, ref))


@require_POST
@reads
def act(request: HttpRequest, ref: str, verb: str) -> HttpResponse:
    """Take on, say that it is done, verify, send back, drop or note; refused, the page shows why at the field."""
    actor = actor_of(request)
    if verb not in _SAID:
        raise Http404
    found = get_action(actor, ref)
    form = FORMS[verb](request.POST, request.FILES, auto_id=f"{verb}_%s") if verb in FORMS else None
    if form is None or form.is_valid():
        try:
            _DO[verb](actor, found, form.cleaned_data if form else {})
        except RefusedError as refused:
            if form is None or refused.code == "action_moved_on":
                flash(request, words.refusal(refused), tone="red")
                return redirect("reviews:action", found.ref)
            form.refuse(refused)
        except ValidationError as error:
            assert form is not None
            form.add_error("uploads", error)
        else:
            flash(request, str(_SAID[verb]))
            return redirect("reviews:action", found.ref)
    return _page(request, actor, get_action(actor, ref), {verb: form})


def _send_back(actor: Actor, found: Action, data: dict[str, Any]) -> Action:
    due = due_at(data["due"], words.zone_of(found)) if data["due"] else None
    return acts.send_back(actor=actor, ref=found.pk, text=data["text"], due_at=due)


_DO: Final[Mapping[str, Callable[[Actor, Action, dict[str, Any]], Action]]] = {
    "take": lambda actor, found, _data: acts.take(actor=actor, ref=found.pk),
    "done": lambda actor, found, data: acts.done(
        actor=actor, ref=found.pk, evidence=data["evidence"], files=data["uploads"]
    ),
    "verify": lambda actor, found, data: acts.verify(actor=actor, ref=found.pk, text=data["text"]),
    "send_back": _send_back,
    "drop": lambda actor, found, data: acts.drop(actor=actor, ref=found.pk, text=data["text"]),
    "note": lambda actor, found, data: acts.note(actor=actor, ref=found.pk, text=data["text"]),
}


def _offered(verb: str, given: Mapping[str, VersionedForm | None]) -> dict[str, Any]:
    """A form of the page; open if it was sent and refused."""
    form = given.get(verb)
    return {
        "verb": verb,
        "label": _LABELS[verb],
        "form": form or FORMS[verb](auto_id=f"{verb}_%s"),
        "open": form is not None,
    }


def _page(
    request: HttpRequest, actor: Actor, found: Action, bound: Mapping[str, VersionedForm | None] | None = None
) -> HttpResponse:  # fmt: skip
    able = verbs_for(actor, found)
    verbs = [verb for verb in ("take", *FORMS) if verb in able and (verb == "note" or step(found.state, verb))]
    now, given = timezone.now(), bound or {}
    shown = measured(actor, found)
    clock = next(
        (
            one
            for one in clocks.clocks_of(queries.KIND, [found.pk]).get(found.pk, [])[::-1]
            if one.metric == queries.DUE
        ),
        None,
    )
    events = found.events.select_related("by", "for_user").order_by("-at", "-pk")
    context = {
        "action": found,
        "place": words.place_text(found),
        "source": words.source_of(actor, found),
        "zone": words.zone_of(found),
        "pill": clocks.pill(clock, now) if clock and found.state in OPEN_ACTIONS else None,
        "may_take": "take" in verbs,
        "forms": [_offered(verb, given) for verb in verbs if verb not in {"take", "note"}],
        "note": _offered("note", given) if "note" in verbs else None,
        "may_change": "change" in able and found.state in OPEN_ACTIONS,
        "files": files_of(queries.FILE_OWNER, [found.pk]).get(str(found.pk), []),
        "events": [words.told(one) for one in events],
        "expected": words.expected_text(found),
        "effect": drawn(found, shown) if shown else None,
        "problem": _("Meanwhile the action has moved on. See how it stands now.")
        if any(verb not in verbs for verb in given) else "",
    }  # fmt: skip
    return render(request, "reviews/action.html", context, status=422 if given else 200)
