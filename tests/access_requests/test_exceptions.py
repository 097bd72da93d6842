"""Exceptions from conflict rules: asked, granted or refused, sent again, ended, and the conflict that comes back."""

from datetime import datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils import timezone

from access_requests.actions import (
    Line,
    ask_exception,
    decide,
    dispatch,
    end_exception,
    expire_due,
    grant_exception,
    raise_request,
    refuse_exception,
)
from access_requests.choices import ItemState, Operation, ReasonKind, Verdict
from access_requests.models import Entitlement, ExceptionRequest, Grant, RequestItem, SodException, SodRule
from partners.models import Site
from portal.accounts.choices import Role
from portal.accounts.models import User
from portal.accounts.queries import actor_for
from portal.notifications.models import Notification
from portal.notifications.tasks import fan_out
from portal.refusals import RefusedError
from tests.factories.access import EntitlementFactory, GrantFactory, GrantReasonFactory, SodRuleFactory
from tests.factories.partners import PlacementFactory, SiteFactory, user

from .approving import stands_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Site:
    return SiteFactory.create()


@pytest.fixture
def manager(site: Site) -> User:
    return user(Role.MANAGER, site=site)


@pytest.fixture
def lead(site: Site) -> User:
    return user(Role.PARTNER_LEAD, site=site)


def rule() -> SodRule:
    left, right = sorted([EntitlementFactory.create(), EntitlementFactory.create()], key=lambda one: one.pk)
    return SodRuleFactory.create(left=left, right=right)


def blocked(site: Site, by: User, conflict: SodRule | None = None) -> RequestItem:
    """Somebody holds one side of a rule and asks for the other."""
    conflict = conflict or rule()
    person = PlacementFactory.create(site=site).person
    GrantReasonFactory.create(grant=GrantFactory.create(person=person, entitlement=conflict.left))
    return wanting(site, by, person.pk, conflict.right)


def wanting(site: Site, by: User, person: int, one: Entitlement) -> RequestItem:
    request = raise_request(actor=actor_for(by), kind="ad_hoc", site_id=site.pk, lines=[Line(person, one.pk)])
    return request.items.get()


def soon(days: int = 10) -> datetime:
    return timezone.now() + timedelta(days=days)


def ask(who: User, item: RequestItem) -> ExceptionRequest:
    return ask_exception(actor=actor_for(who), item_id=item.pk, reason="Month-end close", ends_at=soon())


def test_an_exception_sends_what_was_blocked_again_and_ends_with_its_grant(
    site: Site, manager: User, lead: User
) -> None:
    item = blocked(site, lead)
    assert item.state == ItemState.BLOCKED_SOD
    wanted = ask(lead, item)
    grant_exception(actor=actor_for(manager), pk=wanted.pk)
    item.refresh_from_db()
    assert (item.state, item.round, item.sod_rule) == (ItemState.AWAITING_APPROVAL, 2, None)
    decide(actor=actor_for(manager), item_ids=[item.pk], verdict=Verdict.APPROVED)
    dispatch()
    grant = Grant.objects.get(item=item)
    reason = grant.reasons.get()
    assert (reason.kind, reason.ends_at) == (ReasonKind.EXCEPTION, wanted.ends_at)
    assert list(item.events.order_by("pk").values_list("code", flat=True))[:6] == [
        "item.submit", "item.block", "exception.ask", "exception.grant", "item.submit", "item.ask",
    ]  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("access_requests.actions.leaving.timezone.now", lambda: wanted.ends_at + timedelta(hours=1))
        assert expire_due() == 1
    removal = RequestItem.objects.get(operation=Operation.REVOKE)
    assert (removal.person, removal.entitlement) == (item.person, item.entitlement)
    # What was held before stays.
    before = Grant.objects.get(person=item.person, entitlement=wanted.rule.left)
    assert before.reasons.get().ended_at is None


