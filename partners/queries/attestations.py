"""Which sites have confirmed their leavers, by week; and whom to remind."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from portal.accounts.choices import Role
from portal.accounts.queries import live_memberships
from portal.accounts.rules import Actor

from .. import registry
from ..choices import AttestationState
from ..models import LeaverAttestation, Placement, Site
from .details import in_force, site_today
from .rosters import sites_to_roster


@dataclass(frozen=True, slots=True)
class SiteWeek:
    """Where a site stands with a week; `attestation` once it is given."""

    site: Site
    week: date
    state: AttestationState
    attestation: LeaverAttestation | None = None
    reported: int = 0


def monday(day: date) -> date:
    """The Monday of the day's ISO week."""
    return day - timedelta(days=day.weekday())


def sites_to_attest(actor: Actor) -> QuerySet[Site]:
    """Sites whose words on leavers the actor gives or follows; auditors read all."""
    if actor.is_system or actor.can("read_all"):
        return Site.objects.filter(archived_at__isnull=True)
    return sites_to_roster(actor)


def live_sites() -> QuerySet[Site]:
    """All sites in use, for workers."""
    return Site.objects.filter(archived_at__isnull=True).order_by("pk")


def peopled(sites: QuerySet[Site], day: date) -> QuerySet[Site]:
    """Sites with somebody in a primary placement: there is nobody to leave elsewhere."""
    there = Placement.objects.filter(in_force(day), kind="primary", cancelled_at__isnull=True)
    return sites.filter(pk__in=there.values("site"))


def site_weeks(sites: Sequence[Site], now: datetime, *, weeks: int) -> list[list[SiteWeek]]:
    """A row per site: the last weeks by the site's own calendar, newest first, with how many were reported as leaving.

    One query, and those of whoever knows of the reports.
    """
    mondays = {site.pk: monday(site_today(site, now)) for site in sites}
    since = min(mondays.values(), default=now.date()) - timedelta(weeks=weeks)
    rows = LeaverAttestation.objects.filter(site__in=sites, week__gte=since).select_related("attested_by")
    given = {(row.site_id, row.week): row for row in rows}
    reported = _reported(sites, since)
    return [
        [
            replace(
                _site_week(site, mondays[site.pk], week, given),
                reported=reported[site.pk, week],
            )
            for week in (mondays[site.pk] - timedelta(weeks=back) for back in range(weeks))
        ]
        for site in sites
    ]


def _reported(sites: Sequence[Site], since: date) -> Counter[tuple[int, date]]:
    """(site, Monday) -> how many people were reported as leaving in that week of the site's."""
    start = datetime.combine(since, time(), UTC) - timedelta(days=1)
    found = registry.reported_leavers([site.pk for site in sites], start)
    return Counter(
        (site.pk, monday(at.astimezone(ZoneInfo(site.time_zone)).date()))
        for site in sites
        for at in found.get(site.pk, ())
    )


def _site_week(site: Site, this_week: date, week: date, given: dict[tuple[int, date], LeaverAttestation]) -> SiteWeek:
    row = given.get((site.pk, week))
    if row:
        return SiteWeek(site, week, AttestationState.GIVEN, row)
    return SiteWeek(site, week, AttestationState.OPEN if week == this_week else AttestationState.OVERDUE)


def leads_of(site: Site, now: datetime) -> list[int]:
    """User ids of the partner's leads of a site."""
    rows = live_memberships(now).filter(role=Role.PARTNER_LEAD, site=site.pk)
    return sorted(set(rows.values_list("user", flat=True)))


def names_of_leads(sites: Sequence[Site], now: datetime) -> dict[int, list[str]]:
    """What the partner's leads are called, by site; one query."""
    rows = live_memberships(now).filter(role=Role.PARTNER_LEAD, site__in=[site.pk for site in sites])
    found: dict[int, list[str]] = {}
    for site_id, name in rows.order_by("user__name").values_list("site", "user__name").distinct():
        found.setdefault(site_id, []).append(name)
    return found


def coordinators_of(site: Site, now: datetime) -> list[int]:
    """User ids of those in charge of a site, or of its partner as a whole."""
    rows = live_memberships(now).filter(role__in=(Role.COORDINATOR, Role.MANAGER))
    rows = rows.filter(Q(site=site.pk) | Q(partner=site.partner_id))
    return sorted(set(rows.values_list("user", flat=True)))


def given_in(site: Site, week: date) -> bool:
    """Whether the week is confirmed."""
    return LeaverAttestation.objects.filter(site=site, week=week).exists()
