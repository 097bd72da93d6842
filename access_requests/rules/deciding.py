"""Who may decide an item at its stage, and as who. Facts in, a standing or a reason code out."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from portal.accounts.rules import Actor

from .standing import Site, at_site

NOT_YOURS: Final = "not_yours_to_decide"
OWN_MATTER: Final = "own_matter"
THEIR_MATTER: Final = "their_matter"
VOTED: Final = "voted_already"
VOTE_CAST: Final = "vote_cast"
ONE_VOTE: Final = "one_vote"


@dataclass(frozen=True, slots=True)
class Matter:
    """An item as its deciders look at it; `group` are the live members of the stage's group.

    `voted`: for whom votes were cast at this stage, `hands` and `hand_persons`: users who cast them, and their persons.
    `orphaned`: nobody of the stage may decide, so the managers of the site may.
    """

    item_id: int
    stage_kind: str
    site: Site
    owner_id: int | None
    group: frozenset[int]
    requester_ids: frozenset[int]
    subject_person_id: int
    voted: frozenset[int] = frozenset()
    hands: frozenset[int] = frozenset()
    hand_persons: frozenset[int] = frozenset()
    orphaned: bool = False


@dataclass(frozen=True, slots=True)
class Denied:
    """No, and why."""

    code: str


def deciding(actor: Actor, matter: Matter, person_of: Mapping[int, int | None]) -> Actor | Denied:
    """The actor as who they may decide: themselves first, then whoever they stand in for.

    `person_of` gives the person of each user concerned. Nobody decides what they asked for or what is for them,
    neither directly nor as a stand-in; and nobody votes twice at a stage, whoever they do it for.
    """
    candidates = list(_as_whom(actor, matter))
    if not candidates:
        return Denied(NOT_YOURS)
    free = [one for one in candidates if not _own(one, matter, person_of)]
    if not free:
        return Denied(OWN_MATTER if _concerns({actor.user_id}, matter, person_of) else THEIR_MATTER)
    left = [one for one in free if _voter(one) not in matter.voted]
    if _has_cast(actor, matter, person_of):
        return Denied(ONE_VOTE if left else VOTED)
    return left[0] if left else Denied(VOTE_CAST)


def _as_whom(actor: Actor, matter: Matter) -> Collection[Actor]:
    if matter.stage_kind == "site_manager" or matter.orphaned:
        return managing(actor, matter.site)
    wanted = {matter.owner_id} if matter.stage_kind == "system_owner" else matter.group
    own = [actor] if actor.user_id in wanted else []
    standings = {s.principal_id: s for s in actor.standings if s.principal_id in wanted and s.principal_id is not None}
    return [*own, *(actor.acting_as(standings[pk]) for pk in sorted(standings))]


def managing(actor: Actor, site: Site) -> list[Actor]:
    """Every standing under which the actor may approve for the site, own ones first."""
    return [actor.acting_as(s) for s in actor.standings_for("approve") if at_site(s, site)]


def _has_cast(actor: Actor, matter: Matter, person_of: Mapping[int, int | None]) -> bool:
    return actor.user_id in matter.hands or person_of.get(actor.user_id or 0) in matter.hand_persons


def _voter(actor: Actor) -> int:
    return actor.principal_id or actor.user_id or 0


def may_act(found: Actor | Denied) -> bool:
    """Whether the answer of `deciding` is somebody to act as."""
    return not isinstance(found, Denied)


def _own(actor: Actor, matter: Matter, person_of: Mapping[int, int | None]) -> bool:
    return _concerns({actor.user_id, actor.principal_id}, matter, person_of)


def _concerns(users: set[int | None], matter: Matter, person_of: Mapping[int, int | None]) -> bool:
    known = {pk for pk in users if pk is not None}
    return bool(known & matter.requester_ids) or matter.subject_person_id in {person_of.get(pk) for pk in known}


def is_passed(matter: Matter, voters: Collection[int], person_of: Mapping[int, int | None]) -> bool:
    """Whether the approvals so far are enough for the stage. Of a group that must agree, those do not count who may not vote."""
    if matter.stage_kind != "group_all" or matter.orphaned:
        return bool(voters)
    able = {
        pk for pk in matter.group if pk not in matter.requester_ids and person_of.get(pk) != matter.subject_person_id
    }
    return bool(able) and able <= set(voters)
