"""Doing something to a case: the forms of `operations`, notes, watching, acknowledging, removing words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from escalations import access, actions
from escalations.choices import Reason, State
from escalations.forms import NoteForm, RedactForm
from escalations.queries.mentions import unknown_names
from escalations.views.asking import ask
from escalations.views.case_page import page_context
from escalations.views.common import by_asker, case_reader, case_url, moved_on, reason_text, refusal
from escalations.views.operation import Button, Context, Done, Kind
from escalations.views.operations import BY_KEY
from escalations.views.undoing import conflict_words, told, undo_url_for
from portal.accounts.requests import actor_of
from portal.audit.wording import listed
from portal.ui.htmx import conflict, is_htmx, toast

if TYPE_CHECKING:
    from escalations.models import Case

_CHOSEN_BY_LINKS: Final = ("owner", "verb")


@require_http_methods(["GET", "HEAD", "POST"])
@case_reader
def operate(request: HttpRequest, ref: str, key: str) -> HttpResponseBase:
    """The form of one operation (GET), and doing it (POST)."""
    actor = actor_of(request)
    case = access.get_case(actor, ref)
    kind, context = BY_KEY[key], Context(actor, case, access.rights_of(actor, case))
    if request.method != "POST":
        if not kind.may(context.rights):
            raise PermissionDenied
        return _show(request, context, kind, _chosen(kind.form(context, None), request))
    # Whoever works the case is told that it moved on, even where the new state allows the act no more.
    if context.rights.work and _is_behind(request, case):
        return _conflict(request, context, kind)
    too_late = _is_too_late(kind, context)
    form = kind.form(context, request.POST)
    if form.is_valid():
        return _attempt(request, context, kind, form)
    if too_late and not any(_ended(case) in found for found in form.errors.values()):
        form.add_error(None, _ended(case))
    return _show(request, context, kind, form, status=422)


def _chosen(form: forms.Form, request: HttpRequest) -> forms.Form:
    """The form with what a link chose beforehand; what it does not offer chooses nothing."""
    form.initial.update({name: request.GET[name] for name in _CHOSEN_BY_LINKS if name in request.GET})
    return form


def _is_too_late(kind: Kind, context: Context) -> bool:
    """Whether the actor might have done it, had the case not been merged, ended or given away while they wrote: the action
    says so, at the form that keeps their words. Raises PermissionDenied for whoever never might."""
    if kind.may(context.rights):
        return False
    if not kind.may(access.rights_while_open(context.actor, context.case)):
        raise PermissionDenied
    return True


def _ended(case: Case) -> str:
    """Why it is not possible: also where the form offers nothing by now and does not reach the action."""
    return reason_text(Reason.MERGED if case.state == State.MERGED else Reason.NOT_POSSIBLE)


def _is_behind(request: HttpRequest, case: Case) -> bool:
    """Whether the form was made for an earlier version of the case; one without a version is judged as a form."""
    version = request.POST.get("version", "")
    return version.isascii() and version.isdigit() and version != str(case.version)


def _attempt(request: HttpRequest, context: Context, kind: Kind, form: forms.Form) -> HttpResponse:
    try:
        done = kind.run(context, form)
    except actions.Stale:
        return _conflict(request, context, kind)
    except actions.Refused as error:
        form.add_error(None, _ended(context.case) if error.code == Reason.NOT_POSSIBLE else refusal(error))
        return _show(request, context, kind, form, status=422)
    return moved_on(request, done.go_to, done.text) if done.go_to else changed(request, context.case, done)


def _show(
    request: HttpRequest, context: Context, kind: Kind, form: forms.Form, *, status: int = 200, conflict_text: str = ""
) -> HttpResponse:
    """The form, in its dialog or on a page."""
    case, in_dialog = context.case, is_htmx(request)
    preview_url = f"{reverse('escalations:severity-preview')}?{urlencode({'service': case.service_id})}"
    data = {
        "case": case,
        "case_url": case_url(case),
        "service_name": case.service.label,
        "operation": Button(kind, case.ref),
        "form": form,
        "in_dialog": in_dialog,
        "conflict_text": conflict_text,
        "preview_url": preview_url,
    }
    template = "escalations/_operation_form.html" if in_dialog else "escalations/operation.html"
    response = by_asker(render(request, template, data, status=status))
    if in_dialog and status != 200:
        response["HX-Retarget"], response["HX-Reswap"] = f"#do-{kind.key}", "innerHTML"
    return response


def _conflict(request: HttpRequest, context: Context, kind: Kind) -> HttpResponse:
    """Somebody was faster. htmx keeps the form as it is; without script a page shows both, ready to be sent again."""
    actor = context.actor
    case = access.get_case(actor, context.case.pk)
    text = conflict_words(case)
    if is_htmx(request):
        return conflict(request, text, case_url(case))
    data = request.POST.copy()
    data["version"] = str(case.version)
    fresh = Context(actor, case, access.rights_of(actor, case))
    return _show(request, fresh, kind, kind.form(fresh, data), status=409, conflict_text=text)


def changed(request: HttpRequest, case: Case, done: Done, *, fresh_composer: bool = False) -> HttpResponse:
    """The case as it is now, with a toast: its regions for htmx, its page otherwise; the queue when it is out of sight."""
    undo_url = undo_url_for(request, done.undo)
    try:
        now = access.get_case(actor_of(request), case.pk)
    except Http404:
        return moved_on(request, reverse("escalations:queue"), done.text)
    if not is_htmx(request):
        return moved_on(request, case_url(now), done.text, undo_url)
    data = {**page_context(request, now), "fresh_composer": fresh_composer}
    return toast(render(request, "escalations/_case_regions.html", data), done.text, undo_url=undo_url)


@require_POST
@case_reader
def note(request: HttpRequest, ref: str) -> HttpResponseBase:
    """A note, internal or shared."""
    actor = actor_of(request)
    case = access.get_case(actor, ref)
    # Of a case that was merged while they wrote the action says so, at the note.
    rights = access.rights_while_open(actor, case)
    if not (rights.note_internal or rights.note_shared):
        raise PermissionDenied
    form = NoteForm(request.POST, only_shared=not rights.note_internal)
    if form.is_valid():
        try:
            actions.add_note(
                actor=actor, ref=case.pk, text=form.cleaned_data["text"], shared=form.cleaned_data["shared"]
            )
        except actions.Refused as error:
            form.add_error(None, refusal(error))
        else:
            return changed(request, case, Done(_added(case, form)), fresh_composer=True)
    data = page_context(request, case, note_form=form)
    if not is_htmx(request):
        return render(request, "escalations/case.html", data, status=422)
    response = render(request, "escalations/_composer.html", data, status=422)
    response["HX-Retarget"], response["HX-Reswap"] = "#composer", "outerHTML"
    return response


def _added(case: Case, form: NoteForm) -> str:
    unknown = [] if form.cleaned_data["shared"] else unknown_names(case, form.cleaned_data["text"])
    if not unknown:
        return _("Note added")
    names = listed(f"@{name}" for name in unknown)
    return _("Note added. Nobody who sees this case is called %(names)s.") % {"names": names}


@require_POST
@case_reader
def watch(request: HttpRequest, ref: str) -> HttpResponseBase:
    """Hear of the case from now on, or no more."""
    actor = actor_of(request)
    case = access.get_case(actor, ref)
    if not access.rights_of(actor, case).watch:
        raise PermissionDenied
    on = request.POST.get("watch") == "1"
    (actions.watch if on else actions.unwatch)(actor=actor, ref=case.pk)
    return changed(request, case, Done(_("You watch this case") if on else _("You no longer watch this case")))


@require_POST
@case_reader
def acknowledge(request: HttpRequest, ref: str, clock_id: int) -> HttpResponseBase:
    """Take on a breach, so that no further level is alarmed."""
    actor = actor_of(request)
    case = access.get_case(actor, ref)
    if not access.rights_of(actor, case).work:
        raise PermissionDenied
    try:
        actions.acknowledge_clock(actor=actor, ref=case.pk, clock_id=clock_id)
    except actions.Refused as error:
        return told(request, case, refusal(error), "red")
    return changed(request, case, Done(_("Breach acknowledged. No further level is alarmed.")))


@require_http_methods(["GET", "HEAD", "POST"])
@case_reader
def redact(request: HttpRequest, ref: str, entry_id: int) -> HttpResponseBase:
    """Ask (GET) and remove the words of an entry (POST)."""
    actor = actor_of(request)
    case = access.get_case(actor, ref)
    entry = access.get_entry(actor, case, entry_id)
    rights = access.rights_of(actor, case)
    if not (rights.redact_any or (rights.work and entry.actor_id == actor.user_id)):
        raise PermissionDenied
    form = RedactForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.redact_entry(actor=actor, ref=case.pk, entry_id=entry.pk)
        except actions.Refused as error:
            form.add_error(None, refusal(error))
        else:
            return changed(request, case, Done(_("The words were removed")))
    return _ask_to_redact(request, case, entry.pk, form)


def _ask_to_redact(request: HttpRequest, case: Case, entry_id: int, form: forms.Form) -> HttpResponse:
    operation = {
        "key": "redact",
        "url": reverse("escalations:case-redact", args=[case.ref, entry_id]),
        "title": _("Remove the words of an entry"),
        "intro": _(
            "That there were words, and who removed them, stays in the activity. The words cannot be brought back."
        ),
        "submit": _("Remove the words"),
        "danger": True,
    }
    return ask(request, case, operation, form)
