"""The secret address of one's own calendar: made anew, taken back. Only the token's hash is kept."""

from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q
from django.http import Http404
from django.utils import timezone

from portal.accounts.rules import Actor
from portal.accounts.tokens import hash_of, new_token
from portal.audit.actions import record

from ..access.meetings import overseeing
from ..models import CalendarFeed
from ..queries.scope import reads_reviews

APART: Final = timedelta(hours=1)


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
    found = CalendarFeed.objects.select_for_update().filter(user=actor.user_id).first()
    if found is not None:
        _revoke(actor, found)


@transaction.atomic
def revoke_feed_of(*, actor: Actor, pk: int) -> CalendarFeed:
    """An administrator takes somebody's back. Raises Http404 for others, and where there is none."""
    allowed = overseeing(actor)
    found = CalendarFeed.objects.select_for_update(of=("self",)).select_related("user").filter(pk=pk).first()
    if found is None:
        raise Http404
    _revoke(allowed, found)
    return found


def note_reading(feed: CalendarFeed) -> None:
    """Keep when a calendar program read it, once an hour at most: programs ask every few minutes, and nobody asks to the minute."""
    now = timezone.now()
    stale = Q(read_at=None) | Q(read_at__lte=now - APART)
    CalendarFeed.objects.filter(stale, pk=feed.pk).update(read_at=now)


def _revoke(actor: Actor, found: CalendarFeed) -> None:
    facts = {"calendar_of_id": found.user_id}
    record(actor=actor, verb="calendar_feed.revoked", subject_type="calendar_feed", subject_id=found.pk, changes=facts)
    CalendarFeed.objects.filter(pk=found.pk).delete()
