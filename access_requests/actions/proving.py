"""Looks again: what is claimed is read back, and what was taken away is looked for once more.

A call that timed out may be carried out minutes later. A grant that arrives like that after its removal was proven is
found here and taken away again.
"""

from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from portal.accounts.rules import SYSTEM
from portal.notifications.choices import State, Topic
from portal.notifications.models import OutboxRow
from portal.notifications.registry import RetryLater, Undeliverable

from .. import queries
from ..channels import Parcel, is_live
from ..channels.email import PREFIX
from ..choices import Channel, ItemState, Operation, Origin, Proof, RequestKind
from ..models import Grant, RequestItem
from ._base import lock_people, lock_requests, move
from .carrying import gave_up_by_key, turn
from .fulfilling import verify_locked
from .leaving import site_of_people
from .owning import tell_failed
from .parcels import parcels
from .raising import Line, raise_request

BATCH: Final = 20
#: After the first look at something removed, and after the second.
SECOND_LOOK: Final = timedelta(hours=1)
#: How long a system may take until what it says is done can be read back.
PATIENCE: Final = timedelta(minutes=15)
LONGEST: Final = timedelta(hours=2)


def recheck(limit: int = BATCH) -> int:
    """One batch of second looks; how many items and grants were dealt with. Safe to run twice and side by side."""
    return _unread_claims(limit) + _removed(limit) + _dead_letters(limit)


def _unread_claims(limit: int) -> int:
    """Items that a system says are done and that it did not show when it was read back at once."""
    now = timezone.now()
    rows = RequestItem.objects.filter(queries.reads_back(now), claimed_at__lt=now - timedelta(minutes=1))
    ids = list(rows.order_by("claimed_at", "pk").values_list("pk", flat=True)[:limit])
    return sum(_read_back(parcel, now) for parcel in parcels(ids).values())


def _read_back(parcel: Parcel, now: datetime) -> int:
    live = _asked(parcel)
    if live is None:
        return 0
    return _prove(parcel, now, as_said=live == (parcel.operation == Operation.GRANT))


@transaction.atomic
def _prove(parcel: Parcel, now: datetime, *, as_said: bool) -> int:
    lock_requests(RequestItem.objects.filter(pk=parcel.item_id).values_list("request_id", flat=True))
    claimed = RequestItem.objects.filter(pk=parcel.item_id, generation=parcel.generation, state=ItemState.CLAIMED_DONE)
    item = claimed.first()
    if item is None or item.claimed_at is None:
        return 0
    if as_said:
        return len(verify_locked([item.pk], actor=SYSTEM, at=now, how=Proof.READ_BACK))
    if item.claimed_at > now - PATIENCE:
        return 0
    failed = move([item.pk], "dispute", actor=SYSTEM, at=now, params={"why": "not_as_said"}, failure="not_as_said")
    tell_failed(failed)
    return len(failed)


def _asked(parcel: Parcel) -> bool | None:
    """Whether the system gives it; None while it cannot be asked."""
    try:
        with turn(parcel.system.pk, parcel.person_id):
            return is_live(parcel)
    except (RetryLater, Undeliverable):
        return None


def _removed(limit: int) -> int:
    """Grants that ended a while ago: if one is back, it is taken away again."""
    now = timezone.now()
    again = Grant.objects.filter(person=OuterRef("person_id"), entitlement=OuterRef("entitlement_id"), ended_at=None)
    rows = Grant.objects.filter(recheck_at__lte=now, revoke_item__isnull=False).annotate(held=Exists(again))
    due = list(rows.order_by("recheck_at", "pk")[:limit])
    found = parcels([one.revoke_item_id for one in due if one.revoke_item_id])
    done = 0
    for grant in due:
        parcel = found.get(grant.revoke_item_id or 0)
        if grant.held or parcel is None or parcel.system.channel != Channel.SCIM:
            _looked(grant, None)
            continue
        live = _asked(parcel)
        if live:
            _take_away_again(grant, now)
        if live is not None:
            _looked(grant, now)
            done += 1
        elif grant.ended_at and grant.ended_at < now - LONGEST:
            _looked(grant, None)
        else:
            Grant.objects.filter(pk=grant.pk).update(recheck_at=now + timedelta(minutes=5))
    return done


def _looked(grant: Grant, now: datetime | None) -> None:
    """The next look is an hour after the end, then there is none."""
    second = grant.ended_at + SECOND_LOOK if grant.ended_at else None
    later = second if now and second and second > now else None
    Grant.objects.filter(pk=grant.pk).update(recheck_at=later)


@transaction.atomic
def _take_away_again(grant: Grant, now: datetime) -> None:
    """It is held, so it stands as held until the new removal is proven."""
    lock_people([grant.person_id])
    site = site_of_people([grant.person_id]).get(grant.person_id)
    with connection.cursor() as cursor:
        cursor.execute(_BACK, {"person": grant.person_id, "entitlement": grant.entitlement_id, "at": now})
        if not cursor.rowcount or site is None:
            return
    raise_request(
        actor=SYSTEM, kind=RequestKind.LEAVER, site_id=site, origin=Origin.EXPIRY,
        lines=[Line(grant.person_id, grant.entitlement_id, Operation.REVOKE)],
    )  # fmt: skip


_BACK: Final = """
INSERT INTO access_requests_grant (person_id, entitlement_id, started_at, confirmed_at)
VALUES (%(person)s, %(entitlement)s, %(at)s, %(at)s)
ON CONFLICT (person_id, entitlement_id) WHERE ended_at IS NULL DO NOTHING
"""


def _dead_letters(limit: int) -> int:
    """Letters that no mail server would take: nobody at the other end knows of their items."""
    dead = OutboxRow.objects.filter(
        topic=Topic.MAIL, state=State.DEAD, discarded_at=None, idempotency_key__startswith=PREFIX
    ).values_list("idempotency_key", "last_error")
    return sum(gave_up_by_key(key.removeprefix(PREFIX), why) for key, why in dead.order_by("-pk")[:limit])
