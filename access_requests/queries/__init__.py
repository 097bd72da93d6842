"""Reads of access. What a list, a count or an export shows starts at a `…visible_to(actor)`."""

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
    "grants_visible_to",
    "group_ids",
    "items_visible_to",
    "sees_all",
    "site_ids",
    "systems_worked_by",
    "user_ids",
    "visible_to",
]
