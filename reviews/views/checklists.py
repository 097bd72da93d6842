"""Checklists: the list, one with its versions and its draft to edit, and the forms of its parts."""

from collections.abc import Mapping
from typing import Any, Final

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.decorators import require_actor
from portal.accounts.requests import actor_of

from ..access import visits as access
from ..actions import checklists as acts
from ..forms.checklists import NamedForm, NewNamedForm, QuestionForm, SectionForm
from ..models import Checklist, ChecklistVersion
from ..queries import visits as queries
from .saving import FormPage, edit, posted, press

MOVES: Final[Mapping[str, acts.Direction]] = {"up": "up", "down": "down", "remove": "remove"}


@require_safe
@require_actor
def checklists(request: HttpRequest) -> HttpResponseBase:
    """All checklists, those in use first."""
    actor = actor_of(request)
    access.permit_reading(actor)
    rows = queries.checklists().prefetch_related("versions")
    return render(request, "reviews/checklists.html", {"rows": rows, "may_edit": access.edits_checklists(actor)})


@require_safe
@require_actor
def checklist(request: HttpRequest, code: str) -> HttpResponseBase:
    """The draft to edit, or the version in use; `?v=2` shows another."""
    actor = actor_of(request)
    found = access.get_checklist(actor, code)
    versions = list(found.versions.all())
    shown = _asked(request, versions)
    may = access.edits_checklists(actor)
    context = {
        "checklist": found, "versions": versions, "shown": shown, "sections": queries.sections_of(shown) if shown else [],
        "may_edit": may, "edits": may and shown is not None and shown.released_at is None,
        "has_draft": bool(versions) and versions[0].released_at is None,
    }  # fmt: skip
    return render(request, "reviews/checklist.html", context)


def _asked(request: HttpRequest, versions: list[ChecklistVersion]) -> ChecklistVersion | None:
    asked = request.GET.get("v", "")
    if not asked:
        return versions[0] if versions else None
    found = next((one for one in versions if str(one.number) == asked), None)
    if found is None:
        raise Http404
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def checklist_new(request: HttpRequest) -> HttpResponseBase:
    """A checklist that is not there yet."""
    actor = actor_of(request)
    access.permit_editing(actor)
    form = NewNamedForm(posted(request))

    def save() -> tuple[str, str]:
        data = form.cleaned_data
        made = acts.add_checklist(actor=actor, code=data["code"], name=data["name"], name_zh=data["name_zh"])
        return _url(made.code), _("Checklist added. Write its sections and questions.")

    page = FormPage(_("New checklist"), _("Add checklist"), reverse("reviews:checklists"))
    return edit(request, form, page, save, NamedForm.initial_from, "checklist")


@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def checklist_change(request: HttpRequest, code: str) -> HttpResponseBase:
    """Another name."""
    actor = actor_of(request)
    found = _editable(request, code)
    form = NamedForm(posted(request), initial=NamedForm.initial_from(found))

    def save() -> tuple[str, str]:
        data = form.cleaned_data
        acts.rename_checklist(
            actor=actor, code=code, seen=form.seen_version, name=data["name"], name_zh=data["name_zh"]
        )
        return _url(code), _("Saved")

    return edit(request, form, _page(found, found.label, _("Save")), save, NamedForm.initial_from, "checklist")


@require_POST
@require_actor
def checklist_archive(request: HttpRequest, code: str) -> HttpResponse:
    """Out of use, or back in it (`restore`)."""
    archived = "restore" not in request.POST
    text = _("Checklist archived") if archived else _("Checklist restored")
    return press(
        request, lambda: acts.archive_checklist(actor=actor_of(request), code=code, archived=archived), _url(code), text
    )


@require_POST
@require_actor
def checklist_draft(request: HttpRequest, code: str) -> HttpResponse:
    """Begin the next draft as a copy."""
    return press(request, lambda: acts.copy_to_draft(actor=actor_of(request), code=code), _url(code), _("Draft begun"))


