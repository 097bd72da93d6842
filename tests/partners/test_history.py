"""Transfers, rehires, leave; who was where on a day; the org chart; headcount and attrition."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from partners import queries
from partners.models import Leave, Person, Placement, Programme, Site, Team
from portal.accounts.choices import Role
from portal.audit.models import AuditEntry
from tests.factories.partners import (
    EngagementFactory,
    JobRoleFactory,
    PersonFactory,
    PlacementFactory,
    ProgrammeFactory,
    SiteFactory,
    TeamFactory,
    days,
    placed,
    signed_in,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now() -> Any:
    with time_machine.travel(datetime(2026, 11, 20, 4, 0, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def site() -> Site:
    return SiteFactory(code="CTU", name="Chengdu")


@pytest.fixture
def hosts(site: Site) -> Programme:
    return ProgrammeFactory(site=site, name="Hosts")


@pytest.fixture
def lotus(hosts: Programme) -> Team:
    return TeamFactory(programme=hosts, name="Lotus")


@pytest.fixture
def client(site: Site) -> Client:
    return signed_in(Role.COORDINATOR, site=site)


def member(team: Team, name: str, first: str = "2024-01-01", last: str | None = None, **more: Any) -> Person:
    """Somebody employed and placed in a team over the same days."""
    site = team.programme.site
    person = EngagementFactory(person=PersonFactory(name=name), employer=site.partner, period=days(first, last)).person
    PlacementFactory(person=person, site=site, team=team, programme=team.programme, period=days(first, last), **more)
    return person


def place_form(**changes: Any) -> dict[str, Any]:
    return {"job_role": JobRoleFactory().pk, "first_day": "2026-11-23", **changes}


def test_a_transfer_ends_one_placement_and_begins_the_next(client: Client, lotus: Team) -> None:
    wang = member(lotus, "Wang Fang")
    bamboo = TeamFactory(programme=lotus.programme, name="Bamboo")
    page = client.post(
        reverse("partners:transfer", args=[wang.pk]) + "?site=CTU", place_form(team=bamboo.pk), follow=True
    )
    assert "Person transferred" in page.text
    found = [(p.team, p.period) for p in wang.placements.order_by("period")]
    assert found == [(lotus, days("2024-01-01", "2026-11-22")), (bamboo, days("2026-11-23"))]
    assert list(AuditEntry.objects.filter(subject_type="placement").order_by("id").values_list("verb", flat=True)) == [
        "placement.ended",
        "placement.created",
    ]


def test_nobody_is_transferred_who_has_no_placement(client: Client, site: Site) -> None:
    person = EngagementFactory(employer=site.partner, period=days("2024-01-01")).person
    PlacementFactory(person=person, site=site, period=days("2024-01-01", "2025-01-01"))
    page = client.post(reverse("partners:transfer", args=[person.pk]) + "?site=CTU", place_form())
    assert (page.status_code, page.context["form"].errors["first_day"]) == (
        422,
        ["The person has no primary placement on that day."],
    )


def test_a_rehire_is_the_same_person(client: Client, lotus: Team) -> None:
    wang = member(lotus, "Wang Fang", last="2025-06-30")
    assert "Rehire" in client.get(reverse("partners:person", args=[wang.pk])).text
    url = reverse("partners:rehire", args=[wang.pk]) + "?site=CTU"
    page = client.post(url, place_form(team=lotus.pk, employee_number="BW-9"), follow=True)
    assert "Person rehired" in page.text
    assert [e.period for e in wang.engagements.order_by("period")] == [
        days("2024-01-01", "2025-06-30"),
        days("2026-11-23"),
    ]
    assert (Person.objects.count(), wang.placements.count()) == (1, 2)
    page = client.post(url, place_form())
    assert "employed on that day already" in page.context["form"].errors["first_day"][0]


def test_leave_is_noted_shown_and_withdrawn(client: Client, lotus: Team) -> None:
    wang = member(lotus, "Wang Fang", last="2026-12-31")
    url = reverse("partners:leave_new", args=[wang.pk])
    page = client.post(url, {"kind": "holiday", "first_day": "2026-11-23", "last_day": "2026-11-27"}, follow=True)
    assert "Annual leave" in page.text
    for values, field in (
        ({"kind": "sick", "first_day": "2026-11-27", "last_day": "2026-11-30"}, "first_day"),
        ({"kind": "sick", "first_day": "2026-12-30", "last_day": "2027-01-02"}, "first_day"),
        ({"kind": "sick", "first_day": "2026-12-30", "last_day": "2026-12-29"}, "last_day"),
        ({"kind": "beach", "first_day": "2026-12-01", "last_day": "2026-12-02"}, "kind"),
        ({"kind": "sick", "first_day": "2026-12-01"}, "last_day"),
    ):
        assert list(client.post(url, values).context["form"].errors) == [field], values
    day = client.get(reverse("partners:site_roster", args=["CTU"]) + "?on=2026-11-24")
    assert "Annual leave" in day.text
    leave = Leave.objects.get()
    assert "Leave withdrawn" in client.post(reverse("partners:leave_withdraw", args=[leave.pk]), follow=True).text
    assert "Annual leave" not in client.get(reverse("partners:site_roster", args=["CTU"]) + "?on=2026-11-24").text


def test_the_database_refuses_leave_outside_an_engagement(lotus: Team) -> None:
    wang = member(lotus, "Wang Fang", last="2026-12-31")
    with pytest.raises(IntegrityError, match="leave lies within an engagement"), transaction.atomic():
        Leave.objects.create(person=wang, kind="sick", period=days("2026-12-30", "2027-01-02"))
    Leave.objects.create(person=wang, kind="sick", period=days("2026-12-30", "2026-12-31"))
    wang.placements.update(period=days("2024-01-01", "2026-12-01"))
    with pytest.raises(IntegrityError, match="an engagement covers the leave"), transaction.atomic():
        wang.engagements.update(period=days("2024-01-01", "2026-12-30"))


def test_ending_an_engagement_ends_leave_with_it(client: Client, lotus: Team) -> None:
    wang = member(lotus, "Wang Fang")
    Leave.objects.create(person=wang, kind="parental", period=days("2026-11-01", "2027-03-01"))
    url = reverse("partners:engagement_end", args=[wang.engagements.get().pk])
    assert client.post(url, {"last_day": "2026-11-30", "version": 1}).status_code == 302
    assert Leave.objects.get().last_day == date(2026, 11, 30)


def test_who_was_on_this_team_on_3_may(client: Client, lotus: Team) -> None:
    member(lotus, "Gone In April", last="2026-04-30")
    member(lotus, "There In May", last="2026-05-31")
    member(lotus, "Came In June", first="2026-06-01")
    lent = placed(SiteFactory(partner=lotus.programme.site.partner), name="Lent For May")
    PlacementFactory(
        person=lent,
        site=lotus.programme.site,
        programme=lotus.programme,
        team=lotus,
        kind="loan",
        period=days("2026-05-01", "2026-05-31"),
    )
    page = client.get(reverse("partners:team", args=[lotus.pk]) + "?on=2026-05-03")
    assert "People on 3 May 2026" in page.text
    assert [p.person.name for p in page.context["placements"]] == ["Lent For May", "There In May"]
    site_page = client.get(reverse("partners:site_roster", args=["CTU"]) + "?on=2026-05-03")
    assert [p.person.name for p, _leave in site_page.context["rows"]] == ["Lent For May", "There In May"]
    assert [p.person.name for p in client.get(reverse("partners:team", args=[lotus.pk])).context["placements"]] == [
        "Came In June"
    ]
    for nonsense in ("x", "2026-02-30", "%00"):
        assert client.get(reverse("partners:team", args=[lotus.pk]) + f"?on={nonsense}").status_code == 400
        assert client.get(reverse("partners:site_chart", args=["CTU"]) + f"?on={nonsense}").status_code == 400
    assert client.get(reverse("partners:site_roster", args=["CTU"]) + "?on=9999-12-31").status_code == 200


def test_headcount_and_attrition_show_both_numbers(client: Client, lotus: Team) -> None:
    for number in range(8):
        member(lotus, f"Stays {number}")
    member(lotus, "Leaves On The Last", last="2026-09-30")
    member(lotus, "Leaves In The Middle", last="2026-10-15")
    member(lotus, "Comes In October", first="2026-10-05")
    moved = member(lotus, "Moves Team")
    Placement.objects.filter(person=moved).update(period=days("2024-01-01", "2026-10-10"))
    PlacementFactory(person=moved, site=lotus.programme.site, period=days("2026-10-11"))
    months = {m.first: m for m in queries.movement(lotus.programme.site, date(2026, 11, 20))}
    assert len(months) == 12
    september, october = months[date(2026, 9, 1)], months[date(2026, 10, 1)]
    assert (september.at_start, september.joined, september.left, september.at_end) == (11, 0, 1, 10)
    assert (october.at_start, october.joined, october.left, october.at_end) == (10, 1, 1, 10)
    assert october.attrition == 10
    page = client.get(reverse("partners:site_movement", args=["CTU"])).text
    assert "Oct 2026" in page
    assert "10.0 %" in page


def test_pages_of_people_are_for_those_who_see_them(site: Site) -> None:
    stranger = signed_in(Role.PARTNER_LEAD, site=SiteFactory())
    for name in ("site_roster", "site_chart", "site_movement"):
        assert stranger.get(reverse(f"partners:{name}", args=["CTU"])).status_code == 404
        assert signed_in(Role.PARTNER_LEAD, site=site).get(reverse(f"partners:{name}", args=["CTU"])).status_code == 200
