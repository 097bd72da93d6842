"""Several cases at once, each judged and changed by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from escalations import actions, queries, transitions
from escalations.choices import MAX_BULK, Verb
from escalations.choices.queue import Operation
from escalations.forms import AssignForm, EscalateForm, SeverityForm, StateForm, picked
from escalations.queries.people import owners_for
from escalations.views.board import Board, board_for
from escalations.views.bulk_operations import BulkOperation, bulk_operation
from escalations.views.common import by_asker, case_reader, reason_text, safe_next
from escalations.views.namesakes import with_loads
from escalations.views.undoing import undo_url_for
from portal.accounts.requests import actor_of
from portal.ui import pressing
from portal.ui.htmx import flash, is_htmx, toast
from portal.ui.pagination import BadCursor

if TYPE_CHECKING:
    from escalations.models import Case
    from portal.accounts.rules import Actor

# What every server and proxy takes in one line.
MAX_URL: Final = 6000


@require_http_methods(["GET", "HEAD", "POST"])
@case_reader
def bulk(request: HttpRequest) -> HttpResponseBase:
    """The form for the picked cases (GET), and what came of it (POST)."""
    data = request.POST if request.method == "POST" else request.GET
    operation = bulk_operation(actor_of(request), data.get("op", ""))
    if operation is None:
        raise Http404
    job = Job(request, operation, picked(data), safe_next(request, data.get("next", ""), reverse("escalations:queue")))
    if request.method != "POST":
        return job.ask(job.form())
    form = job.form(request.POST)
    if not job.numbers:
        form.add_error(None, _("Pick at least one case."))
    elif len(job.numbers) > MAX_BULK:
        form.add_error(None, reason_text("too_many"))
    return job.run(form) if form.is_valid() else job.ask(form, status=422)


@dataclass
class Job:
    """One operation on the picked cases."""

    request: HttpRequest
    operation: BulkOperation
    numbers: list[int]
    back: str

    @cached_property
    def cases(self) -> dict[int, Case]:
        """Those of the picked cases that the actor sees."""
        seen = queries.visible_to(actor_of(self.request)).filter(pk__in=self.numbers[:MAX_BULK])
        return {case.pk: case for case in seen.select_related("site").defer("search")}

    def form(self, data: QueryDict | None = None) -> forms.Form:
        """What has to be said for the operation; versions are not asked for, each case is read again."""
        form = _FORMS[self.operation.key](self, data)
        form.fields.pop("version", None)
        return form

    def ask(self, form: forms.Form, status: int = 200) -> HttpResponse:
        """The form, in the dialog or as a page."""
        in_dialog = is_htmx(self.request)
        context = {
            "operation": self.operation,
            "form": form,
            "refs": [f"EC-{number}" for number in self.numbers],
            "picked": self.numbers,
            "next": self.back,
            "in_dialog": in_dialog,
        }
        template = "escalations/_bulk_form.html" if in_dialog else "escalations/bulk.html"
        response = by_asker(render(self.request, template, context, status=status))
        if in_dialog and status != 200:
            response["HX-Retarget"] = f"#bulk-{self.operation.key}"
            response["HX-Reswap"] = "innerHTML"
        return response

    def run(self, form: forms.Form) -> HttpResponse:
        """Do it, and say what came of each case. A second press of the same form leads back: how far the first came, if its answer
        was lost, only the cases tell."""
        if not pressing.claim(self.request):
            flash(self.request, _("This was sent before. Look at the cases before you send it anew."), "red")
            return pressing.again(self.request, self.back)
        results = _run(actor_of(self.request), self.operation.key, self.numbers, form.cleaned_data)
        refused = [result for result in results if not result.ok]
        done = len(results) - len(refused)
        text = _said(self.operation.key, form.cleaned_data, done) if done else _("No case was changed")
        context: dict[str, Any] = {
            "refused": refused,
            "done_text": text,
            "operation": self.operation,
            "next": self.back,
            "undo_url": self._undo_url(results),
        }
        if not is_htmx(self.request):
            return render(self.request, "escalations/bulk_done.html", context)
        board = self._board()
        response = render(self.request, "escalations/_poll.html", board.context())
        response.write(render(self.request, "escalations/_bulk_results.html", {**context, "out_of_band": True}).content)
        return toast(response, text, "ok" if done else "red", undo_url=context["undo_url"])

    def _undo_url(self, results: list[Result]) -> str | None:
        """What takes back whatever can be taken back; not so much that it fits no address."""
        url = undo_url_for(self.request, [one.undo for one in results if one.undo])
        return url if url and len(url) <= MAX_URL else None

    def _board(self) -> Board:
        """The queue that one came from; its first page where the address is broken, for the cases are changed already."""
        try:
            return board_for(self.request, QueryDict(self.back.partition("?")[2]))
        except BadCursor:
            return board_for(self.request, QueryDict())


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one case."""

    ref: str
    ok: bool
    message: str
    undo: dict[str, Any] | None = None


