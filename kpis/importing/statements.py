"""The statements of an import. Names of tables and columns come from `kinds`; what a file or a mapping says is a parameter.

`kpis_staged` holds the cells as text, `kpis_place`, `kpis_time` and `kpis_agent` what each different text of them means, `kpis_typed`
the rows as values with what is wrong with each. All are dropped at the commit.
"""

from typing import Final

from .cells import Cells
from .kinds import Column, Shape
from .schema import FactsMapping

TABLES: Final = ("kpis_staged", "kpis_place", "kpis_time", "kpis_agent", "kpis_typed", "kpis_kept")
DROP: Final = f"DROP TABLE IF EXISTS {', '.join(TABLES)}"
LOOKUPS: Final = """
CREATE TEMP TABLE kpis_place (site text, programme text, queue text, site_id bigint, queue_id bigint, zone text, fault text) ON COMMIT DROP;
CREATE TEMP TABLE kpis_time (zone text, said text, starts_at timestamptz, second_at timestamptz, day date, seconds integer, fault text)
    ON COMMIT DROP;
CREATE TEMP TABLE kpis_agent (site_id bigint, said text, person_id bigint, period daterange) ON COMMIT DROP;
"""
DELIMITERS: Final = {",": ",", ";": ";", "\t": "\\t"}
ANALYZE: Final = "ANALYZE kpis_place, kpis_time, kpis_agent"
ANALYZE_TYPED: Final = "ANALYZE kpis_typed"


def stage(width: int) -> str:
    """The table of cells."""
    cells = "".join(f", c{number} text" for number in range(width))
    return f'CREATE TEMP TABLE kpis_staged ("row" integer{cells}) ON COMMIT DROP'


def copy_staged(delimiter: str) -> str:
    """What the blocks of a file are written by."""
    return f"COPY kpis_staged FROM STDIN (FORMAT csv, DELIMITER E'{DELIMITERS[delimiter or ',']}')"


def typed(cells: Cells) -> str:
    """Every row as values, with the first thing that is wrong with it.

    The inner query is fenced off by OFFSET, so that a cell is converted once, however often its value is looked at.
    """
    shape, mapping = cells.mapping.shape, cells.mapping
    wanted = [Column("seconds", required=True), *shape.columns] if "seconds" in mapping.fields else list(shape.columns)
    inner = ", ".join(f"{cells.raw(c.name, tabled=False)} AS r_{c.name}, {cells.value(c)} AS {c.name}" for c in wanted)
    names = [c.name for c in wanted if c.name not in ("scale", "component")]
    seconds = "" if "seconds" in mapping.fields else "t.seconds, "
    listed = "".join(f", {name}" for name in names)
    return f"""
CREATE TEMP TABLE kpis_typed ON COMMIT DROP AS
SELECT "row", site_id, queue_id, person_id, starts_at{_at(shape)}, second_at, day{", seconds" if seconds else ""}{listed}
    {_extra(shape)}, {_fault(shape, wanted, mapping)} AS fault
FROM (
    SELECT s."row", p.site_id, p.queue_id, p.fault AS place_fault, t.starts_at, t.second_at, t.day, t.fault AS time_fault,
        {seconds}a.person_id, {cells.said("agent")} AS said_agent{_component(shape)}, {inner}
    FROM kpis_staged s {cells.place_join}
    LEFT JOIN kpis_time t ON t.zone = p.zone AND t.said = {cells.said(shape.at)}
    LEFT JOIN kpis_agent a ON a.site_id = p.site_id AND a.said = {cells.said("agent")} AND (a.period IS NULL OR a.period @> t.day)
    {"LEFT JOIN kpis_component k ON k.code = " + cells.said("component") if _component(shape) else ""}
    OFFSET 0
) v
"""


def _at(shape: Shape) -> str:
    return f", starts_at AS {shape.at}" if shape.at not in ("starts_at", "day") else ""


def _component(shape: Shape) -> str:
    return ", k.id AS component_id" if "component_id" in shape.key else ""


def _extra(shape: Shape) -> str:
    if "component_id" in shape.key:
        return ", component_id, component"
    if shape.at == "responded_at":
        return ", coalesce(scale, CASE kind WHEN 'nps' THEN 10 ELSE 5 END) AS scale, %(source)s::text AS source"
    return ", %(source)s::text AS source" if "source" in shape.key else ""


