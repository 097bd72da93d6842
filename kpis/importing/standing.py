"""The statements that compare the rows of a file with the facts that stand, and write them.

`kpis_standing` is the one comparison: of each standing fact that is told of or lies in the way, the row of the file (none: the fact stays)
and whether it says something else.
"""

from typing import Final

from .kinds import Shape

_ENDS: Final = "f.starts_at + f.seconds * interval '1 second'"


def _same(shape: Shape) -> str:
    """That a standing fact `f` and a row `t` are about the same."""
    parts = [
        f"coalesce(f.{name}, 0) = coalesce(t.{name}, 0)"
        if shape.at == "day" and name in ("queue_id", "person_id")
        else f"f.{name} = t.{name}"
        for name in shape.key
    ]
    if shape.lasts:
        # By these constants other months are left out.
        parts += ["f.starts_at >= %(first)s", "f.starts_at <= %(last)s"]
    return " AND ".join(parts)


def _differs(shape: Shape) -> str:
    """That they do not say the same."""
    return f"({_listed('f', shape.values)}) IS DISTINCT FROM ({_listed('t', shape.values)})"


def _reaches(shape: Shape) -> str:
    """That a standing interval reaches into the time of the file."""
    return f"""f.site_id = ANY (%(sites)s) AND f.starts_at >= %(first)s::timestamptz - interval '{shape.longest} days'
    AND f.starts_at < %(until)s AND {_ENDS} > %(first)s"""


def stands(shape: Shape) -> str:
    """Whether anything stands where the rows would go."""
    return f"SELECT EXISTS (SELECT 1 FROM {shape.table} f WHERE {_reaches(shape) if shape.lasts else 'true'})"


def compare(shape: Shape) -> str:
    """What stands, beside the rows."""
    if not shape.lasts:
        return f"""
CREATE TEMP TABLE kpis_standing ON COMMIT DROP AS
SELECT t."row", {_differs(shape)} AS changed FROM kpis_typed t JOIN {shape.table} f ON {_same(shape)} WHERE t.fault IS NULL
"""
    return f"""
CREATE TEMP TABLE kpis_standing ON COMMIT DROP AS
SELECT t."row", {_differs(shape)} AS changed, f.{shape.holder}, f.starts_at, {_ENDS} AS ends_at
FROM {shape.table} f LEFT JOIN kpis_typed t ON {_same(shape)} AND t.fault IS NULL WHERE {_reaches(shape)}
"""


ANALYZE: Final = "ANALYZE kpis_standing"
STAYS_ANY: Final = 'SELECT EXISTS (SELECT 1 FROM kpis_standing WHERE "row" IS NULL)'


def beside(shape: Shape) -> str:
    """Mark rows whose interval overlaps one that stays."""
    return f"""
UPDATE kpis_typed t SET fault = 'stands:{shape.at}:' FROM (
    SELECT "row", starts_at, ends_at, max(CASE WHEN "row" IS NULL THEN ends_at END) OVER w AS busy_until,
        min(CASE WHEN "row" IS NULL THEN starts_at END) OVER v AS busy_from
    FROM (SELECT "row", {shape.holder}, starts_at, starts_at + seconds * interval '1 second' AS ends_at FROM kpis_typed WHERE fault IS NULL
        UNION ALL SELECT NULL, {shape.holder}, starts_at, ends_at FROM kpis_standing WHERE "row" IS NULL) u
    WINDOW w AS (PARTITION BY {shape.holder} ORDER BY starts_at), v AS (PARTITION BY {shape.holder} ORDER BY starts_at DESC)) x
WHERE t."row" = x."row" AND (x.busy_until > x.starts_at OR x.busy_from < x.ends_at)
"""


# What such a row is about stays as it is.
FORGET_TURNED_DOWN: Final = """
UPDATE kpis_standing s SET "row" = NULL FROM kpis_typed t WHERE t."row" = s."row" AND t.fault IS NOT NULL
"""
COUNT: Final = 'SELECT count("row"), count("row") FILTER (WHERE changed) FROM kpis_standing'


def replace(shape: Shape) -> str:
    """Write what is corrected, and keep what it replaces."""
    listed = ", ".join(f"{name} = t.{name}" for name in shape.values)
    formers = (*shape.written, "batch_id", "row")
    said = ", ".join(f'old."{name}" AS "{name}"' for name in formers)
    return f"""
WITH former AS (
    UPDATE {shape.table} f SET {listed}, batch_id = %(batch)s, "row" = t."row"
    FROM kpis_typed t JOIN kpis_standing s ON s."row" = t."row" AND s.changed WHERE {_same(shape)}
    RETURNING {said}
)
{_trace(shape)}
"""


def _trace(shape: Shape) -> str:
    places = ("site_id", "queue_id", "person_id")
    before = ", ".join(f"'{name}', f.{name}" for name in shape.values if name not in places)
    said = [f"f.{name}" if name in shape.written else "NULL" for name in places]
    at, zones = f"f.{shape.at}", ""
    if shape.at == "day":
        at, zones = "f.day::timestamp AT TIME ZONE p.time_zone", "JOIN partners_site p ON p.id = f.site_id"
    return f"""
INSERT INTO kpis_revision (batch_id, former_batch_id, former_row, kind, site_id, queue_id, person_id, at, before, created_at)
SELECT %(batch)s, f.batch_id, f."row", %(kind)s, {", ".join(said)}, {at}, jsonb_build_object({before}), now() FROM former f {zones}
"""


def add(shape: Shape, *, beside: bool) -> str:
    """Write what is new. `beside`: something stands there already.

    Answers, evaluations and figures lie by site and time, whatever the file's order: a site's day is read from few pages of a cold disk.
    Intervals come by the million and have no such order, as their sorting would cost an import more than their months let a day cost.
    """
    order = "" if shape.lasts else f"ORDER BY t.site_id, t.{shape.at}"
    new = 'AND NOT EXISTS (SELECT 1 FROM kpis_standing s WHERE s."row" = t."row")' if beside else ""
    return f"""
INSERT INTO {shape.table} ({", ".join(shape.written)}, batch_id, "row")
SELECT {_listed("t", shape.written)}, %(batch)s, t."row" FROM kpis_typed t WHERE t.fault IS NULL {new} {order}
"""


# Beside what is written, a correction may take a fact from another day.
_CHANGED: Final = """
SELECT t.site_id, t.day FROM kpis_standing s JOIN kpis_typed t ON t."row" = s."row" WHERE s.changed
UNION SELECT r.site_id, (r.at AT TIME ZONE p.time_zone)::date FROM kpis_revision r JOIN partners_site p ON p.id = r.site_id
WHERE r.batch_id = %(batch)s
"""
_NEW: Final = """
UNION SELECT t.site_id, t.day FROM kpis_typed t WHERE t.fault IS NULL AND NOT EXISTS (SELECT 1 FROM kpis_standing s WHERE s."row" = t."row")
"""


def days(*, added: bool) -> str:
    """Sites and their days that the import changed. `added`: it brought new facts as well."""
    return _CHANGED + _NEW if added else _CHANGED


def _listed(table: str, names: tuple[str, ...]) -> str:
    return ", ".join(f"{table}.{name}" for name in names)
