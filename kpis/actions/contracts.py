"""Contracts: made, changed, given sites, and new versions of their scorecards. Terms under which a result was frozen never change."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from portal.accounts.rules import Actor
from portal.audit.actions import record
from portal.refusals import ConflictError, RefusedError

from ..access import contracts as access
from ..choices import Direction
from ..models import Band, Contract, KpiVersion, Line, Result, Schedule, SiteCover
from ..queries import agreements
from ..queries.scope import sites_visible_to
from ..rules import standing

LINE_FIELDS = (
    "kpi", "version", "weight", "direction", "red", "target", "stretch", "target_high", "red_high", "minimum_n", "shortage",
    "gate_cap",
)  # fmt: skip
TERMS = ("score_cap", "bonus_cap", "malus_cap", "earn_back_months", "earn_back_score")


@transaction.atomic
def add_contract(*, actor: Actor, values: Mapping[str, Any], first: date) -> Contract:
    """A contract with a first, empty version of its scorecard from a month on. Raises RefusedError, PermissionDenied."""
    partner = values["partner"]
    acting = access.permit(standing.configuring(actor, partner.pk))
    if Contract.objects.filter(code=values["code"]).exists():
        raise RefusedError("code_taken", "code")
    contract = Contract.objects.create(**values)
    Schedule.objects.create(contract=contract, number=1, period=DateRange(first, None), made_by_id=actor.user_id)
    changes = {"code": [None, contract.code], "partner_id": [None, partner.pk], "from": [None, first.isoformat()]}
    record(actor=acting, verb="contract.added", subject_type="contract", subject_id=contract.pk, changes=changes)
    return contract


@transaction.atomic
def change_contract(*, actor: Actor, code: str, version: int, values: Mapping[str, Any]) -> Contract:
    """Another name, currency or view of bands. Raises ConflictError if somebody else was faster."""
    contract = access.get_contract(actor, code, for_update=True)
    acting = access.configuring(actor, contract)
    if contract.version != version:
        raise ConflictError(contract)
    changes = {
        key: [str(getattr(contract, key)), str(value)]
        for key, value in values.items()
        if getattr(contract, key) != value
    }
    if changes:
        for key, value in values.items():
            setattr(contract, key, value)
        contract.version += 1
        contract.save()
        shown = {key: _coded(key, change) for key, change in changes.items()}
        record(actor=acting, verb="contract.changed", subject_type="contract", subject_id=contract.pk, changes=shown)
    return contract


@transaction.atomic
def cover_site(*, actor: Actor, code: str, site: Any, first: date, last: date | None = None) -> SiteCover:
    """Put a site under a contract from a month on (up to one whose first day is `last`, left out). Raises RefusedError."""
    contract = access.get_contract(actor, code, for_update=True)
    acting = _covering(actor, contract, site)
    if site.partner_id != contract.partner_id:
        raise RefusedError("other_partner", "site")
    if last is not None and last <= first:
        raise RefusedError("range_order", "last")
    period = DateRange(first, last)
    other = SiteCover.objects.filter(site=site, period__overlap=period).select_related("contract").first()
    if other is not None:
        raise RefusedError("covered", "site", {"contract": other.contract.label})
    try:
        with transaction.atomic():
            cover = SiteCover.objects.create(contract=contract, site=site, period=period)
    except IntegrityError as error:
        raise RefusedError("covered", "site", {"contract": "–"}) from error
    changes = {
        "site_id": [None, site.pk],
        "from": [None, first.isoformat()],
        "until": [None, last and last.isoformat()],
    }
    record(actor=acting, verb="contract.site_covered", subject_type="contract", subject_id=contract.pk, changes=changes)
    return cover


@transaction.atomic
def end_cover(*, actor: Actor, code: str, cover_id: int, last: date) -> None:
    """Let a site's cover end with the month before `last`; one that never began goes. Raises RefusedError."""
    contract = access.get_contract(actor, code, for_update=True)
    rows = contract.covers.filter(site__in=sites_visible_to(actor)).select_related("site")
    cover = access.one(rows, True, pk=cover_id)
    acting = _covering(actor, contract, cover.site)
    if Result.objects.filter(site=cover.site, month__gte=last, schedule__contract=contract).exists():
        raise RefusedError("cover_frozen", "last")
    if last <= cover.period.lower:
        cover.delete()
    else:
        cover.period = DateRange(cover.period.lower, last)
        cover.save()
    changes = {"site_id": cover.site_id, "until": [None, last.isoformat()]}
    record(actor=acting, verb="contract.site_ended", subject_type="contract", subject_id=contract.pk, changes=changes)


@transaction.atomic
def new_version(*, actor: Actor, code: str, first: date) -> Schedule:
    """A version from a month on, with the lines and bands of the last one, which ends the day before. Raises RefusedError."""
    contract = access.get_contract(actor, code, for_update=True)
    acting = access.configuring(actor, contract)
    last = contract.schedules.order_by("-number").first()
    if last is None:
        made = Schedule.objects.create(
            contract=contract, number=1, period=DateRange(first, None), made_by_id=actor.user_id
        )
    else:
        _end_before(last, first)
        made = Schedule.objects.create(
            contract=contract, number=last.number + 1, period=DateRange(first, None), made_by_id=actor.user_id,
            **{name: getattr(last, name) for name in TERMS},
        )  # fmt: skip
        lines = [{name: getattr(line, name) for name in LINE_FIELDS} for line in agreements.lines_of(last)]
        _write(made, lines, [(band.from_score, band.percent) for band in agreements.bands_of(last)])
    changes = {"number": made.number, "from": [None, first.isoformat()]}
    record(actor=acting, verb="contract.version_made", subject_type="contract", subject_id=contract.pk, changes=changes)
    return made


