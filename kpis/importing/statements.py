"""The statements of an import. Names of tables and columns come from `kinds`; what a file or a mapping says is a parameter.

`kpis_staged` holds the cells, `kpis_place`, `kpis_time` and `kpis_agent` what each different text of them means, `kpis_typed` the rows as
values with what is wrong with each, `kpis_standing` (in `standing`) what stands already. All are dropped at the commit.
"""

from typing import Final

from .cells import Cells
from .kinds import Column, Shape
from .schema import FactsMapping

TABLES: Final = ("kpis_staged", "kpis_place", "kpis_time", "kpis_agent", "kpis_typed", "kpis_standing")
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


def stage(cells: Cells) -> str:
    """The table of cells."""
    kinds = ("integer" if name in cells.whole else "text" for name in cells.places)
    listed = "".join(f", c{number} {kind}" for number, kind in enumerate(kinds))
    return f'CREATE TEMP TABLE kpis_staged ("row" integer{listed}) ON COMMIT DROP'


def as_text(cells: Cells) -> str:
    """The table of cells, where one of them is no number."""
    names = (number for number, name in enumerate(cells.places) if name in cells.whole)
    return f"ALTER TABLE kpis_staged {', '.join(f'ALTER c{number} TYPE text' for number in names)}"


def copy_staged(delimiter: str) -> str:
    """What the blocks of a file are written by."""
    return f"COPY kpis_staged FROM STDIN (FORMAT csv, DELIMITER E'{DELIMITERS[delimiter or ',']}')"


def typed(cells: Cells) -> str:
    """Every row as values, with the first thing that is wrong with it.

    The inner query is fenced off by OFFSET, so that a cell is converted once, however often its value is looked at.
    """
    shape, mapping = cells.mapping.shape, cells.mapping
    wanted = [Column("seconds", required=True), *shape.columns] if "seconds" in mapping.fields else list(shape.columns)
    said = [c for c in wanted if not cells.is_whole(c.name)]
    inner = ", ".join(
        [f"{cells.raw(c.name, tabled=False)} AS r_{c.name}" for c in said]
        + [f"{cells.value(c)} AS {c.name}" for c in wanted]
    )
    names = [c.name for c in wanted if c.name not in ("scale", "component")]
    seconds = "" if "seconds" in mapping.fields else "t.seconds, "
    listed = "".join(f", {name}" for name in names)
    return f"""
CREATE TEMP TABLE kpis_typed ON COMMIT DROP AS
SELECT "row", site_id, queue_id, person_id, starts_at{_at(shape)}, second_at, day{", seconds" if seconds else ""}{listed}
    {_extra(shape)}, {_fault(shape, wanted, said, mapping)} AS fault
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


def _fault(shape: Shape, wanted: list[Column], said: list[Column], mapping: FactsMapping) -> str:
    whens = ["WHEN place_fault IS NOT NULL THEN 'place:' || place_fault"]
    whens += ["WHEN time_fault IS NOT NULL THEN 'time:' || time_fault", "WHEN starts_at IS NULL THEN 'time:missing'"]
    whens += [f"WHEN {c.name} IS NULL AND btrim(r_{c.name}) <> '' THEN 'cell:{c.name}:'" for c in said]
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
    """Of good and of bad rows, per site and day of it: how many, from when to when they last, least and most of their lengths and of what
    they are beside a grid of that length.
    """
    ends, length = ("starts_at + seconds * interval '1 second'", "seconds") if shape.lasts else ("starts_at", "1")
    beside = f"date_part('epoch', starts_at)::bigint % nullif({length}, 0)"
    return f"""
SELECT fault IS NULL, site_id, day, count(*), min(starts_at), max(starts_at), max({ends}),
    min({length}), max({length}), min({beside}), max({beside}) FROM kpis_typed GROUP BY 1, 2, 3
"""


def apart(shape: Shape) -> str:
    """How many different intervals there are: of one grid, two of them overlap only if they are the same."""
    return f"SELECT count(*) FROM (SELECT DISTINCT {shape.holder}, starts_at FROM kpis_typed WHERE fault IS NULL) d"


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


BAD_ROWS: Final = """
SELECT "row", fault, to_jsonb(t) AS says FROM kpis_typed t WHERE fault IS NOT NULL ORDER BY "row" LIMIT %(most)s
"""


def cells_of(cells: Cells) -> str:
    """The cells of some rows as text."""
    listed = ", ".join(f"{place}::text" for place in cells.places.values())
    return f'SELECT s."row", {listed} FROM kpis_staged s WHERE s."row" = ANY (%(rows)s)'
