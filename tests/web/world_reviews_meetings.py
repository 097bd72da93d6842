"""Meetings of a site: one planned with a point and a decision, and a series."""

from datetime import date, time, timedelta
from typing import Any

from django.utils import timezone

from partners.models import Site
from portal.accounts.models import User
from reviews.models import AgendaItem, Attendee, CalendarFeed, Decision, Series
from tests.factories.reviews import EngagementFactory


def reviews_meetings_args(site: Site, coordinator: User) -> dict[str, dict[str, Any]]:
    """The coordinator comes to the meeting."""
    starts = timezone.now() + timedelta(days=2)
    meeting = EngagementFactory.create(
        site=site, starts_at=starts, ends_at=starts + timedelta(hours=1), made_by=coordinator
    )
    Attendee.objects.create(engagement=meeting, user=coordinator)
    item = AgendaItem.objects.create(engagement=meeting, title="Late shift", position=1)
    decision = Decision.objects.create(engagement=meeting, text="Two more on Mondays", by=coordinator)
    today = date(2026, 11, 3)
    series = Series.objects.create(
        kind="ops_call", title="Ops call", site=site, rule="FREQ=WEEKLY;BYDAY=TU", first_day=today,
        last_day=today + timedelta(days=300), at=time(10), minutes=60, time_zone=site.time_zone, made_by=coordinator,
    )  # fmt: skip
    feed = CalendarFeed.objects.create(user=coordinator, token_hash="0" * 64)
    return {
        "meeting": {"pk": meeting.pk},
        "agenda_item": {"pk": meeting.pk, "item": item.pk},
        "agenda_item_up": {"pk": meeting.pk, "item": item.pk, "act": "up"},
        "decision": {"pk": meeting.pk, "decision": decision.pk},
        "series": {"pk": series.pk},
        "calendar_feed": {"pk": feed.pk},
        "calendar_token": {"token": "nobody-has-this-one"},
    }