def _fault(shape: Shape, wanted: list[Column], mapping: FactsMapping) -> str:
    whens = ["WHEN place_fault IS NOT NULL THEN 'place:' || place_fault"]
    whens += ["WHEN time_fault IS NOT NULL THEN 'time:' || time_fault", "WHEN starts_at IS NULL THEN 'time:missing'"]
    whens += [f"WHEN {c.name} IS NULL AND btrim(r_{c.name}) <> '' THEN 'cell:{c.name}:'" for c in wanted]
    whens += [f"WHEN {c.name} IS NULL THEN 'missing:{c.name}:'" for c in wanted if c.required]
    if "agent" in mapping.fields:
        whens.append("WHEN person_id IS NULL AND said_agent <> '' THEN 'unknown_agent:agent:'")
    if "agent" in shape.required:
        whens.append("WHEN person_id IS NULL THEN 'missing:agent:'")
    if "component_id" in shape.key:
        whens.append("WHEN component_id IS NULL THEN 'unknown_component:component:'")
    scaled = "coalesce(scale, CASE kind WHEN 'nps' THEN 10 ELSE 5 END)"
    for rule in shape.rules:
        condition = rule.condition.replace("scale", scaled) if shape.at == "responded_at" else rule.condition
        whens.append(f"WHEN {condition} THEN '{rule.mark}'")
    return f"CASE {' '.join(whens)} END"


def second_turns(shape: Shape) -> str:
    """Give rows of an hour that comes twice their instants: the first with that time is its first turn, the next its second.

    One alone cannot be told.
    """
    return f"""
UPDATE kpis_typed t SET starts_at = CASE x.turn WHEN 2 THEN x.second_at ELSE x.starts_at END,
    fault = CASE WHEN x.turns = 1 THEN 'time:ambiguous_hour' WHEN x.turn > 2 THEN 'twice:{shape.at}:' END
FROM (SELECT "row", starts_at, second_at, row_number() OVER (PARTITION BY {shape.holder}, starts_at ORDER BY "row") AS turn,
        count(*) OVER (PARTITION BY {shape.holder}, starts_at) AS turns
    FROM kpis_typed WHERE second_at IS NOT NULL AND fault IS NULL) x
WHERE t."row" = x."row"
"""


LOCK_SITES: Final = (
    "SELECT pg_advisory_xact_lock(hashtext('kpis facts'), site::integer) FROM unnest(%(sites)s::bigint[]) site"
)
LOCK_FILE: Final = "SELECT pg_advisory_xact_lock(hashtextextended(%(key)s, 0))"
MONTHS: Final = "SELECT kpis_ensure_months(month, month) FROM unnest(%(months)s::date[]) month"


def measures(shape: Shape) -> str:
    """Of good and of bad rows, per site and day of it: how many, and from when to when they last."""
    ends = "starts_at + seconds * interval '1 second'" if shape.lasts else "starts_at"
    return f"""
SELECT fault IS NULL, site_id, day, count(*), min(starts_at), max(starts_at), max({ends}) FROM kpis_typed GROUP BY 1, 2, 3
"""


def among_themselves(shape: Shape) -> str:
    """Mark rows that say the same thing twice, or whose interval overlaps an earlier one of the file."""
    if not shape.lasts:
        return f"""
UPDATE kpis_typed t SET fault = 'twice:{shape.at}:' || x.first FROM (
    SELECT "row", first_value("row") OVER w AS first FROM kpis_typed WHERE fault IS NULL
    WINDOW w AS (PARTITION BY {", ".join(shape.key)} ORDER BY "row")) x
WHERE t."row" = x."row" AND x.first <> x."row"
"""
    return f"""
UPDATE kpis_typed t SET fault = CASE WHEN x.before = t.starts_at THEN 'twice' ELSE 'overlap' END || ':{shape.at}:' || x.first FROM (
    SELECT "row", starts_at, lag("row") OVER w AS first, lag(starts_at) OVER w AS before,
        max(starts_at + seconds * interval '1 second') OVER (w ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS busy_until
    FROM kpis_typed WHERE fault IS NULL WINDOW w AS (PARTITION BY {shape.holder} ORDER BY starts_at, "row")) x
WHERE t."row" = x."row" AND x.busy_until > x.starts_at
"""


def same(shape: Shape) -> str:
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


def differs(shape: Shape) -> str:
    """That they do not say the same."""
    names = shape.values
    return f"({_listed('f', names)}) IS DISTINCT FROM ({_listed('t', names)})"


def stands(shape: Shape) -> str:
    """Whether anything stands where the rows would go."""
    if shape.lasts:
        return f"""SELECT EXISTS (SELECT 1 FROM {shape.table} f WHERE f.starts_at >= %(first)s AND f.starts_at <= %(last)s
            AND f.site_id = ANY (%(sites)s))"""
    return f"SELECT EXISTS (SELECT 1 FROM {shape.table})"


def kept(shape: Shape) -> str:
    """The standing intervals that the file says nothing of, and that reach into its time."""
    return f"""
CREATE TEMP TABLE kpis_kept ON COMMIT DROP AS
SELECT f.{shape.holder}, f.starts_at, f.starts_at + f.seconds * interval '1 second' AS ends_at FROM {shape.table} f
WHERE f.site_id = ANY (%(sites)s) AND f.starts_at >= %(first)s::timestamptz - interval '40 days' AND f.starts_at < %(until)s
    AND f.starts_at + f.seconds * interval '1 second' > %(first)s
    AND NOT EXISTS (SELECT 1 FROM kpis_typed t WHERE t.fault IS NULL AND f.{shape.holder} = t.{shape.holder} AND f.starts_at = t.starts_at
        AND f.site_id = t.site_id)
"""


