"""Disputed time ranges: proposed by one side with evidence, decided by the other, and then left out of what the contract counts."""

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone

from partners import queries as directory
from portal.accounts import queries as accounts
from portal.accounts.rules import Actor
from portal.audit.actions import record
from portal.files.actions import attach
from portal.refusals import ConflictError, RefusedError

from ..access import contracts as access
from ..choices import ExclusionState
from ..models import Exclusion
from ..queries import agreements
from .effects import touched_days
from .recomputing import mark_dirty
from .statements import is_same
from .telling import EXCLUSION, tell_other

MAX_DAYS: Final = 31
OWNER: Final = "kpi_exclusion"


@transaction.atomic
def propose(
    *,
    actor: Actor,
    site: Any,
    queue: Any,
    since: datetime,
    until: datetime,
    reason: str,
    note: str,
    file_ids: Collection[uuid.UUID] = (),
) -> Exclusion:
    """Ask that a range does not count, for one's side; `queue` None: the whole site. Files are evidence. Raises RefusedError."""
    access.one(agreements.sites_of_side(actor), pk=site.pk)
    side, acting = access.speaking(actor, site)
    if acting.user_id is None:
        raise PermissionDenied
    check_range(since, until)
    if queue is not None and not directory.queues_visible_to(actor).filter(programme__site=site, pk=queue.pk).exists():
        raise RefusedError("queue_elsewhere", "queue")
    made = Exclusion.objects.create(
        site=site, queue=queue, period=DateTimeTZRange(since, until), reason=reason, note=note, proposed_side=side,
        proposed_by_id=acting.user_id, proposed_for_id=acting.principal_id,
    )  # fmt: skip
    attach(actor=acting, file_ids=file_ids, owner_kind=OWNER, owner_id=made.pk)
    changes = {"site_id": site.pk, "side": side, "reason": reason, "files": len(file_ids)}
    record(actor=acting, verb="exclusion.proposed", subject_type="exclusion", subject_id=made.pk, changes=changes)
    tell_other(EXCLUSION, made, "proposed", actor=acting, side=side)
    return made


@transaction.atomic
def add_evidence(*, actor: Actor, pk: int, file_id: uuid.UUID) -> None:
    """One more file, by either side, as long as nobody decided. Raises PermissionDenied, ConflictError."""
    held = access.get_exclusion(actor, pk, for_update=True)
    side, acting = access.speaking(actor, held.site)
    if held.state != ExclusionState.PROPOSED:
        raise ConflictError(held)
    attach(actor=acting, file_ids=[file_id], owner_kind=OWNER, owner_id=held.pk)
    changes = {"site_id": held.site_id, "side": side}
    record(actor=acting, verb="exclusion.evidence", subject_type="exclusion", subject_id=held.pk, changes=changes)
    tell_other(EXCLUSION, held, "evidence", actor=acting, side=side)


@transaction.atomic
def decide(*, actor: Actor, pk: int, verdict: str, answer: str = "") -> Exclusion:
    """Approve or decline what the other side proposed. Approved ranges are left out as soon as their days are made again.

    Raises RefusedError, PermissionDenied, and ConflictError when somebody decided it meanwhile.
    """
    held = access.get_exclusion(actor, pk, for_update=True)
    allowed = may_decide(actor, held)
    if held.state != ExclusionState.PROPOSED:
        raise ConflictError(held)
    if isinstance(allowed, str):
        raise RefusedError(allowed)
    if verdict == ExclusionState.DECLINED and not answer.strip():
        raise RefusedError("answer_missing", "answer")
    side, _acting = access.speaking(actor, held.site)
    _close(allowed, held, verdict, answer.strip(), side)
    if verdict == ExclusionState.APPROVED:
        mark_dirty((held.site_id, day) for day in touched_days([held]))
    return held


@transaction.atomic
def withdraw(*, actor: Actor, pk: int) -> Exclusion:
    """Take back what one's own side proposed. Raises RefusedError, PermissionDenied, ConflictError."""
    held = access.get_exclusion(actor, pk, for_update=True)
    side, acting = access.speaking(actor, held.site)
    if side != held.proposed_side:
        raise RefusedError("not_yours")
    if held.state != ExclusionState.PROPOSED:
        raise ConflictError(held)
    _close(acting, held, ExclusionState.WITHDRAWN, "", side)
    return held


def may_decide(actor: Actor, held: Exclusion) -> Actor | str:
    """The actor as who they decide it, or the code of what stands against it. Raises PermissionDenied for who decides nothing there."""
    side, acting = access.speaking(actor, held.site)
    if side == held.proposed_side:
        return "own_side"
    mine = [acting.user_id, acting.principal_id, *acting.principal_ids]
    if is_same([held.proposed_by_id, held.proposed_for_id], mine) or _stood_in_for(held, acting):
        return "own_proposal"
    return acting


def decider(actor: Actor, held: Exclusion) -> Actor | None:
    """As who the actor may decide it now, or None."""
    if held.state != ExclusionState.PROPOSED:
        return None
    try:
        allowed = may_decide(actor, held)
    except PermissionDenied:
        return None
    return None if isinstance(allowed, str) else allowed


def withdrawer(actor: Actor, held: Exclusion) -> Actor | None:
    """As who the actor may take it back now, or None."""
    if held.state != ExclusionState.PROPOSED:
        return None
    try:
        side, acting = access.speaking(actor, held.site)
    except PermissionDenied:
        return None
    return acting if side == held.proposed_side else None


def check_range(since: datetime, until: datetime) -> None:
    """Raise RefusedError for a range that nothing could be left out of."""
    if until <= since:
        raise RefusedError("range_order", "until")
    if until - since > timedelta(days=MAX_DAYS):
        raise RefusedError("range_long", "until", {"days": MAX_DAYS})
    if since > timezone.now():
        raise RefusedError("range_future", "since")


def _stood_in_for(held: Exclusion, acting: Actor) -> bool:
    """Whether the proposer stands in for whoever decides."""
    principals = accounts.live_delegations(timezone.now()).filter(delegate_id=held.proposed_by_id)
    return acting.user_id in set(principals.values_list("principal_id", flat=True))


def _close(acting: Actor, held: Exclusion, state: str, answer: str, side: str) -> None:
    held.state, held.answer, held.decided_at = state, answer, timezone.now()
    held.decided_by_id, held.decided_for_id = acting.user_id, acting.principal_id
    held.version += 1
    held.save()
    changes = {"site_id": held.site_id, "state": [ExclusionState.PROPOSED.value, str(state)]}
    record(actor=acting, verb=f"exclusion.{state}", subject_type="exclusion", subject_id=held.pk, changes=changes)
    tell_other(EXCLUSION, held, str(state), actor=acting, side=side)
