"""Figures: sums put through the formula in force. Every page, export, alert and result reads them here."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Final

from django.utils import timezone

from ..models import Kpi, KpiVersion
from ..rules.formulas import Formula, Reading, Sums, evaluate_parts
from ..rules.periods import containing
from .definitions import Stretch, components_of, in_force, pinned, stretches, versions_of
from .sums import Key, Row, Scope, sums

THEN, NOW = "then", "now"

# Groupings of time that have an end, by the names that periods have too.
GRAINS: Final = frozenset({"day", "week", "month", "quarter"})

type Figures = dict[Key, dict[str, Reading]]
type Span = tuple[date, date]


def figures(
    scope: Scope,
    kpis: Iterable[Kpi],
    first: date,
    last: date,
    by: Sequence[str] = (),
    *,
    formula: str | int = THEN,
    excluded: bool = False,
    pins: Mapping[int, KpiVersion] | None = None,
    reader: Callable[..., dict[Key, Row]] = sums,
) -> Figures:
    """Each KPI's reading per group. A group without any facts is missing, and so is a KPI without formula in force; a KPI of which a group
    has no facts is missing or reads "no_data".

    `formula`: "then" (in force on each day; a period over two versions adds their parts), "now" (today's for all days) or a version's number.
    `pins`: a version per KPI id that overrides it, as contracts may. `by` and `excluded` as in `sums`. `reader`: what reads sums, if not
    those that stand ("what would be").
    """
    chosen = list(kpis)
    versions = versions_of([kpi.pk for kpi in chosen])
    plans = {kpi.code: _plan(versions[kpi.pk], first, last, formula, (pins or {}).get(kpi.pk)) for kpi in chosen}
    read = _read(reader, scope, plans, by, excluded)
    found: Figures = defaultdict(dict)
    for code, plan in plans.items():
        keys = {key for span in _spans(plan) for key in read[span]}
        for key in keys:
            parts = [(stretch.formula, read[span].get(key, {})) for stretch, span in _parts(plan, by, key)]
            found[key][code] = evaluate_parts(_only(parts))
    return dict(found)


def _plan(
    versions: Sequence[KpiVersion], first: date, last: date, formula: str | int, pin: KpiVersion | None
) -> list[Stretch]:
    if pin is not None:
        return pinned(pin, first, last)
    if formula == THEN:
        return stretches(versions, first, last)
    if formula == NOW:
        current = in_force(versions, timezone.now().date()) or (versions[-1] if versions else None)
    else:
        current = next((one for one in versions if one.number == formula), None)
    return pinned(current, first, last) if current else []


def _spans(plan: Sequence[Stretch]) -> list[Span]:
    """What is read for a plan: each formula's days; of a stock all days at once, since a site's last figure may be older than a formula."""
    if plan and plan[-1].formula.stock:
        return [(plan[0].first, plan[-1].last)]
    return [(stretch.first, stretch.last) for stretch in plan]


def _parts(plan: Sequence[Stretch], by: Sequence[str], key: Key) -> list[tuple[Stretch, Span]]:
    """The formulas of a group with the days they are read over; a stock has the one in force at the group's end."""
    spans = _spans(plan)
    if len(spans) == len(plan):
        return list(zip(plan, spans, strict=True))
    ends = [containing(one, first).last for one, first in zip(by, key, strict=True) if one in GRAINS]
    begun = [stretch for stretch in plan if all(stretch.first <= end for end in ends)]
    return [(begun[-1], spans[0])]


def _read(
    reader: Callable[..., dict[Key, Row]],
    scope: Scope,
    plans: Mapping[str, list[Stretch]],
    by: Sequence[str],
    excluded: bool,
) -> dict[Span, dict[Key, Sums]]:
    """One read of sums per range of days in which the same formulas hold: one, unless a formula changed within the period."""
    ranges: dict[Span, list[Stretch]] = defaultdict(list)
    for plan in plans.values():
        for span in _spans(plan):
            ranges[span] += [stretch for stretch in plan if span[0] <= stretch.first and stretch.last <= span[1]]
    return {
        span: dict(reader(scope, *span, by, components_of(parts), excluded=excluded)) for span, parts in ranges.items()
    }


def _only(parts: Sequence[tuple[Formula, Sums]]) -> list[tuple[Formula, Sums]]:
    """The sums that each formula needs, so that "nobody measured anything" means this KPI's components."""
    return [(formula, {code: sums_.get(code) for code in formula.components}) for formula, sums_ in parts]