@require_POST
@require_actor
def checklist_release(request: HttpRequest, code: str) -> HttpResponse:
    """Put the draft in use."""
    return press(
        request, lambda: acts.release(actor=actor_of(request), code=code), _url(code), _("The version is in use")
    )


@require_POST
@require_actor
def checklist_arrange(request: HttpRequest, code: str) -> HttpResponse:
    """Move a part, or remove it."""
    actor = actor_of(request)
    access.draft_of(_editable(request, code))
    to, section, question = (request.POST.get(name, "") for name in ("to", "section", "question"))
    if to not in MOVES or not section or "\0" in section + question:
        raise BadRequest("nothing to move")
    url = f"{_url(code)}#{'q' if question else 's'}-{section}{'-' if question else ''}{question}"
    text = _("Removed") if to == "remove" else _("Moved")

    def act() -> None:
        acts.arrange(actor=actor, code=code, section=section, question=question, to=MOVES[to])

    return press(request, act, url, text)


@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def section_new(request: HttpRequest, code: str) -> HttpResponseBase:
    """Another section of the draft."""
    return _section(request, code, None)


@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def section_change(request: HttpRequest, code: str, section: str) -> HttpResponseBase:
    """A section of the draft."""
    return _section(request, code, section)


@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def question_new(request: HttpRequest, code: str, section: str) -> HttpResponseBase:
    """Another question of a section."""
    return _question(request, code, section, None)


@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def question_change(request: HttpRequest, code: str, section: str, question: str) -> HttpResponseBase:
    """A question of the draft."""
    return _question(request, code, section, question)


def _section(request: HttpRequest, code: str, section: str | None) -> HttpResponse:
    actor, found = actor_of(request), _editable(request, code)
    draft = access.draft_of(found)
    row = _there(draft.sections.filter(code=section).first()) if section else None
    form = SectionForm(posted(request), initial=_initial(draft, row, acts.SECTION))

    def save() -> tuple[str, str]:
        acts.keep_section(actor=actor, code=code, seen=form.seen_version, section=section, values=form.values())
        return f"{_url(code)}#s-{form.cleaned_data['code']}", _("Section saved")

    page = _page(found, row.label if row else _("New section"), _("Save"))
    return edit(request, form, page, save, lambda now: _now(now, "sections", row), "checklist")


def _question(request: HttpRequest, code: str, section: str, question: str | None) -> HttpResponse:
    actor, found = actor_of(request), _editable(request, code)
    draft = access.draft_of(found)
    part = _there(draft.sections.filter(code=section).first())
    row = _there(part.questions.filter(code=question).first()) if question else None
    form = QuestionForm(posted(request), initial=_initial(draft, row, acts.QUESTION))

    def save() -> tuple[str, str]:
        acts.keep_question(
            actor=actor, code=code, seen=form.seen_version, section=section, question=question, values=form.values()
        )
        return f"{_url(code)}#q-{section}-{form.cleaned_data['code']}", _("Question saved")

    page = _page(found, row.label if row else _("New question"), _("Save"))
    return edit(request, form, page, save, lambda now: _now(now, "questions", row), "checklist")


def _initial(draft: ChecklistVersion, row: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {"version": draft.version} | ({name: getattr(row, name) for name in names} if row else {})


def _now(draft: Any, parts: str, row: Any) -> dict[str, Any]:
    """What stands of the part, after somebody else changed the draft."""
    if row is None:
        return {"version": draft.version}
    fresh = type(row).objects.filter(pk=row.pk).first()
    return _initial(draft, fresh, acts.SECTION if parts == "sections" else acts.QUESTION)


def _there(row: Any) -> Any:
    if row is None:
        raise Http404
    return row


def _editable(request: HttpRequest, code: str) -> Checklist:
    actor = actor_of(request)
    found = access.get_checklist(actor, code)
    access.permit_editing(actor)
    return found


def _url(code: str) -> str:
    return reverse("reviews:checklist", args=[code])


def _page(found: Checklist, title: str, button: str) -> FormPage:
    return FormPage(title, button, _url(found.code), ((_url(found.code), found.label),))
