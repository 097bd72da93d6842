"""Grants and their reasons: what begins, what ends, what leavers and movers set off."""

from datetime import timedelta

import pytest
from django.utils import timezone

from access_requests.actions import Line, expire_due, granting, raise_request, reconcile, report_leavers
from access_requests.choices import ItemState, Operation, Origin, RequestKind
from access_requests.models import AccessRequest, Grant, GrantReason, RequestItem
from partners.models import JobRole, Person, Site
from portal.accounts.choices import Role
from portal.accounts.rules import Actor
from tests.factories.access import EntitlementFactory, GrantFactory, GrantReasonFactory, bundle_of
from tests.factories.partners import JobRoleFactory, PlacementFactory, SiteFactory, actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Site:
    return SiteFactory.create()


@pytest.fixture
def lead(site: Site) -> Actor:
    return actor(Role.PARTNER_LEAD, site=site)


@pytest.fixture
def person(site: Site) -> Person:
    return PlacementFactory.create(site=site).person


def move_to(person: Person, role: JobRole) -> None:
    person.placements.update(job_role=role)


def removals(request: AccessRequest | None) -> set[tuple[int, str]]:
    assert request is not None
    return set(request.items.filter(operation=Operation.REVOKE).values_list("entitlement_id", "state"))


def test_a_leaver_loses_everything_whatever_the_reason(site: Site, lead: Actor, person: Person) -> None:
    by_job, by_hand, coming = EntitlementFactory.create_batch(3)
    bundle = bundle_of(by_job)
    grant = GrantFactory.create(person=person, entitlement=by_job)
    GrantReason.objects.create(grant=grant, kind="bundle", bundle=bundle, starts_at=grant.started_at)
    GrantReasonFactory.create(grant=GrantFactory.create(person=person, entitlement=by_hand))
    asked = raise_request(actor=lead, kind="ad_hoc", site_id=site.pk, lines=[Line(person.pk, coming.pk)])
    request = report_leavers(actor=lead, site_id=site.pk, person_ids=[person.pk], last_shift_at=timezone.now())
    assert removals(request) == {
        (by_job.pk, ItemState.APPROVED), (by_hand.pk, ItemState.APPROVED), (coming.pk, ItemState.APPROVED),
    }  # fmt: skip
    assert asked.items.get().state == ItemState.SUPERSEDED
    assert not GrantReason.objects.filter(ended_at=None).exists()
    # Ended only when the removal is proven.
    assert Grant.objects.filter(ended_at=None).count() == 2
    items = list(request.items.values_list("pk", flat=True))
    granting.verify(items, timezone.now())
    assert not Grant.objects.filter(ended_at=None).exists()


def test_a_last_shift_to_come_takes_away_nothing_before_it(site: Site, lead: Actor, person: Person) -> None:
    reason = GrantReasonFactory.create(grant=GrantFactory.create(person=person))
    last = timezone.now() + timedelta(days=2)
    request = report_leavers(actor=lead, site_id=site.pk, person_ids=[person.pk], last_shift_at=last)
    item = request.items.get()
    assert (item.state, item.starts_at) == (ItemState.APPROVED, last)
    assert request.due_at == last + timedelta(hours=4)
    reason.refresh_from_db()
    assert (reason.ends_at, reason.ended_at) == (last, None)


def test_of_two_reasons_the_first_to_end_takes_nothing_away(site: Site, person: Person) -> None:
    grant, now = GrantFactory.create(person=person), timezone.now()
    short = GrantReasonFactory.create(grant=grant, ends_at=now - timedelta(minutes=1))
    longer = GrantReasonFactory.create(grant=grant, ends_at=now + timedelta(days=1))
    assert expire_due() == 1
    short.refresh_from_db()
    assert short.ended_at is not None
    assert not RequestItem.objects.filter(operation=Operation.REVOKE).exists()
    GrantReason.objects.filter(pk=longer.pk).update(ends_at=now)
    assert (expire_due(), expire_due()) == (1, 0)
    removal = RequestItem.objects.get(operation=Operation.REVOKE)
    assert (removal.person, removal.state, removal.request.origin) == (person, ItemState.APPROVED, Origin.EXPIRY)


def test_who_changes_jobs_gets_the_new_and_loses_the_old(site: Site, person: Person) -> None:
    both, old, new = EntitlementFactory.create_batch(3)
    agent, trainer = JobRoleFactory.create(), JobRoleFactory.create(code="TRAINER", name="Trainer")
    was = bundle_of(both, old, job_role=agent, birthright=True)
    bundle_of(both, new, job_role=trainer, birthright=True)
    for one in (both, old):
        grant = GrantFactory.create(person=person, entitlement=one)
        GrantReason.objects.create(grant=grant, kind="bundle", bundle=was, starts_at=grant.started_at)
    from portal.accounts.rules import SYSTEM

    assert reconcile(actor=SYSTEM, site_id=site.pk, person_ids=[person.pk]) is None
    move_to(person, trainer)
    request = reconcile(actor=SYSTEM, site_id=site.pk, person_ids=[person.pk])
    assert request is not None
    assert request.kind == RequestKind.MOVER
    assert set(request.items.values_list("entitlement_id", "operation", "state")) == {
        (old.pk, Operation.REVOKE, ItemState.APPROVED), (new.pk, Operation.GRANT, ItemState.APPROVED),
    }  # fmt: skip
    assert reconcile(actor=SYSTEM, site_id=site.pk, person_ids=[person.pk]) is None


def test_what_the_job_brings_is_not_taken_away_by_hand(site: Site, lead: Actor, person: Person) -> None:
    one = EntitlementFactory.create()
    grant = GrantFactory.create(person=person, entitlement=one)
    GrantReason.objects.create(grant=grant, kind="bundle", bundle=bundle_of(one), starts_at=grant.started_at)
    never = EntitlementFactory.create()
    lines = [Line(person.pk, one.pk, Operation.REVOKE), Line(person.pk, never.pk, Operation.REVOKE)]
    request = raise_request(actor=lead, kind="ad_hoc", site_id=site.pk, lines=lines)
    why = dict(request.events.filter(code="item.cancel").values_list("item__entitlement_id", "params__why"))
    assert why == {one.pk: "still_needed", never.pk: "not_held"}


def test_a_grant_begins_once_with_every_item_as_a_reason(site: Site, lead: Actor, person: Person) -> None:
    one = EntitlementFactory.create()
    item = raise_request(actor=lead, kind="ad_hoc", site_id=site.pk, lines=[Line(person.pk, one.pk)]).items.get()
    now = timezone.now()
    for _twice in range(2):
        granting.begin([item.pk], now)
    grant = Grant.objects.get()
    assert (grant.confirmed_at, grant.reasons.get().item) == (None, item)
    granting.never_granted([item.pk], now)
    grant.refresh_from_db()
    assert grant.ended_at == now
