"""Changing what is configured: messages, archiving, two people at once, and races that only the database sees."""

from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from partners import actions, queries
from partners.models import JobRole, Partner, Placement, Programme, Site, Team
from portal.accounts.choices import Role
from portal.accounts.models import Delegation
from portal.accounts.rules import SYSTEM
from portal.audit.models import AuditEntry
from portal.refusals import RefusedError
from tests.factories.partners import (
    EngagementFactory,
    JobRoleFactory,
    PartnerFactory,
    PlacementFactory,
    ProgrammeFactory,
    SiteFactory,
    TeamFactory,
    placed,
    signed_in,
    user,
)


@pytest.fixture
def admin(db: None) -> Client:
    return signed_in(Role.ADMINISTRATOR)


def errors(response: Any) -> dict[str, list[str]]:
    assert response.status_code == 422, response.status_code
    return {name: list(found) for name, found in response.context["form"].errors.items()}


def test_a_directory_is_built_by_hand(admin: Client) -> None:
    """Partner, site, programme, team, job role: each page leads to the next."""
    page = admin.post(
        reverse("partners:partner_new"), {"name": "Bluewave", "name_zh": "碧波", "code": "blue"}, follow=True
    )
    partner = Partner.objects.get(code="BLUE")
    assert "Partner added" in page.text
    assert f"{reverse('partners:site_new')}?partner={partner.pk}" in page.text
    form = {"partner": partner.pk, "name": "Chengdu", "name_zh": "成都", "code": "CTU", "time_zone": "Asia/Shanghai"}
    page = admin.post(reverse("partners:site_new"), form, follow=True)
    assert "Asia/Shanghai" in page.text
    page = admin.post(reverse("partners:programme_new", args=["CTU"]), {"name": "Hosts", "code": "HOST"}, follow=True)
    programme = Programme.objects.get()
    page = admin.post(reverse("partners:team_new", args=[programme.pk]), {"name": "Early"}, follow=True)
    assert "Team added" in page.text
    admin.post(reverse("partners:job_role_new"), {"name": "Coach", "code": "COACH", "leads": "on"})
    assert JobRole.objects.get(code="COACH").leads
    assert [Site.objects.get().partner, Team.objects.get().programme] == [partner, programme]
    verbs = AuditEntry.objects.exclude(subject_type="user").order_by("id").values_list("verb", flat=True)
    assert list(verbs) == [f"{row}.created" for row in ("partner", "site", "programme", "team", "job_role")]


def test_what_is_wrong_is_said_at_its_field(admin: Client) -> None:
    site = SiteFactory(code="CTU", partner__code="BLUE")
    programme = ProgrammeFactory(site=site, code="HOST")
    TeamFactory(programme=programme, name="Early")
    new = reverse("partners:partner_new")
    assert errors(admin.post(new, {"name": "x", "code": "BLUE"})) == {"code": ["Another partner has this code."]}
    assert set(errors(admin.post(new, {"name": " ", "code": "B LUE"}))) == {"name", "code"}
    form = {"partner": site.partner_id, "name": "x", "code": "CTU", "time_zone": "Asia/Shanghai"}
    assert errors(admin.post(reverse("partners:site_new"), form)) == {"code": ["Another site has this code."]}
    for zone in ("Mars/Olympus", "CST", "", "../etc/passwd"):
        assert set(errors(admin.post(reverse("partners:site_new"), {**form, "time_zone": zone}))) == {"time_zone"}
    url = reverse("partners:programme_new", args=["CTU"])
    assert errors(admin.post(url, {"name": "x", "code": "host"})) == {
        "code": ["Another programme of this site has this code."]
    }
    url = reverse("partners:team_new", args=[programme.pk])
    assert errors(admin.post(url, {"name": "EARLY"})) == {"name": ["Another team of this programme has this name."]}
    url = reverse("partners:job_role_new")
    assert errors(admin.post(url, {"name": "x", "code": "AGENT"})) == {"code": ["Another job role has this code."]}
    assert (Partner.objects.count(), Site.objects.count(), Team.objects.count()) == (1, 1, 1)


