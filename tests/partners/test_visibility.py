"""Who sees what of the directory. Every test first creates what could leak, then looks for it."""

from dataclasses import dataclass

import pytest
from django.urls import reverse

from partners import navigation, queries
from partners.models import Engagement, Person, Placement, Programme, Site, Team
from portal.accounts.choices import Role
from portal.accounts.models import Delegation, Membership
from portal.accounts.queries import actor_for
from portal.accounts.rules import SYSTEM, Actor
from tests.factories.partners import (
    EngagementFactory,
    ExternalIdFactory,
    PlacementFactory,
    ProgrammeFactory,
    SiteFactory,
    TeamFactory,
    actor,
    days,
    signed_in,
    user,
)

pytestmark = pytest.mark.django_db


@dataclass
class Place:
    """A site with one of everything."""

    site: Site
    programme: Programme
    team: Team
    person: Person
    placement: Placement
    engagement: Engagement


def build(name: str) -> Place:
    site = SiteFactory(name=f"{name} site", code=name.upper(), partner__name=f"{name} partner")
    programme = ProgrammeFactory(site=site, name=f"{name} programme")
    team = TeamFactory(programme=programme, name=f"{name} team")
    engagement = EngagementFactory(person__name=f"{name} person", employer=site.partner, employee_number=f"{name}-1")
    person = engagement.person
    placement = PlacementFactory(site=site, person=person, programme=programme, team=team)
    ExternalIdFactory(person=person, value=f"{name}-hr")
    return Place(site, programme, team, person, placement, engagement)


@pytest.fixture
def ours() -> Place:
    return build("ours")


@pytest.fixture
def theirs() -> Place:
    return build("theirs")


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


def scoped(role: str, place: Place) -> dict[str, object]:
    """The scope that a membership of this role has at this place."""
    if role in {Role.COORDINATOR, Role.MANAGER, Role.PARTNER_LEAD, Role.PARTNER_QA, Role.AGENT}:
        return {"site": place.site}
    if role == Role.ASSOCIATE:
        from escalations.models import Service

        return {"service": Service.objects.create(name="Social media")}
    return {}


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
        for query in ("", "?q=theirs", "?presence=all", "?archived=on", f"?site={theirs.site.code}"):
            rows = client.get(url + query).text.partition("<tbody>")[2]
            assert "theirs" not in rows, (name, query)
    for text in ("theirs", "THEIRS", "theirs-1", "theirs-hr", theirs.person.email):
        assert not navigation.search_people(acting, text, 10)
        assert not navigation.search_sites(acting, text, 10)
        assert not navigation.search_partners(acting, text, 10)
    assert [hit.title for hit in navigation.search_people(acting, "ours-1", 10)] == ["ours person"]
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
    for hidden in ("theirs", "new-1", "secret-id"):
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


WRITES = [
    ("partner_new", None),
    ("partner_change", "partner"),
    ("partner_archive", "partner"),
    ("partner_restore", "partner"),
    ("site_new", None),
    ("site_change", "site"),
    ("site_archive", "site"),
    ("site_restore", "site"),
    ("programme_new", "site"),
    ("programme_change", "programme"),
    ("programme_archive", "programme"),
    ("programme_restore", "programme"),
    ("team_new", "programme"),
    ("team_change", "team"),
    ("team_archive", "team"),
    ("team_restore", "team"),
    ("person_change", "person"),
    ("external_id_new", "person"),
    ("engagement_new", "person"),
    ("engagement_change", "engagement"),
    ("engagement_end", "engagement"),
    ("placement_new", "person"),
    ("placement_change", "placement"),
    ("placement_withdraw", "placement"),
]
CONFIGURATION = {name for name, _row in WRITES if name.startswith(("partner_", "site_"))}


def write_url(name: str, row: str | None, place: Place) -> str:
    keys = {
        "partner": place.site.partner.code,
        "site": place.site.code,
        "programme": place.programme.pk,
        "team": place.team.pk,
        "person": place.person.pk,
        "engagement": place.engagement.pk,
        "placement": place.placement.pk,
    }
    return reverse(f"partners:{name}", args=[keys[row]] if row else [])


def buttons(name: str) -> bool:
    return name.endswith(("_archive", "_restore", "_withdraw"))


@pytest.mark.parametrize(("name", "row"), WRITES)
def test_who_may_change(name: str, row: str | None, ours: Place, theirs: Place) -> None:
    """A row out of sight is 404; one in sight that the role may not change is 403, on GET and on POST."""

    def answer(role: str, place: Place) -> int:
        client = signed_in(role, **scoped(role, ours))
        url = write_url(name, row, place)
        code = client.post(url, {}).status_code
        if code in {403, 404} and not buttons(name):
            assert client.get(url).status_code == code
        return code

    done = {302} if buttons(name) else {200, 422}
    if name == "placement_new":
        done = {200}
    no_people = row in {"person", "engagement", "placement"}
    assert answer(Role.AUDITOR, ours) == 403
    assert answer(Role.PARTNER_LEAD, ours) == 403
    assert answer(Role.PARTNER_QA, ours) == 403
    assert answer(Role.ASSOCIATE, ours) == (404 if no_people else 403)
    assert answer(Role.AGENT, ours) == 404
    assert answer(Role.IT, ours) == 404
    if row:
        assert answer(Role.PARTNER_LEAD, theirs) == 404
        assert answer(Role.COORDINATOR, theirs) == 404
    if name in CONFIGURATION:
        assert answer(Role.MANAGER, ours) == 403
    else:
        assert answer(Role.MANAGER, ours) in done
    if name != "placement_withdraw":
        assert answer(Role.ADMINISTRATOR, theirs) in done


def test_job_roles_are_for_administrators() -> None:
    names = ["job_roles", "job_role_new"]
    admin, manager = signed_in(Role.ADMINISTRATOR), signed_in(Role.MANAGER, site=SiteFactory())
    assert [admin.get(reverse(f"partners:{n}")).status_code for n in names] == [200, 200]
    assert [manager.get(reverse(f"partners:{n}")).status_code for n in names] == [404, 404]


def test_a_coordinator_adds_people_only_at_their_own_sites(ours: Place, theirs: Place) -> None:
    client = signed_in(Role.COORDINATOR, site=ours.site)
    url = reverse("partners:person_new")
    assert "Employee number" in client.get(url, {"site": ours.site.code}).text
    foreign = client.get(url, {"site": theirs.site.code})
    assert foreign.status_code == 400
    assert "Employee number" not in foreign.text
    assert "theirs" not in foreign.text
    assert client.post(f"{url}?site={theirs.site.code}", {"name": "X"}).status_code == 400
    assert not Person.objects.filter(name="X").exists()


def test_a_coordinator_does_not_pull_somebody_from_elsewhere(ours: Place, theirs: Place) -> None:
    """Seen because of a past placement, but now in the charge of others: read only."""
    PlacementFactory(site=ours.site, person=theirs.person, kind="loan", period=days("2024-02-01", "2024-02-10"))
    client = signed_in(Role.COORDINATOR, site=ours.site)
    page = client.get(reverse("partners:person", args=[theirs.person.pk]))
    assert page.status_code == 200
    assert reverse("partners:person_change", args=[theirs.person.pk]) not in page.text
    url = reverse("partners:placement_new", args=[theirs.person.pk]) + f"?site={ours.site.code}"
    assert client.post(url, {}).status_code == 403
