"""The three clocks: when they start, what stops them, what their events do, at any number."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from access_requests import queries
from access_requests.actions import (
    Line,
    cancel,
    claim,
    decide,
    dispatch,
    expire_undecided,
    raise_request,
    report_leavers,
    verify_by_lead,
)
from access_requests.choices import ItemState, Metric, Verdict
from access_requests.clock_kind import ITEMS
from access_requests.models import AccessRequest, Grant, RequestEvent, RequestItem
from partners.models import Site
from portal.accounts.choices import Role
from portal.accounts.models import User
from portal.accounts.queries import actor_for
from portal.accounts.rules import SYSTEM
from portal.notifications.models import Notification
from portal.notifications.tasks import fan_out
from sla import queries as clock_queries
from sla.actions import LevelContent, PolicyContent, TargetContent, create_policy, tick
from sla.queries import ClockView
from tests.factories.access import (
    EntitlementFactory,
    GrantFactory,
    GrantReasonFactory,
    GroupMemberFactory,
    SystemFactory,
)
from tests.factories.partners import PlacementFactory, SiteFactory, user
from tests.factories.sla import ALWAYS, CalendarFactory

from .approving import asked, stands_in

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def site() -> Site:
    return SiteFactory.create()


@pytest.fixture
def manager(site: Site) -> User:
    return user(Role.MANAGER, site=site)


def policy(
    *, approval: int = 480, fulfilment: int = 960, match: dict[str, list[str]] | None = None,
    pauses: tuple[str, ...] = (), who: tuple[str, ...] = ("coordinator",),
) -> None:  # fmt: skip
    """Minutes around the clock."""
    calendar = CalendarFactory.create(hours=ALWAYS).pk
    content = PolicyContent(
        match=match or {},
        targets={
            Metric.APPROVAL: TargetContent(approval, calendar, (50,)),
            Metric.FULFILMENT: TargetContent(fulfilment, calendar, (75,), pauses),
        },
        levels=(LevelContent(60, who),),
    )
    create_policy(actor=SYSTEM, subject_kind=queries.ITEM_KIND, name="Access", content=content)


def clocks(item: RequestItem) -> dict[str, ClockView]:
    """Each metric's newest clock."""
    return {one.metric: one for one in clock_queries.clocks_of(queries.ITEM_KIND, [item.pk])[item.pk]}


def told(kind: str) -> set[User]:
    fan_out()
    return {one.recipient for one in Notification.objects.filter(kind=kind).select_related("recipient")}


def test_an_approval_without_a_due_instant_and_without_a_policy_has_no_clock(site: Site) -> None:
    assert clocks(asked(site)) == {}


def test_a_policy_says_how_long_where_no_date_does(site: Site, manager: User) -> None:
    policy()
    item = asked(site)
    running = clocks(item)
    assert running.keys() == {"approval"}
    assert running["approval"].due_at - running["approval"].started_at == 8 * HOUR
    decide(actor=actor_for(manager), item_ids=[item.pk], verdict=Verdict.APPROVED)
    found = clocks(item)
    assert (found["approval"].state, found["fulfilment"].state) == ("met", "running")
    assert found["fulfilment"].due_at - found["fulfilment"].started_at == 16 * HOUR


def test_a_first_shift_leaves_half_the_time_for_the_approval(site: Site, manager: User) -> None:
    policy()
    one, person = EntitlementFactory.create(), PlacementFactory.create(site=site).person
    lead = actor_for(user(Role.PARTNER_LEAD, site=site))
    request = raise_request(
        actor=lead, kind="joiner", site_id=site.pk, lines=[Line(person.pk, one.pk)],
        first_shift_at=timezone.now() + timedelta(days=9),
    )  # fmt: skip
    item = request.items.get()
    clock = clocks(item)["approval"]
    assert item.due_at is not None
    assert clock.due_at - clock.started_at == (item.due_at - clock.started_at) / 2
    decide(actor=actor_for(manager), item_ids=[item.pk], verdict=Verdict.APPROVED)
    assert clocks(item)["fulfilment"].due_at == item.due_at


def test_policies_match_kind_partner_system_and_privilege(site: Site) -> None:
    item = asked(site, privileged=True, max_days=30)
    system = str(item.entitlement.system_id)
    facts = {"kind": "ad_hoc", "partner": str(site.partner_id), "system": system, "privileged": "yes"}
    assert ITEMS.dimensions_of([item.pk]) == {item.pk: facts}
    labels = {name: dict(one.choices()) for name, one in ITEMS.dimensions.items()}
    assert all(facts[name] in labels[name] for name in facts)


def test_a_rejection_meets_the_approval_and_a_withdrawal_cancels_it(site: Site, manager: User) -> None:
    policy()
    no, back = asked(site), asked(site)
    decide(actor=actor_for(manager), item_ids=[no.pk], verdict=Verdict.REJECTED, comment="Not needed")
    cancel(actor=actor_for(manager), ref=back.request_id)
    assert [clocks(one)["approval"].state for one in (no, back)] == ["met", "cancelled"]


