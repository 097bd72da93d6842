"""Reads of access. What a list, a count or an export shows starts at a `…visible_to(actor)`."""

from .planning import conflicts, held, patterns, places, plans, under_way, wanted
from .scope import (
    grants_visible_to,
    group_ids,
    items_visible_to,
    sees_all,
    site_ids,
    systems_worked_by,
    user_ids,
    visible_to,
)

__all__ = [
    "conflicts",
    "grants_visible_to",
    "group_ids",
    "held",
    "items_visible_to",
    "patterns",
    "places",
    "plans",
    "sees_all",
    "site_ids",
    "systems_worked_by",
    "under_way",
    "user_ids",
    "visible_to",
    "wanted",
]
