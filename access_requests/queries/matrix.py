"""Person by system: who holds how much, how sure that is. Every read starts at `holders_visible_to`."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from partners import queries as directory
from portal.accounts.rules import SYSTEM, Actor

from ..choices import ITEM_STATES_UNDER_WAY, Operation
from ..models import Grant, GrantReason, RequestItem, System
from .clashing import in_conflict
from .planning import conflicts
from .scope import SITE_READERS, sees_all, site_ids

if TYPE_CHECKING:
    from partners.models import Person, Placement

MOST_SYSTEMS: Final = 60
CHUNK: Final = 500
#: States of a cell, the one that matters most first.
STATES: Final = ("conflict", "removing", "sent", "claimed", "verified")


@dataclass(frozen=True, slots=True)
class MatrixFilter:
    """What the matrix is narrowed to; None and "" mean everything."""

    site_id: int | None = None
    programme_id: int | None = None
    team_id: int | None = None
    job_role_id: int | None = None
    system_id: int | None = None
    privileged: bool = False
    state: str = ""


@dataclass(slots=True)
class Row:
    """A person with the states of what they hold, counted by system."""

    person: "Person"
    placement: "Placement | None" = None
    cells: dict[int, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))


@dataclass(frozen=True, slots=True)
class Held:
    """A live grant as an export shows it."""

    person: "Person"
    placement: "Placement | None"
    grant: Grant
    state: str
    reasons: tuple[GrantReason, ...]


def holders_visible_to(actor: Actor) -> "QuerySet[Person]":
    """People whose access the actor may read: placed at their sites, or placed nowhere now and there last."""
    people = directory.people_visible_to(SYSTEM)
    if sees_all(actor):
        return people
    if not actor.has(*SITE_READERS):
        return people.none()
    # Somebody who has moved on is the new site's business.
    return people.filter(Exists(_placed({"site_id__in": site_ids(actor)})))


def _placed(where: Mapping[str, object], if_past: Exists | None = None) -> "QuerySet[Placement]":
    """Placements of the person outside that hold now or later; or past ones, of who is placed nowhere now.

    One EXISTS around one set, so that the database can walk people by name and stop when the page is full.
    """
    rows, current = directory.placements_visible_to(SYSTEM), directory.not_over(directory.today())
    elsewhere = rows.filter(current, person=OuterRef("person"))
    past = Q(~Exists(elsewhere))
    if if_past is not None:
        past &= Q(if_past)
    return rows.filter(current | past, person=OuterRef("pk"), **where)


def people_in(actor: Actor, asked: MatrixFilter) -> "QuerySet[Person]":
    """The rows: visible people who work somewhere, or hold something still, and fit the filter."""
    where: dict[str, object] = {
        key: value
        for key, value in (
            ("site_id", asked.site_id), ("programme_id", asked.programme_id), ("team_id", asked.team_id),
            ("job_role_id", asked.job_role_id),
        )
        if value is not None
    }  # fmt: skip
    people = directory.people_visible_to(SYSTEM)
    if not sees_all(actor):
        where["site_id__in"] = site_ids(actor) if actor.has(*SITE_READERS) else ()
    # Who has left is found where they were last, as long as they hold something.
    holding = Exists(Grant.objects.filter(person=OuterRef("person"), ended_at=None))
    grants = Grant.objects.filter(person=OuterRef("pk"), ended_at=None)
    return _holding(people.filter(Exists(_placed(where, if_past=holding))), asked, grants)


def _holding(people: "QuerySet[Person]", asked: MatrixFilter, grants: QuerySet[Grant]) -> "QuerySet[Person]":
    if asked.system_id is not None:
        grants = grants.filter(entitlement__system_id=asked.system_id)
    if asked.privileged:
        grants = grants.filter(entitlement__privileged=True)
    if asked.state == "conflict":
        people = in_conflict(people)
    elif asked.state:
        grants = _in_state(grants, asked.state)
    elif asked.system_id is None and not asked.privileged:
        return people
    return people.filter(Exists(grants))


def _in_state(grants: QuerySet[Grant], state: str) -> QuerySet[Grant]:
    if state == "verified":
        return grants.filter(verified_at__isnull=False)
    if state == "claimed":
        return grants.filter(verified_at=None, confirmed_at__isnull=False)
    if state == "sent":
        return grants.filter(confirmed_at=None, verified_at=None)
    going = RequestItem.objects.filter(
        person=OuterRef("person"), entitlement=OuterRef("entitlement"), operation=Operation.REVOKE,
        state__in=ITEM_STATES_UNDER_WAY,
    )  # fmt: skip
    return grants.filter(Exists(going))


def systems_shown(asked: MatrixFilter) -> list[System]:
    """The columns: systems in use, or the one that is asked for. At most 60."""
    rows = System.objects.filter(archived_at=None)
    if asked.system_id is not None:
        rows = System.objects.filter(pk=asked.system_id)
    return list(rows.order_by("name", "pk")[:MOST_SYSTEMS])


def rows_of(actor: Actor, people: "Iterable[Person]", asked: MatrixFilter, now: datetime) -> list[Row]:
    """What these people hold, counted. Six queries, whatever their number."""
    rows = {one.pk: Row(one) for one in people}
    for pk, placement in directory.latest_placements(actor, [one.person for one in rows.values()], now.date()).items():
        rows[pk].placement = placement
    for grant, state in _states(list(rows), asked, now):
        rows[grant.person_id].cells[grant.entitlement.system_id][state] += 1
    return list(rows.values())


def _states(people: Collection[int], asked: MatrixFilter, now: datetime) -> Iterator[tuple[Grant, str]]:
    """Live grants of these people, narrowed to what is asked for, each with its state. Four queries."""
    grants = list(
        Grant.objects.filter(person_id__in=people, ended_at=None)
        .select_related("entitlement")
        .order_by("person_id", "entitlement_id")
    )
    going = set(
        RequestItem.objects.filter(
            person_id__in=people, operation=Operation.REVOKE, state__in=ITEM_STATES_UNDER_WAY
        ).values_list("person_id", "entitlement_id")
    )
    holdings: dict[int, set[int]] = defaultdict(set)
    for one in grants:
        holdings[one.person_id].add(one.entitlement_id)
    clashes = {(c.person_id, side) for c in conflicts(holdings, now) for side in (c.left_id, c.right_id)}
    for one in grants:
        if asked.privileged and not one.entitlement.privileged:
            continue
        if asked.system_id is not None and one.entitlement.system_id != asked.system_id:
            continue
        state = state_of(
            one, (one.person_id, one.entitlement_id) in clashes, (one.person_id, one.entitlement_id) in going
        )
        if not asked.state or _matches(one, state, asked.state, going):
            yield one, state


def state_of(grant: Grant, clashes: bool, going: bool) -> str:
    """The one word for a grant: what matters most of it."""
    if clashes:
        return "conflict"
    if going:
        return "removing"
    if grant.verified_at is not None:
        return "verified"
    return "claimed" if grant.confirmed_at is not None else "sent"


def _matches(grant: Grant, state: str, wanted: str, going: Collection[tuple[int, int]]) -> bool:
    """Whether a grant is in the state that is asked for, also where another one matters more."""
    if wanted == "removing":
        return (grant.person_id, grant.entitlement_id) in going
    return state == wanted or (wanted != "conflict" and state_of(grant, clashes=False, going=False) == wanted)


def grants_of(actor: Actor, people: "QuerySet[Person]", asked: MatrixFilter, now: datetime) -> Iterator[Held]:
    """Every grant behind the filter by person, some hundred people at a time: memory does not grow with the export."""
    last: tuple[str, int] | None = None
    while True:
        rows = people if last is None else people.filter(Q(name__gt=last[0]) | Q(name=last[0], pk__gt=last[1]))
        chunk = list(rows.order_by("name", "pk")[:CHUNK])
        if not chunk:
            return
        yield from _held_by(actor, chunk, asked, now)
        last = (chunk[-1].name, chunk[-1].pk)


def _held_by(actor: Actor, people: "Collection[Person]", asked: MatrixFilter, now: datetime) -> Iterator[Held]:
    by_id: Mapping[int, Person] = {one.pk: one for one in people}
    placements = directory.latest_placements(actor, people, now.date())
    found: dict[int, list[tuple[Grant, str]]] = defaultdict(list)
    for grant, state in _states(list(by_id), asked, now):
        found[grant.person_id].append((grant, state))
    reasons: dict[int, list[GrantReason]] = defaultdict(list)
    live = GrantReason.objects.filter(grant__person_id__in=list(by_id), grant__ended_at=None, ended_at=None)
    for one in live.select_related("bundle", "item").order_by("pk"):
        reasons[one.grant_id].append(one)
    for pk, person in by_id.items():
        for grant, state in found[pk]:
            yield Held(person, placements.get(pk), grant, state, tuple(reasons[grant.pk]))
