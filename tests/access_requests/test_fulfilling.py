"""Items go out, are done by hand, fail, are proven: what IT sees, what counts as held."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone

from access_requests.actions import (
    Line,
    claim,
    dispatch,
    dispute,
    fail,
    never_done,
    raise_request,
    report_leavers,
    retry,
    take,
    verify_by_lead,
)
from access_requests.choices import Channel, ItemState
from access_requests.models import Bundle, Entitlement, Grant, RequestItem
from partners.models import Engagement, Person, Placement, Site
from portal.accounts.choices import Role
from portal.accounts.queries import actor_for
from portal.accounts.rules import Actor
from portal.notifications.models import OutboxRow
from tests.factories.access import (
    EntitlementFactory,
    GrantFactory,
    GrantReasonFactory,
    GroupMemberFactory,
    SodRuleFactory,
    SystemFactory,
    bundle_of,
)
from tests.factories.partners import PlacementFactory, SiteFactory, actor, days, user

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


def approved(lead: Actor, site: Site, person: Person, **system: object) -> RequestItem:
    """An item that policy has approved."""
    one = EntitlementFactory.create(system=SystemFactory.create(**system))
    return again(lead, site, person, one)


def again(lead: Actor, site: Site, person: Person, one: Entitlement) -> RequestItem:
    """One more item for an entitlement that the job brings."""
    # One bundle in use at a time for the role.
    Bundle.objects.update(archived_at=timezone.now())
    version = bundle_of(one, birthright=True).current_id
    line = Line(person.pk, one.pk, bundle_version_id=version)
    return raise_request(actor=lead, kind="joiner", site_id=site.pk, lines=[line]).items.get()


def worker_of(item: RequestItem) -> Actor:
    member = user(Role.IT)
    GroupMemberFactory.create(group=item.entitlement.system.group, user=member)
    return actor_for(member)


def test_by_hand_from_the_queue_to_the_proof(site: Site, lead: Actor, person: Person) -> None:
    item = approved(lead, site, person)
    it, stranger = worker_of(item), actor(Role.IT)
    assert take(actor=it, item_ids=[item.pk]).done == []
    assert (dispatch(), dispatch()) == (1, 0)
    grant = Grant.objects.get()
    assert (grant.confirmed_at, grant.reasons.get().kind) == (None, "bundle")
    assert take(actor=stranger, item_ids=[item.pk]).done == []
    assert take(actor=it, item_ids=[item.pk]).done == [item.pk]
    assert claim(actor=it, item_ids=[item.pk], ticket="INC-1").done == [item.pk]
    item.refresh_from_db()
    assert (item.state, item.ticket, item.taken_by_id) == (ItemState.CLAIMED_DONE, "INC-1", it.user_id)
    with pytest.raises(PermissionDenied):
        verify_by_lead(actor=it, item_ids=[item.pk])
    assert verify_by_lead(actor=lead, item_ids=[item.pk]).done == [item.pk]
    assert verify_by_lead(actor=lead, item_ids=[item.pk]).left == [item.pk]
    grant.refresh_from_db()
    assert grant.verified_at is not None
    item.request.refresh_from_db()
    assert item.request.state == "done"


def test_what_goes_by_other_channels_is_queued_once_with_removals_apart(
    site: Site, lead: Actor, person: Person
) -> None:
    item = approved(lead, site, person, channel=Channel.EMAIL, ticket_address="it@example.com")
    held = GrantReasonFactory.create(
        grant=GrantFactory.create(person=person, entitlement__system=item.entitlement.system)
    )
    raise_request(
        actor=lead, kind="ad_hoc", site_id=site.pk, lines=[Line(person.pk, held.grant.entitlement_id, "revoke")]
    )
    dispatch()
    dispatch()
    removal = RequestItem.objects.get(operation="revoke")
    assert set(OutboxRow.objects.filter(topic__startswith="access.").values_list("topic", "idempotency_key")) == {
        ("access.grant", f"access:{item.pk}:1"), ("access.revoke", f"access:{removal.pk}:1"),
    }  # fmt: skip


def test_who_left_meanwhile_gets_nothing(site: Site, lead: Actor, person: Person) -> None:
    item = approved(lead, site, person)
    Placement.objects.filter(person=person).update(period=days("2024-01-01", "2024-06-30"))
    Engagement.objects.filter(person=person).update(period=days("2024-01-01", "2024-06-30"))
    dispatch()
    item.refresh_from_db()
    assert item.state == ItemState.CANCELLED
    assert not Grant.objects.exists()


def test_a_conflict_that_arose_meanwhile_stops_the_hand_over(site: Site, lead: Actor, person: Person) -> None:
    item = approved(lead, site, person)
    other = GrantReasonFactory.create(grant=GrantFactory.create(person=person)).grant.entitlement
    SodRuleFactory.create(left=item.entitlement, right=other)
    dispatch()
    item.refresh_from_db()
    assert item.state == ItemState.BLOCKED_SOD


def test_a_grant_waits_until_the_removal_of_the_same_is_through(site: Site, lead: Actor, person: Person) -> None:
    item = approved(lead, site, person)
    it = worker_of(item)
    dispatch()
    report_leavers(actor=lead, site_id=site.pk, person_ids=[person.pk], last_shift_at=timezone.now())
    item.refresh_from_db()
    assert item.state == ItemState.SUPERSEDED
    dispatch()
    new = again(lead, site, person, item.entitlement)
    dispatch()
    new.refresh_from_db()
    assert new.state == ItemState.APPROVED
    removal = RequestItem.objects.get(operation="revoke")
    claim(actor=it, item_ids=[removal.pk])
    verify_by_lead(actor=lead, item_ids=[removal.pk])
    assert not Grant.objects.filter(ended_at=None).exists()
    dispatch()
    new.refresh_from_db()
    assert new.state == ItemState.SENT


def test_what_failed_is_owned_retried_or_closed(site: Site, lead: Actor, person: Person) -> None:
    item = approved(lead, site, person)
    it = worker_of(item)
    dispatch()
    fail(actor=it, item_ids=[item.pk], why="No such role")
    item.refresh_from_db()
    assert (item.state, item.failure) == (ItemState.FAILED_FINAL, "No such role")
    # Nobody knows yet that nothing was granted.
    assert Grant.objects.filter(ended_at=None).count() == 1
    assert retry(actor=actor(Role.IT), item_ids=[item.pk]).done == []
    assert retry(actor=it, item_ids=[item.pk]).done == [item.pk]
    item.refresh_from_db()
    assert (item.state, item.generation) == (ItemState.SENT, 2)
    claim(actor=it, item_ids=[item.pk])
    dispute(actor=lead, item_ids=[item.pk], why="Cannot sign in")
    assert never_done(actor=it, item_ids=[item.pk]).done == [item.pk]
    assert not Grant.objects.filter(ended_at=None).exists()


def test_no_more_than_the_seats(site: Site, lead: Actor, person: Person) -> None:
    item = approved(lead, site, person, seat_limit=1)
    dispatch()
    other = again(lead, site, PlacementFactory.create(site=site).person, item.entitlement)
    dispatch()
    other.refresh_from_db()
    assert (other.state, other.failure) == (ItemState.FAILED_FINAL, "no_seat")


def test_what_is_held_and_proven_is_not_handed_over_again(site: Site, lead: Actor, person: Person) -> None:
    grant = GrantReasonFactory.create(grant=GrantFactory.create(person=person)).grant
    item = again(lead, site, person, grant.entitlement)
    dispatch()
    item.refresh_from_db()
    assert item.state == ItemState.VERIFIED
    assert Grant.objects.get() == grant
    assert grant.reasons.count() == 2


def test_a_plan_made_for_one_item_does_not_compare_each_with_each(site: Site) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT proconfig FROM pg_proc WHERE proname = 'access_items_updated'")
        assert cursor.fetchone() == (["enable_nestloop=off"],)
