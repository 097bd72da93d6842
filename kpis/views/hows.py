"""How a figure was counted: its formula in words with version and parameters. One collection a page, so that nothing is read twice."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from ..choices import Interval
from ..components import BY_CODE
from ..models import Kpi, KpiVersion
from ..queries import NOW, THEN
from ..queries.book import Book
from ..queries.definitions import in_force
from ..rules.formulas import Reading
from ..wording.formulas import formula_text, parameter_texts, terms_text
from ..wording.periods import day_text
from .asked import Asked

EPOCH = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class How:
    """One version of a formula in words. `days`: when it is in force; empty where it always was. `seconds`: its n are seconds.

    `minimum_n`: the smallest sample that it names, 0 for none; `bounded`: it has an interval.
    """

    formula: str
    number: int
    numerator: str
    denominator: str
    parameters: list[tuple[str, str]]
    reason: str = ""
    days: str = ""
    seconds: bool = False
    minimum_n: int = 0
    bounded: bool = False


@dataclass(slots=True)
class Formulary:
    """The formulas of a page's KPIs, out of its book. `pins`: the version per KPI id that a contract names; only what was in force then obeys it."""

    asked: Asked
    book: Book
    versions: Mapping[int, list[KpiVersion]]
    names: Mapping[str, str]
    pins: Mapping[int, KpiVersion] = field(default_factory=dict)
    _known: dict[int, How] = field(default_factory=dict)

    def of(self, kpi: Kpi, reading: Reading | None = None) -> tuple[How, ...]:
        """The formulas that made a reading, in their order; without one, the formula that a figure of the period would have."""
        versions = self.versions.get(kpi.pk, [])
        if reading is not None and reading.versions:
            made = [one for one in versions if one.number in reading.versions]
        else:
            chosen = self.chosen(kpi)
            made = [chosen] if chosen else []
        return tuple(self._how(version) for version in made)

    def chosen(self, kpi: Kpi) -> KpiVersion | None:
        """The version by which a whole period is read: of several in force, that of its last day."""
        versions, formula = self.versions.get(kpi.pk, []), self.asked.formula
        if formula == THEN:
            return self.pins.get(kpi.pk) or in_force(versions, self.asked.period.last)
        if formula == NOW:
            return in_force(versions, timezone.now().date()) or (versions[-1] if versions else None)
        return next((one for one in versions if one.number == formula), None)

    @property
    def numbers(self) -> list[int]:
        """Every number that a version of these KPIs has."""
        return sorted({one.number for versions in self.versions.values() for one in versions})

    def _how(self, version: KpiVersion) -> How:
        if version.pk not in self._known:
            self._known[version.pk] = how_of(version, self.names)
        return self._known[version.pk]


def formulary(asked: Asked, book: Book, kpis: Iterable[Kpi], pins: Mapping[int, KpiVersion] | None = None) -> Formulary:
    """The formulas of some of a book's KPIs."""
    return Formulary(asked, book, book.versions_of(kpis), book.names, pins or {})


def how_of(version: KpiVersion, names: Mapping[str, str]) -> How:
    """One version in words."""
    return How(
        formula_text(version, names), version.number, terms_text(version.numerator, names),
        terms_text(version.denominator, names), parameter_texts(version), version.reason, _days(version),
        _counts_seconds(version), version.minimum_n, version.interval != Interval.NONE,
    )  # fmt: skip


def _counts_seconds(version: KpiVersion) -> bool:
    codes = {version.sample} if version.sample else set(version.denominator)
    return bool(codes) and all(code in BY_CODE and BY_CODE[code].unit == "seconds" for code in codes)


def _days(version: KpiVersion) -> str:
    first, end = version.period.lower, version.period.upper
    if end is not None:
        last = day_text(end - timedelta(days=1))
        if first <= EPOCH:
            return _("until %(day)s") % {"day": last}
        return _("%(first)s to %(last)s") % {"first": day_text(first), "last": last}
    return "" if first <= EPOCH else _("from %(day)s on") % {"day": day_text(first)}


def choices_of(asked: Asked, numbers: Sequence[int]) -> list[tuple[str, str, bool]]:
    """The formulas that a page can be read by: those then in force, today's, and each version. (key, label, whether it is chosen)"""
    found = [("then", _("In force then")), ("now", _("Today’s formulas"))]
    found += [(str(number), _("Version %(number)d") % {"number": number}) for number in numbers]
    return [(key, label, key == str(asked.formula)) for key, label in found]


def said_of(asked: Asked) -> list[str]:
    """What is not as a contract would count it, for the head of a page and its export."""
    found = []
    if asked.formula == NOW:
        found.append(_("By today’s formulas"))
    elif asked.formula != THEN:
        found.append(_("By version %(number)d of the formulas") % {"number": asked.formula})
    if asked.excluded:
        found.append(_("With excluded time"))
    return found
