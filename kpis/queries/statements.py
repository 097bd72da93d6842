"""The SQL of sums: one statement a table, however many questions are asked of it at once. Ids and days are always parameters."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple

from django.db import connection
from psycopg import sql

PLACES: Final = ("site", "programme", "queue", "team", "person")
TIMES: Final = {
    "day": "t.day",
    # Without a time zone, which would cost a third more.
    "week": "date_trunc('week', t.day::timestamp)::date",
    "month": "date_trunc('month', t.day::timestamp)::date",
    "quarter": "date_trunc('quarter', t.day::timestamp)::date",
    # The newest of the question's `cuts` that a day has reached; takes them as parameters.
    "cut": "(%s::date[])[width_bucket(t.day, %s::date[])]",
}
NUMBERS: Final = {"weekday": "extract(isodow FROM t.day)::bigint"}
_QUEUE: Final = " LEFT JOIN partners_queue q ON q.id = t.queue_id"
_PART: Final = sql.SQL("SELECT {} FROM {}")
_NEWEST: Final = sql.SQL("(SELECT DISTINCT ON ({once}) t.* FROM {rows} ORDER BY {once}, t.day DESC) t{join}")


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose figures: sites, narrowed by one of the others. Ids come from what the actor may see, never straight from an address."""

    site_ids: frozenset[int]
    programme_ids: frozenset[int] | None = None
    queue_ids: frozenset[int] | None = None
    team_ids: frozenset[int] | None = None
    person_ids: frozenset[int] | None = None

    def of_people(self, by: Sequence[str] = ()) -> bool:
        """Whether only what is known of agents can answer."""
        return self.team_ids is not None or self.person_ids is not None or bool({"team", "person"} & set(by))

    def narrowed(self) -> dict[str, frozenset[int]]:
        """The kinds of places by which it is narrowed, with their ids."""
        given = {one: getattr(self, f"{one}_ids") for one in PLACES}
        return {one: ids for one, ids in given.items() if ids is not None}


@dataclass(frozen=True, slots=True)
class Ask:
    """One question: whose, from which day to which (both included), grouped by what, of which components; `excluded` as in `sums`.

    `cuts`: the days at which groups by "cut" begin, in order, none before `first`. `dated`: components whose first and last day are told too.
    """

    scope: Scope
    first: date
    last: date
    by: tuple[str, ...]
    components: frozenset[str]
    excluded: bool = False
    cuts: tuple[date, ...] = ()
    dated: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a row a day, and the column of each kind of place it knows."""

    name: str
    places: dict[str, str]

    def answers(self, ask: Ask) -> bool:
        """Whether it knows every place that is asked for."""
        return {*ask.scope.narrowed(), *(one for one in ask.by if one in PLACES)} <= self.places.keys()

    def source(self, ask: Ask) -> str:
        """The table, joined to what it needs."""
        needed = "programme" in {*ask.scope.narrowed(), *ask.by} and self.places["programme"].startswith("q.")
        return f"{self.name} t{_QUEUE if needed else ''}"


_SITE: Final = {"site": "t.site_id"}
_OF_QUEUES: Final = {**_SITE, "programme": "q.programme_id", "queue": "t.queue_id"}
QUEUES: Final = Table("kpis_queueday", _OF_QUEUES)
AGENTS: Final = Table(
    "kpis_agentday", {**_SITE, "programme": "t.programme_id", "team": "t.team_id", "person": "t.person_id"}
)
FIGURES: Final = Table("kpis_figure", {**_OF_QUEUES, "person": "t.person_id"})


@dataclass(frozen=True, slots=True)
class _Shape:
    """How many columns of the statement's keys are numbers and days, so that all its parts have the same."""

    numbers: int
    days: int

    @classmethod
    def of(cls, asks: Iterable[Ask]) -> "_Shape":
        pairs = [(sum(one not in TIMES for one in ask.by), sum(one in TIMES for one in ask.by)) for ask in asks]
        return cls(max(numbers for numbers, _days in pairs), max(days for _numbers, days in pairs))

    def keys(self, table: Table, by: Sequence[str]) -> tuple[str, list[int]]:
        """The key's columns, the second one of the statement first, and at which of them each part of the key stands."""
        numbers = [NUMBERS.get(one) or table.places[one] for one in by if one not in TIMES]
        days = [TIMES[one] for one in by if one in TIMES]
        columns = [*_padded(numbers, self.numbers, "bigint"), *_padded(days, self.days, "date")]
        number, day = iter(range(1, self.width)), iter(range(1 + self.numbers, self.width))
        return "".join(f"{one}, " for one in columns), [next(day if one in TIMES else number) for one in by]

    @property
    def width(self) -> int:
        """Columns before what is asked for: the question's place, and the key."""
        return 1 + self.numbers + self.days


def _padded(columns: list[str], width: int, kind: str) -> list[str]:
    return [*columns, *[f"NULL::{kind}"] * (width - len(columns))]


