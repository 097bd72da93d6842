"""The secret address of one's own calendar: made anew, taken back. Only the token's hash is kept."""

from django.db import transaction
from django.http import Http404
from django.utils import timezone

from portal.accounts.rules import Actor
from portal.accounts.tokens import hash_of, new_token
from portal.audit.actions import record

from ..models import CalendarFeed
from ..queries.scope import reads_reviews


@transaction.atomic
def make_feed(*, actor: Actor) -> str:
    """A new token; the one before leads nowhere any more. Raises Http404 for those without meetings."""
    if not reads_reviews(actor) or actor.user_id is None:
        raise Http404
    token = new_token()
    made, _new = CalendarFeed.objects.update_or_create(
        user_id=actor.user_id, defaults={"token_hash": hash_of(token), "created_at": timezone.now(), "read_at": None}
    )
    record(actor=actor, verb="calendar_feed.made", subject_type="calendar_feed", subject_id=made.pk)
    return token


@transaction.atomic
def revoke_feed(*, actor: Actor) -> None:
    """Take it back; without one, nothing."""
    found = CalendarFeed.objects.filter(user=actor.user_id).first()
    if found is not None:
        record(actor=actor, verb="calendar_feed.revoked", subject_type="calendar_feed", subject_id=found.pk)
        found.delete()
