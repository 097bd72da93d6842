"""Contact intervals by weekday and time of the site's clock: the one page that reads facts themselves, of one site's period."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.db import connection
from psycopg import sql

from ..components import CONTACTS
from ..models import KpiVersion
from ..rules.formulas import Reading, evaluate
from .definitions import formula_of

_CODES: Final = tuple(component.code for component in CONTACTS)
# Bounds are given as instants, so that other months' partitions are left out. An interval of a day or more has no hour.
_PLACED: Final = sql.SQL("""
SELECT {keys}, min(seconds), {sums}
FROM (
    SELECT c.*, extract(isodow FROM local)::int AS weekday, local::date AS day,
        (extract(hour FROM local)::int * 60 + extract(minute FROM local)::int) / %(step)s * %(step)s AS minute
    FROM kpis_contactinterval c CROSS JOIN LATERAL (SELECT c.starts_at AT TIME ZONE %(zone)s AS local) clock
    WHERE c.site_id = %(site)s AND c.seconds <= 3600
        AND c.starts_at >= (%(first)s::timestamp AT TIME ZONE %(zone)s)
        AND c.starts_at < ((%(last)s::date + 1)::timestamp AT TIME ZONE %(zone)s)
        AND (%(queues)s::bigint[] IS NULL OR c.queue_id = ANY(%(queues)s))
        AND (%(programmes)s::bigint[] IS NULL OR c.queue_id IN (
            SELECT id FROM partners_queue WHERE programme_id = ANY(%(programmes)s)))
        AND (%(excluded)s OR NOT EXISTS (
            SELECT 1 FROM kpis_exclusion e WHERE e.state = 'approved' AND e.site_id = c.site_id
                AND (e.queue_id IS NULL OR e.queue_id = c.queue_id)
                AND e.period && tstzrange(c.starts_at, c.starts_at + make_interval(secs => c.seconds))))
) placed WHERE {cell} GROUP BY {keys}
""")
_SUMS: Final = sql.SQL(", ").join(sql.SQL("sum({})").format(sql.Identifier(code)) for code in _CODES)
_MATRIX: Final = _PLACED.format(keys=sql.SQL("weekday, minute"), cell=sql.SQL("true"), sums=_SUMS).as_string()
_CELL: Final = _PLACED.format(
    keys=sql.SQL("day, minute"), cell=sql.SQL("weekday = %(weekday)s AND minute = %(minute)s"), sums=_SUMS
).as_string()


@dataclass(frozen=True, slots=True)
class Place:
    """Whose intervals: those of a site on its own clock, narrowed to queues or programmes. `step`: minutes that one cell covers.

    `excluded`: also what lies in approved exclusions.
    """

    site_id: int
    zone: str
    queues: Collection[int] | None = None
    programmes: Collection[int] | None = None
    step: int = 60
    excluded: bool = False


def has_hours(version: KpiVersion) -> bool:
    """Whether contact intervals know all that the formula needs; a figure that rolls over months is not of the hours of a period."""
    return not version.window_months and {*version.numerator, *version.denominator} <= set(_CODES)


def by_interval(
    version: KpiVersion, place: Place, first: date, last: date
) -> tuple[dict[tuple[int, int], Reading], int]:
    """A KPI per (weekday 1 to 7, minute of the day) over whole local days, by one formula, and the shortest interval, in seconds. One query."""
    return _read(_MATRIX, version, place, {"first": first, "last": last})


def behind(version: KpiVersion, place: Place, first: date, last: date, cell: tuple[int, int]) -> dict[date, Reading]:
    """The days that one cell of that matrix is made of. One query."""
    given = {"first": first, "last": last, "weekday": cell[0], "minute": cell[1]}
    return {day: reading for (day, _minute), reading in sorted(_read(_CELL, version, place, given)[0].items())}


def _read(
    statement: str, version: KpiVersion, place: Place, given: dict[str, Any]
) -> tuple[dict[tuple[Any, int], Reading], int]:
    arguments = {
        "site": place.site_id, "zone": place.zone, "step": place.step, "excluded": place.excluded,
        "queues": None if place.queues is None else list(place.queues),
        "programmes": None if place.programmes is None else list(place.programmes), **given,
    }  # fmt: skip
    formula = formula_of(version)
    found: dict[tuple[Any, int], Reading] = {}
    shortest = 3600
    with connection.cursor() as cursor:
        cursor.execute(statement, arguments)
        for first, minute, seconds, *values in cursor.fetchall():
            shortest = min(shortest, seconds)
            sums = {code: None if value is None else Decimal(value) for code, value in zip(_CODES, values, strict=True)}
            found[first, minute] = evaluate(formula, {code: sums.get(code) for code in formula.components})
    return found, shortest
