"""Series of meetings: set up, changed, ended; workers make their meetings weeks ahead."""

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
from ..models import Attendee, Engagement, Series, SeriesMember
from ..queries import jobs
from ..queries import meetings as queries
from ..rules import recurrence
from ..rules.standing import Place
from . import following, meetings
from .invitations import Word, asked, invitations, post

SUBJECT = "series"


@dataclass(frozen=True, slots=True)
class Terms:
    """What meetings of a series have in common. `rhythm` and `next_day`: another rhythm from its first meeting on; without them it stays."""

    title: str
    last_day: date
    at: time
    minutes: int
    place: str = ""
    user_ids: Collection[int] = ()
    rhythm: str = ""
    next_day: date | None = None


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
    post(_make_ahead(made, timezone.now())[1])
    record(actor=allowed, verb="series.added", subject_type=SUBJECT, subject_id=made.pk)
    return made


@transaction.atomic
def change_series(*, actor: Actor, pk: int, seen: int, terms: Terms) -> Series:
    """Change what its meetings have in common. Those to come follow, but for the ones that were moved by themselves. Raises RefusedError, ConflictError."""
    series, allowed = series_to_run(actor, pk)
    if series.version != seen:
        raise ConflictError(series)
    _require_running(series)
    coming = following.coming(series)
    turned = _turn(series, terms)
    _apply(series, terms)
    series.version += 1
    series.save()
    new, gone = _belong(series, queries.place_of(series), terms.user_ids)
    words = [] if turned is None else following.take_places(series, coming, turned)
    for one in coming:
        words += following.follow(one, series, new=new, gone=gone)
    words += _make_ahead(series, timezone.now(), missed=False)[1]
    post(words, together=_letter(series))
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
    words = [word for one in following.coming(series) for word in meetings.call_off_one(one.meeting)]
    post(words, together=_letter(series))
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
            new, words = _make_ahead(series, moment)
            post(words)
            made += new


def _unmade(now: datetime) -> "QuerySet[Series]":
    # A day more than any zone's today may reach.
    until = now.date() + timedelta(days=recurrence.AHEAD + 1)
    behind = Q(made_until=None) | (Q(made_until__lt=until) & Q(made_until__lt=F("last_day")))
    rows = Series.objects.filter(behind, ended_at=None).exclude(site__archived_at__isnull=False)
    rows = rows.exclude(partner__archived_at__isnull=False).select_related("site__partner", "partner")
    return rows.select_for_update(skip_locked=True, of=("self",), no_key=True)


def _make_ahead(series: Series, now: datetime, *, missed: bool = True) -> tuple[int, list[Word]]:
    """How many meetings are new, and what is to be said of them. The caller has the series locked, or has just made it.

    `missed`: also what nobody made in time; else only what is to come.
    """
    zone = zone_or_utc(series.time_zone)
    until = recurrence.horizon(now.astimezone(zone).date(), series.last_day)
    since = series.made_until + timedelta(days=1) if series.made_until else None
    if since and since > until:
        return 0, []
    found = recurrence.days(series.rule, series.first_day, until, since=since)
    found = [day for day in found if missed or recurrence.instant(day, series.at, zone) > now]
    there = set(following.standing(series).filter(occurrence__in=found).values_list("occurrence", flat=True))
    made = [following.meeting_of(series, day) for day in found if day not in there]
    Engagement.objects.bulk_create(made)
    members = _members_who_see(series)
    attendees = [each for one in made for each in asked(one, members)]
    Attendee.objects.bulk_create(attendees)
    for one in made:
        record(actor=SYSTEM, verb="engagement.added", subject_type=meetings.SUBJECT, subject_id=one.pk)
    series.made_until = until
    series.save(update_fields=["made_until"])
    return len(made), invitations(attendees)


def _letter(series: Series) -> str:
    """By which what one change of a series says to somebody is sent once."""
    return f"series:{series.pk}:{series.version}"


def _members_who_see(series: Series) -> list[int]:
    members = set(series.members.values_list("user_id", flat=True))
    return sorted(members & queries.invitable(queries.place_of(series)).keys()) if members else []


def _turn(series: Series, terms: Terms) -> date | None:
    """Give the series another rhythm, if it is another one; the day from which it counts. Raises RefusedError for a day out of reach."""
    day, zone = terms.next_day, zone_or_utc(series.time_zone)
    if day is None or not terms.rhythm:
        return None
    unchanged = terms.rhythm == recurrence.rhythm_of(series.rule, series.first_day)
    if unchanged and day in recurrence.days(series.rule, series.first_day, max(day, series.first_day), since=day):
        return None
    now = timezone.now()
    latest = recurrence.horizon(now.astimezone(zone).date(), terms.last_day)
    if day > latest or recurrence.instant(day, terms.at, zone) <= now:
        raise RefusedError("next_day_out_of_reach", "next_day")
    series.rule, series.first_day = recurrence.rule_of(terms.rhythm, day), day
    turned = max(recurrence.turning(terms.rhythm, day), now.astimezone(zone).date())
    series.made_until = turned - timedelta(days=1)
    return turned


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