@pytest.mark.django_db
def test_a_zone_that_only_python_knows_is_refused_at_its_field() -> None:
    site = SiteFactory(code="CTU")
    with pytest.raises(RefusedError) as caught:
        actions.change_site(
            actor=SYSTEM, code="CTU", version=1, values=actions.SiteValues("x", "CTU", "Mars/Olympus_Mons")
        )
    assert (caught.value.code, caught.value.field) == ("site_time_zone_known", "time_zone")
    site.refresh_from_db()
    assert site.time_zone == "Asia/Shanghai"


def test_the_second_of_two_editors_sees_what_changed_and_keeps_what_they_typed(admin: Client) -> None:
    site = SiteFactory(name="Chengdu", code="CTU", partner=PartnerFactory())
    url = reverse("partners:site_change", args=["CTU"])
    first = signed_in(Role.ADMINISTRATOR)
    seen = {"version": 1, "name": "Chengdu", "name_zh": "", "code": "CTU", "time_zone": "Asia/Shanghai"}
    assert admin.get(url).context["form"]["version"].value() == 1
    assert first.post(url, {**seen, "name": "Chengdu West", "time_zone": "UTC"}).status_code == 302
    answer = admin.post(url, {**seen, "name": "Chengdu East"})
    assert answer.status_code == 409
    main = answer.text.partition("<main")[2]
    for text in (
        "changed this a moment ago",
        "Name is now Chengdu West",
        "Time zone is now UTC",
        'value="Chengdu East"',
    ):
        assert text in main
    assert "Code is now" not in main
    assert [label for label, _now in answer.context["form"].changed_meanwhile] == ["Name", "Time zone"]
    who = first.session["_auth_user_id"]
    assert f"User {int(who)}"[:5] in main
    site.refresh_from_db()
    assert site.name == "Chengdu West"
    # Having seen it, they may put theirs in its place.
    form = answer.context["form"]
    assert admin.post(url, {**seen, "name": "Chengdu East", "version": form["version"].value()}).status_code == 302
    site.refresh_from_db()
    assert (site.name, site.time_zone, site.version) == ("Chengdu East", "Asia/Shanghai", 3)


def test_a_form_without_its_version_overwrites_nothing(admin: Client) -> None:
    person = placed(SiteFactory())
    url = reverse("partners:person_change", args=[person.pk])
    form = {"name": "Else", "email": person.email, "language": "en"}
    for version in ("", "0", "-1", "2", "x", "99999999999999"):
        assert admin.post(url, {**form, "version": version}).status_code in {409, 422}
    person.refresh_from_db()
    assert person.name != "Else"


def test_two_editors_of_a_placement(admin: Client) -> None:
    site = SiteFactory()
    team = TeamFactory(programme=ProgrammeFactory(site=site), name="Early")
    placement = placed(site).placements.get()
    values = actions.PlacementValues(
        placement.job_role_id, placement.first_day, team_id=team.pk, programme_id=team.programme_id
    )
    actions.change_placement(actor=SYSTEM, pk=placement.pk, version=1, values=values)
    url = reverse("partners:placement_change", args=[placement.pk])
    form = {"version": 1, "kind": "primary", "job_role": placement.job_role_id, "first_day": "2024-01-01"}
    answer = admin.post(url, {**form, "last_day": "2030-12-31"})
    assert answer.status_code == 409
    assert "Team is now Early" in answer.text
    assert "Last day is now –" in answer.text
    assert [label for label, _now in answer.context["form"].changed_meanwhile] == ["Programme", "Team", "Last day"]
    assert 'value="2030-12-31"' in answer.text