def test_fulfilment_is_met_when_it_is_proven_not_when_it_says_done(site: Site, manager: User) -> None:
    policy()
    item = asked(site)
    decide(actor=actor_for(manager), item_ids=[item.pk], verdict=Verdict.APPROVED)
    dispatch()
    worker = user(Role.IT)
    GroupMemberFactory.create(group=item.entitlement.system.group, user=worker)
    claim(actor=actor_for(worker), item_ids=[item.pk])
    assert clocks(item)["fulfilment"].state == "running"
    verify_by_lead(actor=actor_for(manager), item_ids=[item.pk])
    assert clocks(item)["fulfilment"].state == "met"


def test_a_state_that_pauses_stops_the_clock_until_the_item_moves_on(site: Site, manager: User) -> None:
    policy(pauses=("sent",))
    item = asked(site)
    decide(actor=actor_for(manager), item_ids=[item.pk], verdict=Verdict.APPROVED)
    dispatch()
    assert clocks(item)["fulfilment"].state == "paused"
    worker = user(Role.IT)
    GroupMemberFactory.create(group=item.entitlement.system.group, user=worker)
    claim(actor=actor_for(worker), item_ids=[item.pk])
    assert clocks(item)["fulfilment"].state == "running"


def test_access_that_ends_has_a_clock_until_its_removal_is_proven(site: Site, manager: User) -> None:
    item = asked(site, privileged=True, max_days=30)
    decide(actor=actor_for(manager), item_ids=[item.pk], verdict=Verdict.APPROVED)
    dispatch()
    grant, item = Grant.objects.get(), RequestItem.objects.get(pk=item.pk)
    [clock] = clock_queries.clocks_of(queries.GRANT_KIND, [grant.pk])[grant.pk]
    assert (clock.metric, clock.due_at, clock.state) == ("duration", item.ends_at, "running")
    assert item.ends_at is not None
    tick(now=item.ends_at + HOUR)
    codes = list(item.events.order_by("at", "pk").values_list("code", flat=True))
    assert codes[-3:] == ["clock.duration.warned", "clock.duration.warned", "clock.duration.breached"]


def test_warned_reminds_who_can_decide_and_their_stand_ins(site: Site, manager: User) -> None:
    policy()
    deputy, coordinator = user(Role.COORDINATOR, site=SiteFactory.create()), user(Role.COORDINATOR, site=site)
    stands_in(deputy, manager)
    item = asked(site)
    tick(now=timezone.now() + 5 * HOUR)
    assert told("access.approval_reminder") == {manager, deputy}
    event = RequestEvent.objects.get(item=item, code="clock.approval.warned")
    assert event.params == {"percent": 50}
    tick(now=timezone.now() + 10 * HOUR)
    # Breached reaches managers, their stand-ins and coordinators; the level of the policy names coordinators.
    assert told("access.approval_overdue") == {manager, deputy, coordinator}
    assert RequestEvent.objects.filter(item=item, code="clock.approval.breached").count() == 1


def test_what_was_decided_meanwhile_reminds_nobody(site: Site, manager: User) -> None:
    policy()
    item = asked(site)
    tick(now=timezone.now() + 5 * HOUR)
    decide(actor=actor_for(manager), item_ids=[item.pk], verdict=Verdict.APPROVED)
    assert told("access.approval_reminder") == set()


def test_a_fulfilment_at_risk_is_for_the_group_that_has_it(site: Site, manager: User) -> None:
    policy()
    item = asked(site)
    worker, coordinator = user(Role.IT), user(Role.COORDINATOR, site=site)
    GroupMemberFactory.create(group=item.entitlement.system.group, user=worker)
    decide(actor=actor_for(manager), item_ids=[item.pk], verdict=Verdict.APPROVED)
    dispatch()
    tick(now=timezone.now() + 13 * HOUR)
    assert told("access.fulfilment_at_risk") == {worker}
    tick(now=timezone.now() + 16 * HOUR + HOUR / 2)
    assert told("access.fulfilment_at_risk") == {worker, coordinator}


def test_what_nobody_decides_ends_two_weeks_after_it_was_due(site: Site) -> None:
    policy()
    item = asked(site)
    past = timezone.now() - timedelta(days=15)
    RequestItem.objects.filter(pk=item.pk).update(created_at=past)
    tick(now=timezone.now() + 10 * HOUR)
    assert expire_undecided() == 0
    later = datetime.now(UTC) + timedelta(days=15)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("access_requests.actions.watching.timezone.now", lambda: later)
        assert expire_undecided() == 1
    item.refresh_from_db()
    assert item.state == ItemState.EXPIRED
    assert clocks(item)["approval"].state == "cancelled"
    assert told("access.decided") == {item.request.requested_by}


def test_as_many_statements_for_many_leavers_as_for_one(
    site: Site, manager: User, django_assert_max_num_queries: object
) -> None:
    system = SystemFactory.create()
    held = [EntitlementFactory.create(system=system) for _ in range(3)]
    people = [PlacementFactory.create(site=site).person for _ in range(8)]
    for person in people:
        for one in held:
            GrantReasonFactory.create(grant=GrantFactory.create(person=person, entitlement=one))
    with django_assert_max_num_queries(75):  # type: ignore[operator]
        request = report_leavers(
            actor=actor_for(manager), site_id=site.pk, person_ids=[one.pk for one in people],
            last_shift_at=timezone.now(),
        )  # fmt: skip
    items = AccessRequest.objects.get(pk=request.pk).items.all()
    assert {clocks(one)["fulfilment"].due_at for one in items} == {request.due_at}
    assert len(items) == 24
