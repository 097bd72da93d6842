"""The org chart of a site on a day: programmes, their teams, and in each team the leads at its head."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from portal.accounts.rules import Actor

from ..choices import PlacementKind
from ..models import Person, Placement, Programme, Site, Team
from .history import roster_on

# Who leads below that many other leads of the team heads a group of their own, so that no chain is too long to be drawn.
DEEPEST: Final = 5

type Led = dict[int | None, list[Placement]]


@dataclass(frozen=True, slots=True)
class Post:
    """Somebody with the people they lead in a team; without a placement they lead from outside of it."""

    person: Person
    placement: Placement | None
    people: list["Post"]


@dataclass(frozen=True, slots=True)
class TeamBranch:
    """A team (None: no team is named): its leads with their people, and those whom nobody leads."""

    team: Team | None
    heads: list[Post]
    unled: list[Placement]
    number: int


@dataclass(frozen=True, slots=True)
class ProgrammeBranch:
    """A programme (None: none is named) with its teams."""

    programme: Programme | None
    teams: list[TeamBranch]
    number: int


def chart(actor: Actor, site: Site, day: date) -> list[ProgrammeBranch]:
    """Programmes, teams, leads and people of a site on a day, each by name; one query."""
    tree: dict[Programme | None, dict[Team | None, list[Placement]]] = {}
    for row in roster_on(actor, site, day):
        if row.kind == PlacementKind.PRIMARY:
            tree.setdefault(row.programme, {}).setdefault(row.team, []).append(row)
    return [
        ProgrammeBranch(
            programme, [_branch(team, rows) for team, rows in _by_name(teams)], sum(map(len, teams.values()))
        )
        for programme, teams in _by_name(tree)
    ]


def _by_name[K: (Programme | None, Team | None), V](rows: dict[K, V]) -> list[tuple[K, V]]:
    """What is named comes first."""
    return sorted(rows.items(), key=lambda pair: (pair[0] is None, pair[0].label if pair[0] else ""))


def _branch(team: Team | None, rows: list[Placement]) -> TeamBranch:
    led: Led = {}
    for row in rows:
        led.setdefault(row.lead_id, []).append(row)
    left = {row.person_id for row in rows}
    leading = [row for row in rows if row.person_id in led or row.job_role.leads]
    here = frozenset(left)
    heads = _heads((row for row in leading if row.lead_id not in here), led, left)
    heads += _outside(rows, led, left, here)
    # Left over are those who lead each other, and chains that are too long.
    heads += _heads(leading, led, left)
    return TeamBranch(team, heads, [row for row in rows if row.person_id in left], len(rows))


def _heads(rows: Iterable[Placement], led: Led, left: set[int]) -> list[Post]:
    return [_post(row, led, left, 1) for row in rows if row.person_id in left]


def _outside(rows: list[Placement], led: Led, left: set[int], here: frozenset[int]) -> list[Post]:
    """Leads who are not of the team themselves, with whoever has no place in it yet."""
    leads = {row.lead.pk: row.lead for row in rows if row.lead and row.lead_id not in here and row.person_id in left}
    found = sorted(leads.values(), key=lambda person: (person.label, person.pk))
    return [Post(lead, None, _people(lead.pk, led, left, 1)) for lead in found]


def _post(row: Placement, led: Led, left: set[int], depth: int) -> Post:
    left.discard(row.person_id)
    return Post(row.person, row, _people(row.person_id, led, left, depth))


def _people(lead_id: int, led: Led, left: set[int], depth: int) -> list[Post]:
    return [
        _post(row, led, left, depth + 1)
        for row in led.get(lead_id, ())
        if row.person_id in left and (depth < DEEPEST or row.person_id not in led)
    ]
