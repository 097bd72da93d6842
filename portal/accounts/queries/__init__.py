"""Reads: who acts and with what standing, and the people themselves."""

from portal.accounts.queries.people import (
    UserRow,
    find_people,
    memberships_of,
    names_of,
    person_ids_of,
    person_with,
    rows_of,
    stand_ins_for,
    users_visible_to,
)
from portal.accounts.queries.standing import (
    actor_for,
    actors_of,
    has_second_factor,
    live_delegations,
    live_memberships,
    principals_of,
)

__all__ = [
    "UserRow",
    "actor_for",
    "actors_of",
    "find_people",
    "has_second_factor",
    "live_delegations",
    "live_memberships",
    "memberships_of",
    "names_of",
    "person_ids_of",
    "person_with",
    "principals_of",
    "rows_of",
    "stand_ins_for",
    "users_visible_to",
]
