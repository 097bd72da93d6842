"""What the rules need to know of items that wait for a decision, and who may decide them. For workers and for actions."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from django.db.models import Q

from portal.accounts import queries as accounts
from portal.accounts.choices import Role
from portal.accounts.rules import Actor

from .. import rules
from ..choices import StageKind, Verdict
from ..models import ApprovalStage, Decision, GroupMember, RequestItem
from ..rules import Matter


def matters_of(items: Collection[RequestItem]) -> dict[int, Matter]:
    """What the rules need to know of these waiting items, in three queries."""
    stages = {
        (one.rule_id, one.number): one
        for one in ApprovalStage.objects.filter(rule__in={item.rule_id for item in items})
    }
    groups: dict[int, set[int]] = defaultdict(set)
    wanted = {one.group_id for one in stages.values() if one.group_id is not None}
    for group, user in GroupMember.objects.filter(group__in=wanted, ended_at=None, user__is_active=True).values_list(
        "group_id", "user_id"
    ):
        groups[group].add(user)
    votes: dict[tuple[int, int, int], list[Decision]] = defaultdict(list)
    for vote in Decision.objects.filter(item__in=[one.pk for one in items], verdict=Verdict.APPROVED):
        votes[vote.item_id, vote.round, vote.stage].append(vote)
    return {one.pk: _matter(one, stages.get((one.rule_id or 0, one.stage)), groups, votes) for one in items}


def _matter(
    item: RequestItem,
    stage: ApprovalStage | None,
    groups: Mapping[int, set[int]],
    votes: Mapping[tuple[int, int, int], list[Decision]],
) -> Matter:
    request, cast = item.request, votes.get((item.pk, item.round, item.stage), ())
    return Matter(
        item.pk,
        stage.kind if stage else "",
        rules.Site(request.site_id, request.site.partner_id),
        item.entitlement.system.owner_id,
        frozenset(groups.get(stage.group_id or 0, ()) if stage else ()),
        frozenset(pk for pk in (request.requested_by_id, request.on_behalf_of_id) if pk is not None),
        item.person_id,
        frozenset(pk for one in cast if (pk := one.principal_id or one.decided_by_id) is not None),
        frozenset(one.decided_by_id for one in cast if one.decided_by_id is not None),
        frozenset(one.decider_person_id for one in cast if one.decider_person_id is not None),
    )


def with_items(item_ids: Iterable[int]) -> list[RequestItem]:
    """Items with what `matters_of` looks at, in the order of their ids. Five queries: what thousands share is made once."""
    rows = RequestItem.objects.prefetch_related("request__site", "entitlement__system")
    return list(rows.filter(pk__in=list(item_ids)).order_by("pk"))


def site_people(site_ids: Collection[int], role: str, at: datetime) -> dict[int, set[int]]:
    """Users with this role by site, those responsible for the whole partner included. One query."""
    wanted = set(site_ids)
    rows = accounts.live_memberships(at).filter(Q(site_id__in=wanted) | Q(partner__sites__in=wanted), role=role)
    found: dict[int, set[int]] = defaultdict(set)
    for user, site, of_partner in rows.values_list("user_id", "site_id", "partner__sites"):
        found[site or of_partner].add(user)
    return {site: users for site, users in found.items() if site in wanted}


def deciders_of(items: Collection[RequestItem], at: datetime) -> dict[int, frozenset[int]]:
    """Who may decide each of these waiting items now, stand-ins included; nobody for an orphaned one. Ten queries."""
    matters = matters_of(items)
    managers = site_people({one.site.id for one in matters.values()}, Role.MANAGER, at)
    asked = {pk: _asked(one, managers) for pk, one in matters.items()}
    principals = set().union(*asked.values())
    stand_ins: dict[int, set[int]] = defaultdict(set)
    for principal, delegate in (
        accounts.live_delegations(at).filter(principal__in=principals).values_list("principal_id", "delegate_id")
    ):
        stand_ins[principal].add(delegate)
    everyone = principals.union(*stand_ins.values())
    actors, person_of = accounts.actors_of(everyone, at), accounts.person_ids_of(everyone)
    known: dict[Matter, frozenset[int]] = {}
    found: dict[int, frozenset[int]] = {}
    for pk, matter in matters.items():
        alike = replace(matter, item_id=0)
        if alike not in known:
            candidates = asked[pk].union(*(stand_ins[one] for one in asked[pk]))
            known[alike] = _able(matter, candidates, actors, person_of)
        found[pk] = known[alike]
    return found


def orphans_of(items: Collection[RequestItem], at: datetime) -> set[int]:
    """Those of these waiting items that nobody of their stage may decide."""
    return {pk for pk, users in deciders_of(items, at).items() if not users}


def managers_instead(items: Collection[RequestItem], at: datetime) -> dict[int, frozenset[int]]:
    """Who may decide orphaned items: managers of the site and their stand-ins, as far as it is not their own matter."""
    matters = {
        pk: replace(one, stage_kind=StageKind.SITE_MANAGER, orphaned=True) for pk, one in matters_of(items).items()
    }
    managers = site_people({one.site.id for one in matters.values()}, Role.MANAGER, at)
    principals = set().union(*managers.values())
    pairs = list(
        accounts.live_delegations(at).filter(principal__in=principals).values_list("principal_id", "delegate_id")
    )
    everyone = principals | {delegate for _principal, delegate in pairs}
    actors, person_of = accounts.actors_of(everyone, at), accounts.person_ids_of(everyone)
    return {pk: _able(one, everyone, actors, person_of) for pk, one in matters.items()}


def _asked(matter: Matter, managers: Mapping[int, set[int]]) -> set[int]:
    if matter.stage_kind == StageKind.SITE_MANAGER:
        return managers.get(matter.site.id, set())
    if matter.stage_kind == StageKind.SYSTEM_OWNER:
        return set() if matter.owner_id is None else {matter.owner_id}
    return set(matter.group)


def _able(
    matter: Matter, candidates: Iterable[int], actors: Mapping[int, Actor], person_of: Mapping[int, int | None]
) -> frozenset[int]:
    return frozenset(
        pk for pk in candidates if pk in actors and rules.may_act(rules.deciding(actors[pk], matter, person_of))
    )
