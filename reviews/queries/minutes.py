"""What became of the letters that carry minutes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from portal.notifications import queries as notifications

from ..models import Minutes

TOPIC: Final = "reviews.minutes"


@dataclass(frozen=True, slots=True)
class Letters:
    """How many wait, whether the mail server did not take some of these so far, and to whom none goes any more."""

    waiting: int
    held_up: bool
    failed: Sequence[str]


def key(engagement_id: int, revision: int, user_id: int) -> str:
    """By which somebody gets a revision once."""
    return f"{TOPIC}:{engagement_id}:{revision}:{user_id}"


def letters_of(minutes: Minutes) -> Letters:
    """Of those that went, or go, to who was asked. One query."""
    asked = [one for one in minutes.data["attendees"] if one["user"] is not None]
    names = {key(minutes.engagement_id, minutes.revision, one["user"]): one["name"] for one in asked}
    rows = notifications.unsent(names)
    waiting = [one for one in rows if not one.dead]
    return Letters(len(waiting), any(one.tried for one in waiting), sorted(names[one.key] for one in rows if one.dead))
