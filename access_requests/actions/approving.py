"""Who is asked, and what policy decides by itself."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Final

from portal.accounts.rules import SYSTEM, Actor

from .. import queries
from ..choices import ItemState, StageKind, Verdict
from ..models import ApprovalRule, ApprovalStage, Decision, RequestItem
from . import telling
from ._base import move, note

BIRTHRIGHT: Final = "birthright"
REVOCATION: Final = "revocation"
DEFAULT_RULE: Final = "site-manager"


def default_rule() -> ApprovalRule:
    """What applies where neither the entitlement nor the system says anything: the manager of the site decides."""
    rule, created = ApprovalRule.objects.get_or_create(code=DEFAULT_RULE, defaults={"name": "Manager of the site"})
    if created:
        ApprovalStage.objects.create(rule=rule, number=1, kind=StageKind.SITE_MANAGER)
    return rule


def ask(item_ids: Collection[int], *, actor: Actor, at: datetime) -> list[int]:
    """Put submitted items before whoever decides first; a set per rule. The caller has locked the requests."""
    rows = RequestItem.objects.filter(pk__in=item_ids)
    by_rule: dict[int | None, list[int]] = defaultdict(list)
    for pk, own, systems in rows.values_list("pk", "entitlement__rule_id", "entitlement__system__rule_id"):
        by_rule[own or systems].append(pk)
    moved: list[int] = []
    for rule_id, ids in sorted(by_rule.items(), key=lambda pair: pair[0] or 0):
        moved += move(ids, "ask", actor=actor, at=at, rule_id=rule_id or default_rule().pk, stage=1, stage_since=at)
    announce(moved, at=at)
    return sorted(moved)


def announce(item_ids: Collection[int], *, at: datetime) -> None:
    """Items have come to a stage: those who can decide hear of it, or, where nobody can, those who can help."""
    if not item_ids:
        return
    orphans = mark_orphans_locked(item_ids, at=at)
    telling.tell_items(telling.WAITING, sorted(set(item_ids) - set(orphans)), at=at)


def mark_orphans_locked(item_ids: Collection[int], *, at: datetime) -> list[int]:
    """Write down which of these waiting items nobody can decide now; ids of those. The caller has locked the requests."""
    waiting = [one for one in queries.with_items(item_ids) if one.state == ItemState.AWAITING_APPROVAL]
    orphans = queries.orphans_of(waiting, at)
    fresh = [one for one in waiting if one.pk in orphans and one.orphaned_at is None]
    helped = [one.pk for one in waiting if one.pk not in orphans and one.orphaned_at is not None]
    RequestItem.objects.filter(pk__in=[one.pk for one in fresh]).update(orphaned_at=at)
    RequestItem.objects.filter(pk__in=helped).update(orphaned_at=None)
    note([(one.request_id, one.pk) for one in fresh], "item.orphan", actor=SYSTEM, at=at)
    telling.tell_items(telling.NOBODY, [one.pk for one in fresh], at=at)
    telling.tell_items(telling.WAITING, helped, at=at, mark="helped")
    return sorted(orphans)


def approve_by_policy(item_ids: Collection[int], *, policy: str, actor: Actor, at: datetime) -> list[int]:
    """Approve submitted items because a policy says so; the policy is written down as who decided."""
    moved = move(item_ids, "approve", actor=actor, at=at, params={"policy": policy}, approved_at=at)
    rows = RequestItem.objects.filter(pk__in=moved).values_list("pk", "person_id", "round")
    Decision.objects.bulk_create(
        Decision(
            item_id=pk, stage=0, round=number, verdict=Verdict.APPROVED, policy=policy, decided_at=at,
            subject_person_id=person,
        )
        for pk, person, number in rows
    )  # fmt: skip
    return moved
