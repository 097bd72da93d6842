"""Meetings as iCalendar: an invitation, word that it was called off, a file, a feed."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from email.utils import parseaddr
from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from icalendar import Calendar, Event, vCalAddress, vText

from portal.accounts.models import User
from portal.notifications.rules import zone_or_utc

from ..choices import EngagementState, Reply
from ..models import Engagement

REQUEST, CANCEL, PUBLISH = "REQUEST", "CANCEL", "PUBLISH"
ANSWERS: Final = {
    Reply.NONE: "NEEDS-ACTION", Reply.ACCEPTED: "ACCEPTED", Reply.TENTATIVE: "TENTATIVE", Reply.DECLINED: "DECLINED",
}  # fmt: skip


def invitation(engagement: Engagement, answer: str, user: User, method: str) -> str:
    """What travels with a letter to one person, who answered so: no other addresses are in it."""
    return _calendar([_asking(engagement, answer, user, method)], method)


def file_name(engagement: Engagement) -> str:
    """Day and title of a meeting in ASCII, without an ending."""
    day = engagement.starts_at.astimezone(zone_or_utc(engagement.time_zone)).date()
    return f"{day.isoformat()}-{slugify(engagement.title)[:60].strip('-') or 'meeting'}"


def _asking(engagement: Engagement, answer: str, user: User, method: str) -> Event:
    event = _event(engagement, called_off=method == CANCEL)
    event["ORGANIZER"] = vCalAddress(f"mailto:{parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}")
    attendee = vCalAddress(f"mailto:{user.email}")
    attendee.params["CN"] = vText(user.name)
    attendee.params["PARTSTAT"] = vText(ANSWERS[Reply(answer)])
    # Answers are given on the meeting's page; the organiser's mailbox reads none.
    attendee.params["RSVP"] = vText("FALSE")
    event.add("ATTENDEE", attendee, encode=False)
    return event


def feed(engagements: Iterable[Engagement], name: str) -> str:
    """Somebody's meetings as a calendar program reads them."""
    return _calendar(
        [_event(one, called_off=one.state == EngagementState.CANCELLED) for one in engagements], PUBLISH, name
    )


def _calendar(events: list[Event], method: str, name: str = "") -> str:
    calendar = Calendar()
    calendar.add("PRODID", "-//Partner Operations//Meetings//EN")
    calendar.add("VERSION", "2.0")
    calendar.add("METHOD", method)
    if name:
        calendar.add("X-WR-CALNAME", name)
    for event in events:
        calendar.add_component(event)
    if events:
        years = [event.decoded("DTSTART").year for event in events]
        # Rules of zones only as far as the meetings reach: programs choke on a century of them.
        first, last = date(max(min(years) - 1, 1970), 1, 1), date(max(years) + 2, 1, 1)
        calendar.add_missing_timezones(first_date=first, last_date=last)
    text: str = calendar.to_ical().decode()
    return text


def _event(engagement: Engagement, *, called_off: bool) -> Event:
    zone = zone_or_utc(engagement.time_zone)
    event = Event()
    event.add("UID", f"{engagement.uid}@{_host()}")
    event.add("SEQUENCE", engagement.sequence)
    event.add("DTSTAMP", timezone.now())
    event.add("DTSTART", engagement.starts_at.astimezone(zone))
    event.add("DTEND", _end(engagement).astimezone(zone))
    event.add("SUMMARY", engagement.title)
    if engagement.place:
        event.add("LOCATION", engagement.place)
    event.add("URL", settings.PORTAL_BASE_URL + reverse("reviews:engagement", args=[engagement.pk]))
    event.add("STATUS", "CANCELLED" if called_off else "CONFIRMED")
    return event


def _end(engagement: Engagement) -> datetime:
    return max(engagement.ends_at, engagement.starts_at + timedelta(minutes=1))


def _host() -> str:
    return settings.PORTAL_BASE_URL.partition("://")[2].partition("/")[0].partition(":")[0]
