"""Site visits: the list, one to begin, the one under way on a phone, its report and the report as PDF."""

import json
from base64 import b64encode
from collections.abc import Sequence
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.template.defaultfilters import filesizeformat
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.decorators import require_actor
from portal.accounts.requests import actor_of
from portal.files import actions as files
from portal.numbers import whole
from portal.refusals import RefusedError
from portal.ui.htmx import flash
from portal.ui.pagination import keyset_page
from portal.ui.pdf import NoPangoError, to_pdf

from ..access import visits as access
from ..actions import visits as acts
from ..actions.answering import take_change
from ..forms.visits import posted_changes, uuid_or_none
from ..models import Engagement, Visit
from ..queries import visits as queries
from ..queries.scope import reads_reviews
from ..rules.visits import Given
from ..wording import refusal_text
from .saving import press
from .visit_words import item_lines, said, script_words

# A report with more pictures names the rest; a phone's photos are megabytes each.
PICTURES_IN_PDF: Final = 40


@require_safe
@require_actor
def visits(request: HttpRequest) -> HttpResponseBase:
    """Site visits in the reader's sight, the newest first."""
    actor = actor_of(request)
    if not reads_reviews(actor):
        raise Http404
    page = keyset_page(access.site_visits(actor), order=("-starts_at", "-id"), cursor=request.GET.get("cursor"))
    may_add = access.edits_checklists(actor)
    context = {
        "page": page,
        "may_read_checklists": access.reads_checklists(actor),
        "new_url": address("reviews:engagement_new") if may_add else "",
    }
    return render(request, "reviews/visits.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def visit(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A visit: to begin, under way, or over. A form sent without script is put as the script's changes are."""
    actor = actor_of(request)
    engagement = access.get_site_visit(actor, pk)
    found = access.visit_of(engagement)
    may = access.visiting(actor, engagement) is not None
    if request.method == "POST" and not may:
        raise PermissionDenied
    if found is None:
        return _to_begin(request, engagement)
    if not access.reported(actor).filter(pk=pk).exists():
        return render(request, "reviews/visit_begin.html", {"engagement": engagement, "may": False, "under_way": True})
    if found.finished_at or not may:
        return redirect("reviews:visit_report", pk)
    refused: dict[int, str] = {}
    if request.method == "POST":
        refused = _put(request, pk, found)
        if not refused:
            flash(request, _("Saved"))
            return redirect(request.get_full_path())
    return render(
        request, "reviews/visit.html", _under_way(request, engagement, found, refused), status=422 if refused else 200
    )


def _to_begin(request: HttpRequest, engagement: Engagement) -> HttpResponse:
    may = access.visiting(actor_of(request), engagement) is not None
    context = {"engagement": engagement, "versions": queries.released_versions() if may else [], "may": may}
    return render(request, "reviews/visit_begin.html", context)


def _put(request: HttpRequest, pk: int, found: Visit) -> dict[int, str]:
    """Put what the form says of questions that it changed; what was refused, by question."""
    refused = {}
    items = {item.question.pk: item for _section, own in queries.items_of(found) for item in own}
    for change in posted_changes(request.POST, list(items)):
        seen = items[change.question_id].given if items[change.question_id].version == change.base else None
        if change.given == (seen or queries.given_at(found.pk, change.question_id, change.base)):
            continue
        try:
            outcome = take_change(actor=actor_of(request), visit_id=pk, change=change)
        except RefusedError as fault:
            refused[change.question_id] = refusal_text(fault.code, fault.params)
        else:
            if outcome.state == "conflict" and outcome.answer:
                name = outcome.answer.by.name
                refused[change.question_id] = _(
                    "%(name)s answered this meanwhile. Their answer is shown; give yours again to put it in its place."
                ) % {"name": name}
    return refused | _put_photos(request, pk, list(items))


def _put_photos(request: HttpRequest, pk: int, question_ids: list[int]) -> dict[int, str]:
    """Keep the pictures of a form sent without script; what was refused, by question."""
    refused = {}
    for question_id in question_ids:
        upload, key = (
            request.FILES.get(f"file-{question_id}"),
            uuid_or_none(request.POST.get(f"photo-{question_id}", "")),
        )
        if upload is None or key is None:
            continue
        try:
            acts.add_photo(actor=actor_of(request), visit_id=pk, question_id=question_id, key=key, upload=upload)
        except RefusedError as fault:
            refused[question_id] = refusal_text(fault.code, fault.params)
        except ValidationError as fault:
            refused[question_id] = " ".join(fault.messages)
    return refused


def _under_way(request: HttpRequest, engagement: Engagement, found: Visit, refused: dict[int, str]) -> dict[str, Any]:
    made = timezone.now().timestamp()
    sheet = queries.sheet_of(found)
    parts = [(part, [(line, refused.get(line["pk"], "")) for line in item_lines(part.items)]) for part in sheet.parts]
    words = script_words() | {"limit": filesizeformat(settings.FILES_MAX_BYTES)}
    return {
        "engagement": engagement, "visit": found, "newer": queries.newer_version(found), "sheet": sheet, "parts": parts, "refused": len(refused),
        "script": json.dumps({
            "user": request.user.pk, "visit": engagement.pk, "made": made, "most_bytes": settings.FILES_MAX_BYTES, "words": words,
            "worker": reverse("reviews:visit_worker"), "changes": reverse("reviews:visit_changes", args=[engagement.pk]), "photos": reverse("reviews:visit_photos", args=[engagement.pk]),
        }),
    }  # fmt: skip


@require_POST
@require_actor
def begin(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin with the checklist chosen."""
    number = whole(request.POST.get("version", "")) or 0
    url = reverse("reviews:visit", args=[pk])
    return press(
        request,
        lambda: acts.begin_visit(actor=actor_of(request), visit_id=pk, version_id=number),
        url,
        _("Visit begun"),
    )


@require_POST
@require_actor
def finish(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the visit in."""
    url = reverse("reviews:visit_report", args=[pk])
    return press(request, lambda: acts.finish_visit(actor=actor_of(request), visit_id=pk), url, _("Visit sent in"))


@require_safe
@require_actor
def report(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What the visit found, against the last one."""
    return render(request, "reviews/visit_report.html", _report(request, pk))


@require_safe
@require_actor
def report_pdf(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The same as PDF, with its pictures."""
    context = _report(request, pk)
    shown = 0
    for _part, lines in context["parts"]:
        for line in lines:
            line["pictures"] = [_picture(one) for one in line["photos"][: max(PICTURES_IN_PDF - shown, 0)]]
            shown += len(line["pictures"])
    try:
        made = to_pdf(render_to_string("reviews/pdf/visit.html", context, request))
    except NoPangoError:
        flash(
            request, _("PDF cannot be drawn on this installation. The administrator finds why in the log."), tone="red"
        )
        return redirect("reviews:visit_report", pk)
    name = f"visit-{context['engagement'].site.code}-{context['engagement'].starts_at:%Y-%m-%d}.pdf"
    return HttpResponse(
        made, content_type="application/pdf", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _report(request: HttpRequest, pk: int) -> dict[str, Any]:
    actor = actor_of(request)
    found = access.get_report(actor, pk)
    sheet = queries.sheet_of(found)
    parts: Sequence[Any] = [(part, item_lines(part.items)) for part in sheet.parts]
    engagement = found.engagement
    may = access.visiting(actor, engagement) is not None
    return {
        "engagement": engagement, "visit": found, "sheet": sheet, "parts": parts, "may": may and not found.finished_at,
        "late": item_words(queries.came_too_late(found)), "finding_url": address("reviews:finding_new") if may else "",
    }  # fmt: skip


def item_words(changes: Any) -> list[dict[str, Any]]:
    """Changes that came too late, in words."""
    return [
        {
            "question": one.question.label,
            "said": said(one.question, Given(**one.values)),
            "note": one.values.get("note", ""),
            "by": one.by.name,
        }
        for one in changes
    ]


def _picture(photo: Any) -> str:
    """The picture in the page itself; nothing is fetched while a PDF is drawn."""
    try:
        with files.read(photo.file) as stream:
            return f"data:{photo.file.content_type};base64,{b64encode(stream.read()).decode()}"
    except FileNotFoundError:
        return ""


def address(name: str, *args: Any) -> str:
    """The address of a page of the wing, "" where it has none."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
