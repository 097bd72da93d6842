"""KPIs and their formulas in force."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from ..choices import RollUp
from ..models import Kpi, KpiVersion
from ..rules.formulas import Formula


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
    )


def stretches(versions: Sequence[KpiVersion], first: date, last: date) -> list[Stretch]:
    """The formulas in force from `first` to `last`, in order; days without one are in none."""
    found = []
    for version in versions:
        begins = max(first, version.period.lower)
        ends = min(last, version.period.upper - timedelta(days=1)) if version.period.upper else last
        if begins <= ends:
            found.append(Stretch(version, formula_of(version), begins, ends))
    return found


def pinned(version: KpiVersion, first: date, last: date) -> list[Stretch]:
    """One formula for all days, whenever it was in force: "what would it be by this one?"."""
    return [Stretch(version, formula_of(version), first, last)]


def in_force(versions: Sequence[KpiVersion], day: date) -> KpiVersion | None:
    """The version in force that day."""
    return next((one.version for one in stretches(versions, day, day)), None)


def components_of(parts: Iterable[Stretch]) -> set[str]:
    """Every component that these formulas need."""
    return {code for part in parts for code in part.formula.components}


def reads_last(version: KpiVersion) -> bool:
    """Whether the figure is a stock, of which the last value counts."""
    return version.roll_up == RollUp.LAST
