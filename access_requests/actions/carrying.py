"""Carries items out through their systems' channels: what is handed over is sent, and what came of it is settled.

The system may know of an item from just before the call, so it is marked as sent then. One change of an account is under
way at a time (a lock that outlives transactions), so that a grant in flight and its removal never cross.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from portal.accounts.rules import SYSTEM
from portal.notifications.models import OutboxRow
from portal.notifications.registry import RetryLater, Undeliverable
from portal.webhooks import silence

from ..channels import CARRIERS, Outcome, Parcel, address_of
from ..choices import ItemState, Proof
from ..models import Account, RequestItem
from ._base import lock_requests, move
from .dispatching import mark_sent
from .fulfilling import MAX_FAILURE, claim_locked, verify_locked
from .owning import tell_failed
from .parcels import parcels

# In these states a hand-over is still to be carried out; `sent`: a worker died before it could settle.
_OPEN: Final = (ItemState.QUEUED, ItemState.FAILED_RETRYABLE, ItemState.SENT)
#: Seconds until a change is tried again that waits for another one of the same account.
TURN_SECONDS: Final = 5.0


def deliver(row: OutboxRow) -> None:
    """Carry out one hand-over; nothing, if the item has moved on. Raises RetryLater and Undeliverable."""
    item_id, generation = row.payload["item"], row.payload["generation"]
    item = RequestItem.objects.filter(pk=item_id).select_related("entitlement__system__webhook_target").first()
    if item is None:
        return
    system = item.entitlement.system
    if item.state == ItemState.FAILED_RETRYABLE:  # it says already that the system does not answer
        silence.check(address_of(system), system.name)
    with turn(system.pk, item.person_id):
        parcel = _begin(item_id, generation)
        if parcel is None:
            return
        carry = CARRIERS.get(parcel.system.channel)
        if carry is None:  # by hand since: it is in IT's queue
            return
        try:
            outcome = carry(parcel)
        except Undeliverable:
            raise
        except Exception as error:
            _failed(parcel, str(error) or type(error).__name__)
            raise
        _settle(parcel, outcome)


def gave_up(row: OutboxRow, why: str) -> None:
    """A hand-over will not be tried again: it goes to the list of failures, and its owners are told."""
    give_up(row.payload["item"], row.payload["generation"], why)


@transaction.atomic
def gave_up_by_key(key: str, why: str) -> int:
    """The same for a hand-over by its key; how many items it was (0 or 1)."""
    _topic, item_id, generation = key.split(":")
    return give_up(int(item_id), int(generation), why)


def give_up(item_id: int, generation: int, why: str) -> int:
    """Put an item that is on its way on the list of failures and tell its owners, in the caller's transaction."""
    item = _locked(item_id, generation)
    if item is None or item.state not in _OPEN:
        return 0
    text = shortened(why)
    moved = move([item.pk], "give_up", actor=SYSTEM, at=timezone.now(), params={"why": text}, failure=text)
    tell_failed(moved)
    return len(moved)


@contextmanager
def turn(system_id: int, person_id: int) -> Iterator[None]:
    """Be the only one who changes a person's account in a system. Raises RetryLater if somebody else does.

    The lock belongs to the session, not to a transaction: it goes with the worker, however that ends.
    """
    key = f"access:{system_id}:{person_id}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [key])
        mine = cursor.fetchone()
    if not (mine and mine[0]):
        raise RetryLater("another change of this account is under way", after=TURN_SECONDS)
    try:
        yield
    finally:
        # A connection that broke has let go of it already.
        with suppress(DatabaseError), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [key])


@transaction.atomic
def _begin(item_id: int, generation: int) -> Parcel | None:
    """Mark the item as sent and say what to carry out; None if it has moved on."""
    item = _locked(item_id, generation)
    if item is None or item.state not in _OPEN:
        return None
    now = timezone.now()
    if item.state == ItemState.FAILED_RETRYABLE:
        move([item.pk], "queue", actor=SYSTEM, at=now, queued_at=now)
    if item.state != ItemState.SENT:
        mark_sent([item.pk], now)
    return parcels([item.pk])[item.pk]


@transaction.atomic
def _failed(parcel: Parcel, why: str) -> None:
    item = _locked(parcel.item_id, parcel.generation)
    if item is not None:
        text = shortened(why)
        move([item.pk], "fail", actor=SYSTEM, at=timezone.now(), params={"why": text}, failure=text)


@transaction.atomic
def _settle(parcel: Parcel, outcome: Outcome) -> None:
    """Write down what the system said. What was superseded meanwhile stays so: its removal cleans up after it."""
    item = _locked(parcel.item_id, parcel.generation)
    now = timezone.now()
    if outcome.account is not None:
        remember(parcel, *outcome.account)
    if item is None or item.state != ItemState.SENT or not outcome.done:
        return
    RequestItem.objects.filter(pk=item.pk).update(failure="")
    claim_locked([item.pk], actor=SYSTEM, at=now, ticket=outcome.ticket)
    if outcome.proven and parcel.system.proof == Proof.READ_BACK:
        verify_locked([item.pk], actor=SYSTEM, at=now, how=Proof.READ_BACK)


def shortened(why: str) -> str:
    """A reason as it is kept: one line, never empty."""
    return " ".join(why.replace("\0", "").split())[:MAX_FAILURE] or "unknown"


def remember(parcel: Parcel, external_id: str, active: bool) -> None:
    """Keep what a system calls a person. An id that was another person's before goes to the one who has it now."""
    now = timezone.now()
    Account.objects.filter(system=parcel.system, external_id=external_id).exclude(person_id=parcel.person_id).delete()
    Account.objects.update_or_create(
        system=parcel.system, person_id=parcel.person_id,
        defaults={"external_id": external_id, "active": active, "seen_at": now},
    )  # fmt: skip


def _locked(item_id: int, generation: int) -> RequestItem | None:
    """The item, its request locked; None if it was handed over anew since."""
    rows = RequestItem.objects.filter(pk=item_id, generation=generation)
    lock_requests(rows.values_list("request_id", flat=True))
    return rows.first()