def test_an_exception_ended_early_takes_its_grant_away(site: Site, manager: User, lead: User) -> None:
    item = blocked(site, lead)
    granted = grant_exception(actor=actor_for(manager), pk=ask(lead, item).pk)
    decide(actor=actor_for(manager), item_ids=[item.pk], verdict=Verdict.APPROVED)
    dispatch()
    with pytest.raises(PermissionDenied):
        end_exception(actor=actor_for(lead), exception_id=granted.exception_id or 0)
    with pytest.raises(Http404):
        end_exception(
            actor=actor_for(user(Role.MANAGER, site=SiteFactory.create())), exception_id=granted.exception_id or 0
        )
    for _ in range(2):
        end_exception(actor=actor_for(manager), exception_id=granted.exception_id or 0)
    assert RequestItem.objects.get(operation=Operation.REVOKE).state == ItemState.APPROVED


def test_an_exception_that_ended_blocks_what_was_not_handed_over(site: Site, manager: User, lead: User) -> None:
    item = blocked(site, lead)
    granted = grant_exception(actor=actor_for(manager), pk=ask(lead, item).pk)
    decide(actor=actor_for(manager), item_ids=[item.pk], verdict=Verdict.APPROVED)
    end_exception(actor=actor_for(manager), exception_id=granted.exception_id or 0)
    dispatch()
    item.refresh_from_db()
    assert item.state == ItemState.BLOCKED_SOD
    assert not Grant.objects.filter(item=item).exists()


def test_nobody_grants_an_exception_to_themselves(site: Site, manager: User, lead: User) -> None:
    mine = ask(manager, blocked(site, lead))
    with pytest.raises(RefusedError, match="own_exception"):
        grant_exception(actor=actor_for(manager), pk=mine.pk)
    deputy = user(Role.COORDINATOR, site=site)
    stands_in(deputy, manager)
    with pytest.raises(RefusedError, match="own_exception"):
        grant_exception(actor=actor_for(deputy), pk=mine.pk)
    theirs = ask(lead, blocked(site, lead))
    User.objects.filter(pk=manager.pk).update(person=theirs.person)
    with pytest.raises(RefusedError, match="own_exception"):
        grant_exception(actor=actor_for(User.objects.get(pk=manager.pk)), pk=theirs.pk)
    with pytest.raises(PermissionDenied):
        grant_exception(actor=actor_for(lead), pk=theirs.pk)
    with pytest.raises(IntegrityError, match="not_own"), transaction.atomic():
        ExceptionRequest.objects.filter(pk=mine.pk).update(
            verdict="approved", decided_by=manager, decided_at=timezone.now()
        )
    assert not SodException.objects.exists()


def test_a_refusal_says_why_and_leaves_the_item_blocked(site: Site, manager: User, lead: User) -> None:
    item = blocked(site, lead)
    wanted = ask(lead, item)
    with pytest.raises(RefusedError, match="rejection_needs_reason"):
        refuse_exception(actor=actor_for(manager), pk=wanted.pk, comment=" ")
    refuse_exception(actor=actor_for(manager), pk=wanted.pk, comment="Use a second person")
    with pytest.raises(RefusedError, match="decided_meanwhile"):
        grant_exception(actor=actor_for(manager), pk=wanted.pk)
    item.refresh_from_db()
    assert item.state == ItemState.BLOCKED_SOD
    fan_out()
    heard = Notification.objects.values_list("kind", "recipient")
    assert set(heard) >= {("access.exception_decided", lead.pk)}


def test_what_cannot_be_asked(site: Site, manager: User, lead: User) -> None:
    item = blocked(site, lead)
    for ends_at in (timezone.now(), soon(400)):
        with pytest.raises(RefusedError, match="exception_end"):
            ask_exception(actor=actor_for(lead), item_id=item.pk, reason="Because", ends_at=ends_at)
    with pytest.raises(RefusedError, match="exception_needs_reason"):
        ask_exception(actor=actor_for(lead), item_id=item.pk, reason="\0 ", ends_at=soon())
    ask(lead, item)
    with pytest.raises(RefusedError, match="exception_waiting"):
        ask(lead, item)
    plain = wanting(site, lead, item.person_id, EntitlementFactory.create())
    with pytest.raises(RefusedError, match="not_blocked"):
        ask(lead, plain)
    fan_out()
    assert Notification.objects.get(kind="access.exception_asked").recipient == manager
