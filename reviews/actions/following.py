"""What becomes of meetings to come when their series changes. The caller has the series locked."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from portal.notifications.rules import zone_or_utc

from ..choices import EngagementState
from ..models import Attendee, Engagement, Series
from ..rules import recurrence
from . import meetings
from .invitations import Word, asked, cancellations, changes, invitations, told


@dataclass(slots=True)
class Coming:
    """A planned meeting that has not begun; `moved`: somebody gave it a time of its own."""

    meeting: Engagement
    moved: bool


def coming(series: Series) -> list[Coming]:
    """Meetings to come, locked, as the series still has them."""
    rows = series.engagements.select_for_update(of=("self",), no_key=True)
    rows = rows.filter(state=EngagementState.PLANNED, starts_at__gt=timezone.now()).order_by("pk")
    return [Coming(one, one.starts_at != _starts(series, one.occurrence)) for one in rows]


def standing(series: Series) -> QuerySet[Engagement]:
    """Its meetings without those that it called off itself, whose days are free again."""
    return series.engagements.exclude(state=EngagementState.CANCELLED, cancelled_reason="")


def meeting_of(series: Series, day: date) -> Engagement:
    """The meeting of a day, not saved."""
    starts_at = recurrence.instant(day, series.at, zone_or_utc(series.time_zone))
    return Engagement(
        series=series, occurrence=day, kind=series.kind, title=series.title, site_id=series.site_id, partner_id=series.partner_id,
        starts_at=starts_at, ends_at=starts_at + timedelta(minutes=series.minutes), time_zone=series.time_zone, place=series.place,
        uid=uuid.uuid4(), made_by_id=series.made_by_id,
    )  # fmt: skip


def take_places(series: Series, coming: list[Coming], turned: date) -> list[Word]:
    """Give meetings from `turned` on the days of the new rule; those for which there is none are called off. What is to be said of these.

    One that somebody called off, or held early, takes its place too, so that no other is made for it.
    """
    now = timezone.now()
    begun = Q(starts_at__lte=now, occurrence__lte=now.astimezone(zone_or_utc(series.time_zone)).date())
    rows = list(standing(series).filter(occurrence__gte=turned).exclude(begun))
    here = {one.meeting.pk: one.meeting for one in coming}
    rows = [here.get(one.pk, one) for one in rows]
    places = recurrence.paired([one.occurrence for one in rows if one.occurrence], _free_days(series, rows))
    words: list[Word] = []
    for one in coming[:]:
        if one.meeting in rows and one.meeting.occurrence not in places:
            words += meetings.call_off_one(one.meeting)
            coming.remove(one)
    _give(rows, places)
    return words


def follow(one: Coming, series: Series, *, new: set[int], gone: set[int]) -> list[Word]:
    """A meeting to come gets what changed in its series; what is to be said of it."""
    meeting = one.meeting
    if meeting.occurrence and meeting.occurrence > series.last_day:
        return meetings.call_off_one(meeting)
    there = set(meetings.user_ids_of(meeting))
    changed = _takes(one, series)
    if changed or gone & there:
        meeting.sequence += 1
    meeting.version += 1
    meeting.save()
    words = cancellations(meeting, gone & told(meeting))
    meeting.attendees.filter(user__in=gone).delete()
    words += changes(meeting) if changed else []
    added = asked(meeting, new - there)
    Attendee.objects.bulk_create(added)
    return words + invitations(added)


def _starts(series: Series, day: date | None) -> object:
    return day and recurrence.instant(day, series.at, zone_or_utc(series.time_zone))


def _free_days(series: Series, rows: Sequence[Engagement]) -> list[date]:
    """Days of the rule as far as meetings are made, without those that are past or that another meeting has."""
    now, zone = timezone.now(), zone_or_utc(series.time_zone)
    until = recurrence.horizon(now.astimezone(zone).date(), series.last_day)
    taken = standing(series).exclude(pk__in=[one.pk for one in rows]).values_list("occurrence", flat=True)
    days = set(recurrence.days(series.rule, series.first_day, until)) - set(taken)
    return sorted(day for day in days if recurrence.instant(day, series.at, zone) > now)


def _give(rows: Iterable[Engagement], places: dict[date, date]) -> None:
    """One after another, so that no two have the same day in between: what moves on from the last, what moves back from the first."""
    by_day = {one.occurrence: one for one in rows if one.occurrence in places}
    onward = sorted((day for day, to in places.items() if to > day), reverse=True)
    back = sorted(day for day, to in places.items() if to < day)
    for day in onward + back:
        by_day[day].occurrence = places[day]
        by_day[day].save(update_fields=["occurrence"])


def _takes(one: Coming, series: Series) -> bool:
    meeting = one.meeting
    before = meeting.title, meeting.place, meeting.starts_at, meeting.ends_at
    meeting.title, meeting.place = series.title, series.place
    if not one.moved and meeting.occurrence:
        wanted = meeting_of(series, meeting.occurrence)
        meeting.starts_at, meeting.ends_at = wanted.starts_at, wanted.ends_at
    return (meeting.title, meeting.place, meeting.starts_at, meeting.ends_at) != before
