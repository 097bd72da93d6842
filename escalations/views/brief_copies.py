"""A copy of a brief: its page, for whom it is and for those inside the case, and the same on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from escalations import queries, rules
from escalations.queries import briefs as known
from escalations.rendering.briefs import body_of, pdf_of, sheet_of
from escalations.views.briefs import opened
from escalations.views.common import case_reader, case_url, moved_on
from portal.accounts.requests import actor_of
from portal.ui.pdf import NoPangoError

if TYPE_CHECKING:
    from escalations.models import BriefCopy


def _copy(request: HttpRequest, pk: int) -> BriefCopy:
    """The copy, if it is the reader's own or they are inside the case. Raises Http404."""
    found = known.copy_seen(actor_of(request), pk)
    if found is None:
        raise Http404
    opened(request, found.brief.case)
    return found


@require_safe
@case_reader
def brief_copy(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The brief as this reader was given it."""
    copy, actor = _copy(request, pk), actor_of(request)
    case = copy.brief.case
    inside = rules.can_see_internal(actor, queries.facts_of(actor, case)).ok
    data = {
        "case": case,
        "case_url": case_url(case),
        "copy": copy,
        "body": body_of(sheet_of(copy.brief, copy.level, copy)),
        "brief_url": reverse("escalations:case-brief", args=[case.ref, copy.brief.version]) if inside else "",
    }
    return render(request, "escalations/brief_copy.html", data)


@require_safe
@case_reader
def brief_copy_pdf(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The same on one page of paper. It is drawn anew each time, so that removed words are in none from then on."""
    copy = _copy(request, pk)
    try:
        made = pdf_of(sheet_of(copy.brief, copy.level, copy))
    except NoPangoError:
        url = reverse("escalations:brief-copy", args=[pk])
        return moved_on(
            request, url, _("PDF cannot be drawn on this installation. The administrator finds why in the log.")
        )
    name = f"brief-{copy.brief.case.ref}-v{copy.brief.version}-{copy.level}.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(made, content_type="application/pdf", headers=headers)
