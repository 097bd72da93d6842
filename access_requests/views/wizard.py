"""A new request in four steps: what, whom, which access, and all of it once more. Works without script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from partners import queries as directory
from portal.accounts.decorators import require_right
from portal.accounts.rules import Actor
from portal.imports.errors import ImportRefused
from portal.ui.exports import csv_response
from portal.ui.htmx import flash

from .. import access, actions, queries
from ..actions import drafting
from ..addresses import address
from ..choices import RequestKind
from ..forms import intake
from ..forms.requests import KIND_LABELS, AccessForm, PeopleForm, ReviewForm, StartForm
from ..models import RequestDraft
from ..queries.preview import Preview, preview
from ..rules import RefusedError, lists
from ..wording import refusal
from ..wording.requests import ROWS
from .request_words import asked_rows, people_rows, ready_text, who_decides

STEPS: Final = ("type", "people", "access", "review")
COLUMNS: Final = ("employee_no", "name", "email", "external_id", "first_shift")


def actor_of(request: HttpRequest) -> Actor:
    """Who makes this request."""
    return cast(Actor, request.actor)  # type: ignore[attr-defined]


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
        "steps": _steps("type", None),
        "trouble_url": address("trouble-new"),
    }
    return render(request, "access_requests/new_type.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@require_right("request_access")
def draft_people(request: HttpRequest, draft_id: UUID) -> HttpResponseBase:
    """The second step: people by search, pasted or from a file, each row with what is wrong with it."""
    draft = access.get_draft(actor_of(request), draft_id)
    if request.method != "POST":
        return _people(request, draft, PeopleForm(initial=_shift(draft), site=draft.site, kind=draft.kind))
    form = PeopleForm(request.POST, request.FILES, site=draft.site, kind=draft.kind)
    do, unused = request.POST.get("do", "check"), list[str]()
    if form.is_valid():
        try:
            rows, unused = _rows(request, draft, form, do)
        except ImportRefused as refused:
            form.add_error("file" if form.cleaned_data["file"] else "list", str(refused))
        else:
            draft = _saved(request, draft, form, rows)
    if do == "continue":
        return _continue(request, draft, form)
    status = 422 if form.errors else 200
    return _people(request, draft, form, status=status, unused=unused, finding=do == "find")


def _saved(request: HttpRequest, draft: RequestDraft, form: PeopleForm, rows: Sequence[lists.Row]) -> RequestDraft:
    return actions.save_draft(
        actor=actor_of(request), draft_id=draft.pk, shift_at=form.shift_at, rows=[drafting.stored(row) for row in rows]
    )


def _continue(request: HttpRequest, draft: RequestDraft, form: PeopleForm) -> HttpResponse:
    ready = [one for one in drafting.checked(draft) if one.is_ready] if not form.errors else []
    if not form.errors and draft.shift_at is None and draft.kind != RequestKind.AD_HOC:
        form.add_error("day", _("Fill this in: by then everything has to be done."))
    if not form.errors and not ready:
        form.add_error(None, _("Name at least one person who works at this site."))
    if form.errors:
        return _people(request, draft, form, status=422)
    actions.save_draft(actor=actor_of(request), draft_id=draft.pk, people_chosen=True)
    return redirect("access:draft-access" if draft.kind != RequestKind.LEAVER else "access:draft-review", draft.pk)


def _rows(request: HttpRequest, draft: RequestDraft, form: PeopleForm, do: str) -> tuple[list[lists.Row], list[str]]:
    """The draft's rows after what was posted. Raises ImportRefused."""
    known = drafting.rows_of(draft)
    picked = [row for row in known if row.person_id is not None]
    listed = [row for row in known if row.person_id is None]
    text, unused = form.cleaned_data["list"], list[str]()
    if form.cleaned_data["file"]:
        listed, unused = intake.read_upload(form.cleaned_data["file"])
    elif _plain(text) != _plain(intake.as_text(listed)):
        listed, unused = intake.read_text(text) if text.strip() else ([], [])
    else:
        listed = [_fixed(row, request.POST) for row in listed]
    if do.startswith("add-") and (number := _number(do)) is not None:
        person = drafting.person_of(draft.site_id, draft.kind, number)
        picked += [lists.Row(0, {}, person)] if person not in {row.person_id for row in picked} else []
    rows = [lists.Row(n, row.cells, row.person_id, row.unreadable) for n, row in enumerate([*picked, *listed], 1)]
    if do.startswith("drop-"):
        rows = [row for row in rows if row.number != _number(do)]
    return rows[: 2 * lists.MAX_ROWS], unused


