"""Entries of the side navigation, and words for the trail, of meetings."""

from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.audit.registry import Named, register_field, register_subject, register_verbs
from portal.ui.registry import NavItem, register_nav

from ..models import CalendarFeed, Engagement, Series
from ..queries.meetings import reads_meetings

VERBS = {
    "engagement.added": _("Arranged a meeting"),
    "engagement.changed": _("Changed a meeting"),
    "engagement.cancelled": _("Called off a meeting"),
    "engagement.begun": _("Began a meeting"),
    "engagement.held": _("Ended a meeting"),
    "agenda.built": _("Built an agenda"),
    "agenda.topic_added": _("Added a topic to an agenda"),
    "minutes.sent": _("Sent minutes"),
    "series.added": _("Set up a series of meetings"),
    "series.changed": _("Changed a series of meetings"),
    "series.ended": _("Ended a series of meetings"),
    "calendar_feed.made": _("Made an address of a calendar"),
    "calendar_feed.revoked": _("Took back an address of a calendar"),
}


def register() -> None:
    """Navigation and words."""
    register_nav(
        NavItem(
            "reviews",
            "meetings",
            _("Meetings"),
            "reviews:engagements",
            "cal",
            20,
            reads_meetings,
            also=("/reviews/series/", "/reviews/calendar/"),
        )
    )
    register_verbs(VERBS)
    register_subject("engagement", _("Meeting"), _engagements)
    register_subject("series", _("Series of meetings"), _series)
    register_subject("calendar_feed", _("Address of a calendar"), _feeds)
    register_field("calendar_of_id", _("Whose calendar"), subject="user")
    register_field("points", _("Points of the agenda"))


def _engagements(ids: Sequence[int]) -> Mapping[int, Named]:
    rows = Engagement.objects.filter(pk__in=ids).values_list("pk", "title")
    return {pk: Named(title, reverse("reviews:engagement", args=[pk])) for pk, title in rows}


def _series(ids: Sequence[int]) -> Mapping[int, Named]:
    rows = Series.objects.filter(pk__in=ids).values_list("pk", "title")
    return {pk: Named(title, reverse("reviews:series", args=[pk])) for pk, title in rows}


def _feeds(ids: Sequence[int]) -> Mapping[int, Named]:
    rows = CalendarFeed.objects.filter(pk__in=ids).values_list("pk", "user__name")
    return {pk: Named(name, "") for pk, name in rows}
