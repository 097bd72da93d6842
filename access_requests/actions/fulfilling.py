"""IT takes, finishes or fails items; somebody owns what failed; the lead or the system itself proves what is done."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from portal.accounts.choices import Role
from portal.accounts.rules import SYSTEM, Actor
from portal.refusals import RefusedError
from portal.webhooks import silence

from .. import queries, rules
from ..channels import address_of
from ..choices import WAITING_FAILURES, ItemState, Proof
from ..models import RequestItem, System
from . import granting
from ._base import lock_requests, move, note
from .dispatching import hand_over_again
from .owning import tell_failed

MAX_TICKET = 80
MAX_FAILURE = 200
#: What IT may do by hand: what will be tried again by itself as well, so that nobody waits for a system that is down.
BY_HAND = (ItemState.SENT, ItemState.FAILED_RETRYABLE, ItemState.FAILED_FINAL)


@dataclass(slots=True)
class Result:
    """Which items moved, and which were left because they had moved on."""

    done: list[int] = field(default_factory=list)
    left: list[int] = field(default_factory=list)


def working(actor: Actor, item_ids: Collection[int]) -> QuerySet[RequestItem]:
    """Those of the items that the actor carries out: handed to systems of their IT groups."""
    return RequestItem.objects.filter(pk__in=item_ids, entitlement__system__in=queries.systems_worked_by(actor))


@transaction.atomic
def take(*, actor: Actor, item_ids: Collection[int]) -> Result:
    """Say that one works on these items; who took one before is overruled, and the trail says so. Items out of sight are left out."""
    rows, at = _locked(working(actor, item_ids)), timezone.now()
    mine = [(request, pk) for pk, request, state in rows if state in BY_HAND]
    RequestItem.objects.filter(pk__in=[pk for _request, pk in mine]).update(taken_by=actor.user_id, taken_at=at)
    note(mine, "item.take", actor=_as_it(actor), at=at)
    return _result(rows, [pk for _request, pk in mine])


@transaction.atomic
def claim(*, actor: Actor, item_ids: Collection[int], ticket: str = "") -> Result:
    """IT says done, with a ticket number if there is one. Not verified yet.

    What has no seat, or waits for a removal, is left: no word stands in for that either.
    """
    rows, at = _locked(working(actor, item_ids)), timezone.now()
    waiting = set(without_room([pk for pk, _request, _state in rows]).values_list("pk", flat=True))
    done = claim_locked(
        [pk for pk, _request, _state in rows if pk not in waiting], actor=_as_it(actor), at=at, ticket=ticket
    )
    return _result(rows, done)


def without_room(item_ids: Collection[int]) -> QuerySet[RequestItem]:
    """Those of the items that go on by themselves once there is room for them."""
    return RequestItem.objects.filter(pk__in=item_ids, state=ItemState.FAILED_FINAL, failure__in=WAITING_FAILURES)


def claim_locked(item_ids: Collection[int], *, actor: Actor, at: datetime, ticket: str = "") -> list[int]:
    """The same for a caller that has locked the requests and authorised: channels, mail replies.

    A later attempt of the portal's own finds the item done, and does nothing.
    """
    extra: dict[str, Any] = {"ticket": ticket.replace("\0", "").strip()[:MAX_TICKET]} if ticket else {}
    params = {"ticket": extra["ticket"]} if extra else {}
    done = move(
        item_ids, "claim", actor=actor, at=at, params=params, claimed_at=at, claimed_by_id=actor.user_id,
        claimed_for_id=actor.principal_id, failure="", **extra,
    )  # fmt: skip
    # Done by hand although no attempt ever began: held from now on.
    granting.begin(list(RequestItem.objects.filter(pk__in=done, sent_at=None).values_list("pk", flat=True)), at)
    granting.confirm(done, at)
    return done


@transaction.atomic
def fail(*, actor: Actor, item_ids: Collection[int], why: str) -> Result:
    """IT says that it cannot be done; the item goes to the list of failures. Raises RefusedError without a reason."""
    text = why.replace("\0", "").strip()[:MAX_FAILURE]
    if not text:
        raise RefusedError("failure_needs_reason", "why")
    rows, at = _locked(working(actor, item_ids)), timezone.now()
    ids = [pk for pk, _request, _state in rows]
    return _result(rows, move(ids, "give_up", actor=_as_it(actor), at=at, params={"why": text}, failure=text))


@transaction.atomic
def retry(*, actor: Actor, item_ids: Collection[int]) -> Result:
    """Send failed items out again, checked anew like any approved one, also to systems that did not answer a moment ago."""
    rows, at = _locked(_owned(actor, item_ids)), timezone.now()
    failed = [pk for pk, _request, state in rows if state == ItemState.FAILED_FINAL]
    _ask_again(failed)
    return _result(rows, requeue_locked(failed, actor=actor, at=at))


def _ask_again(item_ids: Collection[int]) -> None:
    wanted = RequestItem.objects.filter(pk__in=item_ids).values("entitlement__system")
    systems = System.objects.filter(pk__in=wanted).select_related("webhook_target")
    silence.end({address_of(one) for one in systems})


def requeue_locked(item_ids: Collection[int], *, actor: Actor, at: datetime) -> list[int]:
    """Hand failed items over once more under a new key. The caller has locked the requests."""
    moved = move(item_ids, "queue", actor=actor, at=at, queued_at=at, failure="")
    hand_over_again(moved, at)
    return moved


@transaction.atomic
def never_done(*, actor: Actor, item_ids: Collection[int]) -> Result:
    """Somebody made sure that failed grants left nothing behind: they are closed, and nobody counts as holding them.

    Failed removals cannot be closed like that: what is not proven gone counts as held.
    """
    rows, at = _locked(_owned(actor, item_ids).filter(operation="grant")), timezone.now()
    failed = [pk for pk, _request, state in rows if state == ItemState.FAILED_FINAL]
    done = move(failed, "cancel", actor=actor, at=at, params={"why": "not_done"})
    granting.never_granted(done, at)
    return _result(rows, done)


@transaction.atomic
def verify_by_lead(*, actor: Actor, item_ids: Collection[int]) -> Result:
    """A lead (or coordinator, manager) of the site confirms what IT says is done. Raises PermissionDenied.

    What a system is still asked about itself is left: nobody's word stands in for it.
    """
    seen = queries.items_visible_to(actor).filter(pk__in=item_ids)
    sites = queries.site_ids(actor)
    rows, at = _locked(seen.filter(request__site_id__in=sites)), timezone.now()
    if not rows and seen.exists():
        raise PermissionDenied
    mine = RequestItem.objects.filter(queries.for_the_lead(at), pk__in=[pk for pk, _request, _state in rows])
    done: list[int] = []
    for as_who, ids in _by_site(actor, mine).items():
        done += verify_locked(ids, actor=as_who, at=at, how=Proof.LEAD)
    return _result(rows, done)


def verify_locked(item_ids: Collection[int], *, actor: Actor, at: datetime, how: str) -> list[int]:
    """Items are proven. The caller has locked the requests and authorised."""
    done = move(
        item_ids, "verify", actor=actor, at=at, params={"how": how}, verified_at=at, verified_by_id=actor.user_id,
        verified_for_id=actor.principal_id, verified_how=how,
    )  # fmt: skip
    granting.verify(done, at)
    return done


@transaction.atomic
def dispute(*, actor: Actor, item_ids: Collection[int], why: str) -> Result:
    """A lead of the site says that what IT claims is not so; it goes to the list of failures. Raises RefusedError."""
    text = why.replace("\0", "").strip()[:MAX_FAILURE]
    if not text:
        raise RefusedError("failure_needs_reason", "why")
    seen = queries.items_visible_to(actor).filter(pk__in=item_ids, request__site_id__in=queries.site_ids(actor))
    rows, at = _locked(seen), timezone.now()
    mine = RequestItem.objects.filter(pk__in=[pk for pk, _request, _state in rows])
    disputed: list[int] = []
    for as_who, ids in _by_site(actor, mine).items():
        disputed += move(ids, "dispute", actor=as_who, at=at, params={"why": text}, failure=text)
    tell_failed(disputed)
    return _result(rows, disputed)


def _owned(actor: Actor, item_ids: Collection[int]) -> QuerySet[RequestItem]:
    """Failed items that the actor may deal with: those they carry out, and those of systems they own."""
    rows = RequestItem.objects.filter(pk__in=item_ids)
    if actor.is_system or actor.has(Role.ADMINISTRATOR):
        return rows
    mine = rows.filter(entitlement__system__in=queries.systems_worked_by(actor))
    return mine | rows.filter(entitlement__system__owner_id__in=queries.user_ids(actor))


def _locked(rows: QuerySet[RequestItem]) -> list[tuple[int, int, str]]:
    """Lock the requests of these items; (id, request, state) of each, read under the lock."""
    lock_requests(rows.values_list("request_id", flat=True))
    return sorted(set(rows.values_list("pk", "request_id", "state")))


def _by_site(actor: Actor, rows: QuerySet[RequestItem]) -> dict[Actor, list[int]]:
    """Items by who the actor is where they were asked for: themselves, or whom they stand in for."""
    found: dict[Actor, list[int]] = defaultdict(list)
    for pk, site, partner in rows.values_list("pk", "request__site_id", "request__site__partner_id").order_by("pk"):
        as_who = rules.confirming(actor, rules.Site(site, partner))
        if as_who is not None:
            found[as_who].append(pk)
    return found


def _as_it(actor: Actor) -> Actor:
    """The actor under the standing that lets them fulfil, a stand-in's included."""
    if actor.is_system:
        return SYSTEM
    standing = next(iter(actor.of(Role.IT)), None)
    return actor.acting_as(standing) if standing else actor


def _result(rows: Iterable[tuple[int, int, str]], done: Collection[int]) -> Result:
    return Result(sorted(done), sorted({pk for pk, _request, _state in rows} - set(done)))
