"""Who is reported as leaving and holds nothing: the report is kept, shown and counted, and they are given nothing any more."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from access_requests import queries
from access_requests.actions import cancel, follow_days, raise_request, report_leavers, submit_request
from access_requests.models import AccessRequest, LeaverReport, RequestItem
from partners.models import Engagement, Person, Site
from portal.accounts.choices import Role
from portal.accounts.queries import actor_for
from portal.audit.models import AuditEntry
from portal.refusals import RefusedError
from tests.access_requests.racing import birthright, line
from tests.factories.access import GrantFactory, GrantReasonFactory
from tests.factories.partners import PlacementFactory, SiteFactory, days, user

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Site:
    return SiteFactory.create()


@pytest.fixture
def person(site: Site) -> Person:
    return PlacementFactory.create(site=site).person


def report(site: Site, *people: Person, later: timedelta = timedelta()) -> AccessRequest:
    return report_leavers(
        actor=actor_for(user(Role.PARTNER_LEAD, site=site)), site_id=site.pk,
        person_ids=[one.pk for one in people], last_shift_at=timezone.now() + later,
    )  # fmt: skip


def test_the_report_is_on_the_request_the_person_and_the_trail(site: Site, person: Person, client: Client) -> None:
    lead = user(Role.PARTNER_LEAD, site=site)
    client.force_login(lead)
    page = reverse("access:report-leaver", args=[person.pk])
    assert "The report is kept all the same" in client.get(page).content.decode()
    today = timezone.now().date().isoformat()
    said = {"day": today, "hour": "00:00", "reason": "", "token": "6c1f0c3e-5f0e-4f0e-9b0e-0c1d2e3f4a5b"}
    answers = [client.post(page, said) for _ in range(2)]
    made = AccessRequest.objects.get(kind="leaver")
    assert {answer.url for answer in answers} == {reverse("access:request", args=[made.ref])}
    assert (made.state, made.items.count(), made.ended_at is None) == ("closed", 0, False)
    shown = client.get(answers[0].url).content.decode()
    assert person.label in shown
    assert "Reported as leaving, held nothing." in shown
    assert made.ref in client.get(reverse("partners:person", args=[person.pk])).content.decode()
    event = AuditEntry.objects.get(verb="person.left_with_nothing")
    assert (event.subject_type, event.subject_id, event.actor_id) == ("person", person.pk, lead.pk)
    found = client.get(reverse("access:requests"), {"tab": "done", "q": person.name}).content.decode()
    assert made.ref in found


def test_it_counts_in_the_weekly_word_on_leavers(site: Site, person: Person, client: Client) -> None:
    other = PlacementFactory.create(site=site).person
    GrantReasonFactory.create(grant=GrantFactory.create(person=other))
    report(site, person, other)
    PlacementFactory.create(site=site)
    client.force_login(user(Role.PARTNER_LEAD, site=site))
    assert "2 reported" in client.get(reverse("partners:attestations")).content.decode()
    mixed = AccessRequest.objects.get(kind="leaver")
    assert (mixed.items.count(), mixed.state) == (1, "in_progress")
    text = client.get(reverse("access:request", args=[mixed.ref])).content.decode()
    assert text.count("Reported as leaving, held nothing.") == 1


def test_who_was_reported_is_given_nothing(site: Site, person: Person) -> None:
    lead = actor_for(user(Role.PARTNER_LEAD, site=site))
    draft = raise_request(
        actor=lead, kind="ad_hoc", site_id=site.pk, lines=[line(person, birthright())], submit=False
    )  # fmt: skip
    report(site, person)
    assert queries.reported([person.pk]) == {person.pk}
    submit_request(actor=lead, ref=draft.ref)
    assert set(draft.items.values_list("state", flat=True)) == {"cancelled"}


def test_a_report_before_the_last_shift_is_taken_back(site: Site, person: Person, client: Client) -> None:
    made = report(site, person, later=timedelta(days=2))
    client.force_login(user(Role.PARTNER_LEAD, site=site))
    page = reverse("access:request", args=[made.ref])
    assert "Take back" in client.get(page).content.decode()
    client.post(reverse("access:request-cancel", args=[made.ref]))
    assert queries.reported([person.pk]) == set()
    assert "Take back" not in client.get(page).content.decode()
    over = report(site, person)
    with pytest.raises(RefusedError, match="removal_goes_on"):
        cancel(actor=actor_for(user(Role.PARTNER_LEAD, site=site)), ref=over.ref)


def test_people_of_other_sites_are_not_reported(site: Site) -> None:
    elsewhere = PlacementFactory.create(site=SiteFactory.create()).person
    with pytest.raises(RefusedError, match="person_elsewhere"):
        report(site, elsewhere)
    assert not LeaverReport.objects.exists()


def test_who_leaves_by_the_directory_leaves_a_line_once(site: Site, person: Person) -> None:
    gone = days("2024-01-01", timezone.now().date() - timedelta(days=1))
    person.placements.update(period=gone)
    Engagement.objects.filter(person=person).update(period=gone)
    for _ in range(2):
        follow_days()
    assert list(LeaverReport.objects.values_list("person", flat=True)) == [person.pk]
    assert not RequestItem.objects.exists()
