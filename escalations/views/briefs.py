"""Briefs of a case: the panel and the list, writing a version, its page, giving copies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from escalations import access, actions, queries
from escalations.choices import Sensitivity
from escalations.choices.briefs import BriefLevel
from escalations.forms.briefs import BriefForm, GiveBriefForm
from escalations.queries import briefs as known
from escalations.rendering.briefs import body_of, sheet_of
from escalations.rules import briefing
from escalations.rules.briefs.levels import narrower
from escalations.views.brief_draft import drafted, zone_for
from escalations.views.common import by_asker, case_reader, case_url, moved_on, refusal, seconds_since
from portal.accounts.requests import actor_of
from portal.ui.htmx import is_htmx
from portal.ui.times import duration_text

if TYPE_CHECKING:
    from escalations.models import Brief, Case

# Where a refusal is shown.
_FIELDS: Final = {"brief_reader_unknown": "reader", "brief_given_already": "reader", "reason_needed": "reason"}
_LEVEL_CODES: Final = frozenset(
    {"brief_level_too_full", "brief_written_narrower", "brief_without_neutral", "brief_names_since"}
)


def opened(request: HttpRequest, case: Case) -> None:
    """Looking at a brief of a sensitive case is looking at the case."""
    if case.sensitivity != Sensitivity.STANDARD and request.method == "GET":
        actions.record_view(actor=actor_of(request), case=case)


@require_safe
@case_reader
def case_briefs(request: HttpRequest, ref: str) -> HttpResponseBase:
    """The panel for the case's page; without script, all versions."""
    case = access.get_case_inside(actor_of(request), ref)
    data: dict[str, Any] = {"case": case, "case_url": case_url(case), "may_write": _may_write(request, case)}
    if is_htmx(request):
        last = known.newest_brief(case)
        data |= {"brief": last, "since": known.entries_since(actor_of(request), case, last) if last else 0}
        data["age"] = duration_text(seconds_since(last.at)) if last else ""
        return by_asker(render(request, "escalations/_brief_panel.html", data))
    versions = list(known.briefs_of(case)[:200])
    removed = known.removed_counts(versions)
    data["lines"] = [(one, BriefLevel(one.level).label, removed.get(one.pk, 0)) for one in versions]
    return by_asker(render(request, "escalations/case_briefs.html", data))


def _may_write(request: HttpRequest, case: Case) -> bool:
    actor = actor_of(request)
    return briefing.can_brief(actor, queries.facts_of(actor, case)).ok


@require_http_methods(["GET", "HEAD", "POST"])
@case_reader
def brief_new(request: HttpRequest, ref: str) -> HttpResponseBase:
    """The draft (GET), and the version that it becomes (POST)."""
    case = access.get_case_inside(actor_of(request), ref)
    if not _may_write(request, case):
        raise PermissionDenied
    if request.method != "POST":
        return _show_draft(request, case, drafted(request, case))
    form = drafted(request, case, request.POST)
    if not form.is_valid():
        return _show_draft(request, case, form, status=422)
    try:
        brief = actions.write_brief(
            actor=actor_of(request), ref=case.pk, writing=form.writing(), zone=zone_for(case),
            after=form.cleaned_data["after"],
        )  # fmt: skip
    except actions.Refused as error:
        if error.code == "brief_overtaken":
            # What was typed stays, and is sent again after a look at the other version.
            again = request.POST.copy()
            again["after"] = error.words["number"]
            form.data = again
        form.add_error(None, refusal(error))
        return _show_draft(request, case, form, status=422)
    url = reverse("escalations:case-brief", args=[case.ref, brief.version])
    return moved_on(request, url, _("Version %(number)s written") % {"number": brief.version})


def _show_draft(request: HttpRequest, case: Case, form: BriefForm, status: int = 200) -> HttpResponse:
    data = {"case": case, "case_url": case_url(case), "form": form}
    return render(request, "escalations/brief_new.html", data, status=status)


def _brief(case: Case, version: int) -> Brief:
    found = known.briefs_of(case).filter(version=version).first()
    if found is None:
        raise Http404
    return found


@require_safe
@case_reader
def case_brief(request: HttpRequest, ref: str, version: int) -> HttpResponseBase:
    """A version as a level shows it, and who was given it."""
    case = access.get_case_inside(actor_of(request), ref)
    brief = _brief(case, version)
    offered = narrower(brief.level)
    level = request.GET.get("level", "")
    level = level if level in offered else brief.level
    opened(request, case)
    url = reverse("escalations:case-brief", args=[case.ref, version])
    copies = known.copies_of(brief)
    removed = known.removed_at(brief)
    data = {
        "case": case,
        "case_url": case_url(case),
        "brief": brief,
        "body": body_of(sheet_of(brief, level)),
        "levels": [(str(BriefLevel(one).label), f"{url}?level={one}", one == level) for one in offered],
        "copies": [(one, BriefLevel(one.level).label, bool(removed and one.at < removed)) for one in copies],
        "give_url": reverse("escalations:case-brief-give", args=[case.ref, version])
        if _may_write(request, case)
        else "",
    }
    return render(request, "escalations/case_brief.html", data)


@require_http_methods(["GET", "HEAD", "POST"])
@case_reader
def brief_give(request: HttpRequest, ref: str, version: int) -> HttpResponseBase:
    """For whom a copy is (GET); giving it (POST)."""
    case = access.get_case_inside(actor_of(request), ref)
    brief = _brief(case, version)
    if not _may_write(request, case):
        raise PermissionDenied
    form = _give_form(request, case, brief)
    if request.method != "POST" or not form.is_valid():
        return _show_giving(request, case, brief, form)
    data = form.cleaned_data
    try:
        copy = actions.give_brief(
            actor=actor_of(request), ref=case.pk, version=version, level=data["level"], reader_id=data["reader"],
            name=data.get("name", ""), reason=data.get("reason", ""),
        )  # fmt: skip
    except actions.Refused as error:
        field = "level" if error.code in _LEVEL_CODES else _FIELDS.get(error.code)
        form.add_error(field if field in form.fields else None, refusal(error))
        return _show_giving(request, case, brief, form)
    return moved_on(request, reverse("escalations:brief-copy", args=[copy.pk]), _("Copy made"))


def _give_form(request: HttpRequest, case: Case, brief: Brief) -> GiveBriefForm:
    actor = actor_of(request)
    outside = briefing.can_brief_outside(actor, queries.facts_of(actor, case)).ok
    readers = [(one.user_id, one.name) for one in known.readers_of(case)]
    levels = [(one, BriefLevel(one).label) for one in narrower(brief.level)]
    posted = request.POST if request.method == "POST" else None
    return GiveBriefForm(posted, readers=readers, levels=levels, outside=outside, initial={"level": brief.level})


def _show_giving(request: HttpRequest, case: Case, brief: Brief, form: GiveBriefForm) -> HttpResponse:
    data = {"case": case, "case_url": case_url(case), "brief": brief, "form": form}
    return render(request, "escalations/brief_give.html", data, status=422 if form.is_bound else 200)
