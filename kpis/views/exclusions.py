"""Pages of disputed time ranges: proposed, looked at with what they would change, decided."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.decorators import require_role
from portal.accounts.requests import actor_of
from portal.accounts.rules import Actor
from portal.files.actions import store
from portal.files.queries import files_of
from portal.refusals import ConflictError, RefusedError
from portal.ui.htmx import conflict, flash
from portal.ui.pagination import keyset_page

from ..access import contracts as access
from ..actions import effects
from ..actions import exclusions as acts
from ..choices import ExclusionState
from ..forms.contracts import AnswerForm, EvidenceForm, ProposeForm
from ..models import Exclusion
from ..queries import agreements
from ..queries.scope import READERS
from ..rules.periods import containing
from ..wording.contracts import refusal
from ..wording.periods import period_text
from .rows import change_rows, score_text, worth_text

reads = require_role(*READERS)


@reads
@require_safe
def exclusions(request: HttpRequest) -> HttpResponse:
    """Disputed ranges of the sites in sight, the open ones unless asked otherwise."""
    actor = actor_of(request)
    state, rows = asked_for(request, actor)
    page = keyset_page(rows, order=("-proposed_at", "-id"), cursor=request.GET.get("cursor"))
    context = {
        "page": page, "state": state, "states": ExclusionState.choices,
        "may_propose": agreements.sites_of_side(actor).exists(), "export_url": reverse("kpis:exclusions_export"),
    }  # fmt: skip
    return render(request, "kpis/exclusions.html", context)


def asked_for(request: HttpRequest, actor: Actor) -> tuple[str, QuerySet[Exclusion]]:
    """The chosen state, the open ones unless asked otherwise, and the ranges in sight that are in it."""
    state = request.GET.get("state", ExclusionState.PROPOSED)
    rows = agreements.exclusions_visible_to(actor)
    return state, rows.filter(state=state) if state in ExclusionState.values else rows


@reads
@require_http_methods(["GET", "HEAD", "POST"])
def exclusion_new(request: HttpRequest) -> HttpResponse:
    """Dispute a time range."""
    actor = actor_of(request)
    if not agreements.sites_of_side(actor).exists():
        access.permit(None)
    files = (request.POST, request.FILES) if request.method == "POST" else ()
    form = ProposeForm(*files, actor=actor, initial={"site": request.GET.get("site", "")[:40]})
    if request.method == "POST" and form.is_valid():
        try:
            made = _proposed(actor, form.cleaned_data)
        except RefusedError as error:
            form.refuse(error)
        else:
            flash(request, _("Proposed. The other side decides; both see what it would change."))
            return redirect("kpis:exclusion", made.pk)
    return render(request, "kpis/exclusion_form.html", {"form": form}, status=422 if form.is_bound else 200)


@transaction.atomic
def _proposed(actor: Any, data: dict[str, Any]) -> Exclusion:
    files = [store(actor=actor, upload=data["evidence"]).pk] if data["evidence"] else []
    return acts.propose(
        actor=actor, site=data["site"], queue=data["queue"], since=data["since"], until=data["until"],
        reason=data["reason"], note=data["note"], file_ids=files,
    )  # fmt: skip


@reads
@require_safe
def exclusion(request: HttpRequest, pk: int) -> HttpResponse:
    """A disputed range: what happened, the evidence, what it would change, and the decision."""
    actor = actor_of(request)
    return _page(request, actor, access.get_exclusion(actor, pk))


@reads
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve or decline what the other side proposed."""
    actor = actor_of(request)
    held = access.get_exclusion(actor, pk)
    access.speaking(actor, held.site)
    verdict = request.POST.get("verdict", "")
    form = AnswerForm(request.POST)
    if verdict not in {ExclusionState.APPROVED, ExclusionState.DECLINED} or not form.is_valid():
        return _page(request, actor, held, form)
    try:
        acts.decide(actor=actor, pk=pk, verdict=verdict, answer=form.cleaned_data["answer"])
    except RefusedError as error:
        form.refuse(error)
        return _page(request, actor, held, form)
    except ConflictError as found:
        return _late(request, found.row)
    approved = verdict == ExclusionState.APPROVED
    flash(request, _("Approved. Figures follow within a minute.") if approved else _("Declined"))
    return redirect("kpis:exclusion", pk)


@reads
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back what one's own side proposed."""
    actor = actor_of(request)
    held = access.get_exclusion(actor, pk)
    try:
        acts.withdraw(actor=actor, pk=pk)
    except RefusedError as error:
        return _page(request, actor, held, problem=refusal(error.code, error.params))
    except ConflictError as found:
        return _late(request, found.row)
    flash(request, _("Taken back"))
    return redirect("kpis:exclusion", pk)


@reads
@require_POST
def evidence(request: HttpRequest, pk: int) -> HttpResponse:
    """One more file."""
    actor = actor_of(request)
    held = access.get_exclusion(actor, pk)
    access.speaking(actor, held.site)
    form = EvidenceForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, actor, held, files_form=form)
    try:
        with transaction.atomic():
            file = store(actor=actor, upload=form.cleaned_data["evidence"])
            acts.add_evidence(actor=actor, pk=pk, file_id=file.pk)
    except ConflictError as found:
        return _late(request, found.row)
    except ValidationError as error:
        form.add_error("evidence", error)
        return _page(request, actor, held, files_form=form)
    flash(request, _("File added"))
    return redirect("kpis:exclusion", pk)


def _page(
    request: HttpRequest,
    actor: Any,
    held: Exclusion,
    form: AnswerForm | None = None,
    files_form: EvidenceForm | None = None,
    problem: str = "",
) -> HttpResponse:
    context = {
        "held": held, "form": form or AnswerForm(), "files_form": files_form or EvidenceForm(), "problem": problem,
        "files": files_of(acts.OWNER, [held.pk]).get(str(held.pk), []),
        "may_decide": acts.decider(actor, held) is not None,
        "may_withdraw": acts.withdrawer(actor, held) is not None,
        "speaks": agreements.sites_of_side(actor).filter(pk=held.site_id).exists(),
        "open": held.state == ExclusionState.PROPOSED,
        "effects": [_effect_row(one) for one in effects.effect(held)],
    }  # fmt: skip
    failed = problem or (form is not None) or (files_form is not None)
    return render(request, "kpis/exclusion.html", context, status=422 if failed else 200)


def _effect_row(month: effects.Month) -> dict[str, Any]:
    return {
        "month": period_text(containing("month", month.month)),
        "now": score_text(month.now.score), "then": score_text(month.then.score),
        "now_worth": worth_text(month.now_worth, month.currency),
        "then_worth": worth_text(month.then_worth, month.currency),
        "rows": [row for row in change_rows(month) if row.differs],
    }  # fmt: skip


def _late(request: HttpRequest, row: Any) -> HttpResponse:
    """Somebody decided first: who and what."""
    name = row.decided_by.name if row.decided_by else "–"
    text = refusal("decided", {"state": row.get_state_display(), "name": name})
    return conflict(request, text, reverse("kpis:exclusion", args=[row.pk]))
