"""Who sees what of the directory. Every test first creates what could leak, then looks for it."""

import pytest
from django.urls import reverse

from partners import queries, search
from partners.models import Placement
from portal.accounts.choices import Role
from portal.accounts.models import Delegation, Membership
from portal.accounts.queries import actor_for
from portal.accounts.rules import SYSTEM, Actor
from portal.ui.registry import SearchAsk
from tests.factories.partners import (
    EngagementFactory,
    ExternalIdFactory,
    PlacementFactory,
    SiteFactory,
    actor,
    days,
    signed_in,
    user,
)
from tests.partners.places import Place, scoped

pytestmark = pytest.mark.django_db


def pages(place: Place) -> dict[str, str]:
    """The pages that show this place's rows, by kind."""
    return {
        "partner": reverse("partners:partner", args=[place.site.partner.code]),
        "site": reverse("partners:site", args=[place.site.code]),
        "programme": reverse("partners:programme", args=[place.programme.pk]),
        "team": reverse("partners:team", args=[place.team.pk]),
        "person": reverse("partners:person", args=[place.person.pk]),
    }


LISTS = ("partners", "sites", "programmes", "teams", "people")


def seen(acting: Actor, place: Place) -> dict[str, bool]:
    return {
        "partner": queries.partners_visible_to(acting).filter(pk=place.site.partner_id).exists(),
        "site": queries.sites_visible_to(acting).filter(pk=place.site.pk).exists(),
        "programme": queries.programmes_visible_to(acting).filter(pk=place.programme.pk).exists(),
        "team": queries.teams_visible_to(acting).filter(pk=place.team.pk).exists(),
        "person": queries.people_visible_to(acting).filter(pk=place.person.pk).exists(),
    }


ALL = dict.fromkeys(("partner", "site", "programme", "team", "person"), True)


NONE = dict.fromkeys(ALL, False)


NO_PEOPLE = {**ALL, "person": False}


# role -> what it sees of its own place, and of somebody else's
MATRIX = [
    (Role.ADMINISTRATOR, ALL, ALL),
    (Role.AUDITOR, ALL, ALL),
    (Role.COORDINATOR, ALL, NONE),
    (Role.MANAGER, ALL, NONE),
    (Role.PARTNER_LEAD, ALL, NONE),
    (Role.PARTNER_QA, ALL, NONE),
    (Role.ASSOCIATE, NO_PEOPLE, NO_PEOPLE),
    (Role.AGENT, NO_PEOPLE, NONE),
    (Role.IT, NONE, NONE),
]


@pytest.mark.parametrize(("role", "own", "foreign"), MATRIX)
def test_rows_by_role(role: str, own: dict[str, bool], foreign: dict[str, bool], ours: Place, theirs: Place) -> None:
    acting = actor(role, **scoped(role, ours))
    assert (seen(acting, ours), seen(acting, theirs)) == (own, foreign)


@pytest.mark.parametrize(("role", "own", "foreign"), MATRIX)
def test_pages_by_role(role: str, own: dict[str, bool], foreign: dict[str, bool], ours: Place, theirs: Place) -> None:
    """A page opens exactly where the row is visible; agents and IT have no directory at all."""
    client = signed_in(role, **scoped(role, ours))
    for place, rights in ((ours, own), (theirs, foreign)):
        for kind, url in pages(place).items():
            expected = 200 if rights[kind] and role != Role.AGENT else 404
            assert (kind, client.get(url).status_code) == (kind, expected)


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.MANAGER, Role.PARTNER_LEAD, Role.PARTNER_QA])
def test_a_foreign_place_is_in_no_list_search_or_count(role: str, ours: Place, theirs: Place) -> None:
    client = signed_in(role, site=ours.site)
    acting = actor(role, site=ours.site)
    for name in LISTS:
        url = reverse(f"partners:{name}")
        assert "ours" in client.get(url).text
        for query in ("", "?q=zqtheirs", "?presence=all", "?archived=on", f"?site={theirs.site.code}"):
            rows = client.get(url + query).text.partition("<tbody>")[2]
            assert "zqtheirs" not in rows, (name, query)
    for text in ("zqtheirs", "ZQTHEIRS", "zqtheirs-1", "zqtheirs-hr", theirs.person.email):
        assert not search.people_page(acting, SearchAsk(text, 10)).hits
        assert not search.sites_page(acting, SearchAsk(text, 10)).hits
        assert not search.partners_page(acting, SearchAsk(text, 10)).hits
    assert [hit.title for hit in search.people_page(acting, SearchAsk("ours-1", 10)).hits] == ["ours person"]
    assert set(queries.headcounts(acting, [ours.site.pk, theirs.site.pk], queries.today())) == {ours.site.pk}


