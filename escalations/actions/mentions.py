"""People named in an internal note hear of it once; what names nobody who sees the case stays plain text."""

from django.db import transaction

from escalations.models import Case, Mention, MentionSeen, TimelineEntry
from escalations.queries import mentions
from portal.accounts.rules import Actor
from portal.notifications.actions import Emission

from .telling import tell_many

#: What whoever is named is told by.
MENTION_KIND = "case.mentioned"


def keep_mentions(acting: Actor, case: Case, entry: TimelineEntry, text: str) -> None:
    """Keep who is named in the words of a new note, and tell them. The caller holds the lock of the case."""
    named = mentions.names_in(case, text)
    if not named:
        return
    Mention.objects.bulk_create(
        Mention(entry=entry, user_id=user, start=start, length=length, at=entry.at) for start, length, user in named
    )
    told = sorted({user for _start, _length, user in named if user != acting.user_id})
    tell_many(
        [
            Emission(
                MENTION_KIND, f"{MENTION_KIND}:{entry.pk}:{user}", {"case": case.pk, "entry": entry.pk, "user": user}
            )
            for user in told
        ]
    )


@transaction.atomic
def read_mentions(*, actor: Actor, up_to: int) -> None:
    """The actor has read theirs up to this one; never back."""
    seen, _new = MentionSeen.objects.select_for_update().get_or_create(
        user_id=actor.user_id or 0, defaults={"up_to": 0}
    )
    known = Mention.objects.filter(user=actor.user_id or 0, pk__lte=up_to).order_by("-pk").first()
    if known is not None and known.pk > seen.up_to:
        seen.up_to = known.pk
        seen.save(update_fields=["up_to"])
