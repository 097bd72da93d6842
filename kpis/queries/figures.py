"""Figures: sums put through the formula in force. Every page, export, alert and result reads them here."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from django.utils import timezone

from ..models import Kpi, KpiVersion
from ..rules.formulas import Formula, Reading, Sums, evaluate_parts
from .definitions import Stretch, components_of, in_force, pinned, stretches, versions_of
from .sums import Key, Scope, sums

THEN, NOW = "then", "now"

type Figures = dict[Key, dict[str, Reading]]


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
) -> Figures:
    """Each KPI's reading per group; a group in which nothing was measured is missing, and so is a KPI without formula in force.

    `formula`: "then" (in force on each day; a period over two versions adds their parts), "now" (today's for all days) or a version's number.
    `pins`: a version per KPI id that overrides it, as contracts may. `by` and `excluded` as in `sums`.
    """
    chosen = list(kpis)
    versions = versions_of([kpi.pk for kpi in chosen])
    plans = {kpi.code: _plan(versions[kpi.pk], first, last, formula, (pins or {}).get(kpi.pk)) for kpi in chosen}
    read = _read(scope, plans, by, excluded)
    found: Figures = defaultdict(dict)
    for code, plan in plans.items():
        keys = {key for stretch in plan for key in read[stretch.first, stretch.last]}
        for key in keys:
            parts = [(stretch.formula, read[stretch.first, stretch.last].get(key, {})) for stretch in plan]
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


def _read(
    scope: Scope, plans: Mapping[str, list[Stretch]], by: Sequence[str], excluded: bool
) -> dict[tuple[date, date], dict[Key, Sums]]:
    """One read of sums per range of days in which the same formulas hold: one, unless a formula changed within the period."""
    ranges: dict[tuple[date, date], list[Stretch]] = defaultdict(list)
    for plan in plans.values():
        for stretch in plan:
            ranges[stretch.first, stretch.last].append(stretch)
    return {
        span: dict(sums(scope, *span, by, components_of(parts), excluded=excluded)) for span, parts in ranges.items()
    }


def _only(parts: Sequence[tuple[Formula, Sums]]) -> list[tuple[Formula, Sums]]:
    """The sums that each formula needs, so that "nobody measured anything" means this KPI's components."""
    return [(formula, {code: sums_.get(code) for code in formula.components}) for formula, sums_ in parts]