def test_associates_see_no_people_anywhere(ours: Place) -> None:
    client = signed_in(Role.ASSOCIATE, **scoped(Role.ASSOCIATE, ours))
    PlacementFactory(site=ours.site, job_role__code="LEAD", job_role__leads=True)
    for url in [*pages(ours).values(), *(reverse(f"partners:{name}") for name in LISTS)]:
        text = client.get(url).text
        assert "ours person" not in text
        assert "Person 0" not in text
    assert "People" not in client.get(pages(ours)["site"]).text.partition("<main")[2]
    assert client.get(reverse("partners:people")).status_code == 404


def test_somebody_who_moved_on_is_seen_only_as_they_were_here(ours: Place, theirs: Place) -> None:
    """A rehire by another partner: the former lead sees the old placement and engagement, not the new ones."""
    person = EngagementFactory(
        employer=ours.site.partner, employee_number="old-1", period=days("2020-01-01", "2021-12-31")
    ).person
    PlacementFactory(site=ours.site, person=person, period=days("2020-01-01", "2021-12-31"))
    EngagementFactory(person=person, employer=theirs.site.partner, employee_number="new-1", period=days("2022-01-01"))
    PlacementFactory(site=theirs.site, person=person, period=days("2022-01-01"))
    ExternalIdFactory(person=person, value="secret-id")
    lead = signed_in(Role.PARTNER_LEAD, site=ours.site)
    text = lead.get(reverse("partners:person", args=[person.pk])).text
    assert "old-1" in text
    for hidden in ("zqtheirs", "new-1", "secret-id"):
        assert hidden not in text
    assert person.name not in lead.get(reverse("partners:people")).text
    assert person.name in lead.get(reverse("partners:people"), {"presence": "left"}).text
    assert not queries.people_like(actor(Role.PARTNER_LEAD, site=ours.site), "new-1").exists()


def test_a_withdrawn_placement_shows_nobody(ours: Place) -> None:
    Placement.objects.update(cancelled_at="2026-01-01T00:00Z")
    assert not seen(actor(Role.PARTNER_LEAD, site=ours.site), ours)["person"]


def test_a_membership_of_a_partner_covers_all_its_sites(ours: Place, theirs: Place) -> None:
    second = SiteFactory(partner=ours.site.partner)
    unplaced = EngagementFactory(employer=ours.site.partner).person
    acting = actor(Role.MANAGER, partner=ours.site.partner)
    assert queries.site_ids_for(acting, Role.MANAGER) == {ours.site.pk, second.pk}
    assert queries.site_ids_for(acting) == {ours.site.pk, second.pk}
    assert queries.site_ids_for(acting, Role.COORDINATOR) == set()
    assert seen(acting, ours) == ALL
    assert seen(acting, theirs) == NONE
    assert unplaced in queries.people_visible_to(acting)
    assert unplaced not in queries.people_visible_to(actor(Role.MANAGER, site=ours.site))


def test_a_stand_in_sees_what_the_other_sees(ours: Place, theirs: Place) -> None:
    principal, delegate = user(Role.COORDINATOR, site=ours.site), user(Role.COORDINATOR, site=theirs.site)
    Delegation.objects.create(
        principal=principal,
        delegate=delegate,
        starts_at="2020-01-01T00:00Z",
        ends_at="2100-01-01T00:00Z",
        created_by=principal,
    )
    assert seen(actor_for(delegate), ours) == ALL
    assert seen(actor_for(principal), theirs) == NONE


def test_an_ended_membership_shows_nothing(ours: Place) -> None:
    former = user(Role.COORDINATOR, site=ours.site)
    Membership.objects.update(starts_at="2020-01-01T00:00Z", ended_at="2021-01-01T00:00Z")
    assert seen(actor_for(former), ours) == NONE


def test_the_system_sees_all(ours: Place) -> None:
    assert seen(SYSTEM, ours) == ALL