def _plain(text: str) -> list[str]:
    return [line.strip() for line in text.strip().splitlines()]


def _number(do: str) -> int | None:
    digits = do.partition("-")[2]
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 19 else None


def _fixed(row: lists.Row, posted: Mapping[str, Any]) -> lists.Row:
    """The row with what was typed into its cells."""
    typed = {
        cell: str(posted[f"r{row.number}-{cell}"]).replace("\0", "").strip()[:200]
        for cell in lists.CELLS
        if f"r{row.number}-{cell}" in posted
    }
    cells = {cell: text for cell, text in {**row.cells, **typed}.items() if text}
    return lists.Row(row.number, cells, row.person_id, "" if typed else row.unreadable)


def _people(
    request: HttpRequest,
    draft: RequestDraft,
    form: PeopleForm,
    *,
    status: int = 200,
    unused: Sequence[str] = (),
    finding: bool = False,
) -> HttpResponse:
    found = drafting.checked(draft)
    to_fix = [one for one in found if not one.is_ready]
    only = request.GET.get("only") == "fix"
    text = intake.as_text(one.row for one in found)
    if form.is_bound and not form.errors.get("list"):
        data: Any = form.data.copy()
        data["list"] = text
        form.data = data
    else:
        form.initial["list"] = text
    hits = queries.find_people(draft.site_id, draft.kind, form.cleaned_data["q"]) if finding and form.is_valid() else []
    labels = directory.person_labels(one.person_id for one in found if one.person_id is not None)
    ready = len(found) - len(to_fix)
    context = {
        "draft": draft,
        "form": form,
        "steps": _steps("people", draft),
        "rows": [_row(one, labels) for one in (to_fix if only else found)],
        "problems": [_row(one, labels) for one in to_fix][:20],
        "counts": {"all": len(found), "ready": ready, "fix": len(to_fix)},
        "only": only,
        "hits": hits,
        "finding": finding,
        "unused": ", ".join(unused),
        "with_shift": any(one.row.cells.get("shift") for one in found),
        "button": ngettext("Continue with %(n)d ready row", "Continue with %(n)d ready rows", ready) % {"n": ready}
        if to_fix
        else _("Continue"),
        **_site(draft),
    }
    return render(request, "access_requests/new_people.html", context, status=status)


def _row(one: lists.Checked, labels: Mapping[int, str]) -> dict[str, Any]:
    """A row as the table shows it: the cell that is wrong can be typed into."""
    column = one.column or ("employee_no" if one.code == "unreadable" else "")
    # A number that is somebody else's, or a name that is not the number's: whichever is wrong can be corrected.
    wrong = {column, "name"} if one.code == "belongs_to" else {column}
    return {
        "number": one.row.number,
        "cells": [
            (cell, one.row.cells.get(cell, ""), not one.is_ready and cell in wrong)
            for cell in ("employee_no", "name", "email")
        ],
        "more": [
            (cell, one.row.cells.get(cell, ""), True)
            for cell in ("external_id", "shift")
            if not one.is_ready and cell == column
        ],
        "shift": one.row.cells.get("shift", ""),
        "who": labels.get(one.person_id or 0, ""),
        "ready": one.is_ready,
        "picked": one.row.person_id is not None,
        "column": column,
        "text": str(ROWS[one.code]) % dict(one.params),
        "name": one.row.cells.get("name") or one.row.cells.get("employee_no") or one.row.cells.get("email") or "",
    }


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
    context = {**_context(draft, made), "form": form, "steps": _steps("access", draft)}
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
        **_site(draft),
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
    context = {**_context(draft, found), "form": form, "steps": _steps("review", draft),
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


def _shift(draft: RequestDraft) -> dict[str, Any]:
    if draft.shift_at is None:
        return {"hour": "18:00" if draft.kind == RequestKind.LEAVER else "09:00"}
    local = draft.shift_at.astimezone(ZoneInfo(draft.site.time_zone))
    return {"day": local.date(), "hour": local.time()}


def _site(draft: RequestDraft) -> dict[str, Any]:
    return {"site": draft.site, "kind_label": KIND_LABELS[RequestKind(draft.kind)],
            "is_leaver": draft.kind == RequestKind.LEAVER}  # fmt: skip


def _steps(now: str, draft: RequestDraft | None) -> list[dict[str, Any]]:
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
