"""A lead's weekly word on leavers: given once, asked for on Thursday, missed by the coordinator on Monday."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from partners.models import LeaverAttestation, Site
from partners.tasks import remind_of_attestations
from portal.accounts.choices import Role
from portal.audit.models import AuditEntry
from portal.notifications.models import Notification
from tests.factories.partners import PersonFactory, SiteFactory, placed, signed_in, user

pytestmark = pytest.mark.django_db
FRIDAY = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
WEEK = date(2026, 11, 16)


@pytest.fixture
def site() -> Site:
    site = SiteFactory(code="CTU", name="Chengdu", time_zone="Asia/Shanghai")
    placed(site)
    return site


def url(week: object = WEEK) -> str:
    return reverse("partners:attest", args=["CTU", week])


def told() -> list[tuple[str, str]]:
    return sorted((n.kind, n.recipient.email) for n in Notification.objects.select_related("recipient"))


@time_machine.travel(FRIDAY, tick=False)
def test_a_lead_confirms_from_my_day_and_only_once(site: Site) -> None:
    lead = signed_in(Role.PARTNER_LEAD, site=site)
    home = lead.get(reverse("home:day")).text
    assert "Has everybody who left been reported?" in home
    assert url() in home
    assert "Confirmed. Report a leaver at once" in lead.post(url(), follow=True).text
    lead.post(url(), follow=True)
    row = LeaverAttestation.objects.get()
    assert (row.site, row.week) == (site, WEEK)
    assert list(AuditEntry.objects.filter(verb="attestation.created").values_list("changes", flat=True)) == [
        {"site_id": site.pk, "week": "2026-11-16"}
    ]
    assert url() not in lead.get(reverse("home:day")).text
    assert url(date(2026, 11, 9)) in lead.get(reverse("home:day")).text


@time_machine.travel(FRIDAY, tick=False)
def test_weeks_that_cannot_be_confirmed(site: Site) -> None:
    lead = signed_in(Role.PARTNER_LEAD, site=site)
    assert "This week has not begun yet." in lead.post(url(date(2026, 11, 23)), follow=True).text
    assert "too long ago" in lead.post(url(date(2026, 1, 5)), follow=True).text
    for nonsense in ("2026-11-17", "x", "9999-99-99"):
        assert lead.post(url(nonsense)).status_code == 404
    assert not LeaverAttestation.objects.exists()


@time_machine.travel(FRIDAY, tick=False)
def test_coordinators_see_who_has_not_and_cannot_do_it_for_them(site: Site) -> None:
    coordinator = signed_in(Role.COORDINATOR, site=site)
    page = coordinator.get(reverse("partners:attestations"))
    assert "Overdue" in page.text
    assert "No unreported leavers" not in page.text
    assert coordinator.post(url()).status_code == 403
    assert signed_in(Role.PARTNER_LEAD, site=SiteFactory()).post(url()).status_code == 404
    assert signed_in(Role.PARTNER_QA, site=site).get(reverse("partners:attestations")).status_code == 404


def test_reminders_follow_the_sites_own_week_and_reach_each_once(site: Site) -> None:
    with time_machine.travel(datetime(2026, 11, 1, tzinfo=UTC), tick=False):
        lead, coordinator = user(Role.PARTNER_LEAD, site=site), user(Role.COORDINATOR, partner=site.partner)
    LeaverAttestation.objects.create(site=site, week=date(2026, 11, 9), attested_by=lead)
    # Thursday 08:30, then 09:30, in Shanghai.
    with time_machine.travel(datetime(2026, 11, 19, 0, 30, tzinfo=UTC), tick=False):
        assert remind_of_attestations() == 0
    with time_machine.travel(datetime(2026, 11, 19, 1, 30, tzinfo=UTC), tick=False):
        remind_of_attestations()
        remind_of_attestations()
    assert told() == [("attestation.due", lead.email)]
    # Monday morning of the next week.
    with time_machine.travel(datetime(2026, 11, 23, 2, 0, tzinfo=UTC), tick=False):
        remind_of_attestations()
        remind_of_attestations()
        client = Client()
        client.force_login(coordinator)
        page = client.get(reverse("notifications:inbox")).text
    assert told() == [("attestation.due", lead.email), ("attestation.overdue", coordinator.email)]
    assert "Chengdu has not confirmed last week’s leavers" in page


def test_sites_without_people_have_nothing_to_confirm() -> None:
    user(Role.PARTNER_LEAD, site=SiteFactory())
    PersonFactory()
    with time_machine.travel(FRIDAY, tick=False):
        assert remind_of_attestations() == 0


def test_the_database_takes_one_word_a_week_from_a_monday(site: Site) -> None:
    lead = user(Role.PARTNER_LEAD, site=site)
    with pytest.raises(IntegrityError, match="attestation_from_monday"), transaction.atomic():
        LeaverAttestation.objects.create(site=site, week=date(2026, 11, 17), attested_by=lead)
    LeaverAttestation.objects.create(site=site, week=WEEK, attested_by=lead)
    with pytest.raises(IntegrityError, match="attestation_once_a_week"), transaction.atomic():
        LeaverAttestation.objects.create(site=site, week=WEEK, attested_by=lead)
