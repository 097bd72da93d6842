"""What an item waits for, and who has it: codes and names, worded by whoever shows them. Constant queries."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from portal.accounts import queries as accounts
from portal.accounts.choices import Role

from ..choices import ItemState, Proof, StageKind
from ..models import AccessRequest, ApprovalStage, RequestItem
from .matters import site_people

WITH_IT = (ItemState.QUEUED, ItemState.SENT, ItemState.FAILED_RETRYABLE, ItemState.FAILED_FINAL)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Why an item does not go on (`code`, with what belongs to it), and with whom it is."""

    code: str
    owner: str = ""
    detail: str = ""
    until: datetime | None = None


def waiting_of(request: AccessRequest, items: Collection[RequestItem], now: datetime) -> dict[int, Waiting]:
    """For the items that wait for something; those that are over are left out. Three queries."""
    asking = [one for one in items if one.state == ItemState.AWAITING_APPROVAL]
    stages: dict[tuple[int | None, int], ApprovalStage] = {}
    managers = ""
    if asking:
        rows = ApprovalStage.objects.filter(rule__in={one.rule_id for one in asking}).select_related("group")
        stages = {(one.rule_id, one.number): one for one in rows}
        users = sorted(site_people([request.site_id], Role.MANAGER, now).get(request.site_id, ()))
        managers = ", ".join(one.text for one in accounts.names_of(users).values())
    found = {one.pk: _waiting(one, stages, managers, now) for one in items}
    return {pk: one for pk, one in found.items() if one is not None}


def _waiting(
    item: RequestItem, stages: Mapping[tuple[int | None, int], ApprovalStage], managers: str, now: datetime
) -> Waiting | None:
    system = item.entitlement.system
    it = item.taken_by.name if item.taken_by else (system.group.label if system.group else "")
    if item.state == ItemState.AWAITING_APPROVAL:
        return Waiting("approval", _decider(stages.get((item.rule_id, item.stage)), item, managers))
    if item.state == ItemState.BLOCKED_SOD:
        return Waiting("conflict", detail=item.sod_rule.label if item.sod_rule else "")
    if item.state == ItemState.APPROVED:
        later = item.starts_at if item.starts_at and item.starts_at > now else None
        return Waiting("later" if later else "line", until=later)
    if item.state == ItemState.CLAIMED_DONE:
        return Waiting("read_back" if system.proof == Proof.READ_BACK else "confirm", it)
    if item.state in WITH_IT:
        return Waiting(item.state, it, item.failure or item.ticket)
    return None


def _decider(stage: ApprovalStage | None, item: RequestItem, managers: str) -> str:
    if stage is not None and stage.kind == StageKind.SYSTEM_OWNER:
        return item.entitlement.system.owner.name if item.entitlement.system.owner else ""
    return stage.group.label if stage is not None and stage.group else managers
