"""What a page reads, all at once: the number of statements depends neither on sites nor on KPIs, and definitions are read once."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from ..access.subjects import Subject, newest_of
from ..models import Kpi
from ..queries import THEN, Figures, Scope
from ..queries.book import Book
from ..queries.contracts import Card, by_formulas
from ..queries.figures import Together
from ..queries.scores import ask_readings
from ..queries.trends import Weekly, ask_weekly
from ..rules.formulas import Reading
from ..rules.periods import Period
from .asked import SPARK, Asked

# So many columns are read at a glance; a contract seldom has more.
COLUMNS: Final = 8
#: Parts whose weeks are added up from every day of every agent: a page asks for them when it is there.
LATER: Final = frozenset({"team"})

type Rows = Mapping[str, Reading]
type Contacts = dict[Any, Decimal]
type Group = tuple[frozenset[int], Mapping[int, Any]]


@dataclass(frozen=True, slots=True)
class MatrixRead:
    """The figures of sites: `now` per site id, `before` and `trend` by key, `whole` of the first three KPIs over all sites."""

    columns: list[Kpi]
    now: dict[int, dict[str, Reading]]
    before: Figures
    trend: Weekly
    whole: Rows
    contacts: Contacts
    contacts_before: Contacts


@dataclass(frozen=True, slots=True)
class ScorecardRead:
    """The figures of one subject, and those of its parts per kind as functions; `part_weeks`: of one KPI, for sparklines."""

    now: Rows
    before: Rows
    trend: Mapping[str, Sequence[Reading | None]]
    parts: Mapping[str, Callable[[], Figures]]
    part_weeks: Mapping[str, Callable[[], Weekly]]


def read_matrix(
    sites: Sequence[Any], book: Book, judged: Mapping[int, Card], asked: Asked, pins: Mapping[int, Any], weeks: Sequence[Period],
    other: Any = None,
) -> MatrixRead:  # fmt: skip
    """The sites by the KPIs of their contracts in one round; without a contract those with figures are found in a round before.

    `other`: the site that all are compared with, in sight, but perhaps not among those that are shown.
    """
    scope, period, way = Scope(frozenset(site.pk for site in sites)), asked.period, way_of(asked, pins)
    together = Together(book)
    now = _ask_now(together, scope, judged, asked)
    columns = list(book.kpis) if judged else with_figures(book.kpis, now().values())
    groups = _by_formulas(scope, judged, asked)
    before = _ask_before_of(together, groups, columns, asked, other)
    trend = [ask_weekly(together, Scope(ids), columns, weeks, ("site",), **way_of(asked, own)) for ids, own in groups]
    whole = together.figures(scope, columns[:3], period.first, period.last, **way)
    contacts = _ask_contacts(together, scope, asked, newest_of(sites))
    weekly = {key: row for read in trend for key, row in read().items()}
    return MatrixRead(columns, now(), before(), weekly, whole().get((), {}), *[read() for read in contacts])


def read_scorecard(
    subject: Subject, book: Book, asked: Asked, pins: Mapping[int, Any], weeks: Sequence[Period],
    parts: Mapping[str, Sequence[Kpi]], *, whole: bool = False,
) -> ScorecardRead:  # fmt: skip
    """A subject's own figures and those of its parts, in one round. `parts`: the KPIs to read for each kind of part; `whole`: with all their weeks."""
    scope, period, way = subject.scope, asked.period, way_of(asked, pins)
    together = Together(book)
    now = together.figures(scope, book.kpis, period.first, period.last, **way)
    trend = ask_weekly(together, scope, book.kpis, weeks, **way)
    before = _ask_before(together, subject, asked, way)
    of_parts = {kind: _ask_part(together, subject, kpis, asked, kind, way) for kind, kpis in parts.items()}
    of_weeks = {
        kind: _ask_part_weeks(together, subject, kpis, asked, kind, weeks, way)
        for kind, kpis in parts.items()
        if kpis and (whole or kind not in LATER)
    }
    return ScorecardRead(now().get((), {}), before().get((), {}), trend().get((), {}), of_parts, of_weeks)


def read_parts(
    subject: Subject,
    book: Book,
    asked: Asked,
    pins: Mapping[int, Any],
    weeks: Sequence[Period],
    kind: str,
    kpis: Sequence[Kpi],
) -> tuple[Callable[[], Figures], Callable[[], Weekly]]:
    """The figures and the weeks of the parts of one kind, in one round."""
    together, way = Together(book), way_of(asked, pins)
    figures = _ask_part(together, subject, kpis, asked, kind, way)
    return figures, _ask_part_weeks(together, subject, kpis, asked, kind, weeks, way) if kpis else dict


