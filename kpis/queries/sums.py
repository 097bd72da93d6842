"""Sums of components, by whatever a page asks for: the only place that reads daily sums. One query per table, whatever the number of rows
and of questions that are asked at once."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from ..components import BY_CODE, OF_AGENTS
from ..models import Component
from .statements import (
    AGENTS,
    FIGURES,
    NUMBERS,
    PLACES,
    QUEUES,
    TIMES,
    Ask,
    Group,
    Scope,
    Table,
    ask_daily,
    ask_figures,
)

__all__ = ["Answer", "Ask", "Key", "Row", "Scope", "Span", "answered", "sums"]

type Key = tuple[Any, ...]
type Row = dict[str, Decimal | None]
type Span = tuple[date, date]
type Own = Callable[[], Mapping[str, Component]]

_AGENT_CODES: Final = frozenset(component.code for component in OF_AGENTS)


@dataclass(slots=True)
class Answer:
    """The sums of each group; where it was asked for, also the first and last day on which what is dated was measured."""

    rows: dict[Key, Row] = field(default_factory=lambda: defaultdict(dict))
    days: dict[Key, Span] = field(default_factory=dict)

    def reach(self, key: Key, first: date, last: date) -> None:
        """Have the days of a group reach over these too."""
        held = self.days.get(key, (first, last))
        self.days[key] = min(held[0], first), max(held[1], last)


def sums(
    scope: Scope,
    first: date,
    last: date,
    by: Sequence[str],
    components: Collection[str],
    *,
    excluded: bool = False,
) -> dict[Key, Row]:
    """Component sums from `first` to `last`, both included, grouped by `by` (of PLACES and TIMES), keyed by a tuple in that order.

    None: nobody measured it; 0: measured, and none. Places are ids; times are the first day of the period, `weekday` 1 (Monday) to 7.
    `excluded`: also what lies in approved exclusions (a contract leaves it out). A stock is the value of its last day in each
    group, added up over sites and queues. People and teams have no queues, teams no figures of their own: asked for together, nothing.
    Raises ValueError for another `by`.
    """
    (found,) = answered([Ask(scope, first, last, tuple(by), frozenset(components), excluded)])
    return found.rows


def answered(asks: Sequence[Ask], own: Own | None = None) -> list[Answer]:
    """Each question as `sums` answers it, all with one query per table. `own`: the components that are not built in, by code; else they
    are read."""
    if unknown := {one for ask in asks for one in ask.by} - {*PLACES, *TIMES, *NUMBERS}:
        raise ValueError(f"nothing is grouped by {', '.join(sorted(unknown))}")
    found = [Answer() for _ask in asks]
    for table in (QUEUES, AGENTS):
        _add_built_in(found, table, asks)
    _add_figures(found, asks, own or _own_of(asks))
    for one in found:
        one.rows = dict(one.rows)
    return found


def _add_built_in(found: list[Answer], table: Table, asks: Sequence[Ask]) -> None:
    people = table is AGENTS
    wanted = [
        (place, ask, [code for code in BY_CODE if code in ask.components and (not people or code in _AGENT_CODES)])
        for place, ask in enumerate(asks)
        if ask.scope.of_people(ask.by) == people and table.answers(ask)
    ]
    wanted = [one for one in wanted if one[2]]
    if wanted:
        for group in ask_daily(table, wanted):
            _add(found[group.place], group, group.values)


def _add(answer: Answer, group: Group, values: Mapping[str, Any], *, dated: bool = True) -> None:
    answer.rows[group.key] |= values
    first, last = group.days
    if dated and first is not None and last is not None:
        answer.reach(group.key, first, last)


def _add_figures(found: list[Answer], asks: Sequence[Ask], own: Own) -> None:
    needed = [(place, ask, ask.components - BY_CODE.keys()) for place, ask in enumerate(asks) if FIGURES.answers(ask)]
    if not any(codes for _place, _ask, codes in needed):
        return
    known = own()
    wanted = []
    for place, ask, codes in needed:
        for stock in (False, True):
            ids = [one.pk for code, one in known.items() if code in codes and one.stock == stock]
            wanted += [(place, ask, ids, stock)] if ids else []
    codes_of = {one.pk: code for code, one in known.items()}
    if wanted:
        for group in ask_figures(wanted):
            values = {codes_of[pk]: value for pk, value in group.values.items()}
            _add(found[group.place], group, values, dated=not asks[group.place].dated.isdisjoint(values))


def _own_of(asks: Sequence[Ask]) -> Own:
    """The components that these questions need, read when they are."""
    codes = {code for ask in asks for code in ask.components} - BY_CODE.keys()
    return lambda: {one.code: one for one in Component.objects.filter(code__in=codes)}
