"""Contact intervals by weekday and hour of the site's clock: the one page that reads facts themselves, of one site's period."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.db import connection

from ..components import CONTACTS
from ..models import KpiVersion
from ..rules.formulas import Reading, evaluate
from .definitions import formula_of

_CODES: Final = tuple(component.code for component in CONTACTS)
_SUMS: Final = ", ".join(f"sum({code})" for code in _CODES)
# Bounds are given as instants, so that other months' partitions are left out. An interval of a day or more has no hour.
_HOURS: Final = f"""
SELECT extract(isodow FROM local)::int, extract(hour FROM local)::int, {_SUMS}
FROM (
    SELECT c.*, c.starts_at AT TIME ZONE %(zone)s AS local FROM kpis_contactinterval c
    WHERE c.site_id = ANY(%(sites)s) AND c.seconds <= 3600
        AND c.starts_at >= (%(first)s::timestamp AT TIME ZONE %(zone)s)
        AND c.starts_at < ((%(last)s::date + 1)::timestamp AT TIME ZONE %(zone)s)
        AND (%(queues)s::bigint[] IS NULL OR c.queue_id = ANY(%(queues)s))
        AND (%(programmes)s::bigint[] IS NULL OR c.queue_id IN (
            SELECT id FROM partners_queue WHERE programme_id = ANY(%(programmes)s)))
) placed GROUP BY 1, 2
"""  # noqa: S608 - column names of our own


def has_hours(version: KpiVersion) -> bool:
    """Whether contact intervals know all that the formula needs."""
    return {*version.numerator, *version.denominator} <= set(_CODES)


def by_hour(
    version: KpiVersion, site_id: int, zone: str, first: date, last: date,
    queues: Collection[int] | None = None, programmes: Collection[int] | None = None,
) -> dict[tuple[int, int], Reading]:  # fmt: skip
    """A KPI per (weekday 1 to 7, hour) of the site's clock, over whole local days, by one formula. One query."""
    arguments: dict[str, Any] = {
        "sites": [site_id], "zone": zone, "first": first, "last": last,
        "queues": None if queues is None else list(queues), "programmes": None if programmes is None else list(programmes),
    }  # fmt: skip
    formula = formula_of(version)
    found: dict[tuple[int, int], Reading] = defaultdict(Reading)
    with connection.cursor() as cursor:
        cursor.execute(_HOURS, arguments)
        for weekday, hour, *values in cursor.fetchall():
            sums = {code: None if value is None else Decimal(value) for code, value in zip(_CODES, values, strict=True)}
            known = {code: sums.get(code) for code in formula.components}
            found[weekday, hour] = evaluate(formula, known)
    return dict(found)
