"""Services, issue types and severity matrices: what forms offer and what screens of configuration list."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.models import QuerySet

from escalations import rules
from escalations.choices import DEFAULT_MATRIX
from escalations.models import IssueType, Service, SeverityCell
from partners import queries as directory
from portal.accounts.choices import Role
from portal.accounts.models import Membership, User
from portal.accounts.rules import Actor

from .scope import Scope, scope_of

Choice = tuple[int, str]
_OWNING = (Role.ASSOCIATE, Role.COORDINATOR, Role.MANAGER)
# Who raises cases for sites; associates do it for their services.
RAISING = (Role.COORDINATOR, Role.MANAGER, Role.PARTNER_LEAD, Role.AGENT)


def services_visible_to(actor: Actor) -> QuerySet[Service]:
    """Services by name, archived ones included: everybody who raises or works cases knows them all."""
    return (Service.objects.all() if _knows_services(actor) else Service.objects.none()).order_by("name", "pk")


def _knows_services(actor: Actor) -> bool:
    return actor.is_system or any(s.role != Role.IT for s in actor.standings)


def live_services(actor: Actor) -> QuerySet[Service]:
    """Services that take cases."""
    return services_visible_to(actor).filter(archived_at=None)


def configurable_services(actor: Actor) -> QuerySet[Service]:
    """Services whose matrix and members the actor may change: all for administrators, their own for leads."""
    rows = services_visible_to(actor)
    if actor.is_system or actor.has(Role.ADMINISTRATOR):
        return rows
    return rows.filter(pk__in=[s.service_id for s in actor.standings_for("configure_service")])


def raisable_services(actor: Actor) -> QuerySet[Service]:
    """Services for which the actor may raise a case: associates for their own, everybody else for all."""
    rows, own = live_services(actor), raisable_service_ids(actor)
    return rows if own is None else rows.filter(pk__in=own)


def raisable_service_ids(actor: Actor) -> Collection[int] | None:
    """The ids that `raisable_services` keeps to, whether these services take cases or not; None: all."""
    if not _knows_services(actor):
        return frozenset()
    own = frozenset(s.service_id for s in actor.of(Role.ASSOCIATE) if s.service_id is not None)
    return None if actor.has(*RAISING) else own


def raisable_sites(actor: Actor) -> list[Choice]:
    """Sites for which the actor may raise a case."""
    rows, own = directory.sites_visible_to(actor).filter(archived_at=None), raisable_site_ids(actor)
    rows = rows if own is None else rows.filter(pk__in=own)
    return [(site.pk, site.label) for site in rows.order_by("name", "pk")]


def raisable_site_ids(actor: Actor) -> Collection[int] | None:
    """The ids that `raisable_sites` keeps to, all of them sites that the actor sees; None: all. A query for a whole partner."""
    return None if actor.has(Role.ASSOCIATE) else directory.site_ids_for(actor, *RAISING)


def matrix_of(service_id: int) -> Mapping[tuple[str, str], int]:
    """The service's severity matrix, its gaps filled by the general one. One query."""
    own = {(c.impact, c.urgency): c.severity for c in SeverityCell.objects.filter(service=service_id)}
    return {**DEFAULT_MATRIX, **own}


def severity_for(service_id: int, impact: str, urgency: str, signals: tuple[str, ...] = ()) -> int:
    """What the service's matrix says. Raises KeyError for an unknown impact or urgency."""
    return rules.severity_of(matrix_of(service_id), impact, urgency, signals)


@dataclass(frozen=True, slots=True)
class IssueChoice:
    """An issue type as a form offers it; `path` names its parents too."""

    id: int
    level: int
    path: str


def issue_choices() -> list[IssueChoice]:
    """Live issue types in the order of the tree. One query."""
    rows = IssueType.objects.filter(archived_at=None).select_related("parent__parent")
    found = [IssueChoice(one.pk, one.level, " › ".join(path_of(one))) for one in rows]
    return sorted(found, key=lambda one: one.path)


def path_of(issue: IssueType) -> list[str]:
    """Names from the top level down to this one (parents selected)."""
    found, one = [issue.label], issue.parent
    while one is not None:
        found.insert(0, one.label)
        one = one.parent
    return found


@dataclass(frozen=True, slots=True)
class FilterChoices:
    """What the queue's filters offer to an actor."""

    services: list[Choice]
    sites: list[Choice]
    owners: list[Choice]
    issues: list[IssueChoice]


def filter_choices(actor: Actor, *, scope: Scope | None = None) -> FilterChoices:
    """Services, sites, owners and issue types to filter by. A constant number of queries."""
    wide = scope or scope_of(actor)
    services = live_services(actor)
    if not (wide.everything or wide.levels or wide.sites or wide.raisers):
        services = services.filter(pk__in=wide.services)
    sites = directory.sites_visible_to(actor).filter(archived_at=None).order_by("name", "pk")
    return FilterChoices(
        services=[(one.pk, one.label) for one in services],
        sites=[(one.pk, one.label) for one in sites],
        owners=_owners(actor),
        issues=issue_choices(),
    )


def _owners(actor: Actor) -> list[Choice]:
    """Who can own cases; partner users do not filter by owner."""
    if not actor.can("see_internal"):
        return []
    rows = User.objects.filter(is_active=True, memberships__role__in=_OWNING, memberships__ended_at=None)
    return list(rows.distinct().order_by("name", "pk").values_list("pk", "name"))


def owners_known_to(actor: Actor) -> QuerySet[User]:
    """Whoever could own cases, now or once, for naming a filter. To partner users nobody, to nobody a partner's people."""
    if not actor.can("see_internal"):
        return User.objects.none()
    return User.objects.filter(pk__in=Membership.objects.filter(role__in=_OWNING).values("user"))


def issue_ids_by_code() -> dict[str, int]:
    """Every issue type, archived ones too, by its code."""
    return dict(IssueType.objects.values_list("code", "pk"))
