"""Adding people, placing them, ending engagements: what is written, what is said when it is refused."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from partners import actions, queries
from partners.models import Engagement, Person, Placement, Site
from portal.accounts.choices import Role
from portal.accounts.rules import SYSTEM
from portal.audit.models import AuditEntry
from portal.refusals import RefusedError
from tests.factories.partners import (
    EngagementFactory,
    ExternalIdFactory,
    JobRoleFactory,
    PartnerFactory,
    PlacementFactory,
    ProgrammeFactory,
    SiteFactory,
    TeamFactory,
    days,
    placed,
    signed_in,
)
from tests.partners.hiring import errors, hire_form, verbs

pytestmark = pytest.mark.django_db


def test_a_new_person_gets_engagement_and_placement(client: Client, site: Site) -> None:
    team = TeamFactory(programme=ProgrammeFactory(site=site))
    lead = PlacementFactory(site=site, job_role=JobRoleFactory(code="LEAD")).person
    url = reverse("partners:person_new") + "?site=CTU"
    page = client.post(url, hire_form(team=team.pk, lead=lead.pk), follow=True)
    person = Person.objects.get(name="陈伟")
    assert page.redirect_chain == [(reverse("partners:person", args=[person.pk]), 302)]
    for text in (
        "<h1>Wei</h1>",
        "陈伟",
        team.name,
        lead.label,
        "23 Nov 2026",
        "Bluewave",
        "B-1",
        "Upcoming",
        "Person added",
    ):
        assert text in page.text
    engagement, placement = person.engagements.get(), person.placements.get()
    assert (engagement.employer, engagement.period) == (site.partner, days("2026-11-23"))
    assert (placement.team, placement.programme, placement.period) == (team, team.programme, days("2026-11-23"))
    assert verbs() == ["person.created", "engagement.created", "placement.created"]
    stored = str(list(AuditEntry.objects.values_list("changes", flat=True)))
    for private in ("陈伟", "Wei", "wei@", "B-1"):
        assert private not in stored


def test_what_is_wrong_with_a_new_person_is_said_at_its_field(client: Client, site: Site) -> None:
    taken = EngagementFactory(employer=site.partner, employee_number="b-1", person__email="WEI@example.com").person
    foreign = TeamFactory()
    before = Person.objects.count()
    url = reverse("partners:person_new") + "?site=CTU"
    assert errors(client.post(url, hire_form())) == {"email": ["Another person has this email address."]}
    free = {"email": ""}
    assert errors(client.post(url, hire_form(**free))) == {
        "employee_number": ["Somebody else has this employee number at this employer at that time."]
    }
    PlacementFactory(site=site, person=taken)
    assert errors(client.post(url, hire_form(**free))) == {
        "employee_number": [f"{taken.name} has this employee number, from 1 Jan 2024."]
    }
    assert set(errors(client.post(url, hire_form(team=foreign.pk, name="\x00", email="no", language="tlh")))) == {
        "team",
        "name",
        "email",
        "language",
    }
    assert errors(client.post(url, hire_form(employee_number="", email="", last_day="2026-11-22"))) == {
        "last_day": ["Choose 23 Nov 2026 or later."]
    }
    for far in ("9999-12-31", "0001-01-01"):
        assert errors(client.post(url, hire_form(employee_number="", email="", first_day=far))) == {
            "first_day": ["Choose a day between 1970 and 2199."]
        }
    assert set(errors(client.post(url, hire_form(first_day="23/11/2026", name="x" * 121)))) == {"first_day", "name"}
    assert Person.objects.count() == before


def test_an_overlap_names_the_placement_in_the_way(client: Client, site: Site) -> None:
    person = placed(site)
    url = reverse("partners:placement_new", args=[person.pk]) + "?site=CTU"
    form = {"kind": "primary", "job_role": JobRoleFactory().pk, "first_day": "2026-12-01"}
    assert errors(client.post(url, form)) == {
        "first_day": ["This overlaps the primary placement at Chengdu, from 1 Jan 2024."]
    }
    Placement.objects.update(period=days("2024-01-01", "2026-12-01"))
    assert errors(client.post(url, form)) == {
        "first_day": ["This overlaps the primary placement at Chengdu, 1 Jan 2024 to 1 Dec 2026."]
    }
    loan = {**form, "kind": "loan"}
    assert client.post(url, loan).status_code == 302
    assert errors(client.post(url, loan)) == {"first_day": ["This overlaps the loan to Chengdu, from 1 Dec 2026."]}
    assert person.placements.count() == 2


def test_a_transfer_ends_the_current_placement_the_day_before(client: Client, site: Site) -> None:
    person = placed(site)
    team = TeamFactory(programme=ProgrammeFactory(site=site))
    url = reverse("partners:placement_new", args=[person.pk]) + "?site=CTU"
    form = {"kind": "primary", "job_role": JobRoleFactory().pk, "first_day": "2026-12-01", "team": team.pk}
    assert client.post(url, {**form, "end_current": "on"}).status_code == 302
    old, new = person.placements.order_by("period")
    assert (old.period, new.period) == (days("2024-01-01", "2026-11-30"), days("2026-12-01"))
    assert verbs() == ["placement.ended", "placement.created"]


def test_a_transfer_away_from_a_foreign_site_is_refused(site: Site) -> None:
    elsewhere = SiteFactory(code="DLC", partner=site.partner)
    person = placed(elsewhere)
    PlacementFactory(site=site, person=person, kind="loan")
    client = signed_in(Role.COORDINATOR, site=site)
    url = reverse("partners:placement_new", args=[person.pk]) + "?site=CTU"
    form = {"kind": "primary", "job_role": JobRoleFactory().pk, "first_day": "2026-12-01", "end_current": "on"}
    assert errors(client.post(url, form)) == {
        "end_current": ["The current placement is at DLC, which is not in your charge."]
    }
    assert person.placements.get(kind="primary").period == days("2024-01-01")


def test_refusals_of_a_placement(client: Client, site: Site) -> None:
    person = placed(site)
    Placement.objects.update(period=days("2024-01-01", "2026-12-31"))
    Engagement.objects.filter(person=person).update(period=days("2024-01-01", "2027-01-31"))
    placement = person.placements.get()
    foreign_lead = PlacementFactory(job_role=JobRoleFactory(code="LEAD")).person
    url = reverse("partners:placement_change", args=[placement.pk])
    form = {"version": 1, "kind": "primary", "job_role": placement.job_role_id, "first_day": "2024-01-01"}
    assert errors(client.post(url, {**form, "last_day": "2027-02-01"})) == {
        "first_day": ["No engagement covers these days. Add or change the engagement first."]
    }
    assert set(errors(client.post(url, {**form, "last_day": "2027-01-01", "lead": foreign_lead.pk}))) == {"lead"}
    assert set(errors(client.post(url, {**form, "last_day": "2027-01-01", "lead": person.pk}))) == {"lead"}
    with pytest.raises(RefusedError) as caught:
        actions.change_placement(
            actor=SYSTEM,
            pk=placement.pk,
            version=1,
            values=actions.PlacementValues(placement.job_role_id, date(2024, 1, 1), lead_id=foreign_lead.pk),
        )
    assert (caught.value.code, caught.value.field) == ("lead_elsewhere", "lead")


def test_engagements_refuse_overlaps_and_bare_placements(client: Client, site: Site) -> None:
    person = placed(site)
    engagement = person.engagements.get()
    new = reverse("partners:engagement_new", args=[person.pk])
    form = {"employer": site.partner_id, "employee_number": "", "first_day": "2026-01-01"}
    assert errors(client.post(new, form)) == {
        "first_day": ["This overlaps the engagement by Bluewave, from 1 Jan 2024."]
    }
    assert set(errors(client.post(new, {**form, "employer": PartnerFactory().pk}))) == {"employer"}
    change = reverse("partners:engagement_change", args=[engagement.pk])
    assert errors(client.post(change, {**form, "version": 1})) == {
        "last_day": ["Placements reach beyond these days. Change them first, or end the engagement."]
    }
    assert client.post(new, {**form, "first_day": "2020-01-01", "last_day": "2023-12-31"}).status_code == 302
    assert person.engagements.count() == 2


def test_external_ids_are_unique_and_can_be_removed(client: Client, site: Site) -> None:
    person = placed(site)
    ExternalIdFactory(source="hr", value="7")
    url = reverse("partners:external_id_new", args=[person.pk])
    assert errors(client.post(url, {"source": "hr", "value": "7"})) == {
        "value": ["Somebody has this id in this source already."]
    }
    assert set(errors(client.post(url, {"source": "h r", "value": " "}))) == {"source", "value"}
    assert "idp" in client.post(url, {"source": "idp", "value": "7"}, follow=True).text
    row = person.external_ids.get()
    remove = reverse("partners:external_id_remove", args=[person.pk, row.pk])
    assert client.get(remove).status_code == 405
    assert "Id removed" in client.post(remove, follow=True).text
    assert not person.external_ids.exists()
    assert verbs()[-2:] == ["external_id.created", "external_id.removed"]


def test_what_was_on_a_day_in_may(site: Site) -> None:
    """Placements keep their days, so that a team can be seen as it was."""
    team = TeamFactory(programme=ProgrammeFactory(site=site))
    then = EngagementFactory(employer=site.partner).person
    PlacementFactory(
        site=site, person=then, programme=team.programme, team=team, period=days("2026-04-01", "2026-05-03")
    )
    assert queries.team_counts(SYSTEM, [team.pk], date(2026, 5, 3)) == {team.pk: 1}
    assert queries.team_counts(SYSTEM, [team.pk], date(2026, 5, 4)) == {}
