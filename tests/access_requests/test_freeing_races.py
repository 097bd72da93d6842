"""Several workers free the same at the same moment; for real, on a database of its own."""

import pytest
from django.utils import timezone

from access_requests.actions import (
    claim,
    dispatch,
    free_blocked,
    free_waiting,
    report_leavers,
    sweep_unsupported,
    verify_by_lead,
)
from access_requests.choices import ItemState, Operation
from access_requests.models import Grant, GrantReason, RequestEvent, RequestItem
from partners.models import Person, Site
from portal.accounts.choices import Role
from portal.accounts.rules import SYSTEM
from tests.access_requests.racing import agent, asked, birthright, sound
from tests.databases import Database
from tests.factories.access import GrantFactory, GrantReasonFactory, SodRuleFactory
from tests.factories.partners import SiteFactory, actor
from tests.together import at_once

pytestmark = pytest.mark.processes


@pytest.fixture
def site(fresh_database: Database) -> Site:
    made: Site = SiteFactory.create()
    return made


def gone(site: Site, person: Person) -> None:
    """Everything is taken from somebody, and that is proven."""
    lead = actor(Role.PARTNER_LEAD, site=site)
    made = report_leavers(actor=SYSTEM, site_id=site.pk, person_ids=[person.pk], last_shift_at=timezone.now())
    ids = list(made.items.values_list("pk", flat=True))
    while dispatch():
        pass
    claim(actor=SYSTEM, item_ids=ids)
    assert verify_by_lead(actor=lead, item_ids=ids).done == ids


def test_the_last_seat_is_given_to_one_and_to_the_oldest(site: Site) -> None:
    one = birthright(seat_limit=1)
    people = [agent(site) for _ in range(5)]
    items = [asked(site, person, one)[0] for person in people]
    dispatch()
    for number in range(3):
        claim(actor=SYSTEM, item_ids=[items[number].pk])
        verify_by_lead(actor=actor(Role.PARTNER_LEAD, site=site), item_ids=[items[number].pk])
        gone(site, people[number])
        # Somebody new asks while workers look.
        asked(site, agent(site), one)
        assert at_once(free_waiting, dispatch, free_waiting, free_waiting, dispatch) == ["done"] * 5
        given = RequestItem.objects.filter(
            entitlement=one, operation=Operation.GRANT, state__in=[ItemState.QUEUED, ItemState.SENT]
        )
        assert [item.pk for item in given] == [items[number + 1].pk]
        assert Grant.objects.filter(ended_at=None).count() == 1
        assert RequestEvent.objects.filter(item=items[number + 1], code="item.freed").count() == 1
        sound()


def test_what_was_blocked_is_sent_on_once(site: Site) -> None:
    held, old, young = birthright(), birthright(), birthright()
    for left, right in ((held, old), (held, young), (old, young)):
        SodRuleFactory.create(left=left, right=right)
    for _ in range(8):
        person = agent(site)
        grant = GrantReasonFactory.create(grant=GrantFactory.create(person=person, entitlement=held)).grant
        items = [asked(site, person, one)[0] for one in (old, young)]
        GrantReason.objects.filter(grant=grant).update(ended_at=timezone.now())
        Grant.objects.filter(pk=grant.pk).update(ended_at=timezone.now())
        assert at_once(free_blocked, free_blocked, dispatch, free_blocked) == ["done"] * 4
        dispatch()
        states = [RequestItem.objects.get(pk=item.pk).state for item in items]
        assert states == [ItemState.SENT, ItemState.BLOCKED_SOD]
        assert RequestEvent.objects.filter(item=items[0], code="item.freed").count() == 1
        assert RequestItem.objects.get(pk=items[0].pk).round == 2


def test_what_nothing_supports_is_removed_once(site: Site) -> None:
    for _ in range(6):
        grant = GrantReasonFactory.create(grant=GrantFactory.create(person=agent(site))).grant
        GrantReason.objects.filter(grant=grant).update(ended_at=timezone.now())
        assert at_once(sweep_unsupported, sweep_unsupported, dispatch, sweep_unsupported) == ["done"] * 4
        assert RequestItem.objects.filter(person=grant.person, operation=Operation.REVOKE).count() == 1
    sound()
