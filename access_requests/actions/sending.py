"""Draft items are sent: doubles dropped, removals ahead, conflicts blocked, the rest approved or asked about."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q

from portal.accounts.rules import Actor

from .. import queries
from ..choices import ITEM_STATES_UNDER_WAY, ItemState, Operation, ReasonKind
from ..models import AccessRequest, Grant, GrantReason, RequestItem
from . import approving, granting, superseding
from ._base import move


def send(request: AccessRequest, items: Sequence[RequestItem], *, actor: Actor, at: datetime) -> None:
    """Send draft items: doubles dropped, revocations ahead, conflicts blocked, the rest approved by policy or asked about.

    The caller has locked the people, then the request, unless it made it.
    """
    fresh = _drop_leaving(request, _drop_doubles(items, actor, at), actor, at)
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
    needed, known = held - free, held | tried
    kept = {one.pk for one in items if (one.person_id, one.entitlement_id) in needed}
    absent = {one.pk for one in items if (one.person_id, one.entitlement_id) not in known}
    move(kept, "cancel", actor=actor, at=at, params={"why": "still_needed"})
    move(absent, "cancel", actor=actor, at=at, params={"why": "not_held"})
    going = [one.pk for one in items if one.pk not in kept and one.pk not in absent]
    approving.approve_by_policy(going, policy=approving.REVOCATION, actor=actor, at=at)


def _drop_doubles(items: Sequence[RequestItem], actor: Actor, at: datetime) -> list[RequestItem]:
    """Leave out what is under way already, so that nothing is granted or revoked twice."""
    running = _running({one.person_id for one in items})
    doubles = {one.pk: other for one in items if (other := running.get(_key(one))) is not None}
    late = {one.pk: doubles[one.pk].pk for one in items if one.pk in doubles and _is_sooner(one, doubles[one.pk])}
    move(late.values(), "cancel", actor=actor, at=at, params={"why": "sooner"})
    dropped = [pk for pk in doubles if pk not in late]
    move(dropped, "cancel", actor=actor, at=at, params={"why": "under_way"})
    # The removal that is under way goes ahead of what was asked for since, as this one would have.
    again = {doubles[pk].pk for pk in dropped if doubles[pk].operation == Operation.REVOKE}
    superseding.supersede(again, actor=actor, at=at)
    return [one for one in items if one.pk not in set(dropped)]


def _running(person_ids: Collection[int]) -> dict[tuple[int, int, str], RequestItem]:
    rows = RequestItem.objects.filter(person_id__in=person_ids, state__in=ITEM_STATES_UNDER_WAY)
    return {_key(one): one for one in rows}


def _key(item: RequestItem) -> tuple[int, int, str]:
    return item.person_id, item.entitlement_id, item.operation


def _is_sooner(new: RequestItem, old: RequestItem) -> bool:
    """Whether a removal waits for a day to come, and this one is to go out before it."""
    if new.operation != Operation.REVOKE or old.state != ItemState.APPROVED or old.starts_at is None:
        return False
    return new.starts_at is None or new.starts_at < old.starts_at


def _drop_leaving(
    request: AccessRequest, items: Sequence[RequestItem], actor: Actor, at: datetime
) -> list[RequestItem]:
    """Leave out grants put together before their people were reported as leaving; those asked for since end with the last shift."""
    grants = [one for one in items if one.operation == Operation.GRANT]
    reports = queries.reports({one.person_id for one in grants})
    gone = {one.pk for one in grants if (report := reports.get(one.person_id)) and one.created_at < report.made_at}
    move(gone, "cancel", actor=actor, at=at, params={"why": "left"})
    for one in grants:
        report = reports.get(one.person_id)
        last = report.last_shift_at if report else None
        if one.pk not in gone and last is not None and last > at and (one.ends_at is None or one.ends_at > last):
            one.ends_at = last
            one.save(update_fields=["ends_at"])
    return [one for one in items if one.pk not in gone]


def check_and_ask(item_ids: Collection[int], *, actor: Actor, at: datetime) -> None:
    """Send submitted grants on their way: blocked by a conflict, approved by policy, or asked about.

    The caller has locked the requests.
    """
    rows = RequestItem.objects.filter(pk__in=item_ids, state=ItemState.SUBMITTED)
    items = list(rows.annotate(by_policy=F("bundle_version__bundle__birthright")).only("person_id", "entitlement_id"))
    blocked = block_conflicts(items, actor=actor, at=at)
    birthright = {one.pk for one in items if one.by_policy} - blocked
    approving.approve_by_policy(birthright, policy=approving.BIRTHRIGHT, actor=actor, at=at)
    approving.ask({one.pk for one in items} - blocked - birthright, actor=actor, at=at)


def block_conflicts(items: Sequence[RequestItem], *, actor: Actor, at: datetime) -> set[int]:
    """Block those of the grants that would make somebody hold what must not be held together; their ids."""
    people = {one.person_id for one in items}
    # What is blocked gives nothing, and blocks nothing else.
    holds, coming = queries.held(people), queries.coming(people)
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
