"""What a case that somebody is about to raise may be the same as: while they type, and once more before it is raised."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_safe

from escalations.queries.likeness import possible_duplicates
from escalations.views.linking import hint_line
from portal.accounts.decorators import require_right
from portal.accounts.requests import actor_of

if TYPE_CHECKING:
    from portal.accounts.rules import Actor

_LONGEST = 200


@require_safe
@require_right("raise_case")
def case_similar(request: HttpRequest) -> HttpResponse:
    """Cases that the form as it stands may be the same as, for its live region."""
    return render(request, "escalations/_similar.html", hints_for(actor_of(request), request.GET))


def hints_for(actor: Actor, data: QueryDict) -> dict[str, Any]:
    """The hints for a form, and the references that have been looked at once they are shown."""
    subject, customer = (
        data.get(name, "").replace("\0", "").strip()[:_LONGEST] for name in ("subject", "customer_ref")
    )
    hints = possible_duplicates(actor, subject=subject, customer_ref=customer)
    lines = [hint_line(hint) for hint in hints]
    return {"hints": lines, "looked": " ".join(line.case.ref for line in lines)}


def unseen(hints: dict[str, Any], data: QueryDict) -> bool:
    """Whether there is a hint that was not on the page when its button was pressed."""
    seen = {ref for said in data.getlist("looked") for ref in said.split()}
    return not seen.issuperset(hints["looked"].split())
