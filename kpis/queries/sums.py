"""Sums of components, by whatever a page asks for: the only place that reads daily sums. One query per table, whatever the number of rows
and of questions that are asked at once."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from ..components import BY_CODE, OF_AGENTS
from ..models import Component
from .statements import AGENTS, FIGURES, NUMBERS, PLACES, QUEUES, TIMES, Ask, Scope, Table, ask_daily, ask_figures

__all__ = ["Ask", "Key", "Row", "Scope", "answered", "sums"]

type Key = tuple[Any, ...]
type Row = dict[str, Decimal | None]
type Own = Callable[[], Mapping[str, Component]]

_AGENT_CODES: Final = frozenset(component.code for component in OF_AGENTS)


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
    return found


def answered(asks: Sequence[Ask], own: Own | None = None) -> list[dict[Key, Row]]:
    """Each question as `sums` answers it, all with one query per table. `own`: the components that are not built in, by code; else they
    are read."""
    if unknown := {one for ask in asks for one in ask.by} - {*PLACES, *TIMES, *NUMBERS}:
        raise ValueError(f"nothing is grouped by {', '.join(sorted(unknown))}")
    found: list[dict[Key, Row]] = [defaultdict(dict) for _ask in asks]
    for table in (QUEUES, AGENTS):
        _add_built_in(found, table, asks)
    _add_figures(found, asks, own or _own_of(asks))
    return [dict(one) for one in found]


def _add_built_in(found: list[dict[Key, Row]], table: Table, asks: Sequence[Ask]) -> None:
    people = table is AGENTS
    wanted = [
        (place, ask, [code for code in BY_CODE if code in ask.components and (not people or code in _AGENT_CODES)])
        for place, ask in enumerate(asks)
        if ask.scope.of_people(ask.by) == people and table.answers(ask)
    ]
    wanted = [one for one in wanted if one[2]]
    if wanted:
        for group in ask_daily(table, wanted):
            found[group.place][group.key] |= group.values


def _add_figures(found: list[dict[Key, Row]], asks: Sequence[Ask], own: Own) -> None:
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
            found[group.place][group.key] |= {codes_of[pk]: value for pk, value in group.values.items()}


def _own_of(asks: Sequence[Ask]) -> Own:
    """The components that these questions need, read when they are."""
    codes = {code for ask in asks for code in ask.components} - BY_CODE.keys()
    return lambda: {one.code: one for one in Component.objects.filter(code__in=codes)}
