"""What waits for a decision, grouped by request: for whom it waits, what somebody decided, what the sites wait for."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Final

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from partners import queries as directory
from portal.accounts import queries as accounts
from portal.accounts.choices import Role
from portal.accounts.rules import Actor
from portal.ui.pagination import Page, keyset_page
from sla import queries as clock_queries
from sla.queries import ClockView

from .. import rules
from ..choices import ItemState, Metric, StageKind
from ..models import AccessRequest, Decision, ExceptionRequest, GroupMember, RequestItem
from ..rules import Denied
from .clocking import ITEM_KIND
from .matters import deciders_of, managers_instead, matters_of
from .scope import exceptions_visible_to, sees_all, site_ids, user_ids

PAGE_SIZE: Final = 25
SHOWN_ITEMS: Final = 12
COUNT_CAP: Final = 1001
_NAMES: Final = 3


@dataclass(frozen=True, slots=True)
class ItemLine:
    """One waiting item. `for_whom`: whom the reader would decide it for as a stand-in; `denied`: why they may not (a code)."""

    item: RequestItem
    clock: ClockView | None
    for_whom: str = ""
    denied: str = ""
    asked: tuple[str, ...] = ()

    @property
    def may(self) -> bool:
        """Whether the reader may decide it."""
        return not self.denied


@dataclass(frozen=True, slots=True)
class RequestLine:
    """One request with the first of its waiting items."""

    request: AccessRequest
    lines: tuple[ItemLine, ...]
    items: int
    people: int
    clock: ClockView | None

    @property
    def may(self) -> bool:
        """Whether the reader may decide any of the items shown."""
        return any(one.may for one in self.lines)

    @property
    def more(self) -> int:
        """Items that are not shown."""
        return self.items - len(self.lines)

    @property
    def for_whom(self) -> str:
        """Whom the reader stands in for, if that is the same for all items shown."""
        names = {one.for_whom for one in self.lines}
        return names.pop() if len(names) == 1 else ""


def waiting_for(actor: Actor) -> QuerySet[RequestItem]:
    """Items at a stage where the actor, or whom they stand in for, is asked; own matters included, they are shown.

    Those at whose stage the actor has cast a vote already, for whomever, wait for others.
    """
    users = user_ids(actor)
    groups = GroupMember.objects.filter(user_id__in=users, ended_at=None).values("group_id")
    managed = directory.site_ids_for(actor, Role.MANAGER)
    asked = (
        Q(rule__stages__kind=StageKind.SYSTEM_OWNER, entitlement__system__owner_id__in=users)
        | Q(rule__stages__kind__in=[StageKind.GROUP_ANY, StageKind.GROUP_ALL], rule__stages__group_id__in=groups)
        | Q(rule__stages__kind=StageKind.SITE_MANAGER, request__site_id__in=managed)
    )
    at_stage = Q(state=ItemState.AWAITING_APPROVAL, rule__stages__number=F("stage")) & asked
    orphaned = Q(state=ItemState.AWAITING_APPROVAL, orphaned_at__isnull=False, request__site_id__in=managed)
    mine = Q(pk__in=RequestItem.objects.filter(at_stage).values("pk"))
    cast = Decision.objects.filter(
        item=OuterRef("pk"), round=OuterRef("round"), stage=OuterRef("stage"), decided_by_id=actor.user_id or 0
    )
    return RequestItem.objects.filter(mine | orphaned if managed else mine).exclude(Exists(cast))


def waiting_at_sites(actor: Actor) -> QuerySet[RequestItem]:
    """Everything that waits at the actor's sites, whoever decides it; for those who read everything, everywhere."""
    rows = RequestItem.objects.filter(state=ItemState.AWAITING_APPROVAL)
    return rows if sees_all(actor) else rows.filter(request__site_id__in=site_ids(actor))


def is_asked(actor: Actor) -> bool:
    """Whether approvals are any of this person's business, by their role or as a member of a group."""
    return actor.has(Role.MANAGER, Role.COORDINATOR, Role.ADMINISTRATOR, Role.AUDITOR, Role.IT, Role.PARTNER_LEAD)


def waiting_count(actor: Actor) -> int:
    """How many items wait for the actor, at most `COUNT_CAP`; what they asked for themselves does not count."""
    own = Q(request__requested_by_id=actor.user_id) | Q(request__on_behalf_of_id=actor.user_id)
    if actor.person_id is not None:
        own |= Q(person_id=actor.person_id)
    return waiting_for(actor).exclude(own).order_by()[:COUNT_CAP].count()


