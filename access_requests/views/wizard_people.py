"""The second step of a new request: people by search, pasted or from a file, each row with what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from partners import queries as directory
from portal.accounts.decorators import require_right
from portal.accounts.requests import actor_of
from portal.imports.errors import ImportRefused
from portal.numbers import whole

from .. import access, actions, queries
from ..actions import drafting
from ..choices import RequestKind
from ..forms import intake
from ..forms.requests import PeopleForm
from ..models import RequestDraft
from ..rules import lists
from ..wording.requests import CELLS, ROWS
from .wizard import facts_of, steps_of


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
    return whole(do.partition("-")[2])


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
        posted: Any = form.data
        data = posted.copy()
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
        "steps": steps_of("people", draft),
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
        **facts_of(draft),
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
            (cell, one.row.cells.get(cell, ""), not one.is_ready and cell in wrong, CELLS[cell])
            for cell in ("employee_no", "name", "email")
        ],
        "more": [
            (cell, one.row.cells.get(cell, ""), True, CELLS[cell])
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


def _shift(draft: RequestDraft) -> dict[str, Any]:
    if draft.shift_at is None:
        return {"hour": "18:00" if draft.kind == RequestKind.LEAVER else "09:00"}
    local = draft.shift_at.astimezone(ZoneInfo(draft.site.time_zone))
    return {"day": local.date(), "hour": local.time()}
