"""What people hear of actions."""

from collections.abc import Iterable
from typing import Final

from django.urls import reverse

from portal.accounts.rules import Actor
from portal.notifications.actions import notify

from ..models import Action

ASSIGNED: Final = "reviews.action_assigned"
DUE_SOON: Final = "reviews.action_due_soon"
OVERDUE: Final = "reviews.action_overdue"
ESCALATED: Final = "reviews.action_escalated"
TO_VERIFY: Final = "reviews.action_to_verify"
SENT_BACK: Final = "reviews.action_sent_back"
VERIFIED: Final = "reviews.action_verified"
DROPPED: Final = "reviews.action_dropped"


def tell(kind: str, action: Action, recipients: Iterable[int | None], *, by: Actor, mark: object = "") -> None:
    """Tell these people of an action, but not whoever did it; `mark` tells apart what happens to it more than once."""
    notify(
        kind=kind,
        recipients={pk for pk in recipients if pk is not None and pk != by.user_id},
        params={"ref": action.ref},
        url=reverse("reviews:action", args=[action.ref]),
        dedupe_key=f"{kind}:{action.pk}:{mark or action.version}",
        subject_id=action.pk,
    )