class Group(NamedTuple):
    """One group of the answer to the question at `place`; `values` by what was asked for: columns' names, or components' ids.

    `days`: the first and last of what is dated, None where nothing is; of components' ids, those of the one.
    """

    place: int
    key: tuple[Any, ...]
    values: dict[Any, Any]
    days: tuple[date | None, date | None] = (None, None)


def ask_daily(table: Table, asks: Sequence[tuple[int, Ask, Sequence[str]]]) -> Iterable[Group]:
    """Sums of columns per question and group."""
    codes = sorted({code for _place, _ask, wanted in asks for code in wanted})
    shape, dated = _Shape.of(ask for _place, ask, _wanted in asks), any(ask.dated for _place, ask, _wanted in asks)
    parts, params, known = [], [], {}
    for place, ask, wanted in asks:
        keys, at = shape.keys(table, ask.by)
        values = ", ".join(f"sum(t.{code})" if code in wanted else "NULL::numeric" for code in codes)
        values += _days([f"t.{code}" for code in wanted if code in ask.dated]) if dated else ""
        where, given = _where(table, ask)
        kept = "" if ask.excluded else " AND NOT t.excluded"
        rows = f"{table.source(ask)} WHERE {where}{kept}{_grouped(at)} HAVING count(*) > 0"
        parts.append(_part(place, keys + values, rows))
        params += [*_cuts(ask), *given]
        known[place] = at, [(code, shape.width + codes.index(code)) for code in wanted]
    for row in _rows(parts, params):
        at, columns = known[row[0]]
        found = {code: row[column] for code, column in columns}
        yield Group(row[0], tuple([row[one] for one in at]), found, (row[-2], row[-1]) if dated else (None, None))


def _days(columns: Sequence[str]) -> str:
    """The first and last day on which any of these columns has a value."""
    if not columns:
        return ", NULL::date, NULL::date"
    measured = f"FILTER (WHERE num_nonnulls({', '.join(columns)}) > 0)"
    return f", min(t.day) {measured}, max(t.day) {measured}"


def _cuts(ask: Ask) -> list[Any]:
    return [list(ask.cuts)] * 2 if "cut" in ask.by else []


def ask_figures(asks: Sequence[tuple[int, Ask, Collection[int], bool]]) -> Iterable[Group]:
    """Figures of components of their own per question, group and component.

    The last of each question is whether its components are stocks: of these the last day in each period counts, at every place of its own.
    """
    shape = _Shape.of(ask for _place, ask, _wanted, _stock in asks)
    dated = ", min(t.day), max(t.day)" if any(ask.dated for _place, ask, _wanted, _stock in asks) else ""
    parts, params, known = [], [], {}
    for place, ask, wanted, stock in asks:
        keys, at = shape.keys(FIGURES, ask.by)
        where, given = _where(FIGURES, ask)
        rows = _figures_of(ask, where, newest=stock and not {"day", "cut"} & {*ask.by})
        rows += _grouped([*at, shape.width])
        parts.append(_part(place, f"{keys}t.component_id, sum(t.value){dated}", rows))
        params += [*_cuts(ask), *given, list(wanted)]
        known[place] = at
    for row in _rows(parts, params):
        component, value, *days = row[shape.width :]
        key = tuple([row[one] for one in known[row[0]]])
        yield Group(row[0], key, {component: value}, (days[0], days[1]) if days else (None, None))


def _figures_of(ask: Ask, where: str, *, newest: bool) -> str:
    """The rows of some components; a figure is somebody's or a place's own: those of people are never added to those of places."""
    people = "IS NOT NULL" if ask.scope.person_ids is not None or "person" in ask.by else "IS NULL"
    source = FIGURES.source(ask)
    rows = f"{source} WHERE {where} AND t.component_id = ANY(%s::bigint[]) AND t.person_id {people}"
    if not newest:
        return rows
    periods = [TIMES.get(one) or NUMBERS[one] for one in ask.by if one not in PLACES]
    once = ", ".join(["t.component_id", "t.site_id", "t.queue_id", "t.person_id", *periods])
    join = _QUEUE if source.endswith(_QUEUE) else ""
    return _NEWEST.format(once=sql.SQL(once), rows=sql.SQL(rows), join=sql.SQL(join)).as_string()


def _where(table: Table, ask: Ask) -> tuple[str, list[Any]]:
    narrowed = ask.scope.narrowed()
    conditions = [f"{table.places[one]} = ANY(%s::bigint[])" for one in narrowed]
    return " AND ".join([*conditions, "t.day BETWEEN %s AND %s"]), [*map(list, narrowed.values()), ask.first, ask.last]


def _grouped(at: Sequence[int]) -> str:
    return f" GROUP BY {', '.join(str(one + 1) for one in at)}" if at else ""


def _part(place: int, columns: str, rows: str) -> sql.Composed:
    """The question at `place` as a part of the statement, of names of our own."""
    return _PART.format(sql.SQL(f"{place}, {columns}"), sql.SQL(rows))


def _rows(parts: Sequence[sql.Composed], params: Sequence[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(" UNION ALL ").join(parts).as_string(), params)
        return list(cursor.fetchall())
