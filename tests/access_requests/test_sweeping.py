"""Whatever is held without a reason, however that came about, is found, taken away and told."""

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from access_requests.actions import claim, dispatch, expire_due, sweep_unsupported, verify_by_lead
from access_requests.choices import ItemState, Operation, Origin
from access_requests.models import Grant, GrantReason, RequestItem
from access_requests.tasks import sweep
from partners.models import Site
from portal.accounts.choices import Role
from portal.accounts.rules import SYSTEM
from portal.notifications.delivery.fanout import fan_out_batch
from portal.notifications.models import Notification
from tests.access_requests.racing import agent
from tests.factories.access import EntitlementFactory, GrantFactory, GrantReasonFactory, GroupMemberFactory
from tests.factories.partners import PersonFactory, SiteFactory, actor, user

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Site:
    return SiteFactory.create()


def left_behind(site: Site) -> Grant:
    """A grant whose reason went without anybody looking after it, past all doors."""
    grant = GrantReasonFactory.create(grant=GrantFactory.create(person=agent(site))).grant
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE access_requests_grantreason SET ended_at = now() WHERE grant_id = %s AND ended_at IS NULL",
            [grant.pk],
        )
    return grant


def test_what_nothing_supports_is_taken_away_and_its_owners_are_told(site: Site) -> None:
    grant, sound = left_behind(site), GrantReasonFactory.create(grant=GrantFactory.create(person=agent(site))).grant
    owner, worker = user(Role.IT), GroupMemberFactory.create(group=grant.entitlement.system.group).user
    type(grant.entitlement.system).objects.filter(pk=grant.entitlement.system_id).update(owner=owner)
    assert expire_due() == 0, "nobody else would look at it"
    assert (sweep(), sweep_unsupported()) == (1, 0)
    removal = RequestItem.objects.get(operation=Operation.REVOKE)
    assert (removal.person, removal.entitlement, removal.state) == (
        grant.person, grant.entitlement, ItemState.APPROVED,
    )  # fmt: skip
    assert (removal.request.origin, removal.request.site) == (Origin.SWEEP, site)
    while fan_out_batch():
        pass
    told = Notification.objects.filter(kind="access.unsupported")
    assert set(told.values_list("recipient", flat=True)) == {owner.pk, worker.pk}
    dispatch()
    claim(actor=SYSTEM, item_ids=[removal.pk])
    verify_by_lead(actor=actor(Role.PARTNER_LEAD, site=site), item_ids=[removal.pk])
    assert list(Grant.objects.filter(ended_at=None)) == [sound]
    assert sweep_unsupported() == 0


def test_what_is_being_removed_or_ends_later_is_left_alone(site: Site) -> None:
    going, later = (
        left_behind(site),
        GrantReasonFactory.create(grant=GrantFactory.create(person=agent(site)), ends_at=timezone.now()),
    )
    assert sweep_unsupported() == 1
    RequestItem.objects.filter(person=going.person, operation=Operation.REVOKE).update(state=ItemState.QUEUED)
    RequestItem.objects.filter(person=going.person, operation=Operation.REVOKE).update(state=ItemState.FAILED_FINAL)
    assert sweep_unsupported() == 0, "a removal that failed is still one"
    assert later.ended_at is None


def test_many_at_several_sites_are_one_request_each(site: Site) -> None:
    other = SiteFactory.create()
    for _ in range(3):
        left_behind(site)
        left_behind(other)
    assert sweep_unsupported(batch=2) == 6
    assert set(RequestItem.objects.filter(operation=Operation.REVOKE).values_list("request__site", flat=True)) == {
        site.pk, other.pk,
    }  # fmt: skip


def test_administrators_see_what_was_found_and_what_cannot_be_raised(site: Site, client: Client) -> None:
    stray = GrantFactory.create(
        person=PersonFactory.create(name="Nowhere Man"), entitlement=EntitlementFactory.create()
    )
    GrantReason.objects.filter(grant=stray).delete()
    page = reverse("access:failures")
    left_behind(site)
    assert sweep_unsupported() == 1
    ref = RequestItem.objects.get(operation=Operation.REVOKE).request.ref
    client.force_login(user(Role.ADMINISTRATOR))
    text = client.get(page).content.decode()
    assert "Held without a reason" in text
    assert ref in text
    assert "Nowhere Man" in text
    client.force_login(user(Role.IT))
    assert "Held without a reason" not in client.get(page).content.decode()


def test_nothing_is_shown_where_there_is_nothing(client: Client) -> None:
    client.force_login(user(Role.ADMINISTRATOR))
    assert "Held without a reason" not in client.get(reverse("access:failures")).content.decode()
