"""Approval rules. Their stages are never rewritten: other stages are another row, so that what waits goes on as it began."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final

from django.db import transaction
from django.utils import timezone

from portal.accounts.rules import Actor
from portal.refusals import RefusedError

from ... import access
from ...choices import StageKind
from ...models import ApprovalRule, ApprovalStage, Entitlement, Group, System
from ..approving import DEFAULT_RULE
from .base import change, configuring, create, refusing, same_version, set_archived, trail

MAX_STAGES: Final = 5
_OF_GROUP: Final = (StageKind.GROUP_ANY, StageKind.GROUP_ALL)


@dataclass(frozen=True, slots=True)
class RuleValues:
    """What a rule is called."""

    name: str
    name_zh: str = ""


@dataclass(frozen=True, slots=True)
class StageValues:
    """Who decides at a stage."""

    kind: str
    group_id: int | None = None


@transaction.atomic
def add_rule(*, actor: Actor, code: str, values: RuleValues, stages: Sequence[StageValues]) -> ApprovalRule:
    """A new rule. Audited. Raises PermissionDenied, RefusedError."""
    acting = configuring(actor)
    _check(stages)
    rule = create(ApprovalRule(code=code, **asdict(values)), actor=acting)
    _write(rule, stages)
    return rule


@transaction.atomic
def change_rule(
    *, actor: Actor, code: str, version: int | None, values: RuleValues, stages: Sequence[StageValues]
) -> ApprovalRule:
    """Rename a rule, or give it other stages: then the old row is archived with its items, a new one takes its place.

    What waits for approval passes the stages that it was asked under. Audited.
    Raises Http404, PermissionDenied, ConflictError, RefusedError.
    """
    rule = access.get_approval_rule(actor, code, for_update=True)
    acting = configuring(actor)
    _check(stages)
    if stages_of(rule) == list(stages):
        return change(rule, asdict(values), version=version, actor=acting)
    same_version(rule, version)
    return _replace(rule, values, stages, acting)


def stages_of(rule: ApprovalRule) -> list[StageValues]:
    """A rule's stages in order."""
    return [StageValues(one.kind, one.group_id) for one in rule.stages.order_by("number")]


def _replace(old: ApprovalRule, values: RuleValues, stages: Sequence[StageValues], actor: Actor) -> ApprovalRule:
    code, archived = old.code, old.archived_at
    old.code, old.archived_at = f"{code[:30]}-v{old.version}", archived or timezone.now()
    with refusing():
        old.save(update_fields=["code", "archived_at"])
        new = ApprovalRule.objects.create(code=code, version=old.version + 1, archived_at=archived, **asdict(values))
    _write(new, stages)
    for model in (System, Entitlement):
        model.objects.filter(rule=old).update(rule=new)
    trail(old, "replaced", actor, {"by": new.pk})
    trail(new, "stages_changed", actor, {"stages": [one.kind for one in stages]})
    return new


def _check(stages: Sequence[StageValues]) -> None:
    if not stages:
        raise RefusedError("stage_needed", "kind_1")
    if len(stages) > MAX_STAGES:
        raise RefusedError("too_many_stages", "kind_1", {"most": MAX_STAGES})
    groups = {one.group_id for one in stages if one.kind in _OF_GROUP and one.group_id is not None}
    known = set(Group.objects.filter(pk__in=groups, archived_at=None).values_list("pk", flat=True))
    for number, one in enumerate(stages, 1):
        if one.kind in _OF_GROUP and one.group_id not in known:
            raise RefusedError("stage_needs_group", f"group_{number}")


def _write(rule: ApprovalRule, stages: Sequence[StageValues]) -> None:
    ApprovalStage.objects.bulk_create(
        ApprovalStage(rule=rule, number=number, kind=one.kind, group_id=one.group_id if one.kind in _OF_GROUP else None)
        for number, one in enumerate(stages, 1)
    )


@transaction.atomic
def archive_rule(*, actor: Actor, code: str, archived: bool = True) -> ApprovalRule:
    """Offer a rule no more, or again; what waits goes on. Audited.

    Raises Http404, PermissionDenied, RefusedError (rule_in_use, rule_is_default).
    """
    rule = access.get_approval_rule(actor, code, for_update=True)
    acting = configuring(actor)
    if archived and rule.code == DEFAULT_RULE:
        raise RefusedError("rule_is_default")
    used = any(model.objects.filter(rule=rule, archived_at=None).exists() for model in (System, Entitlement))
    if archived and used:
        raise RefusedError("rule_in_use")
    set_archived(rule, archived, actor=acting)
    return rule
