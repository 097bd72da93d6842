"""Report jobs, kinds of review and who may be sent their packs."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.utils import timezone

from kpis.queries.scope import COMPANY, READERS, SEE_ALL
from partners import queries as directory
from portal.accounts import queries as accounts
from portal.accounts.choices import Role
from portal.accounts.rules import Actor

from ..choices import Scope
from ..models import Pack, ReportJob, ReviewKind, Subscription
from ..rules.standing import Place, configuring
from .scope import place_condition, reads_reviews, sees_network, sites_visible_to, whole_partner_ids

if TYPE_CHECKING:
    from partners.models import Partner, Site

CONFIGURERS = (Role.ADMINISTRATOR, Role.COORDINATOR, Role.MANAGER)
READ_JOBS = (*CONFIGURERS, Role.AUDITOR)


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who is sent a job's packs; `sees`: whether they would be now. Who may not see them is passed over."""

    user_id: int
    name: str
    sees: bool


def reads_jobs(actor: Actor) -> bool:
    """True for those of the company who see jobs and kinds somewhere."""
    return actor.is_system or actor.has(*READ_JOBS)


def configures(actor: Actor) -> bool:
    """True for those who set up jobs somewhere, and kinds of review."""
    return actor.is_system or actor.has(*CONFIGURERS)


def jobs_visible_to(actor: Actor) -> QuerySet[ReportJob]:
    """Jobs about what the actor sees in whole."""
    if not reads_jobs(actor):
        return ReportJob.objects.none()
    return ReportJob.objects.filter(place_condition(actor)).select_related("kind", "site__partner", "partner")


def kinds_in_use() -> QuerySet[ReviewKind]:
    """Kinds of review that are not archived."""
    return ReviewKind.objects.filter(archived_at=None)


def place_of(row: Any) -> Place:
    """Where a job, a pack or another row of the wing is about."""
    if row.site_id is not None:
        return Place(row.site_id, row.site.partner_id)
    return Place(None, row.partner_id)


def sites_to_report(actor: Actor) -> "QuerySet[Site]":
    """Sites in use for which the actor may set up jobs."""
    sites = sites_visible_to(actor).filter(archived_at=None).select_related("partner")
    ids = [site.pk for site in sites if configuring(actor, Place(site.pk, site.partner_id))]
    return sites.filter(pk__in=ids).order_by("name", "pk")


def partners_to_report(actor: Actor) -> "QuerySet[Partner]":
    """Partners in use, of which the actor sees every site and may set up jobs."""
    partners = directory.partners_visible_to(actor).filter(archived_at=None)
    whole = whole_partner_ids(actor)
    ids = [one.pk for one in partners if (whole is None or one.pk in whole) and configuring(actor, Place(None, one.pk))]
    return partners.filter(pk__in=ids).order_by("name", "pk")


def may_report_network(actor: Actor) -> bool:
    """Whether the actor may set up jobs about all sites."""
    return sees_network(actor) and configuring(actor, Place()) is not None


def could_receive(place: Place, at: datetime | None = None) -> list[tuple[int, str]]:
    """Users who may see packs of a place now, by name. Two queries."""
    found = _seeing(place, None, at or timezone.now())
    return sorted(found.items(), key=lambda one: (one[1].lower(), one[0]))


def who_sees(place: Place, user_ids: Collection[int], at: datetime | None = None) -> set[int]:
    """Those of these users who are active and may see packs of a place, by standings of their own. Two queries."""
    return set(_seeing(place, user_ids, at or timezone.now()))


def _seeing(place: Place, user_ids: Collection[int] | None, at: datetime) -> dict[int, str]:
    """The same as `sees`, for many at once: ids with names."""
    held = accounts.live_memberships(at).filter(role__in=READERS, user__is_active=True)
    held = held if user_ids is None else held.filter(user__in=user_ids)
    rows = list(held.values_list("user_id", "user__name", "role", "site_id", "partner_id"))
    by_user: dict[int, list[Any]] = defaultdict(list)
    for user, _name, *standing in rows:
        by_user[user].append(standing)
    partner_of = dict(directory.live_sites().values_list("pk", "partner_id"))
    names = {user: name for user, name, *_standing in rows}
    return {user: names[user] for user, held_ in by_user.items() if _covers(held_, place, partner_of)}


def _covers(held: Sequence[Any], place: Place, partner_of: Mapping[int, int]) -> bool:
    if any(role in SEE_ALL for role, _site, _partner in held):
        return True
    if place.site_id is not None:
        return any(
            site == place.site_id or (site is None and partner == place.partner_id) for _role, site, partner in held
        )
    if place.partner_id is None and not any(role in COMPANY for role, _site, _partner in held):
        return False
    wanted = {pk for pk, partner in partner_of.items() if place.partner_id in (None, partner)}
    sites, partners = (
        {site for _role, site, _partner in held},
        {partner for _role, site, partner in held if site is None},
    )
    return bool(wanted) and all(pk in sites or partner_of[pk] in partners for pk in wanted)


def sees(actor: Actor, place: Place) -> bool:
    """Whether packs of a place are for the actor."""
    if not reads_reviews(actor):
        return False
    if place.site_id is not None:
        return sites_visible_to(actor).filter(pk=place.site_id).exists()
    if place.partner_id is not None:
        whole = whole_partner_ids(actor)
        return whole is None or place.partner_id in whole
    return sees_network(actor)


def recipients_of(job: ReportJob, at: datetime | None = None) -> list[Recipient]:
    """Who a job's packs are for, by name, those who may see them no more among them."""
    rows = list(Subscription.objects.filter(job=job).values_list("user_id", "user__name", "user__is_active"))
    seeing = who_sees(place_of(job), [pk for pk, _name, active in rows if active], at)
    return sorted((Recipient(pk, name, pk in seeing) for pk, name, _active in rows), key=lambda one: one.name.lower())


def packs_of(actor: Actor, job: ReportJob) -> QuerySet[Pack]:
    """A job's packs, newest first."""
    return Pack.objects.filter(place_condition(actor), job=job).order_by("-first_day", "-revision")


def scope_label(row: Any) -> str:
    """What a job or pack is about, in the reader's language."""
    if row.scope == Scope.NETWORK:
        return str(Scope.NETWORK.label)
    return str((row.site or row.partner).label)
