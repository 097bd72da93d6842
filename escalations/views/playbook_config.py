"""Playbooks: the list, one with its versions and its draft to edit, the forms of its parts, and how a case would show it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from escalations import access, queries
from escalations.actions import playbook_config as acts
from escalations.forms import issue_groups
from escalations.forms.playbooks import PlaybookForm, StepEditForm, refusal_words, step_initial
from escalations.models import Playbook, PlaybookStep, PlaybookVersion
from escalations.queries.playbooks import plain_steps
from escalations.rules.playbooks import flaws_of
from escalations.views.playbook_pages import edit, editable, page_of, posted, press, url_of
from portal.accounts.decorators import require_actor, require_right
from portal.accounts.requests import actor_of
from portal.numbers import whole
from portal.refusals import RefusedError

if TYPE_CHECKING:
    from portal.accounts.rules import Actor

MOVES: Final[Mapping[str, acts.Direction]] = {"up": "up", "down": "down", "remove": "remove"}


def edits(actor: Actor, service_id: int | None) -> bool:
    """Whether the actor makes playbooks of a service (None: of all)."""
    try:
        access.permit_playbooks_of(actor, service_id)
    except PermissionDenied:
        return False
    return True


@require_safe
@require_right("see_internal")
def playbook_list(request: HttpRequest) -> HttpResponseBase:
    """All playbooks, those in use first. Two queries for any number of them."""
    rows = Playbook.objects.select_related("service", "issue_type__parent__parent").prefetch_related("versions")
    lines = sorted(rows, key=lambda one: (one.archived_at is not None, one.label, one.pk))
    may = actor_of(request).can("configure_service")
    return render(request, "escalations/playbooks.html", {"rows": [_line(one) for one in lines], "may_edit": may})


def _line(book: Playbook) -> dict[str, Any]:
    versions = list(book.versions.all())
    published = next((one for one in versions if one.published_at), None)
    draft = next((one for one in versions if not one.published_at), None)
    issue = " › ".join(queries.path_of(book.issue_type)) if book.issue_type else ""
    return {"book": book, "issue": issue, "published": published, "draft": draft}


@require_safe
@require_right("see_internal")
def playbook(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The draft for those who edit it, else the version in use; `?v=2` shows another."""
    book = access.get_playbook(actor_of(request), pk)
    may = edits(actor_of(request), book.service_id)
    versions = [one for one in book.versions.all() if may or one.published_at]
    shown = asked_version(request, versions)
    steps = list(shown.steps.all()) if shown else []
    editing = may and shown is not None and shown.published_at is None
    context = {
        **_line(book),
        "versions": versions,
        "shown": shown,
        "steps": [_step_line(step, steps) for step in steps],
        "may_edit": may,
        "edits": editing,
        "flaws": _flaw_words(steps) if editing else [],
        "has_draft": bool(versions) and versions[0].published_at is None,
    }
    return render(request, "escalations/playbook.html", context)


def asked_version(request: HttpRequest, versions: list[PlaybookVersion]) -> PlaybookVersion | None:
    """The version that the address asks for; the newest without. Raises Http404."""
    asked = request.GET.get("v", "")
    if not asked:
        return versions[0] if versions else None
    found = next((one for one in versions if str(one.number) == asked), None)
    if found is None:
        raise Http404
    return found


def _step_line(step: PlaybookStep, steps: list[PlaybookStep]) -> dict[str, Any]:
    asking = next((one for one in steps if one.key == step.only_if_step), None)
    answer = next((one for one in asking.answers if one["key"] == step.only_if_answer), None) if asking else None
    return {"step": step, "asking": asking, "answer": answer}


