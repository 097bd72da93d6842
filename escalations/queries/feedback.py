"""Feedback among colleagues, for those who may read it. A constant number of queries."""

from django.db.models import Q, QuerySet

from escalations.choices import Sensitivity
from escalations.models import Case, PeerFeedback, TimelineEntry
from escalations.rules.feedback import Given
from portal.accounts.rules import Actor
from portal.ui.pagination import Page, keyset_page

from .leavings import led_service_ids
from .scope import visible_to

GOT, GAVE, LED = "got", "gave", "led"
_PAGE = 50


def feedback_seen_by(actor: Actor) -> QuerySet[PeerFeedback]:
    """What one got or gave, and what members of one's services got when these had the case, as their lead in person; of
    sensitive cases, while one sees them."""
    user = actor.user_id or 0
    concerned = Q(author=user) | Q(receiver=user) | Q(service__in=led_service_ids(actor, in_person=True))
    shown = Q(case__sensitivity=Sensitivity.STANDARD) | Q(case__in=visible_to(actor))
    rows = PeerFeedback.objects.filter(concerned, shown)
    return rows.select_related("case__site", "author", "receiver").defer("case__search")


def feedback_page(actor: Actor, which: str, cursor: str | None) -> Page[PeerFeedback]:
    """One list, the newest first. Raises BadCursor."""
    user = actor.user_id or 0
    rows = feedback_seen_by(actor).filter(
        {GOT: Q(receiver=user), GAVE: Q(author=user)}.get(which, ~Q(receiver=user) & ~Q(author=user))
    )
    return keyset_page(rows, order=("-id",), cursor=cursor, size=_PAGE)


def subjects_seen(actor: Actor, rows: Page[PeerFeedback]) -> dict[int, str]:
    """Subjects of those of their cases that the reader sees."""
    cases = visible_to(actor).filter(pk__in={one.case_id for one in rows.items})
    return dict(cases.values_list("pk", "subject"))


def feedback_of(actor: Actor, case: Case) -> PeerFeedback | None:
    """What the actor gave on this closing of the case."""
    return PeerFeedback.objects.filter(case=case, cycle=case.cycle, author=actor.user_id or 0).first()


def owned_before(actor: Actor, case: Case) -> bool:
    """Whether the actor owned the case at any time."""
    given = TimelineEntry.objects.filter(case=case, code="assignment.changed", params__to=actor.user_id)
    return given.exists()


def given(one: PeerFeedback) -> Given:
    """Feedback as the rules see it."""
    return Given(one.author_id, one.receiver_id, one.at, one.answered_at is not None)
