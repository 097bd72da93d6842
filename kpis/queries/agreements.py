"""Contracts, disputed time ranges and results that an actor may see, and what belongs to them."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from partners import queries as directory
from portal.accounts.rules import Actor

from ..models import (
    Band,
    Contract,
    Exclusion,
    Invoice,
    KpiVersion,
    Line,
    Result,
    ResultLine,
    Schedule,
    SiteCover,
    Statement,
)
from ..rules import standing
from ..rules.standing import Place
from .scope import COMPANY, sees_all, sites_visible_to


def contracts_visible_to(actor: Actor) -> QuerySet[Contract]:
    """Contracts that cover a site of theirs, now or once, and those of partners in their charge."""
    contracts = Contract.objects.select_related("partner")
    if sees_all(actor):
        return contracts
    covered = SiteCover.objects.filter(contract=OuterRef("pk"), site__in=sites_visible_to(actor))
    named = {one.partner_id for one in actor.of(*COMPANY) if one.partner_id is not None}
    return contracts.filter(Exists(covered) | Q(partner__in=named))


def exclusions_visible_to(actor: Actor) -> QuerySet[Exclusion]:
    """Disputed time ranges of the sites the actor reads."""
    rows = Exclusion.objects.select_related("site__partner", "queue", "proposed_by", "decided_by")
    return rows if sees_all(actor) else rows.filter(site__in=sites_visible_to(actor))


def results_visible_to(actor: Actor) -> QuerySet[Result]:
    """Frozen results of the sites the actor reads."""
    rows = Result.objects.select_related("site__partner", "schedule__contract", "gated_by", "frozen_by")
    return rows if sees_all(actor) else rows.filter(site__in=sites_visible_to(actor))


def covers_of(actor: Actor, contract: Contract) -> list[SiteCover]:
    """The sites under a contract, those that the actor sees, past and future ones too."""
    rows = contract.covers.select_related("site").filter(site__in=sites_visible_to(actor))
    return list(rows.order_by("site__name", "period"))


def places_covered(contract: Contract) -> list[Place]:
    """Every site that a contract covers or covered."""
    rows = contract.covers.values_list("site_id", "site__partner_id").distinct()
    return [Place(site, partner) for site, partner in rows]


def configurer(actor: Actor, contract: Contract) -> Actor | None:
    """The actor as who they may write this contract, or None."""
    return standing.configuring(actor, contract.partner_id, places_covered(contract))


def partners_to_contract(actor: Actor) -> Any:
    """Partners for whom the actor may write contracts."""
    partners = directory.partners_visible_to(actor)
    if actor.is_system or actor.has(standing.ADMINISTRATOR):
        return partners
    named = {one.partner_id for one in actor.of(standing.MANAGER) if one.partner_id is not None and one.site_id is None}
    return partners.filter(pk__in=named)


def sites_of_side(actor: Actor, *sides: str) -> Any:
    """The sites for which the actor speaks for a side (any, without one)."""
    roles = {standing.COMPANY: standing.MANAGER, standing.PARTNER: standing.LEAD}
    chosen = [roles[side] for side in sides or tuple(roles)]
    return sites_visible_to(actor).filter(pk__in=directory.site_ids_for(actor, *chosen))


def schedules_of(contract: Contract) -> list[Schedule]:
    """All versions, newest first, each with whether a result was frozen under it as `frozen`."""
    frozen = Exists(Result.objects.filter(schedule=OuterRef("pk")))
    return list(contract.schedules.annotate(frozen=frozen).select_related("made_by").order_by("-number"))


def is_frozen(schedule: Schedule) -> bool:
    """Whether a result was frozen under a version, so that it never changes."""
    return Result.objects.filter(schedule=schedule).exists()


def lines_of(schedule: Schedule) -> list[Line]:
    """Its lines with their KPIs, in order."""
    return list(schedule.lines.select_related("kpi", "version"))


def formulas_to_name() -> list[KpiVersion]:
    """Every formula of a KPI in use, with the KPI, by its place and the newest first."""
    rows = KpiVersion.objects.filter(kpi__archived_at=None).select_related("kpi")
    return list(rows.order_by("kpi__position", "kpi__name", "kpi", "-number"))


def bands_of(schedule: Schedule) -> list[Band]:
    """What scores are worth, from the lowest."""
    return list(schedule.bands.all())


def latest_results(actor: Actor, site_ids: Collection[int], months: Iterable[date]) -> list[Result]:
    """The last revision of each of these months, with statements, newest month first."""
    rows = results_visible_to(actor).filter(site__in=site_ids, month__in=list(months)).select_related("statement")
    return list(
        rows.order_by("-month", "site__name", "site_id", "-revision").distinct("month", "site__name", "site_id")
    )


def result_of(site_id: int, month: date) -> Result | None:
    """The last revision of a month."""
    rows = Result.objects.filter(site=site_id, month=month).select_related(
        "schedule__contract", "statement", "gated_by"
    )
    return rows.order_by("-revision").first()


def revisions(actor: Actor, site_id: int, month: date) -> list[Result]:
    """Every revision of a month with its lines, newest first."""
    rows = results_visible_to(actor).filter(site=site_id, month=month).select_related("statement")
    lines = Prefetch("lines", ResultLine.objects.select_related("kpi", "version"))
    return list(rows.prefetch_related(lines).order_by("-revision"))


def invoice_of(site_id: int, month: date) -> Invoice | None:
    """What a site's month costs, if somebody entered it."""
    return Invoice.objects.filter(site=site_id, month=month).first()


def signed_before(site_id: int, month: date) -> Sequence[Statement]:
    """Signed statements of earlier months, the last revision of each, oldest first."""
    rows = Statement.objects.filter(result__site=site_id, result__month__lt=month, state="signed")
    newest = rows.select_related("result__schedule").order_by("result__month", "-result__revision")
    return list(newest.distinct("result__month"))


def summaries(actor: Actor, contracts: Sequence[Contract], day: date) -> list[tuple[Contract, Schedule | None, int]]:
    """Each contract with its version in force on a day and the number of sites, of those in sight, that it covers then. Two queries."""
    versions = {one.contract_id: one for one in Schedule.objects.filter(contract__in=contracts, period__contains=day)}
    covers = SiteCover.objects.filter(contract__in=contracts, period__contains=day, site__in=sites_visible_to(actor))
    counts = Counter(covers.values_list("contract_id", flat=True))
    return [(one, versions.get(one.pk), counts[one.pk]) for one in contracts]


def covered_now(actor: Actor, contract: Contract) -> Any:
    """The sites in sight that a contract covers or covered, by name."""
    return sites_visible_to(actor).filter(pk__in=contract.covers.values("site")).order_by("name")


def exclusions_in(actor: Actor, site: Any, first: date, last: date) -> QuerySet[Exclusion]:
    """Ranges of a site that are open or approved and touch these days, wherever on earth the site is."""
    days = DateTimeTZRange(
        datetime.combine(first - timedelta(days=1), time(), UTC),
        datetime.combine(last + timedelta(days=2), time(), UTC),
    )
    rows = exclusions_visible_to(actor).filter(site=site, state__in=("proposed", "approved"), period__overlap=days)
    return rows.order_by("period")
