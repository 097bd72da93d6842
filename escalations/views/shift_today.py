"""What the numbers of "Shift so far" count, case by case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from escalations.choices.shifts import Part
from escalations.queries.my_shift import SoFar, decided_promises, handled_cases, so_far
from escalations.views.common import case_url, lang_of
from escalations.views.rows import lock_of, site_cell, site_name
from portal.accounts.choices import Role
from portal.accounts.decorators import require_actor
from portal.accounts.requests import actor_of
from portal.ui.days import bounds_of_day
from portal.ui.glance import glance

if TYPE_CHECKING:
    from datetime import datetime

    from escalations.queries import CaseLine
    from escalations.queries.my_shift import Promised
    from portal.accounts.rules import Actor

_ICONS: Final = {Part.HANDLED: "inbox", Part.RESOLVED: "sun", Part.CLOCKS: "clock"}


def in_shifts(actor: Actor) -> bool:
    """Whether somebody's work on cases goes by shifts."""
    return actor.has(Role.COORDINATOR, Role.ASSOCIATE)


def today_url(part: Part) -> str:
    """The list behind one of the numbers."""
    url = reverse("escalations:shift-today")
    return url if part == Part.HANDLED else f"{url}?show={part.value}"


def start_of_today() -> datetime:
    """Midnight in the reader's zone."""
    return bounds_of_day(timezone.now(), timezone.get_current_timezone())[0]


@require_safe
@require_actor
def shift_today(request: HttpRequest) -> HttpResponseBase:
    """Cases that the reader handled, or resolved, since midnight in their zone, or promises that were decided. Raises
    BadCursor."""
    actor, show = actor_of(request), request.GET.get("show", Part.HANDLED.value)
    if not in_shifts(actor) or show not in Part.values:
        raise Http404
    part, since, now = Part(show), start_of_today(), timezone.now()
    with glance():
        found = so_far(actor, since, now)
        listed = _listed(actor, found, part, since, now, request.GET.get("cursor"))
    context = {"part": part.value, "tabs": _tabs(found, part), "whole": found.whole}
    return render(request, "escalations/shift_today.html", {**context, **listed, **_empty(part)})


def _listed(
    actor: Actor, found: SoFar, part: Part, since: datetime, now: datetime, cursor: str | None
) -> dict[str, Any]:
    if part == Part.CLOCKS:
        decided = decided_promises(actor, found.theirs, since, now, cursor)
        words = ngettext("%(n)s promise", "%(n)s promises", found.decided) % {"n": found.decided}
        return {"page": decided, "rows": [_promised(one) for one in decided], "pager_label": words}
    ids = found.resolved if part == Part.RESOLVED else found.handled
    handled = handled_cases(actor, ids, since, cursor)
    words = ngettext("%(n)s case", "%(n)s cases", len(ids)) % {"n": len(ids)}
    return {"page": handled, "rows": [_line(one.case, one.at) for one in handled], "pager_label": words}


def _tabs(found: SoFar, part: Part) -> list[dict[str, Any]]:
    counts = {
        Part.HANDLED: str(len(found.handled)),
        Part.RESOLVED: str(len(found.resolved)),
        Part.CLOCKS: f"{found.kept}/{found.decided}",
    }
    return [
        {"key": one.value, "label": one.label, "count": counts[one], "url": today_url(one), "current": one == part}
        for one in Part
    ]


def _line(case: CaseLine, at: datetime) -> dict[str, Any]:
    return {
        "pk": case.pk,
        "case": case,
        "url": case_url(case.ref),
        "lang": lang_of(case.subject),
        "site": site_name(case),
        "site_cell": site_cell(case),
        "lock": lock_of(case),
        "at": at,
    }


def _promised(one: Promised) -> dict[str, Any]:
    return {**_line(one.case, one.promise.at), "pk": one.promise.pk, "promise": one.promise}


def _empty(part: Part) -> dict[str, str]:
    title, text = {
        Part.HANDLED: (
            _("No case handled yet today"),
            _("Cases that you write to somebody about, or move on, collect here."),
        ),
        Part.RESOLVED: (_("Nothing resolved yet today"), _("What is resolved today collects here.")),
        Part.CLOCKS: (
            _("No clock has ended yet today"),
            _("Promises of your cases that are kept or missed today collect here."),
        ),
    }[part]
    return {"empty_icon": _ICONS[part], "empty_title": title, "empty_text": text}
