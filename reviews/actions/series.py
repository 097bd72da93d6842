"""Series of meetings: set up, changed, ended; workers make their meetings weeks ahead."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.http import Http404
from django.utils import timezone

from portal.accounts.rules import SYSTEM, Actor
from portal.audit.actions import record
from portal.notifications.rules import zone_or_utc
from portal.refusals import ConflictError, RefusedError

from ..access.meetings import permitted, series_to_run, writer
from ..choices import EngagementState, Reply
from ..models import Attendee, Engagement, Series, SeriesMember
from ..queries import jobs
from ..queries import meetings as queries
from ..rules import recurrence
from ..rules.standing import Place
from . import meetings
from .invitations import call_off, invite

SUBJECT = "series"


@dataclass(frozen=True, slots=True)
class Terms:
    """What meetings of a series have in common."""

    title: str
    last_day: date
    at: time
    minutes: int
    place: str = ""
    user_ids: Collection[int] = ()


@transaction.atomic
def add_series(
    *, actor: Actor, about: Place, kind: str, first_day: date, rhythm: str, time_zone: str, terms: Terms
) -> Series:
    """Set one up and make its meetings of the next weeks. Raises RefusedError, Http404, PermissionDenied."""
    if not jobs.sees(actor, about):
        raise Http404
    allowed = permitted(actor, about)
    made = Series(
        kind=kind, site_id=about.site_id, partner_id=about.partner_id if about.site_id is None else None, first_day=first_day,
        rule=recurrence.rule_of(rhythm, first_day), time_zone=time_zone, made_by_id=writer(allowed),
    )  # fmt: skip
    _apply(made, terms)
    made.save()
    _belong(made, about, terms.user_ids)
    _make_ahead(made, timezone.now())
    record(actor=allowed, verb="series.added", subject_type=SUBJECT, subject_id=made.pk)
    return made


@transaction.atomic
def change_series(*, actor: Actor, pk: int, seen: int, terms: Terms) -> Series:
    """Change what its meetings have in common. Those to come follow, but for the ones that were moved by themselves. Raises RefusedError, ConflictError."""
    series, allowed = series_to_run(actor, pk)
    if series.version != seen:
        raise ConflictError(series)
    _require_running(series)
    coming, times = _coming(series), _times_of(series)
    _apply(series, terms)
    series.version += 1
    series.save()
    new, gone = _belong(series, queries.place_of(series), terms.user_ids)
    for one in coming:
        _follow(one, series, new=new, gone=gone, moved_away=one.starts_at != times.get(one.occurrence))
    _make_ahead(series, timezone.now())
    record(actor=allowed, verb="series.changed", subject_type=SUBJECT, subject_id=pk)
    return series


@transaction.atomic
def end_series(*, actor: Actor, pk: int) -> None:
    """No further meetings; those to come are called off."""
    series, allowed = series_to_run(actor, pk)
    _require_running(series)
    series.ended_at = timezone.now()
    series.version += 1
    series.save()
    for one in _coming(series):
        meetings.call_off_one(one)
    record(actor=allowed, verb="series.ended", subject_type=SUBJECT, subject_id=pk)


def make_meetings(now: datetime | None = None) -> int:
    """Make the meetings of the next weeks of every series; how many are new. Another worker's series is passed over."""
    moment, made, after = now or timezone.now(), 0, 0
    while True:
        with transaction.atomic():
            series = _unmade(moment).filter(pk__gt=after).order_by("pk").first()
            if series is None:
                return made
            after = series.pk
            made += _make_ahead(series, moment)


def _unmade(now: datetime) -> "QuerySet[Series]":
    # A day more than any zone's today may reach.
    until = now.date() + timedelta(days=recurrence.AHEAD + 1)
    behind = Q(made_until=None) | (Q(made_until__lt=until) & Q(made_until__lt=F("last_day")))
    rows = Series.objects.filter(behind, ended_at=None).exclude(site__archived_at__isnull=False)
    rows = rows.exclude(partner__archived_at__isnull=False).select_related("site__partner", "partner")
    return rows.select_for_update(skip_locked=True, of=("self",), no_key=True)


