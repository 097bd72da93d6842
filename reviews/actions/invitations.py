"""What people are told about meetings: an invitation once per person, each change once, and that one was called off. In the caller's transaction.

Nobody is told that a meeting was called off, or goes on without them, which they have not been told of.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q
from django.utils import timezone

from portal.notifications.actions.topics import queue

from ..choices import Reply
from ..models import Attendee, Engagement

INVITATION: Final = "reviews.invitation"
REQUEST, CANCEL = "request", "cancel"
# Meetings of a series are made weeks ahead; nobody wants eight letters at once.
NOTICE: Final = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Word:
    """What one person is told of one meeting; `first`: they have not heard of it. `not_before`: None is now."""

    user_id: int
    engagement: Engagement
    method: str
    first: bool = False
    not_before: datetime | None = None

    @property
    def payload(self) -> dict[str, object]:
        """What the letter needs."""
        return {"engagement": self.engagement.pk, "sequence": self.engagement.sequence, "method": self.method, "first": self.first}  # fmt: skip

    @property
    def key(self) -> str:
        """By which it is sent once."""
        return f"{INVITATION}:{self.engagement.pk}:{self.engagement.sequence}:{self.method}:{self.user_id}"


def asked(engagement: Engagement, user_ids: Iterable[int]) -> list[Attendee]:
    """People who are asked to come from now on, not saved. Those of a series hear of it two weeks before."""
    now = timezone.now()
    at = max(now, engagement.starts_at - NOTICE) if engagement.series_id is not None else now
    return [
        Attendee(engagement=engagement, user_id=pk, asked_sequence=engagement.sequence, asked_at=at)
        for pk in sorted(set(user_ids))
    ]


def invitations(attendees: Iterable[Attendee]) -> list[Word]:
    """Their first letters."""
    now = timezone.now()
    return [
        Word(one.user_id, one.engagement, REQUEST, first=True, not_before=one.asked_at if one.asked_at and one.asked_at > now else None)
        for one in attendees
        if one.user_id is not None and one.engagement.ends_at > now
    ]  # fmt: skip


def changes(engagement: Engagement) -> list[Word]:
    """Whoever is asked already hears at once what became of it, and answers anew."""
    now = timezone.now()
    engagement.attendees.update(reply=Reply.NONE, asked_sequence=engagement.sequence, asked_at=now)
    return _now(engagement, engagement.attendees.filter(user__isnull=False).values_list("user_id", flat=True), REQUEST)


def told(engagement: Engagement) -> set[int]:
    """Who has been told of it, or is just being told."""
    rows = engagement.attendees.filter(Q(asked_at=None) | Q(asked_at__lte=timezone.now()), user__isnull=False)
    return {pk for pk in rows.values_list("user_id", flat=True) if pk is not None}


def cancellations(engagement: Engagement, user_ids: Iterable[int]) -> list[Word]:
    """It does not take place, or not with them."""
    return _now(engagement, user_ids, CANCEL)


def post(words: Iterable[Word], *, together: str = "") -> None:
    """Queue letters. With a key for all, whatever is said to one person now goes in one letter."""
    at_once = defaultdict[int, list[Word]](list)
    for word in words:
        if word.not_before is None and together:
            at_once[word.user_id].append(word)
        else:
            _queue(word)
    for user_id, several in at_once.items():
        if len(several) == 1:
            _queue(several[0])
            continue
        said = [one.payload for one in sorted(several, key=lambda one: one.engagement.starts_at)]
        queue(INVITATION, {f"{INVITATION}:{together}:{user_id}": {"user": user_id, "meetings": said}})


def _queue(word: Word) -> None:
    queue(INVITATION, {word.key: {"user": word.user_id, **word.payload}}, not_before=word.not_before)


def _now(engagement: Engagement, user_ids: Iterable[int | None], method: str) -> list[Word]:
    if engagement.ends_at <= timezone.now():
        return []
    return [Word(pk, engagement, method) for pk in sorted({pk for pk in user_ids if pk is not None})]