def test_archiving_can_be_undone_and_waits_for_people(admin: Client) -> None:
    site = SiteFactory(code="CTU", partner__code="BLUE")
    team = TeamFactory(programme=ProgrammeFactory(site=site))
    person = EngagementFactory(employer=site.partner).person
    placement = PlacementFactory(site=site, person=person, programme=team.programme, team=team)

    def press(name: str, key: object) -> str:
        return admin.post(reverse(f"partners:{name}", args=[key]), follow=True).text

    assert "Archive its site first." in press("partner_archive", "BLUE")
    for name, key in (
        ("site", "CTU"),
        ("programme", team.programme_id),
        ("team", team.pk),
        ("job_role", placement.job_role_id),
    ):
        assert "Somebody is placed here, now or later." in press(f"{name}_archive", key)
    actions.withdraw_placement(actor=SYSTEM, pk=placement.pk)
    assert "Team archived" in press("team_archive", team.pk)
    assert "Programme archived" in press("programme_archive", team.programme_id)
    assert "Site archived" in press("site_archive", "CTU")
    assert "Partner archived" in press("partner_archive", "BLUE")
    assert "This partner is archived. Restore it first." in press("site_restore", "CTU")
    assert "This site is archived. Restore it first." in press("programme_restore", team.programme_id)
    assert "This programme is archived. Restore it first." in press("team_restore", team.pk)
    assert "Partner restored" in press("partner_restore", "BLUE")
    assert "Site restored" in press("site_restore", "CTU")
    site.refresh_from_db()
    assert (site.archived_at, site.version) == (None, 3)


def test_what_is_archived_cannot_be_chosen(admin: Client) -> None:
    site = SiteFactory(code="CTU")
    archived = timezone.now()
    kept = TeamFactory(programme=ProgrammeFactory(site=site), name="Kept team", archived_at=archived)
    JobRoleFactory(code="OLD", name="Old role", archived_at=archived)
    placement = placed(site).placements.get()
    new = admin.get(reverse("partners:person_new") + "?site=CTU").text
    assert "Kept team" not in new
    assert "Old role" not in new
    Placement.objects.update(team=kept, programme=kept.programme)
    assert "Kept team" in admin.get(reverse("partners:placement_change", args=[placement.pk])).text
    Site.objects.update(archived_at=archived)
    assert admin.get(reverse("partners:person_new") + "?site=CTU").status_code == 400


def test_names_are_in_the_readers_language(admin: Client) -> None:
    site = SiteFactory(name="Chengdu", name_zh="成都", partner__name_zh="碧波")
    with translation.override("zh-hans"):
        assert queries.site_labels([site.pk])[site.pk].label == "成都"
        assert queries.site_labels([site.pk])[site.pk].partner == "碧波"
    assert queries.site_labels([site.pk])[site.pk].label == "Chengdu"


def test_what_a_stand_in_changes_is_audited_on_behalf(admin: Client) -> None:
    site = SiteFactory()
    principal, delegate = user(Role.COORDINATOR, site=site), user(Role.COORDINATOR, site=SiteFactory())
    Delegation.objects.create(
        principal=principal,
        delegate=delegate,
        starts_at="2020-01-01T00:00Z",
        ends_at="2100-01-01T00:00Z",
        created_by=principal,
    )
    client = Client()
    client.force_login(delegate)
    url = reverse("partners:programme_new", args=[site.code])
    assert client.post(url, {"name": "Hosts", "code": "HOST"}).status_code == 302
    entry = AuditEntry.objects.get(verb="programme.created")
    assert (entry.actor_id, entry.on_behalf_of_id) == (delegate.pk, principal.pk)


def test_a_refusal_leaves_the_outer_transaction_usable(admin: Client) -> None:
    site = SiteFactory(code="CTU")
    with transaction.atomic():
        with pytest.raises(RefusedError):
            actions.add_programme(actor=SYSTEM, site=site, values=actions.ProgrammeValues("x", "not a code"))
        actions.add_programme(actor=SYSTEM, site=site, values=actions.ProgrammeValues("x", "GOOD"))
    assert site.programmes.count() == 1
