"""Who may open what: one row per address, one column per role, in the order of `world.ROLES`; a module per room.

Columns: anonymous, administrator, coordinator, manager, associate, service lead, partner lead, QA, agent, IT, auditor,
a lead of another partner, a coordinator of another site, somebody who stands in for the coordinator. The case is
standard, of the coordinator's site, raised by its lead; 404 is what strangers get, 403 who may look but not act.
"""

from tests.web.matrix import (
    access,
    access_catalogue,
    accounts,
    api,
    briefs,
    channels,
    contracts,
    directory,
    escalations,
    figures,
    handing,
    kpis,
    linking,
    messages,
    people,
    platform,
    playbooks,
    reviews_actions,
    reviews_findings,
    reviews_jobs,
    reviews_meetings,
    reviews_packs,
    reviews_visits,
    sla,
    statutory,
    talk,
)
from tests.web.matrix.rows import Row

ROOMS = (
    platform,
    accounts,
    messages,
    channels,
    api,
    directory,
    people,
    sla,
    escalations,
    briefs,
    linking,
    playbooks,
    handing,
    statutory,
    talk,
    access,
    access_catalogue,
    contracts,
    figures,
    kpis,
    reviews_visits,
    reviews_findings,
    reviews_jobs,
    reviews_packs,
    reviews_meetings,
    reviews_actions,
)


def joined() -> dict[str, Row]:
    """The whole table.

    Raises:
        ValueError: an address has two rows.
    """
    table: dict[str, Row] = {}
    for room in ROOMS:
        if twice := table.keys() & room.ROWS.keys():
            raise ValueError(f"Two rows for {sorted(twice)}")
        table |= room.ROWS
    return table


MATRIX = joined()