def _make_ahead(series: Series, now: datetime) -> int:
    """The caller has the series locked, or has just made it."""
    zone = zone_or_utc(series.time_zone)
    until = recurrence.horizon(now.astimezone(zone).date(), series.last_day)
    since = series.made_until + timedelta(days=1) if series.made_until else None
    if since and since > until:
        return 0
    found = recurrence.days(series.rule, series.first_day, until, since=since)
    there = set(series.engagements.filter(occurrence__in=found).values_list("occurrence", flat=True))
    made = [_meeting(series, day) for day in found if day not in there]
    Engagement.objects.bulk_create(made)
    members = _members_who_see(series)
    Attendee.objects.bulk_create(Attendee(engagement=one, user_id=pk) for one in made for pk in members)
    for one in made:
        invite(one, members)
        record(actor=SYSTEM, verb="engagement.added", subject_type=meetings.SUBJECT, subject_id=one.pk)
    series.made_until = until
    series.save(update_fields=["made_until"])
    return len(made)


def _meeting(series: Series, day: date) -> Engagement:
    starts_at = recurrence.instant(day, series.at, zone_or_utc(series.time_zone))
    return Engagement(
        series=series, occurrence=day, kind=series.kind, title=series.title, site_id=series.site_id, partner_id=series.partner_id,
        starts_at=starts_at, ends_at=starts_at + timedelta(minutes=series.minutes), time_zone=series.time_zone, place=series.place,
        uid=uuid.uuid4(), made_by_id=series.made_by_id,
    )  # fmt: skip


def _members_who_see(series: Series) -> list[int]:
    members = set(series.members.values_list("user_id", flat=True))
    return sorted(members & queries.invitable(queries.place_of(series)).keys()) if members else []


def _coming(series: Series) -> list[Engagement]:
    """Planned meetings that have not begun, locked."""
    rows = series.engagements.select_for_update(of=("self",), no_key=True)
    return list(rows.filter(state=EngagementState.PLANNED, starts_at__gt=timezone.now()).order_by("pk"))


def _times_of(series: Series) -> dict[date | None, datetime]:
    """When each meeting is, unless it was moved."""
    zone = zone_or_utc(series.time_zone)
    found = recurrence.days(series.rule, series.first_day, series.last_day)
    return {day: recurrence.instant(day, series.at, zone) for day in found}


def _follow(one: Engagement, series: Series, *, new: set[int], gone: set[int], moved_away: bool) -> None:
    """A meeting to come gets what changed in its series."""
    if one.occurrence and one.occurrence > series.last_day:
        meetings.call_off_one(one)
        return
    one.attendees.filter(user__in=gone).delete()
    there = set(meetings.user_ids_of(one))
    Attendee.objects.bulk_create(Attendee(engagement=one, user_id=pk) for pk in sorted(new - there))
    changed = _takes(one, series, moved_away=moved_away)
    if changed or gone:
        one.sequence += 1
    one.version += 1
    one.save()
    if changed:
        one.attendees.update(reply=Reply.NONE)
    call_off(one, gone)
    invite(one, meetings.user_ids_of(one) if changed else new - there)


def _takes(one: Engagement, series: Series, *, moved_away: bool) -> bool:
    before = one.title, one.place, one.starts_at, one.ends_at
    one.title, one.place = series.title, series.place
    if not moved_away and one.occurrence:
        wanted = _meeting(series, one.occurrence)
        one.starts_at, one.ends_at = wanted.starts_at, wanted.ends_at
    return (one.title, one.place, one.starts_at, one.ends_at) != before


def _apply(series: Series, terms: Terms) -> None:
    series.title, series.last_day, series.at = terms.title, terms.last_day, terms.at
    series.minutes, series.place = terms.minutes, terms.place
    if series.made_until and series.made_until > terms.last_day:
        series.made_until = terms.last_day


def _belong(series: Series, about: Place, user_ids: Collection[int]) -> tuple[set[int], set[int]]:
    """These are asked to every meeting from now on; who is new and who is gone."""
    before = set(series.members.values_list("user_id", flat=True))
    new, gone = set(user_ids) - before, before - set(user_ids)
    if new - queries.invitable(about).keys():
        raise RefusedError("attendee_sees_nothing", "attendees")
    series.members.filter(user__in=gone).delete()
    SeriesMember.objects.bulk_create(SeriesMember(series=series, user_id=pk) for pk in sorted(new))
    return new, gone


def _require_running(series: Series) -> None:
    if series.ended_at is not None:
        raise RefusedError("series_is_over")
