"""What comes after what: removals that are brought forward, grants that wait, people who have moved or left."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from access_requests import queries
from access_requests.actions import (
    Line,
    cancel,
    claim,
    dispatch,
    expire_due,
    raise_request,
    report_leavers,
    retry,
    submit_request,
    verify_by_lead,
)
from access_requests.actions._base import move
from access_requests.choices import Channel, ItemState, Operation, Proof
from access_requests.models import Entitlement, Grant, GrantReason, RequestItem
from partners.models import Engagement, Person, Site
from portal.accounts.choices import Role
from portal.accounts.rules import SYSTEM, Actor
from portal.refusals import RefusedError
from tests.access_requests.racing import asked, birthright, line
from tests.factories.access import EntitlementFactory, GrantFactory, GrantReasonFactory, SodRuleFactory
from tests.factories.partners import PersonFactory, PlacementFactory, SiteFactory, actor, days

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


def holds(person: Person, one: Entitlement) -> Grant:
    return GrantReasonFactory.create(grant=GrantFactory.create(person=person, entitlement=one)).grant


def leaves(lead: Actor, site: Site, person: Person, at: datetime) -> list[RequestItem]:
    made = report_leavers(actor=lead, site_id=site.pk, person_ids=[person.pk], last_shift_at=at)
    return list(made.items.order_by("pk"))


def proven(lead: Actor, items: list[RequestItem]) -> None:
    ids = [one.pk for one in items]
    claim(actor=SYSTEM, item_ids=ids)
    verify_by_lead(actor=lead, item_ids=ids)


def fresh(*items: RequestItem) -> list[str]:
    return [RequestItem.objects.values_list("state", flat=True).get(pk=one.pk) for one in items]


def test_who_leaves_sooner_than_was_reported_loses_access_sooner(site: Site, lead: Actor, person: Person) -> None:
    holds(person, EntitlementFactory.create())
    [later] = leaves(lead, site, person, timezone.now() + timedelta(days=14))
    [now] = leaves(lead, site, person, timezone.now())
    assert fresh(later, now) == [ItemState.CANCELLED, ItemState.APPROVED]
    assert dispatch() == 1
    # A later day does not put it off.
    [never] = leaves(lead, site, person, timezone.now() + timedelta(days=2))
    assert fresh(now, never) == [ItemState.SENT, ItemState.CANCELLED]


def test_a_removal_under_way_goes_ahead_of_what_was_asked_for_since(site: Site, lead: Actor, person: Person) -> None:
    grant = holds(person, birthright())
    [removal] = leaves(lead, site, person, timezone.now())
    dispatch()
    [again] = asked(site, person, grant.entitlement)
    [double] = leaves(lead, site, person, timezone.now())
    assert fresh(removal, again, double) == [ItemState.SENT, ItemState.SUPERSEDED, ItemState.CANCELLED]


def test_what_is_blocked_blocks_nothing(site: Site, person: Person) -> None:
    left, right = birthright(), birthright()
    SodRuleFactory.create(left=left, right=right)
    [first], [second] = asked(site, person, left), asked(site, person, right)
    assert fresh(first, second) == [ItemState.APPROVED, ItemState.BLOCKED_SOD]
    dispatch()
    assert fresh(first, second) == [ItemState.SENT, ItemState.BLOCKED_SOD]


def test_the_other_side_of_a_conflict_waits_until_the_first_is_proven_gone(
    site: Site, lead: Actor, person: Person
) -> None:
    old, new = holds(person, birthright()), birthright()
    SodRuleFactory.create(left=old.entitlement, right=new)
    lines = [Line(person.pk, old.entitlement_id, Operation.REVOKE), line(person, new)]
    made = raise_request(actor=lead, kind="mover", site_id=site.pk, lines=lines)
    removal, coming = made.items.get(operation="revoke"), made.items.get(operation="grant")
    assert (dispatch(), dispatch()) == (1, 0)
    claim(actor=SYSTEM, item_ids=[removal.pk])
    assert (dispatch(), fresh(coming)) == (0, [ItemState.APPROVED])
    verify_by_lead(actor=lead, item_ids=[removal.pk])
    assert (dispatch(), fresh(coming)) == (1, [ItemState.SENT])


def test_what_found_no_seat_is_tried_again_as_long_as_there_is_none(site: Site, lead: Actor, person: Person) -> None:
    one = birthright(seat_limit=1, channel=Channel.EMAIL, ticket_address="it@example.com")
    [first] = asked(site, person, one)
    dispatch()
    [second] = asked(site, PlacementFactory.create(site=site).person, one)
    dispatch()
    # Not carried out yet, and its seat is taken.
    assert fresh(first, second) == [ItemState.QUEUED, ItemState.FAILED_FINAL]
    retry(actor=SYSTEM, item_ids=[second.pk])
    assert fresh(second) == [ItemState.FAILED_FINAL]
    cancel(actor=SYSTEM, ref=first.request.ref)
    one.system.seat_limit = 2
    one.system.save()
    retry(actor=SYSTEM, item_ids=[second.pk])
    assert fresh(second) == [ItemState.QUEUED]


def test_what_was_put_together_before_somebody_was_reported_is_not_sent(
    site: Site, lead: Actor, person: Person
) -> None:
    holds(person, EntitlementFactory.create())
    draft = raise_request(actor=lead, kind="ad_hoc", site_id=site.pk, lines=[line(person, birthright())], submit=False)
    last = timezone.now() + timedelta(days=3)
    leaves(lead, site, person, last)
    submit_request(actor=lead, ref=draft.ref)
    assert fresh(*draft.items.all()) == [ItemState.CANCELLED]
    # What is asked for since then ends with the last shift.
    [item] = asked(site, person, birthright())
    assert item.ends_at == last
    dispatch()
    assert GrantReason.objects.get(item=item).ends_at == last


def test_whose_removal_was_under_way_counts_as_reported_too(site: Site, lead: Actor, person: Person) -> None:
    grant = holds(person, EntitlementFactory.create())
    lines = [Line(person.pk, grant.entitlement_id, Operation.REVOKE)]
    raise_request(actor=lead, kind="ad_hoc", site_id=site.pk, lines=lines)
    assert queries.reported([person.pk]) == set()
    assert fresh(*leaves(lead, site, person, timezone.now())) == [ItemState.CANCELLED]
    assert queries.reported([person.pk]) == {person.pk}


def test_who_has_moved_on_is_not_the_old_sites_matter(site: Site, lead: Actor, person: Person) -> None:
    grant = holds(person, EntitlementFactory.create())
    person.placements.update(period=days("2024-01-01", "2024-06-30"))
    # Nobody else's: the last site sees to what is left.
    assert raise_request(
        actor=lead, kind="ad_hoc", site_id=site.pk, lines=[Line(person.pk, grant.entitlement_id)]
    ).items.exists()
    PlacementFactory.create(person=person, site=SiteFactory.create(), period=days("2024-07-01"))
    with pytest.raises(RefusedError, match="person_elsewhere"):
        leaves(lead, site, person, timezone.now())
    with pytest.raises(RefusedError, match="person_elsewhere"):
        raise_request(actor=lead, kind="ad_hoc", site_id=site.pk, lines=[Line(person.pk, grant.entitlement_id)])
    assert GrantReason.objects.filter(ended_at=None).count() == 1


def test_a_reason_ends_for_somebody_who_is_placed_nowhere(site: Site) -> None:
    reason = GrantReasonFactory.create(ends_at=timezone.now(), item__request__site=site)
    assert not reason.grant.person.placements.exists()
    assert (expire_due(), expire_due()) == (1, 0)
    removal = RequestItem.objects.get(operation=Operation.REVOKE)
    assert (removal.person, removal.request.site) == (reason.grant.person, site)
    assert GrantFactory.create(person=PersonFactory.create()).ended_at is None


def test_a_removal_of_a_later_day_is_proven_before_anybody_looked_at_the_reasons(
    site: Site, lead: Actor, person: Person
) -> None:
    grants = [holds(person, EntitlementFactory.create()) for _ in range(2)]
    last = timezone.now() + timedelta(days=2)
    items = leaves(lead, site, person, last)
    # One is taken back alone, the other goes on.
    assert cancel(actor=lead, ref=items[0].request.ref, item_ids=[items[0].pk]) == [items[0].pk]
    assert set(GrantReason.objects.values_list("grant", "ends_at")) == {(grants[0].pk, None), (grants[1].pk, last)}
    past = timezone.now() - timedelta(seconds=1)
    RequestItem.objects.filter(pk=items[1].pk).update(starts_at=past)
    GrantReason.objects.filter(grant=grants[1]).update(ends_at=past)
    dispatch()
    proven(lead, items[1:])
    assert list(Grant.objects.filter(ended_at=None)) == [grants[0]]


def test_whose_access_was_ended_at_once_gets_nothing(site: Site, person: Person) -> None:
    [item] = asked(site, person, birthright())
    until = days("2024-01-01", timezone.now().date() + timedelta(days=1))
    person.placements.update(period=until)
    Engagement.objects.filter(person=person).update(period=until, access_ended_at=timezone.now())
    dispatch()
    assert fresh(item) == [ItemState.CANCELLED]


def test_the_day_of_a_placement_is_that_of_its_site() -> None:
    west, east = SiteFactory.create(time_zone="America/Los_Angeles"), SiteFactory.create(time_zone="Asia/Shanghai")
    people = [PlacementFactory.create(site=one, period=days("2024-01-01", "2026-05-03")).person for one in (west, east)]
    ids = [one.pk for one in people]
    assert {one.site_id for one in queries.places(ids, datetime(2026, 5, 4, 2, tzinfo=UTC))} == {west.pk}
    assert {one.site_id for one in queries.places(ids, datetime(2026, 5, 3, 17, tzinfo=UTC))} == {west.pk}
    assert queries.places(ids, datetime(2026, 5, 4, 8, tzinfo=UTC)) == []


def test_nobodys_word_stands_in_for_what_a_system_is_asked_itself(site: Site, lead: Actor, person: Person) -> None:
    one = birthright(channel=Channel.SCIM, scim_url="https://id.example.com/", proof=Proof.READ_BACK)
    [item] = asked(site, person, one)
    now = timezone.now()
    move([item.pk], "queue", actor=SYSTEM, at=now)
    move([item.pk], "send", actor=SYSTEM, at=now)
    claim(actor=SYSTEM, item_ids=[item.pk])
    assert verify_by_lead(actor=lead, item_ids=[item.pk]).left == [item.pk]
    assert fresh(item) == [ItemState.CLAIMED_DONE]
    # It could not be asked for hours: now it is a person's word.
    RequestItem.objects.filter(pk=item.pk).update(claimed_at=now - timedelta(hours=3))
    assert verify_by_lead(actor=lead, item_ids=[item.pk]).done == [item.pk]
