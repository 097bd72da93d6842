"""Who may do what with access, and what a refusal is. Pure: no Django, no database."""

import re
from dataclasses import dataclass
from typing import Final

from portal.accounts.rules import Actor, Standing

# Eighteen digits fit into the key's column.
_REF: Final = re.compile(r"(?:AR-)?([0-9]{1,18})", re.ASCII | re.IGNORECASE)


def request_number(ref: str | int) -> int | None:
    """The number of a reference like AR-1182 (or of its bare number); None if it is none."""
    found = _REF.fullmatch(str(ref).strip())
    return int(found[1]) if found else None


@dataclass(frozen=True, slots=True)
class Site:
    """Where something happens."""

    id: int
    partner_id: int


def at_site(standing: Standing, site: Site) -> bool:
    """Whether the standing's scope holds the site."""
    if standing.site_id is not None:
        return standing.site_id == site.id
    return standing.partner_id is not None and standing.partner_id == site.partner_id


def permitted(actor: Actor, right: str, site: Site) -> Actor | None:
    """The actor as who they hold this right at the site, own standings first; None if they do not."""
    if actor.is_system:
        return actor
    found = next((s for s in actor.standings_for(right) if at_site(s, site)), None)
    return actor.acting_as(found) if found else None


def requesting(actor: Actor, site: Site) -> Actor | None:
    """As who the actor may ask for access at the site, or None."""
    return permitted(actor, "request_access", site)


def confirming(actor: Actor, site: Site) -> Actor | None:
    """As who the actor may say for the site that what IT did is so, or None: whoever may ask for it may confirm it."""
    return permitted(actor, "request_access", site)
