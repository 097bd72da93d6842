"""The weekly word on leavers where the day begins at half past, where clocks are put back, and across Monday's edge."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from partners import queries
from partners.models import LeaverAttestation, Site
from partners.tasks import remind_of_attestations
from portal.accounts.choices import Role
from portal.accounts.models import User
from portal.notifications.models import Notification
from tests.factories.partners import SiteFactory, placed, signed_in, user

pytestmark = pytest.mark.django_db


def site_in(zone: str, code: str = "CTU") -> tuple[Site, User, User]:
    """A site in a zone, with its lead and its coordinator."""
    with time_machine.travel(datetime(2026, 1, 1, tzinfo=UTC), tick=False):
        site = SiteFactory(code=code, name=zone.partition("/")[2], time_zone=zone)
        placed(site)
        return site, user(Role.PARTNER_LEAD, site=site), user(Role.COORDINATOR, site=site)


def asked(since: datetime, days: int) -> list[tuple[str, str, datetime]]:
    """Who is asked what, and at which look, when somebody looks every half hour for some days."""
    seen: set[int] = set()
    found = []
    for half_hours in range(days * 48):
        now = since + timedelta(minutes=30 * half_hours)
        with time_machine.travel(now, tick=False):
            remind_of_attestations()
        for row in Notification.objects.exclude(pk__in=seen).select_related("recipient"):
            seen.add(row.pk)
            found.append((row.kind, row.recipient.email, now))
    assert sum(row.count for row in Notification.objects.all()) == len(found), "nobody is asked twice"
    return found


@pytest.mark.parametrize(
    ("zone", "monday"),
    [
        ("Asia/Kolkata", date(2026, 11, 16)),
        ("Asia/Kathmandu", date(2026, 11, 16)),
        ("America/St_Johns", date(2026, 11, 16)),
        # Clocks go back, forward, and by half an hour, on the Sunday of the week.
        ("America/New_York", date(2026, 10, 26)),
        ("Europe/Berlin", date(2026, 3, 23)),
        ("Australia/Lord_Howe", date(2026, 3, 30)),
    ],
)
def test_each_is_asked_once_a_week_and_not_before_nine_at_the_site(zone: str, monday: date) -> None:
    site, lead, coordinator = site_in(zone)
    here = ZoneInfo(zone)
    LeaverAttestation.objects.create(site=site, week=monday - timedelta(weeks=1), attested_by=lead)
    since = datetime.combine(monday + timedelta(days=2), datetime.min.time(), here).astimezone(UTC)
    found = asked(since.replace(minute=0), 6)
    assert [(kind, who) for kind, who, _at in found] == [
        ("attestation.due", lead.email),
        ("attestation.overdue", coordinator.email),
    ]
    thursday, next_monday = (at.astimezone(here) for _kind, _who, at in found)
    assert (thursday.date(), next_monday.date()) == (monday + timedelta(days=3), monday + timedelta(days=7))
    for local in (thursday, next_monday):
        assert (local.hour, local.minute < 30 or zone == "Asia/Kathmandu") == (9, True)


def test_the_week_that_clocks_change_in_is_one_week(client: Client) -> None:
    site, lead, _coordinator = site_in("America/New_York")
    # 23:30 on Sunday 1 November in New York, the day that had 25 hours, and 00:30 on Monday.
    for at, monday in ((4, date(2026, 10, 26)), (5, date(2026, 11, 2))):
        now = datetime(2026, 11, 2, at, 30, tzinfo=UTC)
        with time_machine.travel(now, tick=False):
            assert queries.site_weeks([site], now, weeks=1)[0][0].week == monday
            client.force_login(lead)
            url = reverse("partners:attest", args=[site.code, monday])
            assert "Confirmed. Report a leaver at once" in client.post(url, follow=True).text
    assert LeaverAttestation.objects.count() == 2


def test_sites_on_both_sides_of_monday_stand_under_their_own_weeks() -> None:
    """Sunday 20:00 in UTC: Monday has come to Chengdu and not to New York."""
    early, lead, _one = site_in("Asia/Shanghai", "CTU")
    late, late_lead, _two = site_in("America/New_York", "NYC")
    LeaverAttestation.objects.create(site=late, week=date(2026, 11, 9), attested_by=late_lead)
    with time_machine.travel(datetime(2026, 11, 15, 20, tzinfo=UTC), tick=False):
        page = signed_in(Role.AUDITOR).get(reverse("partners:attestations"))
        weeks, rows = page.context["weeks"], {site.code: cells for site, cells, *_more in page.context["rows"]}
        assert weeks[:2] == [date(2026, 11, 16), date(2026, 11, 9)]
        for cells in rows.values():
            assert [cell.week for cell in cells if cell] == [
                week for week, cell in zip(weeks, cells, strict=True) if cell
            ]
        assert rows["NYC"][0] is None
        assert rows["NYC"][1].attestation
        assert (rows["CTU"][0].state, rows["CTU"][1].state) == ("open", "overdue")
        assert "Not begun there" in page.text
        assert "2 sites have not confirmed last week" in page.text
        assert lead.name in page.text
    assert early.pk != late.pk
