"""The org chart: leads stand at the head of their teams, and everybody stands in it once."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from partners import queries
from partners.models import Person, Placement, Site, Team
from partners.queries.chart import Post, TeamBranch
from portal.accounts.choices import Role
from portal.accounts.rules import SYSTEM
from tests.factories.partners import (
    EngagementFactory,
    JobRoleFactory,
    PersonFactory,
    PlacementFactory,
    ProgrammeFactory,
    SiteFactory,
    TeamFactory,
    signed_in,
)

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 20)


@pytest.fixture
def lotus() -> Team:
    return TeamFactory(programme=ProgrammeFactory(site=SiteFactory(code="CTU"), name="Hosts"), name="Lotus")


@pytest.fixture
def client(lotus: Team) -> Client:
    return signed_in(Role.COORDINATOR, site=lotus.programme.site)


def member(where: Team, name: str, lead: Person | None = None, role: str = "AGENT", **place: Any) -> Person:
    site: Site = where.programme.site
    person = EngagementFactory(person=PersonFactory(name=name), employer=site.partner).person
    place = {"team": where, "programme": where.programme, **place}
    PlacementFactory(person=person, site=site, lead=lead, job_role=JobRoleFactory(code=role), **place)
    return person


def drawn(post: Post) -> Any:
    """Names: alone, or with those of the people led."""
    name = post.person.name if post.placement else f"({post.person.name})"
    return (name, [drawn(one) for one in post.people]) if post.people else name


def branch(team: Team) -> TeamBranch:
    tree = queries.chart(SYSTEM, team.programme.site, DAY)
    return next(b for programme in tree for b in programme.teams if b.team == team)


def picture(team: Team) -> tuple[list[Any], list[str]]:
    found = branch(team)
    return [drawn(post) for post in found.heads], [row.person.name for row in found.unled]


def test_a_lead_heads_the_team_and_is_not_without_a_lead(lotus: Team, client: Client) -> None:
    lin = member(lotus, "Lin Xia", role="LEAD")
    member(lotus, "Wang Fang", lin)
    assert picture(lotus) == ([("Lin Xia", ["Wang Fang"])], [])
    page = client.get(reverse("partners:site_chart", args=["CTU"])).text
    assert "Without a lead" not in page
    assert page.count("Lin Xia") == 1
    member(lotus, "Zhao Min")
    assert picture(lotus) == ([("Lin Xia", ["Wang Fang"])], ["Zhao Min"])
    assert "Without a lead" in client.get(reverse("partners:site_chart", args=["CTU"])).text


def test_whoever_is_named_as_lead_heads_whatever_their_role(lotus: Team) -> None:
    lin = member(lotus, "Lin Xia")
    member(lotus, "Wang Fang", lin)
    member(lotus, "New Lead", role="LEAD")
    assert picture(lotus) == ([("Lin Xia", ["Wang Fang"]), "New Lead"], [])


def test_leads_of_leads_and_leads_from_elsewhere(lotus: Team, client: Client) -> None:
    chief = member(lotus, "Chief", role="LEAD", team=None, programme=None)
    lin = member(lotus, "Lin Xia", chief, role="LEAD")
    deputy = member(lotus, "Deputy", lin)
    member(lotus, "Wang Fang", deputy)
    assert picture(lotus) == ([("Lin Xia", [("Deputy", ["Wang Fang"])])], [])
    member(lotus, "Floater", chief)
    assert picture(lotus) == ([("Lin Xia", [("Deputy", ["Wang Fang"])]), ("(Chief)", ["Floater"])], [])
    assert "of another team" in client.get(reverse("partners:site_chart", args=["CTU"])).text


def test_circles_and_long_chains_show_everybody_once(lotus: Team) -> None:
    one = member(lotus, "One")
    two = member(lotus, "Two", one)
    Placement.objects.filter(person=one).update(lead=two)
    assert picture(lotus) == ([("One", ["Two"])], [])
    last = None
    for number in range(30):
        last = member(lotus, f"Chain {number:02}", last)

    def everybody(posts: list[Post]) -> list[str]:
        return [name for post in posts for name in (post.person.name, *everybody(post.people))]

    names = everybody(branch(lotus).heads)
    assert sorted(names) == sorted(["One", "Two", *(f"Chain {n:02}" for n in range(30))])


def test_it_asks_the_same_however_long(lotus: Team, client: Client, django_assert_num_queries: Any) -> None:
    lin = member(lotus, "Lin Xia", role="LEAD")
    assert "<details open>" in client.get(reverse("partners:site_chart", args=["CTU"])).text
    for number in range(50):
        member(lotus, f"Agent {number}", lin)
    with django_assert_num_queries(1):
        tree = queries.chart(SYSTEM, lotus.programme.site, DAY)
    assert (tree[0].number, tree[0].teams[0].number) == (51, 51)
    assert "<details>" in client.get(reverse("partners:site_chart", args=["CTU"])).text
