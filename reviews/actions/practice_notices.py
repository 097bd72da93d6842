"""Word of practices: that one was offered, and what a site answered. Queued in the caller's transaction; who hears it is found when it is handed round."""

from collections.abc import Iterable
from typing import Final

from portal.accounts.rules import Actor
from portal.notifications.actions import Emission, emit

from ..models import Sharing

OFFERED: Final = "reviews.practice_offered"
ANSWERED: Final = "reviews.practice_answered"


def tell_offered(sharings: Iterable[Sharing], *, by: Actor) -> None:
    """To each site once."""
    emit([Emission(OFFERED, f"{OFFERED}:{one.pk}", _facts(one, by)) for one in sharings])


def tell_answered(sharing: Sharing, *, by: Actor) -> None:
    """Once for each answer: the first, and one that says otherwise."""
    emit([Emission(ANSWERED, f"{ANSWERED}:{sharing.pk}:{sharing.version}", _facts(sharing, by))])


def _facts(sharing: Sharing, by: Actor) -> dict[str, object]:
    return {"sharing": sharing.pk, "adoption": sharing.adoption, "by": [by.user_id, by.principal_id]}
