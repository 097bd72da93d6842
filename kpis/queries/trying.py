"""What another formula would say: the same days, read by the formula in force and by one that is not kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from portal.accounts.rules import Actor

from ..models import Kpi, KpiVersion
from ..rules.formulas import Reading
from .figures import figures
from .scope import sites_visible_to
from .sums import Scope

NOTHING = Reading(why="no_data")


@dataclass(frozen=True, slots=True)
class Tried:
    """One site (None: all of them together) by both formulas."""

    site: str | None
    old: Reading
    new: Reading


def tried(actor: Actor, kpi: Kpi, draft: KpiVersion, first: date, last: date) -> list[Tried]:
    """The sites the actor reads with figures in these days, all together first. A constant number of queries."""
    sites = {site.pk: site.label for site in sites_visible_to(actor).order_by("name", "id")}
    scope = Scope(frozenset(sites))
    rows = []
    for by in ((), ("site",)):
        old = figures(scope, [kpi], first, last, by) if kpi.pk else {}
        new = figures(scope, [kpi], first, last, by, pins={kpi.pk: draft})
        rows += [
            Tried(sites[key[0]] if key else None, _of(old.get(key), kpi), _of(new.get(key), kpi))
            for key in sorted(new, key=lambda key: list(sites).index(key[0]) if key else 0)
        ]
    return [row for row in rows if (row.old.why, row.new.why) != ("no_data", "no_data")]


def _of(group: Mapping[str, Reading] | None, kpi: Kpi) -> Reading:
    return (group or {}).get(kpi.code, NOTHING)