def _flaw_words(steps: list[PlaybookStep]) -> list[str]:
    names = {one.key: one.label for one in steps}
    return [
        refusal_words(RefusedError(flaw.code, params={"step": names.get(flaw.key, "")}))
        for flaw in flaws_of(plain_steps(steps))
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@require_right("configure_service")
def playbook_new(request: HttpRequest) -> HttpResponseBase:
    """A playbook that is not there yet."""
    actor = actor_of(request)
    form = _form(actor, request)

    def save() -> tuple[str, str]:
        data = form.cleaned_data
        made = acts.add_playbook(actor=actor, name=data["name"], name_zh=data["name_zh"], **form.matter())
        return url_of(made.pk), _("Playbook added. Write its steps.")

    page = {"title": _("New playbook"), "button": _("Add playbook"), "cancel_url": reverse("escalations:playbooks")}
    return edit(request, form, page, save, _initial)


@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def playbook_settings(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Its names, and what it is for."""
    actor, book = actor_of(request), editable(request, pk)
    form = _form(actor, request, book)

    def save() -> tuple[str, str]:
        data = form.cleaned_data
        acts.change_playbook(
            actor=actor,
            playbook_id=pk,
            seen=form.seen_version,
            name=data["name"],
            name_zh=data["name_zh"],
            **form.matter(),
        )
        return url_of(pk), _("Saved")

    return edit(request, form, page_of(book, _("What it is for")), save, _initial)


def _form(actor: Actor, request: HttpRequest, book: Playbook | None = None) -> PlaybookForm:
    services = [(one.pk, one.label) for one in queries.configurable_services(actor).filter(archived_at=None)]
    groups = issue_groups(queries.issue_choices())
    if book and book.service and book.service_id not in dict(services):
        services.append((book.service.pk, book.service.label))
    if book and book.issue_type and book.issue_type.archived_at:
        groups.append((_("Archived"), [(book.issue_type.pk, " › ".join(queries.path_of(book.issue_type)))]))
    return PlaybookForm(
        posted(request),
        services=services,
        issues=groups,
        for_all=edits(actor, None),
        initial=_initial(book) if book else {},
    )


def _initial(book: Playbook) -> dict[str, Any]:
    return {
        "version": book.version,
        "name": book.name,
        "name_zh": book.name_zh,
        "service": book.service_id,
        "issue_type": book.issue_type_id,
        "severity": book.severity,
    }


@require_POST
@require_actor
def playbook_archive(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Out of use, or back in it (`restore`)."""
    archived = "restore" not in request.POST
    text = _("Playbook archived") if archived else _("Playbook restored")
    editable(request, pk)
    return press(
        request, pk, lambda: acts.archive_playbook(actor=actor_of(request), playbook_id=pk, archived=archived), text
    )


@require_POST
@require_actor
def playbook_draft(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Begin the next draft as a copy."""
    editable(request, pk)
    return press(request, pk, lambda: acts.begin_draft(actor=actor_of(request), playbook_id=pk), _("Draft begun"))


@require_POST
@require_actor
def playbook_publish(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Put the draft in use."""
    draft = access.draft_of(editable(request, pk))
    seen = whole(request.POST.get("version", ""))
    if seen is None:
        raise BadRequest("which draft")
    if seen != draft.version:
        return press(request, pk, _somebody_edited, "")
    text = _("Version %(n)d is in use. Cases that begin from now on follow it.") % {"n": draft.number}
    return press(request, pk, lambda: acts.publish_draft(actor=actor_of(request), playbook_id=pk, seen=seen), text)


def _somebody_edited() -> None:
    raise RefusedError("stale")


@require_POST
@require_actor
def playbook_arrange(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Move a step of the draft, or remove it."""
    access.draft_of(editable(request, pk))
    to, key = request.POST.get("to", ""), request.POST.get("step", "")
    if to not in MOVES or not key or "\0" in key:
        raise BadRequest("nothing to move")
    text = _("Step removed") if to == "remove" else _("Step moved")
    act = _arranging(actor_of(request), pk, key, MOVES[to])
    return press(request, pk, act, text, "" if to == "remove" else f"#{to}-{key}")


def _arranging(actor: Actor, pk: int, key: str, to: acts.Direction) -> Callable[[], None]:
    return lambda: acts.arrange_step(actor=actor, playbook_id=pk, key=key, to=to)


@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def playbook_step_new(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Another step of the draft."""
    return _step(request, pk, None)


@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def playbook_step(request: HttpRequest, pk: int, key: str) -> HttpResponseBase:
    """A step of the draft."""
    return _step(request, pk, key)


def _step(request: HttpRequest, pk: int, key: str | None) -> HttpResponse:
    actor, book = actor_of(request), editable(request, pk)
    # Who typed while somebody else published it is told so, with what was typed.
    draft = access.draft_of(book) if request.method != "POST" else book.versions.first()
    if draft is None:
        raise Http404
    rows = list(draft.steps.all())
    row = next((one for one in rows if one.key == key), None)
    if key and row is None:
        raise Http404
    initial = {"version": draft.version} | (step_initial(row) if row else {})
    form = StepEditForm(posted(request), before=rows[: rows.index(row)] if row else rows, initial=initial)

    def save() -> tuple[str, str]:
        kept = acts.keep_step(actor=actor, playbook_id=pk, seen=form.seen_version, key=key, values=form.values())
        return f"{url_of(pk)}#step-{kept.key}", _("Step saved")

    def now(changed: Playbook) -> dict[str, Any]:
        fresh = changed.versions.filter(published_at=None).first()
        if fresh is None:
            return {"version": form.seen_version}
        found = fresh.steps.filter(key=key).first() if key else None
        return {"version": fresh.version} | (step_initial(found) if found else {})

    return edit(request, form, page_of(book, row.label if row else _("New step")), save, now)
