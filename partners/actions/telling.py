"""Whom rosters and the weekly word on leavers concern, told in the caller's transaction."""

from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.db import transaction
from django.urls import reverse

from portal.notifications.actions import notify

from .. import queries
from ..models import Roster, Site

# Not before the working day has begun at the site.
HOUR: Final = 9
THURSDAY: Final = 3


def _named(site: Site) -> dict[str, str]:
    return {"site": site.name, "site_zh": site.name_zh}


def tell_of_roster(roster: Roster, what: str, *, recipients: list[int]) -> None:
    """One line about a roster: `what` is sent, applied or discarded."""
    notify(
        kind=f"roster.{what}",
        recipients=recipients,
        params=_named(roster.site),
        url=reverse("partners:roster", args=[roster.pk]),
        dedupe_key=f"roster:{roster.pk}:{what}",
        subject_id=roster.pk,
    )


@transaction.atomic
def remind_of_attestations(now: datetime) -> int:
    """From Thursday on remind leads of the week, from Monday on tell coordinators of the week before. How many sites.

    By the site's own calendar, and once per person, site and week.
    """
    told = 0
    for site in queries.peopled(queries.live_sites(), now.date()):
        local = now.astimezone(ZoneInfo(site.time_zone))
        if local.hour < HOUR:
            continue
        week = queries.monday(local.date())
        last = week - timedelta(weeks=1)
        if local.weekday() >= THURSDAY and not queries.given_in(site, week):
            told += _remind(site, week, "due", queries.leads_of(site, now))
        if _was_there(site, last) and not queries.given_in(site, last):
            told += _remind(site, last, "overdue", queries.coordinators_of(site, now))
    return told


def _was_there(site: Site, week: date) -> bool:
    return queries.peopled(Site.objects.filter(pk=site.pk), week + timedelta(days=6)).exists()


def _remind(site: Site, week: date, what: str, recipients: list[int]) -> int:
    if not recipients:
        return 0
    notify(
        kind=f"attestation.{what}",
        recipients=recipients,
        params={**_named(site), "week": week.isoformat()},
        url=reverse("partners:attestations"),
        dedupe_key=f"attestation:{site.pk}:{week.isoformat()}:{what}",
        subject_id=site.pk,
    )
    return 1