@transaction.atomic
def set_terms(
    *,
    actor: Actor,
    code: str,
    number: int,
    terms: Mapping[str, Any],
    lines: Sequence[Mapping[str, Any]],
    bands: Sequence[tuple[Any, Any]],
) -> Schedule:
    """Replace what a version says, as long as no result was frozen under it. Raises RefusedError, with the form's field or `line-N`."""
    contract = access.get_contract(actor, code, for_update=True)
    acting = access.configuring(actor, contract)
    schedule = access.one(Schedule.objects.select_related("contract"), True, contract=contract, number=number)
    if agreements.is_frozen(schedule):
        raise RefusedError("frozen")
    check_terms(terms, lines, bands)
    for name in TERMS:
        setattr(schedule, name, terms[name])
    schedule.save()
    _write(schedule, lines, bands)
    changes = {"number": number, "lines": len(lines), "bands": len(bands)}
    record(actor=acting, verb="contract.terms_set", subject_type="contract", subject_id=contract.pk, changes=changes)
    return schedule


def check_terms(terms: Mapping[str, Any], lines: Sequence[Mapping[str, Any]], bands: Sequence[tuple[Any, Any]]) -> None:
    """Raise RefusedError for terms that no result could be made of."""
    if not lines:
        raise RefusedError("no_lines")
    if not any(line["weight"] for line in lines):
        raise RefusedError("no_weight")
    if terms["earn_back_months"] and terms["earn_back_score"] is None:
        raise RefusedError("earn_back", "earn_back_score")
    seen: set[int] = set()
    for place, line in enumerate(lines):
        if line["kpi"].pk in seen:
            raise RefusedError("kpi_twice", f"line-{place}-kpi")
        seen.add(line["kpi"].pk)
        if (named := line.get("version")) is not None and named.kpi_id != line["kpi"].pk:
            raise RefusedError("formula_elsewhere", f"line-{place}-version")
        if problem := thresholds_fault(line):
            raise RefusedError(problem, f"line-{place}-target")
    known = set(KpiVersion.objects.filter(kpi__in=seen).values_list("kpi_id", flat=True))
    if missing := seen - known:
        place = next(at for at, line in enumerate(lines) if line["kpi"].pk in missing)
        raise RefusedError("no_formula", f"line-{place}-kpi")
    if len({score for score, _percent in bands}) != len(bands):
        raise RefusedError("band_twice")


def thresholds_fault(line: Mapping[str, Any]) -> str:
    """The refusal that a line's thresholds deserve, or "": the same that the database checks."""
    red, target, stretch = line["red"], line["target"], line.get("stretch")
    high, red_high = line.get("target_high"), line.get("red_high")
    match line["direction"]:
        case Direction.BAND:
            good = high is not None and red_high is not None and stretch is None and red < target <= high < red_high
            return "" if good else "thresholds_band"
        case Direction.UP:
            return "" if red < target and (stretch is None or stretch > target) else "thresholds_up"
    return "" if red > target and (stretch is None or stretch < target) else "thresholds_down"


def _covering(actor: Actor, contract: Contract, site: Any) -> Actor:
    """Whoever writes the contract, for the sites that they see."""
    access.one(sites_visible_to(actor), pk=site.pk)
    return access.configuring(actor, contract)


def _end_before(last: Schedule, first: date) -> None:
    if first <= last.period.lower:
        raise RefusedError("not_later", "first")
    frozen = Result.objects.filter(schedule=last, month__gte=first).order_by("-month").first()
    if frozen is not None:
        raise RefusedError("months_frozen", "first", {"month": frozen.month})
    last.period = DateRange(last.period.lower, first)
    last.save(update_fields=["period"])


def _write(schedule: Schedule, lines: Iterable[Mapping[str, Any]], bands: Iterable[tuple[Any, Any]]) -> None:
    schedule.lines.all().delete()
    schedule.bands.all().delete()
    Line.objects.bulk_create(
        Line(schedule=schedule, position=place, **_line_values(line)) for place, line in enumerate(lines, 1)
    )
    Band.objects.bulk_create(Band(schedule=schedule, from_score=score, percent=percent) for score, percent in bands)


def _line_values(line: Mapping[str, Any]) -> dict[str, Any]:
    """A line without what its direction has no use for."""
    values = {name: line[name] for name in LINE_FIELDS if name in line}
    if values["direction"] == Direction.BAND:
        return {**values, "stretch": None}
    return {**values, "target_high": None, "red_high": None}


def _coded(key: str, change: list[str]) -> object:
    """What the trail may hold: a name is free text, so only that it changed."""
    return True if key in {"name", "name_zh"} else change
