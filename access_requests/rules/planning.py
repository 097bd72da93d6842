"""What somebody should hold, lacks and holds too much of, and what must not be held together."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple


class Place(NamedTuple):
    """A placement as bundles look at it."""

    person_id: int
    job_role_id: int
    programme_code: str
    site_id: int


class Pattern(NamedTuple):
    """A bundle's current version: whom it fits (no programme: all; no site: all) and what it brings."""

    version_id: int
    job_role_id: int
    programme_code: str
    site_id: int | None
    entitlement_ids: frozenset[int]

    def fits(self, place: Place) -> bool:
        """Whether the bundle applies to this placement."""
        return (
            self.job_role_id == place.job_role_id
            and self.programme_code in {"", place.programme_code}
            and self.site_id in {None, place.site_id}
        )


type Wanted = dict[int, dict[int, tuple[int, ...]]]


def wanted_of(places: Iterable[Place], patterns: Sequence[Pattern]) -> Wanted:
    """Person -> entitlement -> the bundle versions that bring it. All bundles that fit apply together."""
    by_role: dict[int, list[Pattern]] = defaultdict(list)
    for pattern in patterns:
        by_role[pattern.job_role_id].append(pattern)
    found: Wanted = {}
    for place in places:
        brought = found.setdefault(place.person_id, {})
        for pattern in by_role[place.job_role_id]:
            if pattern.fits(place):
                for entitlement in pattern.entitlement_ids:
                    versions = brought.get(entitlement, ())
                    if pattern.version_id not in versions:
                        brought[entitlement] = (*versions, pattern.version_id)
    return found


class Conflict(NamedTuple):
    """Two entitlements that a person must not hold together, by which rule."""

    person_id: int
    rule_id: int
    left_id: int
    right_id: int


def conflicts_of(
    holdings: Mapping[int, Collection[int]],
    rules: Iterable[tuple[int, int, int]],
    excepted: Collection[tuple[int, int]] = (),
) -> list[Conflict]:
    """Conflicts among what each person holds or would hold.

    `rules` are (id, left, right); `excepted` are (person, rule) under an exception in force.
    """
    pairs = list(rules)
    return [
        Conflict(person, rule, left, right)
        for person, held in holdings.items()
        for rule, left, right in pairs
        if left in held and right in held and (person, rule) not in excepted
    ]


@dataclass(frozen=True, slots=True)
class Holding:
    """A live grant. `bundles`: ids of the bundles that are a reason for it; `others`: how many other reasons live."""

    grant_id: int
    verified: bool
    bundles: frozenset[int] = frozenset()
    others: int = 0


@dataclass(frozen=True, slots=True)
class PersonPlan:
    """What somebody has, what is on its way, what they lack of their job's bundles, what the job no longer brings."""

    person_id: int
    has: frozenset[int] = frozenset()
    coming: frozenset[int] = frozenset()
    going: frozenset[int] = frozenset()
    lacks: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    surplus: frozenset[int] = frozenset()
    conflicts: tuple[Conflict, ...] = ()


def plan_of(
    person_id: int,
    *,
    wanted: Mapping[int, tuple[int, ...]],
    held: Mapping[int, Holding],
    coming: Collection[int] = (),
    going: Collection[int] = (),
) -> PersonPlan:
    """Compare what the job brings with what is there.

    `surplus` are holdings that only bundles were a reason for and no bundle brings now. What is being removed counts as
    lacking if the job brings it.
    """
    stays = held.keys() - set(going)
    return PersonPlan(
        person_id,
        has=frozenset(held),
        coming=frozenset(coming),
        going=frozenset(going),
        lacks={one: versions for one, versions in wanted.items() if one not in stays and one not in coming},
        surplus=frozenset(one for one in stays if one not in wanted and held[one].bundles and not held[one].others),
    )


class Blocked(NamedTuple):
    """A grant that a conflict holds up; `rule_id` is the rule that was found."""

    item_id: int
    request_id: int
    person_id: int
    entitlement_id: int
    rule_id: int | None


def freed_of(
    blocked: Iterable[Blocked],
    holds: Mapping[int, Collection[int]],
    rules: Iterable[tuple[int, int, int]],
    excepted: Collection[tuple[int, int]] = (),
) -> tuple[list[Blocked], list[tuple[Blocked, int]]]:
    """Those of the blocked, oldest first, whose conflicts are gone, each counted for the younger ones; and those that
    another rule holds up now, with that rule.

    `holds`: what each person holds or is about to, what is being removed included. Of a conflict within one request
    neither side goes ahead: whoever asked for both has to say which.
    """
    pairs = list(rules)
    waiting = list(blocked)
    would = {one.person_id: set(holds.get(one.person_id, ())) for one in waiting}
    siblings: dict[tuple[int, int], set[int]] = defaultdict(set)
    for one in waiting:
        siblings[one.request_id, one.person_id].add(one.entitlement_id)
    freed, renamed = [], []
    for one in waiting:
        others = (would[one.person_id] | siblings[one.request_id, one.person_id]) - {one.entitlement_id}
        rule = _rule_against(one, others, pairs, excepted)
        if rule is None:
            freed.append(one)
            would[one.person_id].add(one.entitlement_id)
        elif rule != one.rule_id:
            renamed.append((one, rule))
    return freed, renamed


def _rule_against(
    one: Blocked, others: Collection[int], rules: Sequence[tuple[int, int, int]], excepted: Collection[tuple[int, int]]
) -> int | None:
    """The first rule by which this must not be held together with the others; the one that was found, if it still does."""
    found = [
        rule
        for rule, left, right in rules
        if one.entitlement_id in {left, right}
        and ({left, right} - {one.entitlement_id}) <= set(others)
        and (one.person_id, rule) not in excepted
    ]
    return one.rule_id if one.rule_id in found else min(found, default=None)
