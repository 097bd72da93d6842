"""Reads of access. What a list, a count or an export shows starts at a `…visible_to(actor)`."""

from .clocking import GRANT_KIND, ITEM_KIND, NO, YES, clock_facts, grant_states, item_states
from .confirming import for_the_lead, reads_back
from .leavers import reported, reports
from .matters import deciders_of, managers_instead, matters_of, orphans_of, site_people, with_items
from .offering import offered_entitlements
from .people import find_people, known_people, people_of_site, sites_to_request
from .planning import coming, conflicts, held, patterns, places, plans, under_way, wanted
from .scope import (
    exceptions_visible_to,
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
    "GRANT_KIND",
    "ITEM_KIND",
    "NO",
    "YES",
    "clock_facts",
    "coming",
    "conflicts",
    "deciders_of",
    "exceptions_visible_to",
    "find_people",
    "for_the_lead",
    "grant_states",
    "grants_visible_to",
    "group_ids",
    "held",
    "item_states",
    "items_visible_to",
    "known_people",
    "managers_instead",
    "matters_of",
    "offered_entitlements",
    "orphans_of",
    "patterns",
    "people_of_site",
    "places",
    "plans",
    "reads_back",
    "reported",
    "reports",
    "sees_all",
    "site_ids",
    "site_people",
    "sites_to_request",
    "systems_worked_by",
    "under_way",
    "user_ids",
    "visible_to",
    "wanted",
    "with_items",
]
