"""Whatever is done in whatever order: what is held has a reason or a removal, nothing is given twice, conflicts are not held together."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Final

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from access_requests.actions import (
    Line,
    cancel,
    claim,
    decide,
    dispatch,
    dispute,
    expire_due,
    fail,
    free_blocked,
    free_waiting,
    never_done,
    raise_request,
    reconcile,
    report_leavers,
    retry,
    sweep_unsupported,
    verify_by_lead,
)
from access_requests.choices import ItemState, Operation, Verdict
from access_requests.models import AccessRequest, Decision, Entitlement, Grant, GrantReason, RequestItem
from partners.models import Engagement, JobRole, Person, Placement, Site
from portal.accounts.choices import Role
from portal.accounts.rules import SYSTEM, Actor
from portal.refusals import RefusedError
from tests.factories.access import EntitlementFactory, SodRuleFactory, SystemFactory, bundle_of
from tests.factories.partners import JobRoleFactory, PlacementFactory, SiteFactory, actor, days

pytestmark = pytest.mark.django_db
SEATS: Final = 1


class World:
    """Two people, four entitlements: one of each job, two in conflict, of which one has a single seat."""

    def __init__(self) -> None:
        self.site: Site = SiteFactory.create(time_zone="UTC")
        self.roles: list[JobRole] = [JobRoleFactory.create(), JobRoleFactory.create(code="QA", name="QA")]
        self.ones: list[Entitlement] = [
            EntitlementFactory.create(system=SystemFactory.create(seat_limit=SEATS if n == 3 else None))
            for n in range(4)
        ]
        for role, one in zip(self.roles, self.ones, strict=False):
            bundle_of(one, birthright=True, job_role=role)
        self.rule = SodRuleFactory.create(left=self.ones[2], right=self.ones[3])
        self.people: list[Person] = [
            PlacementFactory.create(site=self.site, job_role=self.roles[0]).person for _ in range(2)
        ]
        self.lead: Actor = actor(Role.PARTNER_LEAD, site=self.site)
        self.manager: Actor = actor(Role.MANAGER, site=self.site)
        self.gone: set[int] = set()

    def person(self, n: int) -> Person:
        return self.people[n % 2]

    def items(self, n: int, *states: ItemState) -> list[int]:
        """About half of the items in these states."""
        ids = RequestItem.objects.filter(state__in=states).order_by("pk").values_list("pk", flat=True)
        return [pk for pk in ids if (pk + n) % 2]

    def ask(self, n: int) -> None:
        ends = timezone.now() + timedelta(days=5) if n % 3 == 0 else None
        line = Line(self.person(n).pk, self.ones[n // 2 % 4].pk, ends_at=ends)
        raise_request(actor=self.lead, kind="ad_hoc", site_id=self.site.pk, lines=[line])

    def remove(self, n: int) -> None:
        line = Line(self.person(n).pk, self.ones[n // 2 % 4].pk, Operation.REVOKE)
        raise_request(actor=self.lead, kind="ad_hoc", site_id=self.site.pk, lines=[line])

    def decide(self, n: int) -> None:
        verdict = Verdict.REJECTED if n % 5 == 0 else Verdict.APPROVED
        who = self.lead if n % 7 == 0 else self.manager
        decide(actor=who, item_ids=self.items(n, ItemState.AWAITING_APPROVAL), verdict=verdict, comment="So")

    def dispatch(self, n: int) -> None:
        dispatch(n + 1)

    def claim(self, n: int) -> None:
        claim(actor=SYSTEM, item_ids=self.items(n, ItemState.SENT, ItemState.FAILED_FINAL))

    def verify(self, n: int) -> None:
        verify_by_lead(actor=self.lead, item_ids=self.items(n, ItemState.CLAIMED_DONE))

    def trouble(self, n: int) -> None:
        fail(actor=SYSTEM, item_ids=self.items(n, ItemState.SENT), why="x")
        dispute(actor=self.lead, item_ids=self.items(n + 1, ItemState.CLAIMED_DONE), why="x")

    def again(self, n: int) -> None:
        failed = self.items(n, ItemState.FAILED_FINAL)
        (never_done if n % 3 == 0 else retry)(actor=SYSTEM, item_ids=failed)

    def back(self, n: int) -> None:
        found = AccessRequest.objects.order_by("-pk")[n % 3 : n % 3 + 1]
        for request in found:
            cancel(actor=self.lead, ref=request.ref)

    def leave(self, n: int) -> None:
        person, last = self.person(n), timezone.now() + timedelta(days=n % 3)
        report_leavers(actor=self.lead, site_id=self.site.pk, person_ids=[person.pk], last_shift_at=last)
        if n % 3 == 0:
            yesterday = days("2024-01-01", timezone.now().date() - timedelta(days=1))
            Placement.objects.filter(person=person, period__upper_inf=True).update(period=yesterday)
            Engagement.objects.filter(person=person, period__upper_inf=True).update(period=yesterday)
            self.gone.add(person.pk)

    def rehire(self, n: int) -> None:
        person = self.person(n)
        if person.pk in self.gone:
            today = days(timezone.now().date())
            Engagement.objects.create(person=person, employer=self.site.partner, period=today)
            Placement.objects.create(person=person, site=self.site, job_role=self.roles[n // 2 % 2], period=today)
            self.gone.discard(person.pk)
        self.settle(n)

    def move(self, n: int) -> None:
        Placement.objects.filter(person=self.person(n), period__upper_inf=True).update(job_role=self.roles[n // 2 % 2])
        self.settle(n)

    def settle(self, n: int) -> None:
        reconcile(actor=SYSTEM, site_id=self.site.pk, person_ids=[self.person(n).pk], caused=True)

    def expire(self, n: int) -> None:
        """Days go by."""
        past = timezone.now() - timedelta(seconds=1)
        GrantReason.objects.filter(ended_at=None, ends_at__isnull=False).update(ends_at=past)
        RequestItem.objects.filter(state=ItemState.APPROVED, starts_at__isnull=False).update(starts_at=past)
        if n % 2:
            expire_due()

    def free(self, n: int) -> None:
        free_blocked()
        free_waiting()
        assert not sweep_unsupported(), "something is left that only the last net finds"

    def sound(self) -> None:
        """The promises, after every step."""
        live = set(Grant.objects.filter(ended_at=None).values_list("person_id", "entitlement_id"))
        backed = set(GrantReason.objects.filter(ended_at=None).values_list("grant__person_id", "grant__entitlement_id"))
        under_way = RequestItem.objects.filter(ended_at=None).exclude(state=ItemState.DRAFT)
        going = set(under_way.filter(operation=Operation.REVOKE).values_list("person_id", "entitlement_id"))
        assert live <= backed | going, "something is left that nothing supports and nothing removes"
        sent = under_way.filter(operation=Operation.GRANT, state__in=[ItemState.SENT, ItemState.CLAIMED_DONE])
        handed = list(sent.values_list("person_id", "entitlement_id"))
        assert set(handed) <= live, "handed over, and nobody knows"
        assert not set(handed) & going, "given while it is being removed"
        for person in self.people:
            pair = {(person.pk, self.rule.left_id), (person.pk, self.rule.right_id)}
            assert not pair <= live, "a conflict is held"
        assert Counter(one for _person, one in live)[self.ones[3].pk] <= SEATS, "more than the seats"
        for person_id in self.gone:
            assert not any(pair[0] == person_id for pair in live - going), "a leaver keeps something"
        assert not Decision.objects.filter(decided_by_id=self.lead.user_id).exists(), "decided for oneself"

    def finish(self) -> None:
        """IT and the lead work everything off: what is left is what is held for a reason."""
        GrantReason.objects.filter(ended_at=None, ends_at__isnull=False).update(ends_at=timezone.now())
        RequestItem.objects.filter(state=ItemState.APPROVED).update(starts_at=None)
        expire_due()
        for _ in range(4):
            dispatch()
            open_items = list(RequestItem.objects.filter(ended_at=None).values_list("pk", flat=True))
            claim(actor=SYSTEM, item_ids=open_items)
            verify_by_lead(actor=self.lead, item_ids=open_items)
            self.sound()
        assert not RequestItem.objects.filter(operation=Operation.REVOKE, ended_at=None).exists()
        assert not Grant.objects.filter(ended_at=None, person_id__in=self.gone).exists()


VERBS: Final[list[Callable[[World, int], None]]] = [
    World.ask, World.ask, World.remove, World.decide, World.decide, World.dispatch, World.dispatch, World.claim,
    World.verify, World.trouble, World.again, World.back, World.leave, World.rehire, World.move, World.expire,
    World.free, World.free,
]  # fmt: skip
STEPS = st.lists(st.tuples(st.sampled_from(range(len(VERBS))), st.integers(0, 29)), min_size=8, max_size=20)


@settings(max_examples=8, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_the_promises_hold_whatever_is_done(steps: list[tuple[int, int]]) -> None:
    with transaction.atomic():
        world = World()
        for verb, number in steps:
            try:
                with transaction.atomic():
                    VERBS[verb](world, number)
            except RefusedError:
                continue
            world.sound()
        world.finish()
        transaction.set_rollback(True)
