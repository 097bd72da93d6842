"""Whose law asks for what: jurisdictions and their terms, for administrators; auditors look."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from escalations import actions
from escalations.forms import VersionForm
from escalations.forms.statutory import EndTermForm, JurisdictionForm, TermForm
from escalations.queries import statutory as law
from escalations.views.common import moved_on, refusal
from escalations.views.config import stale_text
from portal.accounts.decorators import require_actor, require_right
from portal.accounts.requests import actor_of
from portal.ui.htmx import conflict
from sla.queries import calendar_choices

if TYPE_CHECKING:
    from escalations.models import Jurisdiction, StatutoryTerm
    from portal.accounts.rules import Actor

_FIELDS = {"code_taken": "code", "code_unfit": "code", "name_needed": "name"}
_TERM_FIELDS = {"term_overlaps": "valid_from", "never_works": "unit", "text_needed": "basis"}


def _reader(request: HttpRequest) -> Actor:
    """Who may look at the settings. Raises Http404."""
    actor = actor_of(request)
    if not (actor.can("configure") or actor.can("read_all")):
        raise Http404
    return actor


def _found(pk: int) -> Jurisdiction:
    found = law.jurisdictions().filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@require_safe
@require_actor
def jurisdictions(request: HttpRequest) -> HttpResponseBase:
    """All of them with the zones of their days, archived ones included."""
    actor, rows = _reader(request), list(law.jurisdictions())
    zones = law.zones_of(rows)
    lines = [{"row": one, "zone": zones[one.calendar_id]} for one in rows]
    context = {"lines": lines, "may_configure": actor.can("configure")}
    return render(request, "escalations/jurisdictions.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require_right("configure")
def jurisdiction_new(request: HttpRequest) -> HttpResponseBase:
    """One that does not exist yet."""
    data = request.POST if request.method == "POST" else None
    form = JurisdictionForm(data, calendars=calendar_choices(), new=True)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            made = actions.add_jurisdiction(
                actor=actor_of(request),
                code=said["code"],
                name=said["name"],
                name_zh=said["name_zh"],
                calendar_id=said["calendar"],
            )
        except actions.Refused as error:
            form.add_error(_FIELDS.get(error.code), refusal(error))
        else:
            url = reverse("escalations:jurisdiction", args=[made.pk])
            return moved_on(request, url, _("Jurisdiction created. Set its terms next."))
    context = {"form": form, "form_url": reverse("escalations:jurisdiction-new"), "may_configure": True}
    return render(request, "escalations/jurisdiction.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def jurisdiction(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Its names and its calendar; below, its terms."""
    actor, found = _reader(request), _found(pk)
    if request.method != "POST":
        return _show(request, found)
    if not actor.can("configure"):
        raise PermissionDenied
    form = _settings_form(found, request.POST)
    if not form.is_valid():
        return _show(request, found, form=form, status=422)
    said = form.cleaned_data
    try:
        actions.change_jurisdiction(
            actor=actor,
            pk=pk,
            name=said["name"],
            name_zh=said["name_zh"],
            calendar_id=said["calendar"],
            expected_version=said["version"],
        )
    except actions.Refused as error:
        if error.code == "stale":
            return _show(request, found, form=form, status=409, conflict_text=stale_text())
        form.add_error(_FIELDS.get(error.code), refusal(error))
        return _show(request, found, form=form, status=422)
    return moved_on(request, reverse("escalations:jurisdiction", args=[pk]), _("Saved"))


@require_POST
@require_right("configure")
def jurisdiction_archive(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Offer it no more, or again."""
    _found(pk)
    form, back = VersionForm(request.POST), reverse("escalations:jurisdiction", args=[pk])
    if not form.is_valid():
        return conflict(request, stale_text(), back)
    archived = request.POST.get("archived") == "1"
    try:
        actions.archive_jurisdiction(
            actor=actor_of(request), pk=pk, archived=archived, expected_version=form.expected_version
        )
    except actions.Refused:
        return conflict(request, stale_text(), back)
    return moved_on(request, back, _("Archived") if archived else _("Brought back"))


@require_POST
@require_right("configure")
def term_new(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What the law gives from a day on."""
    found, form = _found(pk), TermForm(request.POST)
    if not form.is_valid():
        return _show(request, found, term_form=form, status=422)
    said = form.cleaned_data
    try:
        actions.set_term(actor=actor_of(request), jurisdiction_id=pk, **said)
    except actions.Refused as error:
        form.add_error(_TERM_FIELDS.get(error.code), refusal(error))
        return _show(request, found, term_form=form, status=422)
    return moved_on(request, reverse("escalations:jurisdiction", args=[pk]), _("Term set"))


@require_http_methods(["GET", "HEAD", "POST"])
@require_right("configure")
def term_end(request: HttpRequest, pk: int, term_id: int) -> HttpResponseBase:
    """The last day of receipt for which a term holds."""
    found = _found(pk)
    term = law.terms_of(found).filter(pk=term_id, valid__upper_inf=True).first()
    if term is None:
        raise Http404
    form = EndTermForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        actions.end_term(actor=actor_of(request), term_id=term_id, last_day=form.cleaned_data["last_day"])
        return moved_on(request, reverse("escalations:jurisdiction", args=[pk]), _("Term ended"))
    context = {"found": found, "term": _term_line(term), "form": form}
    return render(request, "escalations/term_end.html", context, status=422 if form.errors else 200)


def _settings_form(found: Jurisdiction, data: Any = None) -> JurisdictionForm:
    initial = {"name": found.name, "name_zh": found.name_zh, "calendar": found.calendar_id, "version": found.version}
    choices = calendar_choices()
    if found.calendar_id not in dict(choices):
        choices.append((found.calendar_id, str(found.calendar)))
    return JurisdictionForm(data, calendars=choices, initial=initial)


def _show(
    request: HttpRequest,
    found: Jurisdiction,
    *,
    form: forms.Form | None = None,
    term_form: forms.Form | None = None,
    status: int = 200,
    conflict_text: str = "",
) -> HttpResponse:
    context = {
        "found": found,
        "form": form or _settings_form(found),
        "form_url": reverse("escalations:jurisdiction", args=[found.pk]),
        "terms": [_term_line(one) for one in law.terms_of(found)],
        "term_form": term_form or TermForm(),
        "may_configure": actor_of(request).can("configure"),
        "conflict_text": conflict_text,
    }
    return render(request, "escalations/jurisdiction.html", context, status=status)


def _term_line(term: StatutoryTerm) -> dict[str, Any]:
    return {"row": term, "words": law.term_text(term), "from": term.valid.lower, "until": law.last_day_of(term)}
