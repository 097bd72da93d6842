"""Who may change what of the directory."""

import pytest
from django.urls import reverse

from partners.models import Person
from portal.accounts.choices import Role
from tests.factories.partners import (
    PlacementFactory,
    SiteFactory,
    days,
    signed_in,
)
from tests.partners.places import Place, scoped

pytestmark = pytest.mark.django_db


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
    assert "zqtheirs" not in foreign.text
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
