"""Who is asked, and what policy decides by itself."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Final

from portal.accounts.rules import Actor

from ..choices import StageKind, Verdict
from ..models import ApprovalRule, ApprovalStage, Decision, RequestItem
from ._base import move

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
    return sorted(moved)


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
