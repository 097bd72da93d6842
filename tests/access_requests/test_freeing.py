"""What a conflict or a missing seat held up goes on by itself: when nothing is in its way, the oldest first, once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from access_requests.actions import (
    Line,
    cancel,
    claim,
    decide,
    dispatch,
    end_exception,
    fail,
    free_blocked,
    free_waiting,
    raise_request,
    report_leavers,
    retry,
    verify_by_lead,
)
from access_requests.actions.carrying import give_up
from access_requests.actions.catalogue.conflicts import archive_sod_rule
from access_requests.choices import Channel, ItemState, Operation, Verdict
from access_requests.models import Entitlement, Grant, RequestItem, SodException
from partners.models import Person, Site
from portal.accounts.choices import Role
from portal.accounts.queries import actor_for
from portal.accounts.rules import SYSTEM, Actor
from tests.access_requests.racing import agent, asked, birthright
from tests.factories.access import GrantFactory, GrantReasonFactory, SodRuleFactory
from tests.factories.partners import SiteFactory, actor, user

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Site:
    return SiteFactory.create()


@pytest.fixture
def lead(site: Site) -> Actor:
    return actor(Role.PARTNER_LEAD, site=site)


def holds(person: Person, one: Entitlement) -> Grant:
    return GrantReasonFactory.create(grant=GrantFactory.create(person=person, entitlement=one)).grant


def fresh(*items: RequestItem) -> list[str]:
    return [RequestItem.objects.values_list("state", flat=True).get(pk=one.pk) for one in items]


def free() -> int:
    return free_blocked() + free_waiting()


def removed(lead: Actor, site: Site, person: Person, one: Entitlement) -> RequestItem:
    lines = [Line(person.pk, one.pk, Operation.REVOKE)]
    return raise_request(actor=lead, kind="ad_hoc", site_id=site.pk, lines=lines).items.get()


def left(lead: Actor, site: Site, person: Person) -> RequestItem:
    made = report_leavers(actor=lead, site_id=site.pk, person_ids=[person.pk], last_shift_at=timezone.now())
    return made.items.get()


def proven(lead: Actor, *items: RequestItem) -> None:
    ids = [one.pk for one in items]
    dispatch()
    claim(actor=SYSTEM, item_ids=ids)
    assert verify_by_lead(actor=lead, item_ids=ids).done == sorted(ids)


def test_a_conflict_is_gone_when_the_removal_is_proven(site: Site, lead: Actor) -> None:
    person, held, wanted = agent(site), birthright(), birthright()
    holds(person, held)
    SodRuleFactory.create(left=held, right=wanted)
    [item] = asked(site, person, wanted)
    assert (fresh(item), free()) == ([ItemState.BLOCKED_SOD], 0)
    removal = removed(lead, site, person, held)
    assert free() == 0, "a removal under way may be late"
    proven(lead, removal)
    assert (free(), free()) == (1, 0)
    assert fresh(item) == [ItemState.APPROVED]
    assert list(item.events.order_by("pk").values_list("code", flat=True))[-3:] == [
        "item.freed", "item.submit", "item.approve",
    ]  # fmt: skip
    dispatch()
    assert fresh(item) == [ItemState.SENT]


def test_of_several_the_oldest_goes_and_the_next_waits_for_it(site: Site, lead: Actor) -> None:
    person = agent(site)
    held, old, young, other = birthright(), birthright(), birthright(), birthright()
    holds(person, held)
    SodRuleFactory.create(left=held, right=old)
    first_rule, second_rule = (
        SodRuleFactory.create(left=held, right=young),
        SodRuleFactory.create(left=old, right=young),
    )
    SodRuleFactory.create(left=held, right=other)
    items = [asked(site, person, one)[0] for one in (old, young, other)]
    assert items[1].sod_rule == first_rule
    proven(lead, removed(lead, site, person, held))
    assert free() == 2
    assert fresh(*items) == [ItemState.APPROVED, ItemState.BLOCKED_SOD, ItemState.APPROVED]
    items[1].refresh_from_db()
    assert items[1].sod_rule == second_rule, "the rule to ask an exception from"
    cancel(actor=SYSTEM, ref=items[0].request.ref)
    assert (free(), fresh(items[1])) == (1, [ItemState.APPROVED])


def test_of_both_sides_in_one_request_none_is_chosen_by_itself(site: Site, lead: Actor) -> None:
    person, left, right = agent(site), birthright(), birthright()
    SodRuleFactory.create(left=left, right=right)
    items = asked(site, person, left, right)
    assert (fresh(*items), free()) == ([ItemState.BLOCKED_SOD] * 2, 0)
    cancel(actor=lead, ref=items[0].request.ref, item_ids=[items[0].pk])
    assert (free(), fresh(items[1])) == (1, [ItemState.APPROVED])


def test_a_rule_that_is_retired_blocks_nothing_any_more(site: Site, lead: Actor) -> None:
    person, held, wanted = agent(site), birthright(), birthright()
    holds(person, held)
    rule = SodRuleFactory.create(left=held, right=wanted)
    lines = [Line(person.pk, wanted.pk)]
    item = raise_request(actor=lead, kind="ad_hoc", site_id=site.pk, lines=lines).items.get()
    archive_sod_rule(actor=SYSTEM, code=rule.code)
    assert (free(), fresh(item)) == (1, [ItemState.AWAITING_APPROVAL])
    item.refresh_from_db()
    assert (item.sod_rule, item.round, item.stage) == (None, 2, 1)
    manager = user(Role.MANAGER, site=site)
    decide(actor=actor_for(manager), item_ids=[item.pk], verdict=Verdict.APPROVED)
    assert fresh(item) == [ItemState.APPROVED]


def test_what_goes_on_under_an_exception_lasts_as_long_and_not_by_one_that_ended(site: Site, lead: Actor) -> None:
    person, held, wanted = agent(site), birthright(), birthright()
    grant = holds(person, held)
    rule = SodRuleFactory.create(left=held, right=wanted)
    [item] = asked(site, person, wanted)
    now = timezone.now()
    exception = SodException.objects.create(
        rule=rule, person=person, reason="Month-end", requested_by=user(Role.PARTNER_LEAD, site=site), approved_by=user(Role.MANAGER, site=site), starts_at=now,
        ends_at=now + timedelta(days=3),
    )  # fmt: skip
    assert (free(), fresh(item)) == (1, [ItemState.APPROVED])
    item.refresh_from_db()
    assert item.sod_exception == exception
    end_exception(actor=actor(Role.MANAGER, site=site), exception_id=exception.pk)
    dispatch()
    assert (fresh(item), free()) == ([ItemState.BLOCKED_SOD], 0)
    proven(lead, removed(lead, site, person, grant.entitlement))
    assert free() == 1
    dispatch()
    reason = Grant.objects.get(item=item).reasons.get()
    assert (reason.kind, reason.ends_at) == ("bundle", None)


def test_what_is_over_before_it_is_free_expires(site: Site, lead: Actor) -> None:
    person, held, wanted = agent(site), birthright(), birthright()
    holds(person, held)
    SodRuleFactory.create(left=held, right=wanted)
    [item] = asked(site, person, wanted)
    proven(lead, removed(lead, site, person, held))
    RequestItem.objects.filter(pk=item.pk).update(ends_at=timezone.now())
    assert (free(), fresh(item)) == (0, [ItemState.EXPIRED])


def test_a_seat_that_is_free_goes_to_who_waits_longest(site: Site, lead: Actor) -> None:
    one = birthright(seat_limit=1)
    people = [agent(site) for _ in range(4)]
    items = [asked(site, person, one)[0] for person in people[:3]]
    dispatch()
    assert fresh(*items) == [ItemState.SENT, ItemState.FAILED_FINAL, ItemState.FAILED_FINAL]
    assert free() == 0
    # Whoever comes later does not get the seat that has just become free, nor does who is tried again by hand.
    proven(lead, items[0])
    proven(lead, left(lead, site, people[0]))
    [late] = asked(site, people[3], one)
    dispatch()
    retry(actor=SYSTEM, item_ids=[items[2].pk])
    assert fresh(*items[1:], late) == [ItemState.FAILED_FINAL] * 3
    assert (free(), free()) == (1, 0)
    assert fresh(*items[1:], late) == [ItemState.SENT, ItemState.FAILED_FINAL, ItemState.FAILED_FINAL]
    one.system.seat_limit = 3
    one.system.save()
    assert (free(), fresh(items[2], late)) == (2, [ItemState.SENT] * 2)


def test_who_cannot_take_the_seat_keeps_nobody_from_it(site: Site, lead: Actor) -> None:
    held, one = birthright(), birthright(seat_limit=1)
    first, second, third = (agent(site) for _ in range(3))
    [seated], [stuck], [next_one] = asked(site, first, one), asked(site, second, one), asked(site, third, one)
    dispatch()
    holds(second, held)
    SodRuleFactory.create(left=held, right=one)
    proven(lead, seated)
    proven(lead, left(lead, site, first))
    assert free() == 1
    assert fresh(stuck, next_one) == [ItemState.FAILED_FINAL, ItemState.SENT]


def test_what_had_to_wait_for_a_removal_is_tried_again_after_it(site: Site, lead: Actor) -> None:
    person, held, wanted = agent(site), birthright(), birthright()
    [item] = asked(site, person, wanted)
    dispatch()
    holds(person, held)
    SodRuleFactory.create(left=held, right=wanted)
    removal = removed(lead, site, person, held)
    fail(actor=SYSTEM, item_ids=[item.pk], why="x")
    retry(actor=SYSTEM, item_ids=[item.pk])
    item.refresh_from_db()
    assert (item.state, item.failure, free()) == (ItemState.FAILED_FINAL, "removal_first", 0)
    proven(lead, removal)
    assert (free(), fresh(item)) == (1, [ItemState.SENT])


def test_no_word_stands_in_for_a_seat(site: Site) -> None:
    one = birthright(seat_limit=0)
    [item] = asked(site, agent(site), one)
    dispatch()
    assert fresh(item) == [ItemState.FAILED_FINAL]
    assert claim(actor=SYSTEM, item_ids=[item.pk], ticket="INC-1").left == [item.pk]
    assert not Grant.objects.exists()


def test_what_no_attempt_began_is_held_once_it_is_done_by_hand(site: Site) -> None:
    one = birthright(channel=Channel.EMAIL, ticket_address="it@example.com")
    [item] = asked(site, agent(site), one)
    dispatch()
    assert give_up(item.pk, 1, "nobody had the time") == 1
    assert not Grant.objects.exists()
    assert claim(actor=SYSTEM, item_ids=[item.pk], ticket="INC-1").done == [item.pk]
    grant = Grant.objects.get(item=item)
    assert (grant.confirmed_at is not None, grant.reasons.count()) == (True, 1)
