"""Several cases at once, each judged and changed by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from escalations import actions, queries
from escalations.choices import MAX_BULK, Verb
from escalations.choices.queue import Operation
from escalations.forms import AssignForm, EscalateForm, SeverityForm, StateForm, picked
from escalations.views.board import Board, board_for
from escalations.views.bulk_operations import BulkOperation, bulk_operation
from escalations.views.common import by_asker, case_reader, reason_text, safe_next
from escalations.views.undoing import undo_url_for
from portal.accounts.requests import actor_of
from portal.ui.htmx import is_htmx, toast
from portal.ui.pagination import BadCursor

if TYPE_CHECKING:
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
        """Do it, and say what came of each case."""
        results = _run(actor_of(self.request), self.operation.key, self.numbers, form.cleaned_data)
        refused = [result for result in results if not result.ok]
        done = len(results) - len(refused)
        text = (
            ngettext("%(n)d case changed", "%(n)d cases changed", done) % {"n": done}
            if done
            else _("No case was changed")
        )
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
    """People who can own the picked cases: those of the first visible one's service and site; each case is judged."""
    owners: dict[int, str] = {}
    for service, site in _places(actor_of(job.request), job.numbers):
        owners |= {one.id: _open(one) for one in queries.assignable_users(actor_of(job.request), service, site)}
    return AssignForm(data, owners=list(owners.items()))


def _open(one: queries.Assignable) -> str:
    return ngettext("%(name)s (%(n)d open)", "%(name)s (%(n)d open)", one.open_cases) % {
        "name": one.name,
        "n": one.open_cases,
    }


def _places(actor: Actor, numbers: list[int]) -> list[tuple[int, int | None]]:
    """The services and sites of the picked cases, five pairs at most: a mixed pick is offered the people of those."""
    rows = queries.visible_to(actor).filter(pk__in=numbers).order_by().values_list("service_id", "site_id")
    return list(rows.distinct()[:5])


def _state_form(job: Job, data: QueryDict | None) -> forms.Form:
    return StateForm(data, verbs=[verb for verb in Verb.values if verb != Verb.REOPEN])


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
