"""The definitions that a page needs, read once and handed on."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from ..components import BY_CODE
from ..models import Component, Kpi, KpiVersion
from ..rules.formulas import Formula
from .definitions import formula_of, versions_of


@dataclass(frozen=True)
class Book:
    """KPIs in their order with all their versions, oldest first. Components that are not built in are read when they are first needed."""

    kpis: tuple[Kpi, ...]
    versions: dict[int, list[KpiVersion]]
    _formulas: dict[int, Formula] = field(default_factory=dict, compare=False, repr=False)

    def formula_of(self, version: KpiVersion) -> Formula:
        """A version as the rules compute with it, made once: a page asks several questions by the same formulas."""
        if version.pk is None:
            return formula_of(version)
        if version.pk not in self._formulas:
            self._formulas[version.pk] = formula_of(version)
        return self._formulas[version.pk]

    @property
    def names(self) -> dict[str, str]:
        """Labels of the components that are not built in, if a formula here has any."""
        needed = {
            code for rows in self.versions.values() for one in rows for code in (*one.numerator, *one.denominator)
        }
        return {} if needed <= BY_CODE.keys() else {code: one.label for code, one in self.own.items()}

    def versions_of(self, kpis: Iterable[Kpi]) -> dict[int, list[KpiVersion]]:
        """The versions of some of its KPIs."""
        return {kpi.pk: self.versions.get(kpi.pk, []) for kpi in kpis}

    @cached_property
    def own(self) -> dict[str, Component]:
        """Components that are not built in, by code."""
        return {one.code: one for one in Component.objects.all()}


def book_of(kpis: Iterable[Kpi]) -> Book:
    """The definitions of KPIs in hand. One query."""
    chosen = tuple(kpis)
    return Book(chosen, versions_of([kpi.pk for kpi in chosen]))


def book_in_use() -> Book:
    """Every KPI in use that ever had a formula. One query."""
    kpis: dict[int, Kpi] = {}
    versions: dict[int, list[KpiVersion]] = {}
    rows = KpiVersion.objects.filter(kpi__archived_at=None).select_related("kpi").order_by("kpi", "period")
    for version in rows:
        kpis.setdefault(version.kpi_id, version.kpi)
        versions.setdefault(version.kpi_id, []).append(version)
    return Book(tuple(kpis.values()), versions)
