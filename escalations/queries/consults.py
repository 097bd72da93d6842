"""Questions to colleagues, as far as the reader sees the cases that they are about."""

from django.db.models import QuerySet

from escalations.choices.handing import ConsultState
from escalations.models import Consult
from portal.accounts.rules import Actor

from .scope import visible_to

#: So many of a list are shown.
MOST = 200


def consults_for(actor: Actor) -> list[Consult]:
    """Open questions asked of the actor, what is due first on top, with their cases, their words and who asks. Three queries
    at most; a question whose case is out of sight is not among them."""
    rows = _with_words(Consult.objects.filter(to_user=actor.user_id or 0, state=ConsultState.OPEN))
    return _in_sight(actor, list(rows.order_by("due_at", "pk")[:MOST]))


def _with_words(rows: QuerySet[Consult]) -> QuerySet[Consult]:
    return rows.select_related("case", "asked_by", "to_user", "question__body", "answer__body").defer("case__search")


def _in_sight(actor: Actor, rows: list[Consult]) -> list[Consult]:
    ids = {one.case_id for one in rows}
    seen = set(visible_to(actor).filter(pk__in=ids).values_list("pk", flat=True)) if ids else set()
    return [one for one in rows if one.case_id in seen]
