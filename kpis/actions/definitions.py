"""What KPIs are: made, described, given new formulas. A formula that was in force never changes; the next one closes its period."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import ProtectedError
from django.utils import timezone

from portal.accounts.rules import Actor
from portal.audit.actions import record
from portal.refusals import ConflictError, RefusedError

from ..access import definitions as access
from ..models import Kpi, KpiVersion
from ..queries import definitions as queries
from ..rules.definitions import faults
from ..rules.periods import FIRST_YEAR
from ..rules.windows import months_of, written

# Addresses of pages beside those of KPIs.
RESERVED = frozenset({"new", "components", "export"})


@dataclass(frozen=True, slots=True)
class KpiValues:
    """How a KPI is called and shown."""

    name: str
    direction: str
    name_zh: str = ""
    decimals: int = 1
    position: int = 100


@dataclass(frozen=True, slots=True)
class FormulaValues:
    """What a version says: see `models.KpiVersion`. `window`: the months that it rolls over, 0 for the period itself."""

    numerator: Mapping[str, Decimal]
    denominator: Mapping[str, Decimal] = field(default_factory=dict)
    scale: Decimal = Decimal(1)
    roll_up: str = "ratio"
    interval: str = "none"
    sample: str = ""
    minimum_n: int = 0
    window: int = 0
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def columns(self) -> dict[str, Any]:
        """As the table keeps it: factors as text, so that no digit is lost."""
        return {
            **{name: getattr(self, name) for name in ("scale", "roll_up", "interval", "sample", "minimum_n")},
            "numerator": {code: _text(factor) for code, factor in self.numerator.items()},
            "denominator": {code: _text(factor) for code, factor in self.denominator.items()},
            "parameters": {**self.parameters, **({"window": written(self.window)} if self.window else {})},
        }


def draft(kpi: Kpi, values: FormulaValues) -> KpiVersion:
    """The formula as a version that is not kept, to try it out. Raises RefusedError for a formula that cannot be kept."""
    check(kpi.unit, values)
    return KpiVersion(kpi=kpi, number=0, **values.columns())


def check(unit: str, values: FormulaValues) -> None:
    """Raises RefusedError with the first fault of a formula."""
    found = faults(
        unit=unit,
        known=queries.stocks_by_code(),
        **{name: getattr(values, name) for name in ("numerator", "denominator", "scale", "roll_up", "interval")},
        sample=values.sample,
        minimum_n=values.minimum_n,
        window=values.window or months_of(values.parameters),
    )
    if found:
        raise RefusedError(found[0][1], found[0][0])


@transaction.atomic
def add_kpi(*, actor: Actor, code: str, unit: str, values: KpiValues, formula: FormulaValues, first: date) -> Kpi:
    """A KPI with its first formula, in force from `first`, which may have passed; audited. Raises RefusedError, PermissionDenied."""
    acting = access.permit_defining(actor)
    if code in RESERVED or Kpi.objects.filter(code=code).exists():
        raise RefusedError("code_taken", "code")
    _check_first(first)
    check(unit, formula)
    try:
        with transaction.atomic():
            kpi = Kpi.objects.create(code=code, unit=unit, **asdict(values))
    except IntegrityError as error:
        raise RefusedError("code_taken", "code") from error
    _add(kpi, 1, first, formula, "", actor)
    record(actor=acting, verb="kpi.created", subject_type="kpi", subject_id=kpi.pk, changes={"code": code})
    return kpi


@transaction.atomic
def change_kpi(*, actor: Actor, code: str, version: int, values: KpiValues) -> Kpi:
    """Another name, direction, number of decimals or place; audited. Raises Http404, PermissionDenied, ConflictError."""
    kpi = access.get_kpi(actor, code, for_update=True)
    acting = access.permit_defining(actor)
    changed = {name: value for name, value in asdict(values).items() if getattr(kpi, name) != value}
    if not changed:
        return kpi
    _check_seen(kpi, version)
    told = {
        name: [getattr(kpi, name), value] if name in {"direction", "decimals", "position"} else True
        for name, value in changed.items()
    }
    for name, value in changed.items():
        setattr(kpi, name, value)
    _bump(kpi, *changed)
    record(actor=acting, verb="kpi.changed", subject_type="kpi", subject_id=kpi.pk, changes=told)
    return kpi


@transaction.atomic
def add_version(
    *, actor: Actor, code: str, version: int, formula: FormulaValues, first: date, reason: str
) -> KpiVersion:
    """A new formula from tomorrow or later; the one before ends the day before. Audited.

    `version`: the KPI's, as the editor saw it. Raises Http404, PermissionDenied, ConflictError, RefusedError.
    """
    kpi = access.get_kpi(actor, code, for_update=True)
    acting = access.permit_defining(actor)
    _check_seen(kpi, version)
    check(kpi.unit, formula)
    _check_first(first)
    last = kpi.versions.order_by("-number").first()
    number = last.number + 1 if last else 1
    if last is not None:
        _close(last, first, formula)
    made = _add(kpi, number, first, formula, reason, actor)
    _bump(kpi)
    changes = {"version": number, "from": first.isoformat()}
    record(actor=acting, verb="kpi.version_added", subject_type="kpi", subject_id=kpi.pk, changes=changes)
    return made


@transaction.atomic
def withdraw_version(*, actor: Actor, code: str, number: int) -> None:
    """Take back a formula that has not begun; the one before goes on. Audited. Raises Http404, PermissionDenied, RefusedError."""
    kpi = access.get_kpi(actor, code, for_update=True)
    acting = access.permit_defining(actor)
    version = access.get_version(kpi, number)
    before = kpi.versions.filter(number__lt=number).order_by("-number").first()
    if version.period.lower <= timezone.now().date():
        raise RefusedError("begun")
    if before is None:
        raise RefusedError("only_version")
    until = version.period.upper
    try:
        version.delete()
    except ProtectedError as error:
        raise RefusedError("pinned") from error
    before.period = DateRange(before.period.lower, until)
    before.save(update_fields=["period"])
    _bump(kpi)
    record(
        actor=acting, verb="kpi.version_withdrawn", subject_type="kpi", subject_id=kpi.pk, changes={"version": number}
    )


@transaction.atomic
def archive_kpi(*, actor: Actor, code: str) -> Kpi:
    """Take a KPI out of use that no scorecard in force or to come names. Raises Http404, PermissionDenied, RefusedError."""
    kpi = access.get_kpi(actor, code, for_update=True)
    acting = access.permit_defining(actor)
    if using := queries.contracts_using(kpi.pk, timezone.now().date()):
        raise RefusedError("in_contract", params={"contracts": ", ".join(using)})
    if kpi.archived_at is None:
        kpi.archived_at = timezone.now()
        _bump(kpi, "archived_at")
        record(actor=acting, verb="kpi.archived", subject_type="kpi", subject_id=kpi.pk)
    return kpi


@transaction.atomic
def restore_kpi(*, actor: Actor, code: str) -> Kpi:
    """Bring a KPI back into use. Raises Http404, PermissionDenied."""
    kpi = access.get_kpi(actor, code, for_update=True)
    acting = access.permit_defining(actor)
    if kpi.archived_at is not None:
        kpi.archived_at = None
        _bump(kpi, "archived_at")
        record(actor=acting, verb="kpi.restored", subject_type="kpi", subject_id=kpi.pk)
    return kpi


def _add(kpi: Kpi, number: int, first: date, formula: FormulaValues, reason: str, actor: Actor) -> KpiVersion:
    return KpiVersion.objects.create(
        kpi=kpi,
        number=number,
        period=DateRange(first, None),
        reason=reason,
        made_by_id=actor.user_id,
        **formula.columns(),
    )


def _close(last: KpiVersion, first: date, formula: FormulaValues) -> None:
    """End a formula the day before the next; days that have begun keep it."""
    if first <= timezone.now().date():
        raise RefusedError("not_ahead", "first")
    if first <= last.period.lower:
        raise RefusedError("not_later", "first", {"number": last.number, "day": last.period.lower.isoformat()})
    if queries.same_formula(last, KpiVersion(**formula.columns())):
        raise RefusedError("unchanged")
    last.period = DateRange(last.period.lower, first)
    last.save(update_fields=["period"])


def _check_seen(kpi: Kpi, version: int) -> None:
    if kpi.version != version:
        raise ConflictError(kpi)


def _check_first(first: date) -> None:
    if first.year < FIRST_YEAR:
        raise RefusedError("too_early", "first")


def _bump(row: Kpi, *changed: str) -> None:
    row.version += 1
    row.save(update_fields=[*changed, "version"])


def _text(factor: Decimal) -> str:
    """A factor without an exponent and without zeros at its end."""
    text = format(factor, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
