"""Draft items are sent: doubles dropped, removals ahead, conflicts blocked, the rest approved or asked about."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from portal.accounts.rules import Actor

from .. import queries
from ..choices import ITEM_STATES_UNDER_WAY, ItemState, Operation, ReasonKind
from ..models import AccessRequest, Grant, GrantReason, RequestItem
from . import approving, granting, superseding
from ._base import move


def send(request: AccessRequest, items: Sequence[RequestItem], *, actor: Actor, at: datetime) -> None:
    """Send draft items: doubles dropped, revocations ahead, conflicts blocked, the rest approved by policy or asked about.

    The caller has locked the request and `superseding.requests_to_supersede`, in one go, unless it made the request.
    """
    lock_requests({request.pk, *_others(items)})
    fresh = _drop_doubles(items, actor, at)
    request.submitted_at, request.version = at, request.version + 1
    request.save(update_fields=["submitted_at", "version"])
    move([one.pk for one in fresh], "submit", actor=actor, at=at)
    _send_revokes([one for one in fresh if one.operation == Operation.REVOKE], actor=actor, at=at)
    check_and_ask([one.pk for one in fresh if one.operation == Operation.GRANT], actor=actor, at=at)


def _send_revokes(items: Sequence[RequestItem], *, actor: Actor, at: datetime) -> None:
    """Removals end what was asked for by hand; what the job still brings stays, and what is not held needs no removal."""
    if not items:
        return
    superseded = superseding.supersede([one.pk for one in items], actor=actor, at=at)
    by = items[0].starts_at or at
    mine = Exists(
        RequestItem.objects.filter(
            pk__in=[one.pk for one in items],
            person=OuterRef("grant__person_id"),
            entitlement=OuterRef("grant__entitlement_id"),
        )
    )
    people = {one.person_id for one in items}
    reasons = GrantReason.objects.filter(mine, grant__person_id__in=people, ended_at=None).exclude(
        kind=ReasonKind.BUNDLE
    )
    if by > at:
        reasons.filter(Q(ends_at=None) | Q(ends_at__gt=by)).update(ends_at=by)
    else:
        granting.end_reasons(reasons, at)
    live = Grant.objects.filter(person_id__in=people)
    free = set(granting.unsupported(live, by).values_list("person_id", "entitlement_id"))
    held = set(live.filter(ended_at=None).values_list("person_id", "entitlement_id"))
    tried = set(RequestItem.objects.filter(pk__in=superseded).values_list("person_id", "entitlement_id"))
    kept = [one.pk for one in items if (one.person_id, one.entitlement_id) in held - free]
    absent = [one.pk for one in items if (one.person_id, one.entitlement_id) not in held | tried]
    move(kept, "cancel", actor=actor, at=at, params={"why": "still_needed"})
    move(absent, "cancel", actor=actor, at=at, params={"why": "not_held"})
    going = [one.pk for one in items if one.pk not in {*kept, *absent}]
    approving.approve_by_policy(going, policy=approving.REVOCATION, actor=actor, at=at)


def _drop_doubles(items: Sequence[RequestItem], actor: Actor, at: datetime) -> list[RequestItem]:
    """Leave out what is under way already, so that nothing is granted or revoked twice."""
    people = {one.person_id for one in items}
    running = {op: queries.under_way(people, op) for op in Operation.values}
    doubles = {one.pk for one in items if one.entitlement_id in running[one.operation].get(one.person_id, ())}
    move(doubles, "cancel", actor=actor, at=at, params={"why": "under_way"})
    return [one for one in items if one.pk not in doubles]


def check_and_ask(item_ids: Collection[int], *, actor: Actor, at: datetime) -> None:
    """Send submitted grants on their way: blocked by a conflict, approved by policy, or asked about.

    The caller has locked the requests.
    """
    rows = RequestItem.objects.filter(pk__in=item_ids, state=ItemState.SUBMITTED).select_related(
        "bundle_version__bundle"
    )
    items = list(rows)
    blocked = block_conflicts(items, actor=actor, at=at)
    birthright = {
        one.pk for one in items if one.bundle_version is not None and one.bundle_version.bundle.birthright
    } - blocked
    approving.approve_by_policy(birthright, policy=approving.BIRTHRIGHT, actor=actor, at=at)
    approving.ask({one.pk for one in items} - blocked - birthright, actor=actor, at=at)


def block_conflicts(items: Sequence[RequestItem], *, actor: Actor, at: datetime) -> set[int]:
    """Block those of the grants that would make somebody hold what must not be held together; their ids."""
    people = {one.person_id for one in items}
    holds, coming = queries.held(people), queries.under_way(people, Operation.GRANT)
    going = queries.under_way(people, Operation.REVOKE)
    would = {
        person: (set(holds.get(person, {})) - going.get(person, set())) | coming.get(person, set()) for person in people
    }
    rule_of: dict[tuple[int, int], int] = {}
    for one in queries.conflicts(would, at):
        rule_of.setdefault((one.person_id, one.left_id), one.rule_id)
        rule_of.setdefault((one.person_id, one.right_id), one.rule_id)
    by_rule: dict[int, list[int]] = defaultdict(list)
    for item in items:
        if (rule := rule_of.get((item.person_id, item.entitlement_id))) is not None:
            by_rule[rule].append(item.pk)
    blocked: set[int] = set()
    for rule, ids in by_rule.items():
        blocked.update(move(ids, "block", actor=actor, at=at, params={"rule": rule}, sod_rule_id=rule))
    return blocked
