"""Bundles: another version asks for exactly what its preview says; archiving and bringing back do as well."""

from collections import Counter
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from access_requests.actions import catalogue, report_leavers
from access_requests.choices import Operation, Origin
from access_requests.models import AccessRequest, Bundle, Entitlement, Grant, GrantReason, RequestItem, SodRule
from access_requests.queries.differences import Difference, content_of, counted, differences
from partners.models import Person, Site
from portal.accounts.choices import Role
from portal.accounts.rules import SYSTEM, Actor
from tests.factories.access import (
    BundleFactory,
    EntitlementFactory,
    GrantFactory,
    GrantReasonFactory,
    SodRuleFactory,
    bundle_of,
)
from tests.factories.partners import JobRoleFactory, PlacementFactory, ProgrammeFactory, SiteFactory, actor, user

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> Actor:
    return actor(Role.ADMINISTRATOR)


@pytest.fixture
def client() -> Client:
    client = Client()
    client.force_login(user(Role.ADMINISTRATOR))
    return client


def holding(person: Person, one: Entitlement, bundle: Bundle | None = None) -> Person:
    grant = GrantFactory.create(person=person, entitlement=one)
    if bundle is None:
        GrantReasonFactory.create(grant=grant)
    else:
        GrantReason.objects.create(grant=grant, kind="bundle", bundle=bundle, starts_at=grant.started_at)
    return person


def shown_of(found: list[Difference]) -> tuple[Counter[tuple[int, int]], Counter[tuple[int, int]]]:
    """(site, entitlement) -> people who get it, and who lose it, as the preview has them."""
    return (
        Counter((one.site_id, pk) for one in found for pk in one.gets),
        Counter((one.site_id, pk) for one in found for pk in one.loses),
    )


def raised_by(requests: list[AccessRequest]) -> tuple[Counter[tuple[int, int]], Counter[tuple[int, int]]]:
    """The same as the requests have it."""
    items = RequestItem.objects.filter(request__in=requests)
    pairs = items.values_list("request__site_id", "entitlement_id", "operation")
    return (
        Counter((site, pk) for site, pk, operation in pairs if operation == Operation.GRANT),
        Counter((site, pk) for site, pk, operation in pairs if operation == Operation.REVOKE),
    )


@pytest.fixture
def town() -> tuple[Bundle, list[Entitlement], list[Site]]:
    """A bundle that brings `kept` and `old`, and people in every position towards it at two sites."""
    role = JobRoleFactory.create(code="TRAINER", name="Trainer")
    kept, old, new, other = EntitlementFactory.create_batch(4)
    bundle = bundle_of(kept, old, job_role=role, birthright=True, code="agent")
    also = bundle_of(old, job_role=role, site=SiteFactory.create(), code="also")
    sites = SiteFactory.create_batch(2)
    for site in (sites[0], sites[0], sites[1]):
        person = PlacementFactory.create(site=site, job_role=role).person
        holding(holding(person, kept, bundle), old, bundle)
    # Holds what is new already, by hand; keeps what is old, by hand as well.
    person = holding(PlacementFactory.create(site=sites[1], job_role=role).person, new)
    holding(person, old, bundle)
    GrantReasonFactory.create(grant=Grant.objects.get(person=person, entitlement=old))
    # At the site where another bundle brings what is old.
    holding(PlacementFactory.create(site=also.site, job_role=role).person, old, bundle)
    # Another job, a past placement, somebody who was reported as leaving.
    holding(PlacementFactory.create(site=sites[0]).person, other)
    leaver = holding(PlacementFactory.create(site=sites[0], job_role=role).person, kept, bundle)
    report_leavers(
        actor=actor(Role.PARTNER_LEAD, site=sites[0]), site_id=sites[0].pk, person_ids=[leaver.pk],
        last_shift_at=timezone.now() + timedelta(days=3),
    )  # fmt: skip
    return bundle, [kept, old, new, other], sites


def test_another_version_asks_for_what_its_preview_says(
    admin: Actor, town: tuple[Bundle, list[Entitlement], list[Site]]
) -> None:
    bundle, (kept, old, new, _other), sites = town
    content = frozenset({kept.pk, new.pk})
    found = differences(bundle, content, timezone.now())
    made = catalogue.save_version(actor=admin, code="agent", version=bundle.version, entitlement_ids=content)
    assert raised_by(made) == shown_of(found)
    gets, loses = counted(found)
    # Three who lack it, and the one whom only the other bundle concerns; not who has it, nor who leaves.
    assert (gets[new.pk], loses[old.pk]) == (4, 3)
    assert {(one.origin, one.site_id, one.requested_by_id) for one in made} >= {
        (Origin.BUNDLE, site.pk, admin.user_id) for site in sites
    }
    bundle.refresh_from_db()
    assert bundle.current is not None
    assert (bundle.current.number, content_of(bundle)) == (2, content)
    assert bundle.versions.count() == 2
    # Who had it by hand has it by the job as well now.
    by_job = GrantReason.objects.filter(grant__entitlement=new, kind="bundle", ended_at=None)
    assert by_job.count() == 1
    assert catalogue.save_version(actor=admin, code="agent", version=1, entitlement_ids=content) == []
    assert [line for line in differences(bundle, content, timezone.now()) if line.gets or line.loses] == []


