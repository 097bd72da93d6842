"""Stand-ins: what they do is written down as theirs for somebody, and they hear what whoever they stand in for hears."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone, translation

from access_requests.actions import (
    Line,
    ask_exception,
    claim,
    decide,
    dispatch,
    dispute,
    raise_request,
    tell_stand_ins,
    verify_by_lead,
)
from access_requests.actions.nudging import nudge
from access_requests.choices import ItemState, StageKind, Verdict
from access_requests.models import RequestItem
from access_requests.notices import KINDS
from partners.models import Site
from portal.accounts.actions import cancel_delegation
from portal.accounts.choices import Role
from portal.accounts.models import Delegation, User
from portal.accounts.queries import actor_for
from portal.audit.models import AuditEntry
from portal.notifications.models import Notification, OutboxRow
from portal.notifications.queries import latest_unread
from portal.notifications.tasks import fan_out, send
from tests.factories.access import EntitlementFactory, GroupMemberFactory, SystemFactory, bundle_of
from tests.factories.accounts import DelegationFactory
from tests.factories.partners import JobRoleFactory, PlacementFactory, SiteFactory, user

from .approving import asked, rule_of, stands_in
from .test_exceptions import blocked

pytestmark = pytest.mark.django_db
APPROVALS = "/access/approvals/"


@pytest.fixture
def site() -> Site:
    return SiteFactory.create()


@pytest.fixture
def manager(site: Site) -> User:
    return user(Role.MANAGER, site=site)


@pytest.fixture
def deputy() -> User:
    """Somebody of the company who has nothing to do with the site."""
    return user(Role.COORDINATOR, site=SiteFactory.create())


def page(who: User, url: str) -> str:
    client = Client()
    client.force_login(who)
    return client.get(url).content.decode()


def heard(who: User, kind: str) -> list[Notification]:
    fan_out()
    return list(Notification.objects.filter(kind=kind, recipient=who))


def titles(who: User) -> list[str]:
    """What stands in the inbox, as far as the reader may see it."""
    fan_out()
    with translation.override("en"):
        return [one.title for one in latest_unread(actor_for(who), 50)]


def carried_out(site: Site, lead: User, **system: Any) -> RequestItem:
    """An item that IT works on."""
    one = EntitlementFactory.create(system=SystemFactory.create(**system))
    person = PlacementFactory.create(site=site).person
    role = JobRoleFactory.create(code=f"R{one.pk}", name=f"Role {one.pk}")
    version = bundle_of(one, birthright=True, job_role=role).current_id
    line = Line(person.pk, one.pk, bundle_version_id=version)
    item = raise_request(actor=actor_for(lead), kind="joiner", site_id=site.pk, lines=[line]).items.get()
    dispatch()
    return item


def test_who_says_done_and_who_confirms_for_another_is_named_so_everywhere(site: Site, deputy: User) -> None:
    lead, worker, aide = user(Role.PARTNER_LEAD, site=site), user(Role.IT), user(Role.IT)
    other = user(Role.PARTNER_LEAD, site=SiteFactory.create())
    item = carried_out(site, lead)
    GroupMemberFactory.create(group=item.entitlement.system.group, user=worker)
    stands_in(other, lead)
    DelegationFactory.create(
        principal=worker, delegate=deputy, starts_at=timezone.now() - timedelta(hours=1),
        ends_at=timezone.now() + timedelta(days=1),
    )  # fmt: skip
    assert claim(actor=actor_for(aide), item_ids=[item.pk]).done == []
    claim(actor=actor_for(deputy), item_ids=[item.pk])
    assert f"{deputy.name} for {worker.name}" in page(lead, "/access/confirm/")
    verify_by_lead(actor=actor_for(other), item_ids=[item.pk])
    item.refresh_from_db()
    assert (item.claimed_by, item.claimed_for) == (deputy, worker)
    assert (item.state, item.verified_by, item.verified_for) == (ItemState.VERIFIED, other, lead)
    event = item.events.get(code="item.verify")
    assert (event.actor, event.on_behalf_of) == (other, lead)
    entry = AuditEntry.objects.get(verb="access_item.verify")
    assert (entry.actor_id, entry.on_behalf_of_id) == (other.pk, lead.pk)
    assert f"<b>{other.name}</b> for {lead.name}" in page(lead, f"/access/requests/{item.request.ref}/")
    certificate = page(user(Role.AUDITOR), f"/access/people/{item.person_id}/certificate/")
    assert f"Confirmed by the lead, {other.name} for {lead.name}" in certificate
    assert f"{deputy.name} for {worker.name}" in certificate


def test_who_confirms_in_their_own_right_stands_in_for_nobody(site: Site, manager: User) -> None:
    lead, coordinator = user(Role.PARTNER_LEAD, site=site), user(Role.COORDINATOR, site=site)
    stands_in(coordinator, manager)
    item = carried_out(site, lead)
    it = user(Role.IT)
    GroupMemberFactory.create(group=item.entitlement.system.group, user=it)
    claim(actor=actor_for(it), item_ids=[item.pk])
    verify_by_lead(actor=actor_for(coordinator), item_ids=[item.pk])
    item.refresh_from_db()
    assert (item.verified_by, item.verified_for, item.claimed_for) == (coordinator, None, None)


def test_items_of_several_sites_are_confirmed_or_disputed_as_who_one_is_at_each(site: Site) -> None:
    elsewhere = SiteFactory.create()
    lead, other = user(Role.PARTNER_LEAD, site=site), user(Role.PARTNER_LEAD, site=elsewhere)
    stands_in(other, lead)
    items = [carried_out(one, who) for one, who in ((site, lead), (elsewhere, other), (site, lead))]
    it = user(Role.IT)
    for item in items:
        GroupMemberFactory.create(group=item.entitlement.system.group, user=it)
    ids = [one.pk for one in items]
    claim(actor=actor_for(it), item_ids=ids)
    assert dispute(actor=actor_for(other), item_ids=ids[2:], why="No").done == ids[2:]
    assert verify_by_lead(actor=actor_for(other), item_ids=ids[:2]).done == ids[:2]
    found = RequestItem.objects.filter(pk__in=ids).order_by("pk").values_list("verified_for", flat=True)
    assert list(found) == [lead.pk, None, None]
    assert items[2].events.get(code="item.dispute").on_behalf_of == lead


def test_the_database_knows_nobody_who_stands_in_for_themselves_or_for_nobody(site: Site, manager: User) -> None:
    item = asked(site)
    for fields in ({"verified_for": manager}, {"verified_by": manager, "verified_for": manager}):
        with pytest.raises(DatabaseError, match="item_verified_for_another"), transaction.atomic():
            RequestItem.objects.filter(pk=item.pk).update(**fields)


def test_who_is_named_later_hears_once_of_what_waits_and_sees_it_until_the_end(
    site: Site, manager: User, deputy: User
) -> None:
    items, own = [asked(site), asked(site)], asked(site, by=manager)
    blocked_one = blocked(site, user(Role.PARTNER_LEAD, site=site))
    ask_exception(
        actor=actor_for(blocked_one.request.requested_by), item_id=blocked_one.pk, reason="Month end",
        ends_at=timezone.now() + timedelta(days=3),
    )  # fmt: skip
    assert titles(deputy) == []
    assert tell_stand_ins() == 0
    stands_in(deputy, manager)
    for _ in range(2):
        assert tell_stand_ins() == 1
        assert titles(deputy) == [f"3 items wait for your approval: you stand in for {manager.name}"]
    (line,) = heard(deputy, "access.standing_in")
    assert set(line.subject_ids) == {*(one.pk for one in items), blocked_one.pk}
    assert line.url == APPROVALS
    assert OutboxRow.objects.filter(payload__notification=line.pk).count() == 1
    shown = page(deputy, APPROVALS)
    assert all(one.request.ref in shown for one in items)
    assert f'id="pick-{own.request_id}"' not in shown
    cancel_delegation(actor=actor_for(manager), delegation_id=Delegation.objects.get().pk)
    assert titles(deputy) == []
    shown = page(deputy, APPROVALS)
    assert not any(one.request.ref in shown for one in [*items, blocked_one])
    outcome = decide(actor=actor_for(deputy), item_ids=[one.pk for one in items], verdict=Verdict.APPROVED)
    assert (outcome.decided, outcome.skipped) == ([], {})


def test_a_mail_goes_with_it(site: Site, manager: User, deputy: User) -> None:
    item = asked(site)
    fan_out()
    stands_in(deputy, manager)
    tell_stand_ins()
    fan_out()
    OutboxRow.objects.filter(topic="notice").update(not_before=timezone.now(), next_attempt_at=timezone.now())
    send()
    (letter,) = [one for one in mail.outbox if one.to == [deputy.email]]
    assert f"{item.request.ref} waits for your approval: you stand in for {manager.name}" in str(letter.body)


def test_a_period_to_come_is_told_when_it_begins(site: Site, manager: User, deputy: User) -> None:
    asked(site)
    now = timezone.now()
    row = DelegationFactory.create(
        principal=manager, delegate=deputy, starts_at=now + timedelta(days=3), ends_at=now + timedelta(days=9)
    )
    assert (tell_stand_ins(), titles(deputy)) == (0, [])
    Delegation.objects.filter(pk=row.pk).update(
        starts_at=now - timedelta(minutes=1), created_at=now - timedelta(days=30)
    )
    assert tell_stand_ins() == 1
    assert len(titles(deputy)) == 1


def test_who_may_decide_it_anyway_does_not_hear_of_it_twice(site: Site, manager: User) -> None:
    second = user(Role.MANAGER, site=site)
    asked(site)
    assert len(titles(second)) == 1
    stands_in(second, manager)
    tell_stand_ins()
    assert len(titles(second)) == 1


def test_a_line_about_what_waits_goes_when_it_no_longer_waits_for_the_reader(site: Site, manager: User) -> None:
    deputy = user(Role.COORDINATOR, site=site)
    stands_in(deputy, manager)
    item = asked(site)
    assert titles(deputy) == [f"{item.request.ref} waits for your approval"]
    Delegation.objects.update(ends_at=timezone.now())
    # A coordinator of the site still sees the request, but it is not theirs to decide.
    assert titles(deputy) == []
    assert titles(manager) == [f"{item.request.ref} waits for your approval"]


def test_reminders_and_what_is_overdue_reach_stand_ins_too(site: Site, manager: User, deputy: User) -> None:
    stands_in(deputy, manager)
    item = asked(site)
    payloads = [{"items": [item.pk], "policy_version": None, "level": 0}]
    for key in ("access.approval_waiting", "access.approval_reminder", "access.approval_overdue"):
        resolve = {kind.key: kind for kind in KINDS}[key].resolve
        assert resolve is not None
        assert {one.recipient_id for one in resolve(payloads)} >= {manager.pk, deputy.pk}, key
    lead = item.request.requested_by
    assert lead is not None
    assert nudge(actor=actor_for(lead), item_id=item.pk) == 2
    assert {one.recipient_id for one in Notification.objects.filter(kind="access.nudge")} == {manager.pk, deputy.pk}


def test_what_nobody_can_decide_and_exceptions_reach_stand_ins_too(site: Site, manager: User, deputy: User) -> None:
    stands_in(deputy, manager)
    orphan = asked(site, rule_of({"kind": StageKind.SYSTEM_OWNER}), system=SystemFactory.create(owner=None))
    assert len(heard(deputy, "access.nobody_decides")) == 1
    lead = orphan.request.requested_by
    assert lead is not None
    assert nudge(actor=actor_for(lead), item_id=orphan.pk) == 2
    item = blocked(site, lead)
    ask_exception(
        actor=actor_for(lead), item_id=item.pk, reason="Month end", ends_at=timezone.now() + timedelta(days=3)
    )
    assert len(heard(deputy, "access.exception_asked")) == 1


def test_a_stand_in_of_whoever_asked_for_an_exception_is_not_asked(site: Site, manager: User, deputy: User) -> None:
    stands_in(deputy, manager)
    item = blocked(site, user(Role.PARTNER_LEAD, site=site))
    ask_exception(
        actor=actor_for(manager), item_id=item.pk, reason="Month end", ends_at=timezone.now() + timedelta(days=3)
    )
    assert heard(deputy, "access.exception_asked") == []
    assert heard(manager, "access.exception_asked") == []
