"""Reads behind single pages and for other wings."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, DateField, Func, Model, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from portal.accounts.rules import Actor
from portal.naming import Named, in_language

from .. import rules
from ..models import Engagement, ExternalId, Partner, Person, Placement, Site
from .scope import engagements_visible_to, placements_visible_to


class LocalDay(Func):
    """The calendar day of an instant in a time zone, both expressions."""

    template = "(%(expressions)s)::date"
    arg_joiner = " AT TIME ZONE "
    output_field = DateField()


@dataclass(frozen=True, slots=True)
class SiteLabel:
    """What other wings show of a site."""

    id: int
    code: str
    label: str
    partner: str
    time_zone: str


def site_labels(ids: Iterable[int]) -> dict[int, SiteLabel]:
    """Names of sites by id, in the reader's language; one query."""
    rows = Site.objects.filter(pk__in=set(ids)).select_related("partner")
    return {s.pk: SiteLabel(s.pk, s.code, s.label, s.partner.label, s.time_zone) for s in rows}


def site_ids_by_code(codes: Iterable[str]) -> dict[str, int]:
    """Ids of sites by code, archived ones included; one query."""
    return dict(Site.objects.filter(code__in=set(codes)).values_list("code", "pk"))


def person_labels(ids: Iterable[int]) -> dict[int, str]:
    """Names to address people by, by id; one query."""
    return {p.pk: p.label for p in Person.objects.filter(pk__in=set(ids))}


def site_today(site: Site, now: datetime | None = None) -> date:
    """The calendar day at a site."""
    return (now or timezone.now()).astimezone(ZoneInfo(site.time_zone)).date()


def today() -> date:
    """The calendar day in UTC, for lists over several sites."""
    return timezone.now().date()


def in_force(day: date) -> Q:
    """Periods that include a day."""
    return Q(period__contains=day)


def not_over(day: date) -> Q:
    """Periods that include a day or are still to come."""
    return Q(period__upper_inf=True) | Q(period__endswith__gt=day)


def headcounts(actor: Actor, site_ids: Iterable[int], day: date) -> dict[int, int]:
    """People in a primary placement on a day, by site, where the actor may see people; one query."""
    rows = (
        placements_visible_to(actor)
        .filter(in_force(day), site_id__in=set(site_ids), kind="primary")
        .order_by()
        .values_list("site_id")
        .annotate(people=Count("person_id", distinct=True))
    )
    return dict(rows)


def team_counts(actor: Actor, team_ids: Iterable[int], day: date) -> dict[int, int]:
    """People placed on a day, by team, where the actor may see people; one query."""
    rows = (
        placements_visible_to(actor)
        .filter(in_force(day), team_id__in=set(team_ids))
        .order_by()
        .values_list("team_id")
        .annotate(people=Count("person_id", distinct=True))
    )
    return {team_id: people for team_id, people in rows if team_id is not None}


def leads_at(actor: Actor, site: Site, day: date) -> list[Person]:
    """People placed at a site on a day in a role that leads, if the actor may see them."""
    placed = placements_visible_to(actor).filter(in_force(day), site=site, job_role__leads=True)
    return list(Person.objects.filter(pk__in=placed.values("person")))


def possible_leads(site: Site, day: date) -> QuerySet[Person]:
    """People who may be named as lead at a site: placed there, now or soon, in a role that leads."""
    placed = Placement.objects.filter(not_over(day), site=site, job_role__leads=True, cancelled_at__isnull=True)
    return Person.objects.filter(pk__in=placed.values("person"))


def placements_of(actor: Actor, person: Person) -> QuerySet[Placement]:
    """A person's placements at the sites whose people the actor may see, latest first."""
    rows = placements_visible_to(actor).filter(person=person)
    return rows.select_related("site", "programme", "team", "job_role", "lead").order_by("-period", "id")


def engagements_of(actor: Actor, person: Person) -> QuerySet[Engagement]:
    """A person's engagements by partners whose people the actor may see, latest first."""
    return engagements_visible_to(actor).filter(person=person).select_related("employer").order_by("-period", "id")


def external_ids_of(actor: Actor, person: Person) -> QuerySet[ExternalId]:
    """A person's names in other systems; partner users do not see them."""
    may = rules.sees_all(actor) or actor.has(*rules.SITE_EDITORS)
    return person.external_ids.order_by("source", "value") if may else ExternalId.objects.none()


