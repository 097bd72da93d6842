"""KPIs and their formulas in force."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Q

from ..choices import Interval, RollUp, Unit
from ..components import BY_CODE
from ..models import Component, Contract, Kpi, KpiVersion
from ..rules.formulas import Formula
from ..rules.windows import settling_days


@dataclass(frozen=True, slots=True)
class Stretch:
    """A formula over the days from `first` to `last`, both included."""

    version: KpiVersion
    formula: Formula
    first: date
    last: date


def kpis_in_use() -> list[Kpi]:
    """Every KPI that is not archived, in its place."""
    return list(Kpi.objects.filter(archived_at=None))


def versions_of(kpi_ids: Collection[int]) -> dict[int, list[KpiVersion]]:
    """All versions of each KPI, oldest first. One query."""
    found: dict[int, list[KpiVersion]] = {pk: [] for pk in kpi_ids}
    for version in KpiVersion.objects.filter(kpi__in=kpi_ids).order_by("kpi", "period"):
        found[version.kpi_id].append(version)
    return found


def formula_of(version: KpiVersion) -> Formula:
    """The version as the rules compute with it."""
    return Formula(
        numerator={code: Decimal(factor) for code, factor in version.numerator.items()},
        denominator={code: Decimal(factor) for code, factor in version.denominator.items()},
        scale=version.scale,
        interval=version.interval,
        sample=version.sample,
        version=version.number,
        stock=reads_last(version),
        window=version.window_months,
        settling=settling_days(version.parameters),
    )


def stretches(
    versions: Sequence[KpiVersion], first: date, last: date, formula: Callable[[KpiVersion], Formula] = formula_of
) -> list[Stretch]:
    """The formulas in force from `first` to `last`, in order; days without one are in none. `formula`: of a version, if not made anew."""
    found = []
    for version in versions:
        begins = max(first, version.period.lower)
        ends = min(last, version.period.upper - timedelta(days=1)) if version.period.upper else last
        if begins <= ends:
            found.append(Stretch(version, formula(version), begins, ends))
    return found


def pinned(
    version: KpiVersion, first: date, last: date, formula: Callable[[KpiVersion], Formula] = formula_of
) -> list[Stretch]:
    """One formula for all days, whenever it was in force: "what would it be by this one?"."""
    return [Stretch(version, formula(version), first, last)]


def in_force(versions: Sequence[KpiVersion], day: date) -> KpiVersion | None:
    """The version in force that day."""
    return next(
        (one for one in versions if one.period.lower <= day and not (one.period.upper and one.period.upper <= day)),
        None,
    )


def components_of(parts: Iterable[Stretch]) -> set[str]:
    """Every component that these formulas need."""
    return {code for part in parts for code in part.formula.components}


def reads_last(version: KpiVersion) -> bool:
    """Whether the figure is a stock, of which the last value counts."""
    return version.roll_up == RollUp.LAST


def is_sampled(kpi: Kpi, version: KpiVersion) -> bool:
    """Whether what the formula counts are contacts, answers and the like, so that few of them say little."""
    return kpi.unit in {Unit.PERCENT, Unit.POINTS} and version.interval != Interval.NONE


def component_labels() -> dict[str, str]:
    """Names of the components that are not built in, archived ones included, by code; for `wording.formulas`."""
    return {component.code: component.label for component in Component.objects.all()}


def stocks_by_code() -> dict[str, bool]:
    """Every component that a formula may count, and whether it is a stock. One query."""
    own = Component.objects.filter(archived_at=None).values_list("code", "stock")
    return {**dict.fromkeys(BY_CODE, False), **dict(own)}


def same_formula(one: KpiVersion, other: KpiVersion) -> bool:
    """Whether two versions compute and show the same."""
    return all(
        getattr(one, name) == getattr(other, name)
        for name in ("numerator", "denominator", "scale", "roll_up", "interval", "sample", "minimum_n", "parameters")
    )


def contracts_using(kpi_id: int, day: date) -> list[str]:
    """Names of the contracts whose scorecards of that day or later have the KPI."""
    rows = Contract.objects.filter(
        Q(schedules__period__contains=day) | Q(schedules__period__startswith__gt=day), schedules__lines__kpi=kpi_id
    )
    return [contract.label for contract in rows.distinct()]


def kpis_counting(component: str, day: date) -> list[Kpi]:
    """KPIs in use whose formulas of that day or later count the component."""
    rows = Kpi.objects.filter(
        Q(versions__numerator__has_key=component)
        | Q(versions__denominator__has_key=component)
        | Q(versions__sample=component),
        Q(versions__period__contains=day) | Q(versions__period__startswith__gt=day),
        archived_at=None,
    )
    return list(rows.distinct())