def request_lines(
    actor: Actor, items: QuerySet[RequestItem], *, cursor: str | None = None, read_only: bool = False
) -> Page[RequestLine]:
    """A page of requests with such items, the first due first. A constant number of queries. Raises BadCursor."""
    rows = AccessRequest.objects.filter(Exists(items.filter(request=OuterRef("pk"))))
    rows = rows.select_related("site__partner", "requested_by", "on_behalf_of")
    page = keyset_page(rows, order=("due_at", "id"), cursor=cursor, size=PAGE_SIZE)
    ids = [one.pk for one in page.items]
    counted = items.filter(request__in=ids).order_by().values("request_id")
    counts = {one["request_id"]: one for one in counted.annotate(n=Count("pk"), p=Count("person", distinct=True))}
    first = items.filter(request__in=ids).annotate(
        place=Window(RowNumber(), partition_by=F("request_id"), order_by=F("id").asc())
    )
    lines = item_lines(actor, _read(first.filter(place__lte=SHOWN_ITEMS)), read_only=read_only)
    by_request: dict[int, list[ItemLine]] = defaultdict(list)
    for line in lines:
        by_request[line.item.request_id].append(line)
    return replace(
        page,
        items=[
            RequestLine(
                one,
                tuple(by_request[one.pk]),
                counts[one.pk]["n"] if one.pk in counts else 0,
                counts[one.pk]["p"] if one.pk in counts else 0,
                _earliest(by_request[one.pk]),
            )
            for one in page.items
        ],
    )


def item_lines(actor: Actor, items: Collection[RequestItem], *, read_only: bool = False) -> list[ItemLine]:
    """These waiting items as the actor may decide them, or, read only, with the names of those who may."""
    clocks = clock_queries.open_clocks_of(ITEM_KIND, [one.pk for one in items])
    clock_of = {pk: next((one for one in found if one.metric == Metric.APPROVAL), None) for pk, found in clocks.items()}
    if read_only:
        names = _names_of(items)
        return [ItemLine(one, clock_of.get(one.pk), denied="read_only", asked=names[one.pk]) for one in items]
    matters = matters_of(items)
    person_of = accounts.person_ids_of({actor.user_id or 0, *actor.principal_ids, *_users(matters)})
    names_of = accounts.principals_of(actor)
    found = []
    for one in items:
        matter = replace(matters[one.pk], orphaned=one.orphaned_at is not None)
        as_who = rules.deciding(actor, matter, person_of)
        if isinstance(as_who, Denied):
            found.append(ItemLine(one, clock_of.get(one.pk), denied=as_who.code))
        else:
            found.append(ItemLine(one, clock_of.get(one.pk), names_of.get(as_who.principal_id or 0, "")))
    return found


def items_page(items: QuerySet[RequestItem], *, cursor: str | None, size: int = 100) -> Page[RequestItem]:
    """A page of items by number, with what lines show. Raises BadCursor."""
    return keyset_page(_with_names(items), order=("id",), cursor=cursor, size=size)


def decided_by(actor: Actor, *, cursor: str | None = None) -> Page[Decision]:
    """What the actor decided, for themselves or for others, the latest first. Raises BadCursor."""
    rows = Decision.objects.filter(decided_by_id=actor.user_id or 0).select_related(
        "item__request__site", "item__person", "item__entitlement__system", "principal"
    )
    return keyset_page(rows, order=("-decided_at", "-id"), cursor=cursor, size=50)


def exceptions_waiting(actor: Actor) -> list[ExceptionRequest]:
    """Exceptions that the actor, as a manager of the site, is asked to grant."""
    managed = directory.site_ids_for(actor, Role.MANAGER)
    rows = exceptions_visible_to(actor).filter(decided_at=None, item__request__site_id__in=managed)
    return list(rows.select_related("item__request__site", "person", "rule", "requested_by").order_by("pk")[:50])


def blocked_in(request_id: int) -> list[tuple[RequestItem, ExceptionRequest | None]]:
    """The first items of a request that a conflict holds up, each with the exception that is asked for. Two queries."""
    rows = RequestItem.objects.filter(request=request_id, state=ItemState.BLOCKED_SOD, sod_rule__isnull=False)
    items = list(rows.select_related("person", "entitlement__system", "sod_rule").order_by("pk")[:SHOWN_ITEMS])
    wanted = ExceptionRequest.objects.filter(person__in={one.person_id for one in items}, decided_at=None)
    asked = {(one.rule_id, one.person_id): one for one in wanted} if items else {}
    return [(one, asked.get((one.sod_rule_id or 0, one.person_id))) for one in items]


def _users(matters: Mapping[int, rules.Matter]) -> set[int]:
    return {pk for one in matters.values() for pk in one.group}


def _with_names(items: QuerySet[RequestItem]) -> QuerySet[RequestItem]:
    return items.select_related(
        "request__site", "person", "entitlement__system", "bundle_version__bundle", "sod_exception"
    )


def _read(items: QuerySet[RequestItem]) -> list[RequestItem]:
    return list(_with_names(items).order_by("request_id", "pk"))


def _earliest(lines: Collection[ItemLine]) -> ClockView | None:
    clocks = [one.clock for one in lines if one.clock is not None]
    return min(clocks, key=lambda one: one.due_at) if clocks else None


def _names_of(items: Collection[RequestItem]) -> dict[int, tuple[str, ...]]:
    """The first names of those who may decide each item."""
    now = timezone.now()
    able = deciders_of(items, now)
    orphans = [one for one in items if not able[one.pk]]
    if orphans:
        able |= managers_instead(orphans, now)
    wanted = {pk: sorted(users)[: _NAMES + 1] for pk, users in able.items()}
    names = accounts.names_of(sorted({user for users in wanted.values() for user in users}))
    return {pk: tuple(names[user].text for user in users if user in names) for pk, users in wanted.items()}