def test_archiving_takes_and_bringing_back_gives(
    admin: Actor, town: tuple[Bundle, list[Entitlement], list[Site]]
) -> None:
    bundle = town[0]
    now = timezone.now()
    found = differences(bundle, frozenset(), now)
    gone = catalogue.archive_bundle(actor=admin, code="agent", version=1)
    assert raised_by(gone) == shown_of(found)
    assert sum(counted(found)[1].values()) == 6
    bundle.refresh_from_db()
    again = differences(bundle, content_of(bundle), now)
    back = catalogue.archive_bundle(actor=admin, code="agent", archived=False, version=2)
    assert raised_by(back) == shown_of(again)


def test_the_page_shows_the_numbers_before_it_saves(
    client: Client, town: tuple[Bundle, list[Entitlement], list[Site]]
) -> None:
    bundle, (kept, old, new, _other), _sites = town
    SodRuleFactory.create(left=kept, right=new)
    form = {"version": bundle.version, "entitlements": [kept.pk, new.pk]}
    before = AccessRequest.objects.count()
    shown = client.post("/access/config/bundles/agent/version/", {**form, "step": "preview"}).text
    assert "Access of 4 people changes." in shown
    assert "4 people get it" in shown
    assert "3 people lose it" in shown
    assert "3 people would hold what must not be held together" in shown
    assert AccessRequest.objects.count() == before
    saved = client.post("/access/config/bundles/agent/version/", {**form, "step": "save"}, follow=True).text
    assert "3 requests were sent, one for each site." in saved
    assert f"+ {new.system.label}: {new.label}" in saved
    assert f"− {old.system.label}: {old.label}" in saved
    late = client.post(
        "/access/config/bundles/agent/version/", {"version": bundle.version, "entitlements": [], "step": "save"}
    )
    assert late.status_code == 409
    assert bundle.versions.count() == 2


def test_a_bundle_for_a_programme_fits_nobody_else(client: Client) -> None:
    role, site = JobRoleFactory.create(), SiteFactory.create()
    care = ProgrammeFactory.create(site=site, code="CARE")
    PlacementFactory.create(site=site, job_role=role, programme=care)
    PlacementFactory.create(site=site, job_role=role)
    one = EntitlementFactory.create()
    made = client.post(
        "/access/config/bundles/new/", {"code": "care", "name": "Care", "job_role": role.pk, "programme": "CARE"}
    )
    assert made["Location"] == "/access/config/bundles/care/version/"
    shown = client.post(made["Location"], {"version": 1, "entitlements": [one.pk], "step": "preview"}).text
    assert "1 person gets it" in shown
    again = client.post(
        "/access/config/bundles/new/", {"code": "care2", "name": "Care", "job_role": role.pk, "programme": "CARE"}
    )
    assert "There is a bundle for this job role, programme and site already." in again.text


def test_what_is_archived_cannot_come_into_a_bundle(admin: Actor) -> None:
    one = EntitlementFactory.create(archived_at=timezone.now())
    bundle = BundleFactory.create(code="b")
    with pytest.raises(Exception, match="entitlement_unknown"):
        catalogue.save_version(actor=admin, code="b", version=1, entitlement_ids=[one.pk])
    assert not bundle.versions.exists()


def test_conflicts_of_today_are_shown_with_and_without_exception(client: Client) -> None:
    rule = SodRuleFactory.create(code="two-hands")
    alone, excepted = (PlacementFactory.create().person for _ in range(2))
    for person in (alone, excepted):
        holding(holding(person, rule.left), rule.right)
    now = timezone.now()
    rule.exceptions.create(
        person=excepted, reason="Month end", requested_by=user(Role.MANAGER, site=SiteFactory.create()),
        approved_by=user(Role.MANAGER, site=SiteFactory.create()), starts_at=now - timedelta(days=1),
        ends_at=now + timedelta(days=9),
    )  # fmt: skip
    shown = client.get("/access/config/conflicts/two-hands/").text
    assert "1 without an exception" in shown
    assert shown.index(alone.label) < shown.index(excepted.label)
    listed = client.get("/access/config/exceptions/").text
    assert "Month end" in listed
    assert client.get("/access/config/conflicts/").text.count(">2</td>") == 1
    foreign = Client()
    foreign.force_login(user(Role.PARTNER_LEAD, site=SiteFactory.create()))
    for page in ("conflicts/two-hands/", "exceptions/"):
        hidden = foreign.get(f"/access/config/{page}").text
        assert alone.label not in hidden
        assert excepted.label not in hidden
        assert "Month end" not in hidden


def test_both_sides_of_a_rule_differ(client: Client) -> None:
    one, two = EntitlementFactory.create_batch(2)
    form = {"code": "r", "name": "Rule", "left": two.pk, "right": two.pk}
    assert "Choose two different ones." in client.post("/access/config/conflicts/new/", form).text
    client.post("/access/config/conflicts/new/", {**form, "right": one.pk})
    rule = SodRule.objects.get()
    assert (rule.left, rule.right) == (one, two)
    again = client.post("/access/config/conflicts/new/", {**form, "code": "s", "right": one.pk}).text
    assert "There is a rule for these two already." in again
    assert catalogue.archive_sod_rule(actor=SYSTEM, code="r").archived_at is not None
