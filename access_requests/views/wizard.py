"""A new request in four steps: what, whom, which access, and all of it once more. Works without script."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from partners import queries as directory
from portal.accounts.decorators import require_right
from portal.accounts.requests import actor_of
from portal.accounts.rules import Actor
from portal.refusals import RefusedError
from portal.ui.exports import csv_response
from portal.ui.htmx import flash

from .. import access, actions, queries
from ..actions import drafting
from ..addresses import address
from ..choices import RequestKind
from ..forms.requests import KIND_LABELS, AccessForm, ReviewForm, StartForm
from ..models import RequestDraft
from ..queries.preview import Preview, preview
from ..wording import refusal
from .request_words import asked_rows, people_rows, ready_text, who_decides

STEPS: Final = ("type", "people", "access", "review")
COLUMNS: Final = ("employee_no", "name", "email", "external_id", "first_shift")


@require_http_methods(["GET", "HEAD", "POST"])
@require_right("request_access")
def request_new(request: HttpRequest) -> HttpResponseBase:
    """The first step: the kind and the site. A person in the address comes along."""
    actor = actor_of(request)
    sites = list(queries.sites_to_request(actor)[:2])
    initial = {name: request.GET[name] for name in ("kind", "site", "person") if name in request.GET}
    if "kind" not in initial or initial["kind"] not in KIND_LABELS:
        initial["kind"] = RequestKind.JOINER
    form = StartForm(request.POST if request.method == "POST" else None, actor=actor, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        draft = actions.start_draft(
            actor=actor, kind=data["kind"], site_id=data["site"].pk, person_id=data["person"]
        )  # fmt: skip
        return redirect("access:draft-people", draft.pk)
    context = {
        "form": form,
        "only_site": sites[0] if len(sites) == 1 else None,
        "steps": steps_of("type", None),
        "trouble_url": address("trouble-new"),
    }
    return render(request, "access_requests/new_type.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@require_right("request_access")
def draft_access(request: HttpRequest, draft_id: UUID) -> HttpResponseBase:
    """The third step: what each has, lacks, would get; the job's access can be left out, other access added."""
    draft = access.get_draft(actor_of(request), draft_id)
    if draft.kind == RequestKind.LEAVER:
        return redirect("access:draft-review", draft.pk)
    made = _preview(draft)
    if made is None:
        return redirect("access:draft-people", draft.pk)
    form = _access_form(draft, made, request.POST if request.method == "POST" else None)
    do = request.POST.get("do", "")
    if request.method == "POST" and form.is_valid():
        draft = _save_access(actor_of(request), draft, made, form)
        if do == "continue":
            return redirect("access:draft-review", draft.pk)
        return redirect("access:draft-access", draft.pk)
    context = {**_context(draft, made), "form": form, "steps": steps_of("access", draft)}
    return render(request, "access_requests/new_access.html", context, status=422 if form.is_bound else 200)


def _save_access(actor: Actor, draft: RequestDraft, made: Preview, form: AccessForm) -> RequestDraft:
    data = form.cleaned_data
    brought = {line.entitlement.pk for line in made.offered if line.bundles}
    left_out = brought - set(data["keep"])
    extras = list(dict.fromkeys([*data["extra"], *([data["add"]] if data["add"] else [])]))
    return actions.save_draft(
        actor=actor, draft_id=draft.pk, left_out=sorted(left_out), extras=extras, ends_on=data["ends_on"]
    )


def _access_form(draft: RequestDraft, made: Preview, data: Any) -> AccessForm:
    today = directory.site_today(draft.site)
    offered = [line.entitlement.pk for line in made.offered if line.bundles]
    initial = {"ends_on": draft.ends_on}
    return AccessForm(data, offered=offered, grouped=queries.offered_entitlements(), today=today, initial=initial)


def _preview(draft: RequestDraft) -> Preview | None:
    """What the draft comes to; None without people."""
    people = [one.person_id for one in drafting.checked(draft) if one.person_id is not None]
    return preview(draft.site, drafting.wish_of(draft, people), timezone.now()) if people else None


def _context(draft: RequestDraft, made: Preview) -> dict[str, Any]:
    return {
        "draft": draft,
        "made": made,
        "people": people_rows(made),
        "asked": asked_rows(made.offered, draft),
        "bundles": [(name, asked_rows(some, draft)) for name, some in sorted(made.bundles.items())],
        "deciders": who_decides(made.asked),
        "ready": ready_text(made, draft),
        **facts_of(draft),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@require_right("request_access")
def draft_review(request: HttpRequest, draft_id: UUID) -> HttpResponseBase:
    """The last step: everything once more, and the button that sends it."""
    actor = actor_of(request)
    draft = access.get_draft(actor, draft_id, sent=request.method == "POST")
    form = ReviewForm(request.POST if request.method == "POST" else None, initial={"reason": draft.reason})
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.send_draft(actor=actor, draft_id=draft.pk, reason=form.cleaned_data["reason"])
        except RefusedError as refused:
            form.add_error(None, refusal(refused.code, refused.params))
        else:
            return _sent(request, made)
    found = _preview(draft) if draft.request_id is None else None
    if found is None:
        return redirect("access:draft-people", draft.pk)
    shifts = [] if draft.kind == RequestKind.AD_HOC else drafting.by_shift(draft).items()
    context = {**_context(draft, found), "form": form, "steps": steps_of("review", draft),
               "shifts": [(shift, len(people)) for shift, people in shifts]}  # fmt: skip
    return render(request, "access_requests/new_review.html", context, status=422 if form.is_bound else 200)


def _sent(request: HttpRequest, made: Sequence[Any]) -> HttpResponse:
    if len(made) == 1:
        flash(request, _("%(ref)s sent.") % {"ref": made[0].ref})
        return redirect("access:request", made[0].ref)
    flash(request, ngettext("%(n)d request sent.", "%(n)d requests sent.", len(made)) % {"n": len(made)})
    return redirect(reverse("access:requests") + "?tab=mine")


@require_POST
@require_right("request_access")
def draft_discard(request: HttpRequest, draft_id: UUID) -> HttpResponseBase:
    """Throw a draft away."""
    actions.discard_draft(actor=actor_of(request), draft_id=draft_id)
    flash(request, _("Draft thrown away."))
    return redirect("access:requests")


@require_safe
@require_right("request_access")
def list_template(request: HttpRequest) -> HttpResponseBase:
    """The heading that a list may have, with an example row."""
    row = ["BW-2198", "Wang Fang", "wang.fang@example.com", "", directory.today().isoformat()]
    return csv_response("people.csv", COLUMNS, [row])


def facts_of(draft: RequestDraft) -> dict[str, Any]:
    """What every step says of the draft."""
    return {"site": draft.site, "kind_label": KIND_LABELS[RequestKind(draft.kind)],
            "is_leaver": draft.kind == RequestKind.LEAVER}  # fmt: skip


def steps_of(now: str, draft: RequestDraft | None) -> list[dict[str, Any]]:
    """The steps of the form; those behind lead back."""
    labels = {"type": _("Type"), "people": _("People"), "access": _("Access"), "review": _("Review")}
    shown = [one for one in STEPS if not (one == "access" and draft and draft.kind == RequestKind.LEAVER)]
    place = shown.index(now)
    return [
        {
            "label": labels[step],
            "state": "done" if number < place else "now" if number == place else "",
            "url": reverse(f"access:draft-{step}", args=[draft.pk]) if draft and 0 < number < place else "",
        }
        for number, step in enumerate(shown)
    ]