KEPT_ANY: Final = "SELECT EXISTS (SELECT 1 FROM kpis_kept)"


def beside_kept(shape: Shape) -> str:
    """Mark rows whose interval overlaps one that stays."""
    return f"""
UPDATE kpis_typed t SET fault = 'stands:{shape.at}:' FROM (
    SELECT "row", starts_at, ends_at, max(CASE WHEN "row" IS NULL THEN ends_at END) OVER w AS busy_until,
        min(CASE WHEN "row" IS NULL THEN starts_at END) OVER v AS busy_from
    FROM (SELECT "row", {shape.holder}, starts_at, starts_at + seconds * interval '1 second' AS ends_at FROM kpis_typed WHERE fault IS NULL
        UNION ALL SELECT NULL, {shape.holder}, starts_at, ends_at FROM kpis_kept) u
    WINDOW w AS (PARTITION BY {shape.holder} ORDER BY starts_at), v AS (PARTITION BY {shape.holder} ORDER BY starts_at DESC)) x
WHERE t."row" = x."row" AND (x.busy_until > x.starts_at OR x.busy_from < x.ends_at)
"""


def count_known(shape: Shape) -> str:
    """How many good rows stand already, and how many of these say something else."""
    return f"""
SELECT count(*), count(*) FILTER (WHERE {differs(shape)}) FROM kpis_typed t JOIN {shape.table} f ON {same(shape)} WHERE t.fault IS NULL
"""


def revise(shape: Shape) -> str:
    """Keep what a correction replaces."""
    before = ", ".join(
        f"'{name}', f.{name}" for name in shape.values if name not in ("site_id", "queue_id", "person_id")
    )
    places = [f"f.{one}" if f"{one}" in shape.written else "NULL" for one in ("queue_id", "person_id")]
    at = (
        "f.day::timestamp AT TIME ZONE (SELECT time_zone FROM partners_site WHERE id = f.site_id)"
        if shape.at == "day"
        else f"f.{shape.at}"
    )
    return f"""
INSERT INTO kpis_revision (batch_id, former_batch_id, former_row, kind, site_id, queue_id, person_id, at, before, created_at)
SELECT %(batch)s, f.batch_id, f."row", %(kind)s, f.site_id, {", ".join(places)}, {at}, jsonb_build_object({before}), now()
FROM kpis_typed t JOIN {shape.table} f ON {same(shape)} WHERE t.fault IS NULL AND {differs(shape)}
"""


def replace(shape: Shape) -> str:
    """Write what is corrected."""
    listed = ", ".join(f"{name} = t.{name}" for name in shape.values)
    return f"""
UPDATE {shape.table} f SET {listed}, batch_id = %(batch)s, "row" = t."row" FROM kpis_typed t
WHERE {same(shape)} AND t.fault IS NULL AND {differs(shape)}
"""


def add(shape: Shape, beside: bool) -> str:
    """Write what is new. `beside`: something stands there already."""
    new = f"AND NOT EXISTS (SELECT 1 FROM {shape.table} f WHERE {same(shape)})" if beside else ""
    return f"""
INSERT INTO {shape.table} ({", ".join(shape.written)}, batch_id, "row")
SELECT {_listed("t", shape.written)}, %(batch)s, t."row" FROM kpis_typed t WHERE t.fault IS NULL {new}
"""


def days(shape: Shape) -> str:
    """Sites and their days that this import changed, where some rows stood there already and are left as they are."""
    within = "AND f.starts_at >= %(first)s AND f.starts_at <= %(last)s" if shape.lasts else ""
    return f"""
SELECT DISTINCT f.site_id, (f.{shape.at} AT TIME ZONE p.time_zone)::date FROM {shape.table} f JOIN partners_site p ON p.id = f.site_id
WHERE f.batch_id = %(batch)s {within}
UNION SELECT r.site_id, (r.at AT TIME ZONE p.time_zone)::date FROM kpis_revision r JOIN partners_site p ON p.id = r.site_id
WHERE r.batch_id = %(batch)s
"""


BAD_ROWS: Final = """
SELECT "row", fault, to_jsonb(t) AS says FROM kpis_typed t WHERE fault IS NOT NULL ORDER BY "row" LIMIT %(most)s
"""
CELLS_OF: Final = 'SELECT s.* FROM kpis_staged s WHERE s."row" = ANY (%(rows)s)'


def _listed(table: str, names: tuple[str, ...]) -> str:
    return ", ".join(f"{table}.{name}" for name in names)
