"""Cases that hang together: what stands beside a case, and what it may be the same as."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from escalations import access, actions, queries, rules
from escalations.choices.links import Likeness
from escalations.queries.likeness import Hint, alike
from escalations.queries.linking import Linked, linked_cases
from escalations.views.common import by_asker, case_reader, case_url, lang_of, refusal
from escalations.views.operate import changed
from escalations.views.operation import Done
from portal.accounts.requests import actor_of
from portal.audit.wording import listed
from portal.ui.htmx import conflict, is_htmx

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from escalations.models import Case
    from portal.accounts.rules import Actor

_SAID: Final[dict[str, StrOrPromise]] = {
    "related": gettext_lazy("Related"),
    "duplicate": gettext_lazy("Duplicate"),
    "follows": gettext_lazy("This case follows on it"),
    "followed": gettext_lazy("Follows on this case"),
    "split_from": gettext_lazy("This case was split from it"),
    "split_into": gettext_lazy("Split from this case"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A case beside this one; `pk`: its link, for who may remove it."""

    case: Case
    url: str
    lang: str
    note: str
    pk: int = 0
    may_merge: bool = False


@require_safe
@case_reader
def linked(request: HttpRequest, ref: str) -> HttpResponseBase:
    """What hangs together with a case, and what it may be the same as: the panel for its page, or a page of its own."""
    actor = actor_of(request)
    case = access.get_case(actor, ref)
    rights = access.rights_of(actor, case)
    if not rights.sees_internal:
        raise Http404
    hints = alike(actor, case) if rights.contact else []
    facts = queries.facts_of(actor, case)
    context: dict[str, Any] = {
        "case": case,
        "case_url": case_url(case),
        "links": [_line(one, case, may=rights.contact) for one in linked_cases(actor, case)],
        "hints": [_mergeable(hint_line(hint), actor, facts) if rights.merge else hint_line(hint) for hint in hints],
        "may": rights.contact,
        "live": is_htmx(request),
    }
    template = "escalations/_linked.html" if is_htmx(request) else "escalations/case_linked.html"
    return by_asker(render(request, template, context))


def _line(one: Linked, case: Case, *, may: bool) -> Line:
    removable = may and not one.kept and one.via == case.pk
    return Line(
        one.case, case_url(one.case), lang_of(one.case.subject), str(_SAID[one.said]), one.pk if removable else 0
    )


def hint_line(hint: Hint) -> Line:
    """A case that may be the same, with the reasons in words."""
    why = listed(Likeness(one).label for one in hint.reasons)
    return Line(hint.case, case_url(hint.case), lang_of(hint.case.subject), why)


def _mergeable(line: Line, actor: Actor, facts: rules.Facts) -> Line:
    """With whether a case can be merged into that one, which has to go on and be worked by the same person."""
    return replace(line, may_merge=rules.can_merge(actor, facts, queries.facts_of(actor, line.case)).ok)


@require_POST
@case_reader
def unlinked(request: HttpRequest, ref: str, link_id: int) -> HttpResponseBase:
    """Remove a link."""
    actor = actor_of(request)
    case = _worked(request, ref)
    try:
        actions.unlink(actor=actor, ref=case.pk, link_id=link_id)
    except actions.Refused as error:
        return conflict(request, refusal(error), case_url(case))
    return changed(request, case, Done(_("Link removed")))


@require_POST
@case_reader
def apart(request: HttpRequest, ref: str) -> HttpResponseBase:
    """Say that a case is not the same as another one."""
    actor = actor_of(request)
    case = _worked(request, ref)
    try:
        actions.tell_apart(actor=actor, ref=case.pk, other=request.POST.get("other", ""))
    except actions.Refused as error:
        return conflict(request, refusal(error), case_url(case))
    return changed(request, case, Done(_("Not the same. It is not pointed out any more.")))


def _worked(request: HttpRequest, ref: str) -> Case:
    """A case on which the actor may act. Raises Http404, PermissionDenied."""
    actor = actor_of(request)
    case = access.get_case(actor, ref)
    if not access.rights_of(actor, case).contact:
        raise PermissionDenied
    return case
