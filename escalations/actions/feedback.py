"""Feedback to whoever owned a closed case: given once, changed for a day, answered once. The trail keeps ids alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from escalations import queries
from escalations.choices import Reason
from escalations.choices.feedback import Criterion, Rating
from escalations.models import Case, PeerFeedback
from escalations.queries import feedback
from escalations.rules.feedback import can_answer_feedback, can_change_feedback, can_give_feedback
from portal.accounts.rules import Actor
from portal.notifications.actions import notify

from ._base import Refused, locked, required, trail, words

MAX_FEEDBACK: Final = 4_000
FEEDBACK_GIVEN, FEEDBACK_ANSWERED = "case.feedback", "case.feedback_answered"


@dataclass(frozen=True, slots=True)
class Opinion:
    """A rating for each criterion, what was good, and what to try."""

    ratings: Mapping[str, int]
    good: str
    to_try: str = ""

    def columns(self) -> dict[str, object]:
        """As it is kept. Raises Refused."""
        if set(self.ratings) != set(Criterion.values) or not set(self.ratings.values()) <= set(Rating.values):
            raise Refused(Reason.UNKNOWN_VALUE)
        good = words(self.good, needed=Reason.TEXT_NEEDED, limit=MAX_FEEDBACK)
        return {**self.ratings, "good": good, "to_try": words(self.to_try, limit=MAX_FEEDBACK)}


def give_feedback(*, actor: Actor, ref: str | int, opinion: Opinion) -> PeerFeedback:
    """Tell whoever owned the case when it closed. Raises Refused, Http404."""
    columns = opinion.columns()
    with locked(actor, ref) as case:
        facts = queries.facts_of(actor, case)
        before = feedback.owned_before(actor, case)
        acting = required(actor, can_give_feedback(actor, facts, owned_before=before))
        if feedback.feedback_of(actor, case) is not None:
            raise Refused(Reason.FEEDBACK_GIVEN)
        made = PeerFeedback.objects.create(
            case=case, cycle=case.cycle, service_id=case.service_id, author_id=actor.user_id or 0,
            receiver_id=case.owner_id or 0, **columns,
        )  # fmt: skip
        trail(acting, "case.feedback_given", case, {"feedback": made.pk})
        _tell(FEEDBACK_GIVEN, made, made.receiver_id)
        return made


def change_feedback(*, actor: Actor, feedback_id: int, opinion: Opinion, version: int) -> PeerFeedback:
    """Correct it within a day. Raises Refused, Http404."""
    columns = opinion.columns()
    with transaction.atomic():
        found = _locked(actor, feedback_id)
        required(actor, can_change_feedback(actor, feedback.given(found), timezone.now()))
        if found.version != version:
            raise Refused(Reason.STALE)
        for name, value in columns.items():
            setattr(found, name, value)
        found.version += 1
        found.save(update_fields=[*columns, "version"])
        trail(actor, "case.feedback_changed", found.case, {"feedback": found.pk})
        return found


def answer_feedback(*, actor: Actor, feedback_id: int, text: str) -> PeerFeedback:
    """What the receiver says to it, once. Raises Refused, Http404."""
    kept = words(text, needed=Reason.TEXT_NEEDED, limit=MAX_FEEDBACK)
    with transaction.atomic():
        found = _locked(actor, feedback_id)
        required(actor, can_answer_feedback(actor, feedback.given(found)))
        found.answer, found.answered_at, found.version = kept, timezone.now(), found.version + 1
        found.save(update_fields=["answer", "answered_at", "version"])
        trail(actor, "case.feedback_answered", found.case, {"feedback": found.pk})
        _tell(FEEDBACK_ANSWERED, found, found.author_id)
        return found


def _locked(actor: Actor, feedback_id: int) -> PeerFeedback:
    rows = feedback.feedback_seen_by(actor).select_for_update(of=("self",), no_key=True)
    found = rows.filter(pk=feedback_id).first()
    if found is None:
        raise Http404
    return found


def _tell(kind: str, made: PeerFeedback, user_id: int) -> None:
    url, params = reverse("escalations:feedback-one", args=[made.pk]), {"ref": Case(pk=made.case_id).ref}
    notify(kind=kind, recipients=[user_id], params=params, url=url, dedupe_key=f"{kind}:{made.pk}", subject_id=made.pk)
