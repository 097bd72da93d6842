"""With whom an item is: in words for the board, and as users for a reminder."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from django.utils.translation import gettext as _

from portal.accounts import queries as accounts
from portal.accounts.choices import Role
from portal.accounts.queries.standing import live_memberships

from ..choices import ItemState, StageKind
from ..models import ApprovalStage, GroupMember, RequestItem, System
from ..rules.readiness import Missing
from .failures import owners_of
from .matters import deciders_of, managers_instead, site_people
from .readiness import Agent
from .standing_in import with_stand_ins

_WITH_IT = {"with_it", "in_line", "retrying"}
_NAMES = 2


def owner_labels(
    pairs: Collection[tuple[Agent, Missing]], systems: Mapping[int, System], now: datetime
) -> dict[tuple[int, int], str]:
    """(Placement, entitlement) -> who has it, in words; four queries at most. `systems` come with owner and group."""
    stages = _stages(pairs)
    managed = {a.site.pk for a, m in pairs if (s := _stage(a, m, stages)) and s.kind == StageKind.SITE_MANAGER}
    managers = site_people(managed, Role.MANAGER, now) if managed else {}
    takers = {item.taken_by_id for a, m in pairs if (item := a.items.get(m.entry.entitlement_id)) and item.taken_by_id}
    named = accounts.names_of([*takers, *(pk for users in managers.values() for pk in users)])
    names = {pk: one.text for pk, one in named.items()}
    return {
        (a.placement.pk, m.entry.entitlement_id): _label(a, m, systems[m.entry.system_id], stages, managers, names)
        for a, m in pairs
    }


def _stages(pairs: Iterable[tuple[Agent, Missing]]) -> dict[tuple[int, int], ApprovalStage]:
    items = (a.items.get(m.entry.entitlement_id) for a, m in pairs)
    rules = {one.rule_id for one in items if one is not None and one.rule_id is not None}
    rows = ApprovalStage.objects.filter(rule_id__in=rules).select_related("group") if rules else ()
    return {(one.rule_id, one.number): one for one in rows}


def _stage(agent: Agent, missing: Missing, stages: Mapping[tuple[int, int], ApprovalStage]) -> ApprovalStage | None:
    item = agent.items.get(missing.entry.entitlement_id)
    return stages.get((item.rule_id or 0, item.stage)) if item else None


def _label(
    agent: Agent,
    missing: Missing,
    system: System,
    stages: Mapping[tuple[int, int], ApprovalStage],
    managers: Mapping[int, set[int]],
    names: Mapping[int, str],
) -> str:
    item, code = agent.items.get(missing.entry.entitlement_id), missing.code
    if item is not None and item.site_id != agent.site.pk:
        return _("another site")
    if code == "approval":
        return _approver(_stage(agent, missing, stages), system, managers.get(agent.site.pk, set()), names)
    if code in _WITH_IT:
        taker = names.get(item.taken_by_id or 0, "") if item else ""
        return taker or (system.group.label if system.group else _("IT"))
    if code == "failed":
        return system.owner.name if system.owner else (system.group.label if system.group else _("IT"))
    if code == "to_confirm":
        return agent.placement.lead.label if agent.placement.lead else _("the lead of the site")
    return _("the coordinator of the site")


def _approver(stage: ApprovalStage | None, system: System, managers: Collection[int], names: Mapping[int, str]) -> str:
    if stage is None:
        return _("the manager of the site")
    if stage.group is not None:
        return stage.group.label
    if stage.kind == StageKind.SYSTEM_OWNER:
        return system.owner.name if system.owner else _("the owner of the system")
    found = sorted(names[pk] for pk in managers if pk in names)[:_NAMES]
    return ", ".join(found) or _("the manager of the site")


def to_remind(item: RequestItem, now: datetime) -> set[int]:
    """Users who have this item, and their stand-ins, whom a reminder may reach; nobody where only the system has to act."""
    if item.state == ItemState.AWAITING_APPROVAL:
        return set(deciders_of([item], now)[item.pk] or managers_instead([item], now)[item.pk])
    return with_stand_ins({item.pk: _having(item, now)}, now)[item.pk]


def _having(item: RequestItem, now: datetime) -> set[int]:
    if item.state == ItemState.SENT:
        return {item.taken_by_id} if item.taken_by_id else _group(item)
    if item.state == ItemState.FAILED_FINAL:
        return owners_of([item.pk])[item.pk]
    if item.state == ItemState.CLAIMED_DONE:
        return _lead_of(item, now) or site_people([item.request.site_id], Role.PARTNER_LEAD, now).get(
            item.request.site_id, set()
        )
    if item.state == ItemState.BLOCKED_SOD:
        return site_people([item.request.site_id], Role.COORDINATOR, now).get(item.request.site_id, set())
    return set()


def _group(item: RequestItem) -> set[int]:
    group = item.entitlement.system.group_id
    if group is None:
        return set()
    rows = GroupMember.objects.filter(group_id=group, ended_at=None, user__is_active=True)
    return set(rows.values_list("user_id", flat=True))


def _lead_of(item: RequestItem, now: datetime) -> set[int]:
    rows = live_memberships(now).filter(
        role=Role.PARTNER_LEAD, site_id=item.request.site_id, user__person__led_placements__person=item.person_id,
        user__person__led_placements__cancelled_at=None, user__person__led_placements__site_id=item.request.site_id,
    )  # fmt: skip
    return set(rows.values_list("user_id", flat=True))
