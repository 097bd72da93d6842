"""Access follows the directory: rosters, hands, and days that come by themselves."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from access_requests.actions import Line, cancel, follow_days, follow_roster, raise_request, report_leavers
from access_requests.actions.following import follow_change
from access_requests.actions.telling import REQUEST_OVER
from access_requests.choices import ItemState, Operation, Origin, RequestKind
from access_requests.models import AccessRequest, Entitlement, Grant, GrantReason, RequestItem
from access_requests.notices_requests import requesters
from partners import actions as directory
from partners.models import JobRole, Person, Roster, RosterProposal, Site
from portal.accounts.choices import Role
from portal.accounts.rules import Actor
from portal.notifications.models import OutboxRow
from portal.notifications.registry import require_kind
from tests.factories.access import EntitlementFactory, GrantFactory, GrantReasonFactory, bundle_of
from tests.factories.partners import (
    EngagementFactory,
    JobRoleFactory,
    PlacementFactory,
    SiteFactory,
    actor,
    days,
    user,
)

pytestmark = pytest.mark.django_db


def today() -> date:
    """In UTC, when the test runs and not when it was read."""
    return timezone.now().date()


@pytest.fixture
def site() -> Site:
    return SiteFactory.create(time_zone="UTC")


@pytest.fixture
def manager(site: Site) -> Actor:
    return actor(Role.MANAGER, partner=site.partner)


@pytest.fixture
def mail() -> Entitlement:
    found: Entitlement = EntitlementFactory.create()
    bundle_of(found, job_role=JobRoleFactory.create(), birthright=True)
    return found


def holder(site: Site, what: Entitlement, first: date | str = "2024-01-01", last: date | None = None) -> Person:
    """Somebody at the site who holds this by hand."""
    person: Person = PlacementFactory.create(site=site, period=days(first, last)).person
    GrantReasonFactory.create(grant=GrantFactory.create(person=person, entitlement=what))
    return person


def only() -> AccessRequest:
    return AccessRequest.objects.exclude(origin=Origin.PERSON).get()


def roster_of(site: Site, **people: Person) -> Roster:
    made = Roster.objects.create(
        site=site, as_of=today(), source="test", sha256="x", mapping={}, state="applied", closed_at=timezone.now()
    )
    for kind, person in people.items():
        RosterProposal.objects.create(
            roster=made, kind=kind, person=person, first_day=today() + timedelta(days=7), last_day=today()
        )
    return made


def test_an_applied_roster_becomes_a_request_per_kind_and_only_once(
    site: Site, manager: Actor, mail: Entitlement
) -> None:
    extra: Entitlement = EntitlementFactory.create()
    joiner = PlacementFactory.create(site=site, period=days(today() + timedelta(days=7))).person
    roster = roster_of(site, joiner=joiner, leaver=holder(site, extra))
    follow_roster(actor=manager, roster_id=roster.pk)
    follow_roster(actor=manager, roster_id=roster.pk)
    kinds = AccessRequest.objects.filter(origin=Origin.ROSTER).order_by("kind")
    assert list(kinds.values_list("kind", "origin_key", "requested_by")) == [
        ("joiner", f"roster:{roster.pk}:joiner", manager.user_id),
        ("leaver", f"roster:{roster.pk}:leaver", manager.user_id),
    ]
    shift = kinds[0].first_shift_at
    assert shift is not None
    assert (shift.date(), shift.hour) == (today() + timedelta(days=7), 9)
    last = kinds[1].last_shift_at
    assert last is not None
    assert (last.date(), last.hour) == (today() + timedelta(days=1), 0)
    assert RequestItem.objects.filter(request__in=kinds).count() == 2


def test_whoever_is_hired_by_hand_gets_what_the_job_brings(site: Site, manager: Actor, mail: Entitlement) -> None:
    start = directory.Start(job_role_id=JobRole.objects.get(code="AGENT").pk, first_day=today() + timedelta(days=30))
    person = directory.hire(actor=manager, site=site, values=directory.PersonValues("Wang Fang"), start=start)
    request = only()
    assert (request.kind, request.requested_by_id, request.items.get().person) == ("joiner", manager.user_id, person)
    assert request.items.get().state == ItemState.APPROVED


def test_an_engagement_that_ends_at_once_takes_everything_even_from_a_user(
    site: Site, manager: Actor, mail: Entitlement
) -> None:
    person = holder(site, EntitlementFactory.create())
    linked = user(Role.PARTNER_QA, site=site)
    linked.person = person
    linked.save()
    directory.end_engagement(actor=manager, pk=person.engagements.get().pk, last_day=today(), at_once=True)
    item = only().items.get()
    assert (only().kind, item.operation, item.state) == (RequestKind.LEAVER, Operation.REVOKE, ItemState.APPROVED)
    assert not GrantReason.objects.filter(ended_at=None).exists()


def test_an_end_to_come_waits_for_its_day(site: Site, manager: Actor) -> None:
    person = holder(site, EntitlementFactory.create())
    last = today() + timedelta(days=5)
    directory.end_engagement(actor=manager, pk=person.engagements.get().pk, last_day=last)
    assert not AccessRequest.objects.exclude(origin=Origin.PERSON).exists()


def test_a_transfer_brings_the_new_and_takes_the_old(site: Site, manager: Actor, mail: Entitlement) -> None:
    person: Person = PlacementFactory.create(site=site).person
    follow_change(actor=manager, person_ids=[person.pk])
    grant = GrantFactory.create(person=person, entitlement=mail)
    GrantReason.objects.create(
        grant=grant, kind="bundle", bundle=only().items.get().bundle_version.bundle, starts_at=timezone.now()
    )
    RequestItem.objects.update(state=ItemState.CANCELLED)
    other: Entitlement = EntitlementFactory.create()
    role = JobRoleFactory.create(code="QA", name="QA")
    bundle_of(other, job_role=role)
    values = directory.PlacementValues(job_role_id=role.pk, first_day=today())
    directory.place(actor=manager, person_id=person.pk, site=site, values=values, end_current=True)
    request = AccessRequest.objects.order_by("pk").last()
    assert request is not None
    assert request.kind == RequestKind.MOVER
    assert sorted(request.items.values_list("entitlement", "operation")) == sorted(
        [(other.pk, "grant"), (mail.pk, "revoke")]
    )


def test_a_last_day_that_passes_by_itself_is_followed_once(site: Site) -> None:
    holder(site, EntitlementFactory.create(), last=today() - timedelta(days=1))
    assert follow_days() == 1
    follow_days()
    assert (only().kind, only().items.count(), only().requested_by) == (RequestKind.LEAVER, 1, None)


def test_what_was_refused_since_somebody_came_is_not_asked_again(site: Site, mail: Entitlement) -> None:
    PlacementFactory.create(site=site, period=days(today()))
    follow_days()
    RequestItem.objects.update(state=ItemState.CANCELLED)
    follow_days()
    assert RequestItem.objects.count() == 1


def test_whoever_was_reported_as_leaving_is_given_nothing_by_itself(
    site: Site, manager: Actor, mail: Entitlement
) -> None:
    person = holder(site, mail)
    report_leavers(actor=manager, site_id=site.pk, person_ids=[person.pk], last_shift_at=timezone.now())
    Grant.objects.filter(person=person).update(ended_at=timezone.now())
    RequestItem.objects.filter(operation=Operation.REVOKE).update(state="queued")
    follow_change(actor=manager, person_ids=[person.pk])
    assert not RequestItem.objects.filter(operation=Operation.GRANT, request__origin=Origin.DIRECTORY).exists()


def test_a_rehire_is_given_what_the_job_brings(site: Site, manager: Actor, mail: Entitlement) -> None:
    person = holder(site, EntitlementFactory.create(), last=today() - timedelta(days=1))
    follow_days()
    EngagementFactory.create(person=person, employer=site.partner, period=days(today() + timedelta(days=1)))
    PlacementFactory.create(person=person, site=site, period=days(today() + timedelta(days=1)))
    follow_change(actor=manager, person_ids=[person.pk])
    assert RequestItem.objects.get(operation=Operation.GRANT, request__origin=Origin.DIRECTORY).entitlement == mail


def test_whoever_asked_hears_when_it_is_over_but_not_of_their_own_doing(site: Site, manager: Actor) -> None:
    one: Entitlement = EntitlementFactory.create()
    lead = actor(Role.PARTNER_LEAD, site=site)
    made = [
        raise_request(
            actor=lead, kind=RequestKind.AD_HOC, site_id=site.pk, lines=[Line(PlacementFactory(site=site).person.pk, one.pk)]
        )
        for _ in range(2)
    ]  # fmt: skip
    cancel(actor=lead, ref=made[0].pk)
    cancel(actor=manager, ref=made[1].pk)
    rows = OutboxRow.objects.filter(payload__kind=REQUEST_OVER).order_by("pk")
    deliveries = [requesters([row.payload]) for row in rows]
    assert [[(d.recipient_id, d.subject_id) for d in some] for some in deliveries] == [
        [], [(lead.user_id, made[1].pk)],
    ]  # fmt: skip
    (told,) = deliveries[1]
    assert require_kind(REQUEST_OVER).title(told.params, 1) == f"{made[1].ref} was closed without effect"