def _ask_part(
    together: Together, subject: Subject, kpis: Sequence[Kpi], asked: Asked, kind: str, way: Mapping[str, Any]
) -> Callable[[], Figures]:
    return together.figures(subject.scope, kpis, asked.period.first, asked.period.last, (kind,), **way)


def _ask_part_weeks(
    together: Together,
    subject: Subject,
    kpis: Sequence[Kpi],
    asked: Asked,
    kind: str,
    weeks: Sequence[Period],
    way: Mapping[str, Any],
) -> Callable[[], Weekly]:
    return ask_weekly(together, subject.scope, [drawn_of(kpis, asked)], weeks[-SPARK:], (kind,), **way)


def drawn_of(kpis: Sequence[Kpi], asked: Asked) -> Kpi:
    """The KPI whose weeks the rows of parts show: the chosen one, if they have it, else their first."""
    return next((kpi for kpi in kpis if kpi.code == asked.kpi), kpis[0])


def way_of(asked: Asked, pins: Mapping[int, Any]) -> dict[str, Any]:
    """By which formulas, and whether with excluded time, as `figures` takes it."""
    return {"formula": asked.formula, "pins": pins, "excluded": asked.excluded}


def with_figures(columns: Iterable[Kpi], rows: Iterable[Rows]) -> list[Kpi]:
    """Those of which there is a figure somewhere, at most eight."""
    codes = {code for row in rows for code, reading in row.items() if reading.value is not None}
    return [kpi for kpi in columns if kpi.code in codes][:COLUMNS]


def _ask_now(
    together: Together, scope: Scope, judged: Mapping[int, Card], asked: Asked
) -> Callable[[], dict[int, dict[str, Reading]]]:
    """The figures of each site: by its contract's formulas, or by the one that was asked for."""
    period = asked.period
    by_contract = judged if asked.formula == THEN else {}
    own = ask_readings(together, by_contract, period, excluded=asked.excluded)
    rest, way = Scope(scope.site_ids - by_contract.keys()), way_of(asked, {})
    if not rest.site_ids:
        return own
    read = together.figures(rest, together.book.kpis, period.first, period.last, ("site",), **way)
    return lambda: {**own(), **{key[0]: row for key, row in read().items()}}


def _by_formulas(scope: Scope, judged: Mapping[int, Card], asked: Asked) -> list[Group]:
    """Sites that are read by the same formulas: those that their contracts name, where no other was asked for."""
    groups = by_formulas(judged) if asked.formula == THEN else []
    rest = scope.site_ids.difference(*[ids for ids, _pins in groups])
    return [*((frozenset(ids), pins) for ids, pins in groups), *([(rest, {})] if rest else [])]


def _ask_before_of(
    together: Together, groups: Sequence[Group], columns: Sequence[Kpi], asked: Asked, other: Any
) -> Callable[[], Figures]:
    """What each site is compared with: itself in another period, or the other site, by the formulas that the site itself is read by."""
    days = asked.other or asked.period
    if asked.other is None and other is None:
        return dict
    reads = [
        (ids, together.figures(Scope(ids if asked.other else frozenset({other.pk})), columns, days.first, days.last, ("site",), **way_of(asked, pins)))
        for ids, pins in groups
    ]  # fmt: skip
    if asked.other:
        return lambda: {key: row for _ids, read in reads for key, row in read().items()}
    return lambda: {(pk,): read().get((other.pk,), {}) for ids, read in reads for pk in ids if pk != other.pk}


def _ask_before(together: Together, subject: Subject, asked: Asked, way: Mapping[str, Any]) -> Callable[[], Figures]:
    """The figures to compare with: of another period, or of another site in the actor's sight in the same period."""
    if asked.other_site:
        scope = Scope(frozenset(one.pk for one in subject.peers if one.code == asked.other_site))
        return together.figures(scope, together.book.kpis, asked.period.first, asked.period.last, **way)
    if asked.other:
        return together.figures(subject.scope, together.book.kpis, asked.other.first, asked.other.last, **way)
    return dict


def _ask_contacts(
    together: Together, scope: Scope, asked: Asked, newest: date | None
) -> tuple[Callable[[], Contacts], Callable[[], Contacts]]:
    def ask(first: date, last: date) -> Callable[[], Contacts]:
        read = together.sums(scope, first, last, ("site",), ["offered"], excluded=asked.excluded)
        return lambda: {key[0]: row["offered"] or Decimal(0) for key, row in read().items()}

    now = ask(asked.period.first, asked.period.last)
    if asked.other is None:
        return now, dict
    # Of a period that is not over, as many days are counted as it has figures for.
    until = min(asked.period.last, newest) if newest else asked.period.last
    days = until - asked.period.first if until >= asked.period.first else asked.other.last - asked.other.first
    return now, ask(asked.other.first, min(asked.other.last, asked.other.first + days))
