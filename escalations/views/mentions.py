"""Naming people in notes: suggestions while typing, what names nobody, and where one was named oneself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from escalations import access, actions, queries, rules
from escalations.queries import mentions as found
from escalations.rules.mentioning import unknown_in
from escalations.views.common import case_reader, case_url, lang_of
from escalations.views.timeline_html import marked
from portal.accounts.decorators import require_actor
from portal.accounts.requests import actor_of
from portal.audit.wording import listed
from portal.numbers import whole

if TYPE_CHECKING:
    from escalations.models import Mention
    from portal.accounts.rules import Actor

_ASKED: Final = 8
_LONGEST: Final = 60
_SNIPPET: Final = 400


@require_safe
@case_reader
def case_people(request: HttpRequest, ref: str) -> HttpResponseBase:
    """For whoever writes internal notes on the case: people who see them, by a part of a name (`q`); or, of what was typed
    (`said`), what names nobody of them."""
    actor = actor_of(request)
    case = access.get_case(actor, ref)
    access.permit(rules.can_note(actor, queries.facts_of(actor, case), internal=True))
    if said := request.GET.getlist("said")[:_ASKED]:
        inside = found.people_inside(case)
        unknown = dict.fromkeys(name for one in said for name in unknown_in(one[:_LONGEST], inside)[:1])
        return render(request, "escalations/_mention_hint.html", {"names": listed(f"@{name}" for name in unknown)})
    people = found.suggestions(case, request.GET.get("q", "")[:_LONGEST])
    return render(request, "escalations/_mention_people.html", {"people": people})


def reads_mentions(actor: Actor) -> bool:
    """Whether somebody may be named at all: they see what is internal to the company."""
    return not actor.is_system and actor.can("see_internal")


@require_safe
@require_actor
def mentions(request: HttpRequest) -> HttpResponseBase:
    """Where I was named. Raises BadCursor."""
    actor = _reader(request)
    page, seen = found.mentions_of(actor, request.GET.get("cursor")), found.seen_up_to(actor)
    lines = [_line(one, seen) for one in page.items]
    newest = max((one["pk"] for one in lines), default=0)
    context = {"lines": lines, "page": page, "newest": newest, "unread": sum(1 for one in lines if one["new"])}
    return render(request, "escalations/mentions.html", context)


def _reader(request: HttpRequest) -> Actor:
    actor = actor_of(request)
    if not reads_mentions(actor):
        raise Http404
    return actor


@require_POST
@require_actor
def mentions_read(request: HttpRequest) -> HttpResponse:
    """All that the page showed is read."""
    actor, up_to = _reader(request), whole(request.POST.get("up_to", ""))
    if up_to is None:
        raise Http404
    actions.read_mentions(actor=actor, up_to=up_to)
    return redirect("escalations:mentions")


def _line(one: Mention, seen: int) -> dict[str, Any]:
    """From shortly before the name on, so much of the note as shows what it is about."""
    text, case = one.entry.body.text, one.entry.case
    start = max(0, one.start - _SNIPPET // 2)
    part = text[start : start + _SNIPPET]
    return {
        "pk": one.pk,
        "new": one.pk > seen,
        "case": case,
        "url": f"{case_url(case)}#e{one.entry_id}",
        "subject_lang": lang_of(case.subject),
        "by": one.entry.actor,
        "at": one.at,
        "words": marked(part, [(one.start - start, one.length)]),
        "before": start > 0,
        "after": start + _SNIPPET < len(text),
        "lang": lang_of(part),
    }
