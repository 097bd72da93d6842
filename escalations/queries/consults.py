"""Questions to colleagues, as far as the reader sees the cases that they are about."""

from datetime import datetime, timedelta
from typing import Final

from django.db.models import Case, QuerySet, Value, When
from django.utils import timezone

from escalations.choices.handing import ConsultState
from escalations.models import Case as EscalationCase
from escalations.models import Consult, Handover
from escalations.rules import GRANTABLE_ROLES, handing
from portal.accounts.queries import live_memberships
from portal.accounts.rules import Actor

from .facts import facts_of
from .people import seeing_pairs
from .scope import visible_inside

#: So many of a list are shown.
MOST = 200
#: So far back what one answered is counted.
LATELY: Final = timedelta(days=30)


def consults_for(
    actor: Actor, since: datetime | None = None, until: datetime | None = None, *, most: int = MOST
) -> list[Consult]:
    """Open questions asked of the actor, what is due first on top, with what a line says of their cases, their words and who asks; if
    asked so, those that are due between two instants. Three queries at most; a question whose case is out of sight is not among
    them, and takes no room of others."""
    rows = _open_for(actor)
    if since and until:
        rows = rows.filter(due_at__gt=since, due_at__lt=until)
    named = rows.select_related("case", "asked_by", "question__body").only(
        "due_at", "case__subject", "asked_by__name", "question__body__text"
    )
    return list(named.order_by("due_at", "pk")[:most])


def count_for(actor: Actor) -> int:
    """How many `consults_for` finds. Three queries at most."""
    return _open_for(actor)[:MOST].count()


def _open_for(actor: Actor) -> QuerySet[Consult]:
    rows = Consult.objects.filter(to_user=actor.user_id or 0, state=ConsultState.OPEN)
    return rows.filter(case__in=visible_inside(actor)).order_by()


def _with_words(rows: QuerySet[Consult]) -> QuerySet[Consult]:
    return rows.select_related("case", "asked_by", "to_user", "question__body", "answer__body").defer("case__search")


def consults_asked_of(actor: Actor) -> list[Consult]:
    """Every question asked of the actor about cases in their sight, open ones first. Three queries at most."""
    rows = _with_words(Consult.objects.filter(to_user=actor.user_id or 0))
    return _open_first(actor, rows)


def answered_lately(actor: Actor) -> int:
    """How many questions the actor answered in the last 30 days, whichever cases they were about: a number names none.
    One query."""
    since = timezone.now() - LATELY
    rows = Consult.objects.filter(to_user=actor.user_id or 0, state=ConsultState.ANSWERED, settled_at__gt=since)
    return rows.count()


def consults_by(actor: Actor) -> list[Consult]:
    """Every question that the actor asked about cases in their sight, open ones first. Three queries at most."""
    return _open_first(actor, _with_words(Consult.objects.filter(asked_by=actor.user_id or 0)))


def _open_first(actor: Actor, rows: QuerySet[Consult]) -> list[Consult]:
    is_open = Case(When(state=ConsultState.OPEN, then=Value(0)), default=Value(1))
    return in_sight(actor, list(rows.order_by(is_open, "-due_at", "-pk")[:MOST]))


def consults_of(case: EscalationCase) -> list[Consult]:
    """Every question about a case, the newest first. One query."""
    return list(_with_words(Consult.objects.filter(case=case)).order_by("-asked_at", "-pk")[:MOST])


def people_to_ask(actor: Actor, case: EscalationCase) -> list[tuple[int, str]]:
    """Whom the actor may ask about the case, by name, but for those who have not answered yet. Nine queries at most."""
    now = timezone.now()
    opened = handing.opens(actor, facts_of(actor, case, now))
    rows = live_memberships(now).filter(role__in=GRANTABLE_ROLES).exclude(user=actor.user_id or 0)
    asked = Consult.objects.filter(case=case, state=ConsultState.OPEN).values("to_user")
    rows = rows.exclude(user__in=asked).order_by("user__name", "user_id")
    people = list(rows.values_list("user_id", "user__name").distinct())
    if opened:
        return people
    seeing, _cases = seeing_pairs({(pk, case.pk) for pk, _name in people}, now, inside=True)
    return [one for one in people if (one[0], case.pk) in seeing]


def in_sight[Row: (Consult, Handover)](actor: Actor, rows: list[Row]) -> list[Row]:
    """Those about a case that the actor sees with what is internal."""
    ids = {one.case_id for one in rows}
    seen = set(visible_inside(actor).filter(pk__in=ids).values_list("pk", flat=True)) if ids else set()
    return [one for one in rows if one.case_id in seen]