def people_by_external_id(values: Iterable[str]) -> list[tuple[str, int]]:
    """Pairs of an external id and whose it is, for callers that show only people whom the reader may see; one query."""
    return list(ExternalId.objects.filter(value__in=set(values)).order_by("pk").values_list("value", "person_id"))


def person_editor(actor: Actor, person: Person) -> Actor | None:
    """The actor as who they may change a person: whoever is in charge of where the person is, or was last.

    At most two queries, none for an administrator.
    """
    allowed = rules.configuring(actor)
    if allowed or not actor.has(*rules.SITE_EDITORS):
        return allowed
    places = list(_places(person)) + list(_employers(person))
    editors = (rules.editing_site(actor, site_id, partner_id) for site_id, partner_id in places)
    return next((e for e in editors if e), None)


def _places(person: Person) -> Iterable[tuple[int | None, int]]:
    rows = Placement.objects.filter(person=person, cancelled_at__isnull=True).order_by("-period")
    found = list(rows.values_list("site_id", "site__partner_id", "period"))
    live = [row for row in found if row[2].upper is None or row[2].upper > today()]
    return [(site_id, partner_id) for site_id, partner_id, _period in live or found[:1]]


def _employers(person: Person) -> Iterable[tuple[int | None, int]]:
    rows = Engagement.objects.filter(not_over(today()), person=person)
    return [(None, employer_id) for employer_id in rows.values_list("employer_id", flat=True)]


def engagements_to_close(now: datetime) -> QuerySet[Engagement]:
    """Engagements that are over where the person last worked, whose access has not been dealt with.

    The person's own day decides, that is the day at the site of their latest placement; UTC where there is none.
    """
    open_ends = Engagement.objects.filter(access_ended_at__isnull=True, period__upper_inf=False)
    return open_ends.filter(period__endswith__lte=own_day(now)).order_by("person_id", "pk")


def employed_by(people: Iterable[int], now: datetime, *, without: Iterable[int]) -> set[tuple[int, int]]:
    """Pairs of person and employer that an engagement joins today, those with the ids `without` left out; one query."""
    rows = Engagement.objects.filter(person__in=set(people), period__contains=own_day(now))
    return set(rows.exclude(pk__in=set(without)).values_list("person_id", "employer_id"))


def own_day(now: datetime) -> LocalDay:
    """The day it is for the person of an engagement: where they last worked, else in UTC."""
    latest = Placement.objects.filter(person=OuterRef("person"), cancelled_at__isnull=True).order_by("-period")
    return LocalDay(Value(now), Coalesce(Subquery(latest.values("site__time_zone")[:1]), Value("UTC")))


def calendars(held: int | None) -> QuerySet[Any]:
    """Business calendars that a site may choose, and the one that it has."""
    model: Any = Site._meta.get_field("calendar").related_model
    found: QuerySet[Any] = model._default_manager.filter(Q(archived_at__isnull=True) | Q(pk=held))
    return found.order_by("name", "pk")


def calendar_label(site: Site) -> str:
    """The name of a site's business calendar in the reader's language; "" without one."""
    calendar: Any = site.calendar
    return in_language(calendar.name, calendar.name_zh) if calendar else ""


def offered[N: Named](rows: QuerySet[N], held: int | None) -> QuerySet[N]:
    """Rows to choose from: those in use, and the one that is held already."""
    return rows.filter(Q(archived_at__isnull=True) | Q(pk=held))


def with_held[M: Model](rows: QuerySet[M], held: int | None) -> QuerySet[M]:
    """Rows to choose from, and the one that is held already."""
    model = rows.model
    return model._default_manager.filter(Q(pk__in=rows.values("pk")) | Q(pk=held))


def employers_for(actor: Actor) -> QuerySet[Partner]:
    """Partners the actor may name as an employer."""
    live = Partner.objects.filter(archived_at__isnull=True)
    if rules.configuring(actor):
        return live
    named = {s.partner_id for s in actor.of(*rules.SITE_EDITORS) if s.partner_id is not None}
    sites = {s.site_id for s in actor.of(*rules.SITE_EDITORS) if s.site_id is not None}
    return live.filter(Q(pk__in=named) | Q(pk__in=Site.objects.filter(pk__in=sites).values("partner")))