def _said(key: str, data: dict[str, Any], done: int) -> str:
    """What came of it, in a line."""
    if key != "assign":
        return ngettext("%(n)d case changed", "%(n)d cases changed", done) % {"n": done}
    if data["owner"] is None:
        return ngettext("%(n)d case belongs to nobody now", "%(n)d cases belong to nobody now", done) % {"n": done}
    words = {"n": done, "name": next(iter(queries.names_of([data["owner"]]).values()), "")}
    return ngettext("%(n)d case given to %(name)s", "%(n)d cases given to %(name)s", done) % words


def _run(actor: Actor, key: str, numbers: list[int], data: dict[str, Any]) -> list[Result]:
    refs = [f"EC-{number}" for number in numbers]
    if key == "escalate":
        return [_escalated(actor, ref, data["reason"]) for ref in refs]
    found = actions.bulk(actor=actor, refs=refs, operation=Operation(key), **_ARGUMENTS[key](data))
    return [Result(one.ref, one.ok, one.message, one.undo) for one in found]


def _escalated(actor: Actor, ref: str, reason: str) -> Result:
    try:
        actions.escalate(actor=actor, ref=ref, reason=reason)
    except actions.Refused as error:
        return Result(ref, False, reason_text(error.code))
    except Http404:
        return Result(ref, False, reason_text("not_visible"))
    return Result(ref, True, "")


def _assign_form(job: Job, data: QueryDict | None) -> forms.Form:
    """People who can own one of the picked cases; each case is judged. Nobody, where there is somebody to take it from."""
    owners = owners_for(actor_of(job.request), job.cases, timezone.now())
    owned = any(case.owner_id is not None for case in job.cases.values())
    return AssignForm(data, owners=with_loads(owners), nobody=owned or data is not None)


def _state_form(job: Job, data: QueryDict | None) -> forms.Form:
    """What is possible for one of the picked cases; each is judged. What was sent is answered case by case."""
    sent = data.get("verb", "") if data else ""
    return StateForm(data, verbs=[verb for verb in Verb.values if verb in {*_verbs(job), sent} - {Verb.REOPEN}])


def _verbs(job: Job) -> set[str]:
    actor = actor_of(job.request)
    triages = actor.can("triage") or actor.can("assign")
    tables = [transitions.TRANSITIONS[state] for state in {case.state for case in job.cases.values()}]
    return {verb for table in tables for verb, step in table.items() if triages or step.guard != "may_triage"}


_FORMS: Final[Mapping[str, Callable[[Job, QueryDict | None], forms.Form]]] = {
    "assign": _assign_form,
    "severity": lambda job, data: SeverityForm(data),
    "state": _state_form,
    "escalate": lambda job, data: EscalateForm(data),
}
_ARGUMENTS: Final[Mapping[str, Callable[[dict[str, Any]], dict[str, Any]]]] = {
    "assign": lambda data: {"owner_id": data["owner"], "note": data["note"]},
    "severity": lambda data: {
        "impact": data["impact"],
        "urgency": data["urgency"],
        "signals": data["signals"],
        "override": data["override"],
        "reason": data["override_reason"],
    },
    "state": lambda data: {
        "verb": data["verb"],
        "reason": data["reason"],
        "reject_reason": data.get("reject_reason", ""),
    },
}
