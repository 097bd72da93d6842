"""Adding people, placing them, ending engagements: what is written, what is said when it is refused."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from partners import actions, queries
from partners.models import Engagement, Person, Placement, Site
from partners.tasks import end_lapsed_access
from portal.accounts.choices import Role
from portal.accounts.models import Membership, User
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
    user,
)

pytestmark = pytest.mark.django_db
# 20:00 in UTC is the next day in Shanghai.
NOW = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _now() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def site() -> Site:
    return SiteFactory(name="Chengdu", code="CTU", partner__name="Bluewave")


@pytest.fixture
def client(site: Site) -> Client:
    return signed_in(Role.COORDINATOR, site=site)


def errors(response: Any) -> dict[str, list[str]]:
    assert response.status_code == 422, response.status_code
    return {name: list(found) for name, found in response.context["form"].errors.items()}


def verbs() -> list[str]:
    return list(AuditEntry.objects.exclude(verb="user.signed_in").order_by("id").values_list("verb", flat=True))


def hire_form(**changes: Any) -> dict[str, Any]:
    known = {"name": "陈伟", "preferred_name": "Wei", "email": "wei@example.com", "language": "zh-hans"}
    return {**known, "job_role": JobRoleFactory().pk, "first_day": "2026-11-23", "employee_number": "B-1", **changes}


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


# --- Ending ---------------------------------------------------------------------------------------


def employee(site: Site) -> tuple[Person, User, Client]:
    """Somebody placed at a site, with a user who leads there and is signed in."""
    person = placed(site)
    account = user(Role.PARTNER_LEAD, site=site)
    account.person = person
    account.save()
    browser = Client()
    browser.force_login(account)
    return person, account, browser


def still_in(browser: Client) -> bool:
    """Whether the session works; only within hours of signing in, since sessions run out by themselves."""
    return browser.get(reverse("partners:sites")).status_code == 200


def has_access(account: User) -> bool:
    account.refresh_from_db()
    live = Membership.objects.filter(user=account, ended_at=None).exists()
    assert account.is_active == live
    return live


def test_the_last_day_ends_placements_now_and_access_when_the_day_is_over(client: Client, site: Site) -> None:
    person, account, browser = employee(site)
    later = PlacementFactory(site=site, person=person, kind="loan", period=days("2027-01-01"))
    engagement = person.engagements.get()
    # In Shanghai it is the 21st already.
    form = {"version": 1, "last_day": "2026-11-21"}
    url = reverse("partners:engagement_end", args=[engagement.pk])
    assert "Engagement ended" in client.post(url, form, follow=True).text
    assert person.placements.get(kind="primary").period == days("2024-01-01", "2026-11-21")
    later.refresh_from_db()
    assert later.cancelled_at == NOW
    assert verbs() == ["placement.withdrawn", "placement.ended", "engagement.ended"]
    with time_machine.travel("2026-11-21T15:00Z", tick=False):
        browser.force_login(account)
        assert end_lapsed_access() == 0
        assert has_access(account)
        assert still_in(browser)
    with time_machine.travel("2026-11-21T16:00Z", tick=False):  # midnight in Shanghai
        assert end_lapsed_access() == 1
        assert end_lapsed_access() == 0
        assert not has_access(account)
        assert not still_in(browser)
        assert verbs()[-1] == "user.access_ended"


@pytest.mark.parametrize("form", [{"last_day": "2026-11-20"}, {"last_day": "2026-12-31", "at_once": "on"}])
def test_access_ends_in_the_same_transaction_if_the_day_is_over_or_asked_for(
    client: Client, site: Site, form: dict[str, str]
) -> None:
    person, account, browser = employee(site)
    url = reverse("partners:engagement_end", args=[person.engagements.get().pk])
    assert client.post(url, {**form, "version": 1}).status_code == 302
    assert not still_in(browser)
    assert not Membership.objects.filter(user=account, ended_at=None).exists()
    assert end_lapsed_access() == 0


def test_if_ending_access_fails_nothing_is_written(client: Client, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    person, account, _browser = employee(site)
    engagement = person.engagements.get()

    def broken(**_values: Any) -> set[int]:
        Membership.objects.filter(user=account).update(ended_at=NOW)
        raise RuntimeError("lost the connection")

    monkeypatch.setattr("partners.actions.engagements.end_access", broken)
    with pytest.raises(RuntimeError):
        actions.end_engagement(actor=SYSTEM, pk=engagement.pk, last_day=date(2026, 11, 1))
    engagement.refresh_from_db()
    assert engagement.period == days("2024-01-01")
    assert person.placements.get().period == days("2024-01-01")
    assert Membership.objects.filter(user=account, ended_at=None).exists()
    assert verbs() == []


def test_the_next_contract_with_the_same_employer_keeps_access_and_another_employer_does_not(site: Site) -> None:
    stays, staying, _browser = employee(site)
    goes, going, _browser = employee(site)
    for person, employer in ((stays, site.partner), (goes, PartnerFactory())):
        actions.end_engagement(actor=SYSTEM, pk=person.engagements.get().pk, last_day=date(2026, 11, 21))
        values = actions.EngagementValues(employer.pk, date(2026, 11, 22))
        actions.add_engagement(actor=SYSTEM, person_id=person.pk, values=values)
    with time_machine.travel("2026-11-22T06:00Z", tick=False):
        assert end_lapsed_access() == 2
        assert has_access(staying)
        assert not has_access(going)


def test_a_rehire_is_the_same_person_without_the_old_access(client: Client, site: Site) -> None:
    person, account, browser = employee(site)
    actions.end_engagement(actor=SYSTEM, pk=person.engagements.get().pk, last_day=date(2026, 11, 1))
    form = {"employer": site.partner_id, "employee_number": "B-2", "first_day": "2026-11-10"}
    assert client.post(reverse("partners:engagement_new", args=[person.pk]), form).status_code == 302
    assert person.engagements.count() == 2
    assert not still_in(browser)
    assert not Membership.objects.filter(user=account, ended_at=None).exists()


def test_history_that_is_entered_late_ends_nobodys_access(site: Site) -> None:
    person, _account, browser = employee(site)
    values = actions.EngagementValues(PartnerFactory().pk, date(2020, 1, 1), date(2021, 1, 1))
    old = actions.add_engagement(actor=SYSTEM, person_id=person.pk, values=values)
    assert end_lapsed_access() == 0
    corrected = actions.EngagementValues(old.employer_id, date(2020, 1, 1), date(2021, 6, 1))
    actions.change_engagement(actor=SYSTEM, pk=old.pk, version=1, values=corrected)
    assert end_lapsed_access() == 0
    assert still_in(browser)


def test_an_engagement_that_goes_on_after_all_is_watched_again(site: Site) -> None:
    person, account, _browser = employee(site)
    row = person.engagements.get()
    actions.end_engagement(actor=SYSTEM, pk=row.pk, last_day=date(2026, 11, 25))
    values = actions.EngagementValues(row.employer_id, date(2024, 1, 1), date(2026, 11, 28))
    actions.change_engagement(actor=SYSTEM, pk=row.pk, version=2, values=values)
    with time_machine.travel("2026-11-27T00:00Z", tick=False):
        assert end_lapsed_access() == 0
        assert has_access(account)
    with time_machine.travel("2026-11-28T16:00Z", tick=False):
        assert end_lapsed_access() == 1
        assert not has_access(account)


def test_refusals_of_an_end(client: Client, site: Site) -> None:
    person = placed(site)
    url = reverse("partners:engagement_end", args=[person.engagements.get().pk])
    assert errors(client.post(url, {"version": 1, "last_day": "2023-12-31"})) == {
        "last_day": ["Choose 1 Jan 2024 or later."]
    }
    assert set(errors(client.post(url, {"version": 1}))) == {"last_day"}
    client.post(url, {"version": 1, "last_day": "2026-11-30"})
    assert errors(client.post(url, {"version": 2, "last_day": "2026-12-31"})) == {
        "last_day": ["The engagement ends before 1 Dec 2026 already. Choose an earlier day."]
    }


def test_what_was_on_a_day_in_may(site: Site) -> None:
    """Placements keep their days, so that a team can be seen as it was."""
    team = TeamFactory(programme=ProgrammeFactory(site=site))
    then = EngagementFactory(employer=site.partner).person
    PlacementFactory(
        site=site, person=then, programme=team.programme, team=team, period=days("2026-04-01", "2026-05-03")
    )
    assert queries.team_counts(SYSTEM, [team.pk], date(2026, 5, 3)) == {team.pk: 1}
    assert queries.team_counts(SYSTEM, [team.pk], date(2026, 5, 4)) == {}
