"""Meetings and visits: which, when, for whom; and who may be asked to come."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from partners import queries as directory
from portal.accounts.rules import Actor
from portal.notifications.rules import zone_or_utc

from ..choices import EngagementState
from ..models import Attendee, Engagement, Series
from ..rules.standing import Place, running
from . import jobs
from .scope import engagements_visible_to, reads_reviews, series_visible_to

if TYPE_CHECKING:
    from partners.models import Partner, Site

#: Still to come, or going on.
AHEAD = (EngagementState.PLANNED, EngagementState.RUNNING)


def reads_meetings(actor: Actor) -> bool:
    """True for roles that see meetings somewhere."""
    return reads_reviews(actor)


def engagements(actor: Actor) -> QuerySet[Engagement]:
    """Those the actor sees, with what a line of a list says."""
    return engagements_visible_to(actor).select_related("site__partner", "partner", "series")


def upcoming(actor: Actor, now: datetime | None = None) -> QuerySet[Engagement]:
    """What is to come or going on, a day back; the next first."""
    since = (now or timezone.now()) - timedelta(days=1)
    return (
        engagements(actor)
        .filter(Q(starts_at__gte=since, state__in=AHEAD) | Q(state=EngagementState.RUNNING))
        .order_by("starts_at", "pk")
    )


def past(actor: Actor, now: datetime | None = None) -> QuerySet[Engagement]:
    """What was held or called off, and what nobody closed; the latest first."""
    since = (now or timezone.now()) - timedelta(days=1)
    over = Q(state__in=(EngagementState.HELD, EngagementState.CANCELLED)) | Q(starts_at__lt=since)
    return engagements(actor).filter(over).exclude(state=EngagementState.RUNNING).order_by("-starts_at", "-pk")


def series(actor: Actor) -> QuerySet[Series]:
    """Series that the actor sees, those that go on first."""
    return series_visible_to(actor).select_related("site__partner", "partner").order_by("-ended_at", "title", "pk")


def own_between(actor: Actor, since: datetime, until: datetime) -> list[Engagement]:
    """The actor's own meetings between two instants."""
    rows = engagements(actor).filter(attendees__user=actor.user_id, starts_at__gte=since, starts_at__lt=until)
    return list(rows.exclude(state=EngagementState.CANCELLED).order_by("starts_at", "pk"))


def place_of(row: Any) -> Place:
    """What a meeting or series is about."""
    return jobs.place_of(row)


def about(row: Any) -> str:
    """What a meeting or series is about, in the reader's language; "" for the network."""
    place = row.site or row.partner
    return str(place.label) if place else ""


def runs_somewhere(actor: Actor) -> bool:
    """Whether the actor may arrange meetings at some place."""
    return actor.can("run_reviews")


def sites_to_run(actor: Actor) -> "list[Site]":
    """Sites at which the actor may arrange meetings."""
    return [one for one in jobs.sites_to_report(actor) if running(actor, Place(one.pk, one.partner_id))]


def partners_to_run(actor: Actor) -> "list[Partner]":
    """Partners with all of whose sites the actor may arrange meetings."""
    return [one for one in jobs.partners_to_report(actor) if running(actor, Place(None, one.pk))]


def may_run_network(actor: Actor) -> bool:
    """Whether the actor may arrange meetings about all sites."""
    return jobs.may_report_network(actor) and actor.can("run_reviews")


def invitable(place: Place) -> dict[int, str]:
    """Users who may be asked to come, with their names: who sees the place, at a partner also who sees one of its sites."""
    found = dict(jobs.could_receive(place))
    if place.site_id is None and place.partner_id is not None:
        for pk in directory.live_sites().filter(partner=place.partner_id).values_list("pk", flat=True):
            found |= dict(jobs.could_receive(Place(pk, place.partner_id)))
    return found


def attendees_of(engagement: Engagement) -> list[Attendee]:
    """Who is asked to come, users before guests."""
    rows = engagement.attendees.select_related("user").order_by("pk")
    return sorted(rows, key=lambda one: (one.user_id is None, (one.user.name if one.user else one.guest).lower()))


def previous_held(engagement: Engagement) -> Engagement | None:
    """The one held before: of the series; without one, of the same kind about the same."""
    rows = Engagement.objects.filter(state=EngagementState.HELD, starts_at__lt=engagement.starts_at).exclude(
        pk=engagement.pk
    )
    if engagement.series_id is not None:
        rows = rows.filter(series=engagement.series_id)
    else:
        rows = rows.filter(kind=engagement.kind, site=engagement.site_id, partner=engagement.partner_id)
    return rows.order_by("-starts_at").first()


def next_day(series: Series) -> date | None:
    """The day of the next meeting by the series' rule, wherever that meeting was moved to; not of one left from a rule before."""
    now = timezone.now()
    since = max(now.astimezone(zone_or_utc(series.time_zone)).date(), series.first_day)
    rows = series.engagements.filter(state=EngagementState.PLANNED, starts_at__gt=now, occurrence__gte=since)
    return rows.order_by("occurrence").values_list("occurrence", flat=True).first()


def next_planned(engagement: Engagement) -> Engagement | None:
    """The next meeting of the series that is to come."""
    if engagement.series_id is None:
        return None
    rows = Engagement.objects.filter(
        series=engagement.series_id, state=EngagementState.PLANNED, starts_at__gt=engagement.starts_at
    )
    return rows.order_by("starts_at").first()


def may_run(actor: Actor, rows: Sequence[Any]) -> Collection[int]:
    """Those of these rows that the actor may change."""
    return {row.pk for row in rows if running(actor, place_of(row))}
