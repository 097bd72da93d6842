"""How access ends."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.http import Http404
from django.test import Client
from django.utils import timezone

from portal.accounts import actions
from portal.accounts.choices import Role
from portal.accounts.models import Delegation, Invitation, Membership, User
from portal.accounts.queries import actor_for
from portal.accounts.rules import SYSTEM, RefusedError
from portal.audit.models import AuditEntry
from tests.databases import Database
from tests.factories.accounts import PASSWORD, DelegationFactory, MembershipFactory, administrator, somebody

SignedIn = Callable[[User], Client]


@pytest.mark.django_db
def test_deactivating_ends_everything_at_once(signed_in: SignedIn) -> None:
    admin, user = actor_for(administrator()), somebody(Role.COORDINATOR)
    client = signed_in(user)
    assert client.get("/account/").status_code == 200
    given = DelegationFactory(principal=user, delegate=somebody(Role.ASSOCIATE))
    held = DelegationFactory(
        delegate=user, principal=somebody(Role.MANAGER), starts_at=timezone.now() + timedelta(hours=1)
    )

    actions.deactivate(actor=admin, user_id=user.pk)

    assert client.get("/account/")["Location"].startswith("/accounts/login/")
    assert not Membership.objects.filter(user=user, ended_at=None).exists()
    assert actor_for(given.delegate).of(Role.COORDINATOR) == ()
    held.refresh_from_db()
    assert held.cancelled_at is not None
    assert AuditEntry.objects.filter(verb="user.deactivated", subject_id=user.pk, actor_id=admin.user_id).count() == 1


@pytest.mark.django_db
def test_an_old_session_does_not_come_back_with_the_user(signed_in: SignedIn) -> None:
    admin, user = actor_for(administrator()), somebody(Role.COORDINATOR)
    client = signed_in(user)
    actions.deactivate(actor=admin, user_id=user.pk)
    actions.reactivate(actor=admin, user_id=user.pk)

    assert client.get("/account/")["Location"].startswith("/accounts/login/")
    assert client.login(email=user.email, password=PASSWORD)
    user.refresh_from_db()
    assert actor_for(user).standings == (), "roles do not come back by themselves"


@pytest.mark.django_db
def test_open_invitations_are_withdrawn() -> None:
    admin = actor_for(administrator())
    user = actions.invite(actor=admin, email="new@example.test", name="New", grants=[])
    actions.end_access(actor=SYSTEM, user_ids=[user.pk], at=timezone.now())

    assert Invitation.objects.get(user=user).withdrawn_at is not None


@pytest.mark.django_db
def test_the_last_administrator_stays() -> None:
    first, second = administrator(), administrator("Bo Admin")
    actions.deactivate(actor=actor_for(first), user_id=second.pk)
    row = Membership.objects.get(user=first)

    for attempt in (
        lambda: actions.end_membership(actor=actor_for(first), membership_id=row.pk),
        lambda: actions.deactivate(actor=SYSTEM, user_id=first.pk),
    ):
        with pytest.raises(RefusedError, match="last_administrator"):
            attempt()
    other = somebody(Role.COORDINATOR)
    assert actions.end_access(actor=SYSTEM, user_ids=[first.pk, other.pk], at=timezone.now()) == {other.pk}
    first.refresh_from_db()
    assert first.is_active


@pytest.mark.django_db
def test_somebody_inactive_is_no_administrator_to_count_on() -> None:
    first, second = administrator(), administrator("Bo Admin")
    User.objects.filter(pk=second.pk).update(is_active=False)

    with pytest.raises(RefusedError, match="last_administrator"):
        actions.end_membership(actor=actor_for(first), membership_id=Membership.objects.get(user=first).pk)


@pytest.mark.django_db
def test_nobody_deactivates_themselves_or_somebody_twice() -> None:
    first, second = administrator(), administrator("Bo Admin")
    with pytest.raises(RefusedError, match="not_yourself"):
        actions.deactivate(actor=actor_for(first), user_id=first.pk)
    actions.deactivate(actor=actor_for(first), user_id=second.pk)
    with pytest.raises(RefusedError, match="ended"):
        actions.deactivate(actor=actor_for(first), user_id=second.pk)


@pytest.mark.django_db
def test_only_administrators_change_people() -> None:
    coordinator, user = actor_for(somebody(Role.COORDINATOR)), somebody(Role.AGENT)
    for action in (actions.deactivate, actions.reactivate, actions.reinvite, actions.reset_second_factor):
        with pytest.raises(Http404):
            action(actor=coordinator, user_id=user.pk)
    with pytest.raises(Http404):
        actions.invite(actor=coordinator, email="x@example.test", name="X", grants=[])
    with pytest.raises(Http404):
        actions.end_membership(actor=coordinator, membership_id=Membership.objects.get(user=user).pk)


@pytest.mark.django_db
def test_an_end_to_come_limits_roles_and_leaves_sessions(signed_in: SignedIn) -> None:
    user, later = somebody(Role.PARTNER_LEAD), timezone.now() + timedelta(days=2)
    delegation = DelegationFactory(principal=user, ends_at=later + timedelta(days=5))
    client = signed_in(user)

    assert actions.end_access(actor=SYSTEM, user_ids=[user.pk], at=later) == {user.pk}

    assert client.get("/account/").status_code == 200
    assert actor_for(user).has(Role.PARTNER_LEAD)
    assert not actor_for(user, later).has(Role.PARTNER_LEAD)
    delegation.refresh_from_db()
    assert delegation.ends_at == later
    entry = AuditEntry.objects.get(verb="user.access_ended")
    assert (entry.actor_id, entry.subject_id, entry.changes) == (None, user.pk, {"at": later.isoformat()})


@pytest.mark.django_db
def test_the_past_stays_as_it_was() -> None:
    user = somebody(Role.COORDINATOR)
    ended = MembershipFactory(user=user, role=Role.AUDITOR, ended_at=timezone.now() - timedelta(hours=2))
    before = ended.ended_at
    over = DelegationFactory(principal=user, ends_at=timezone.now() - timedelta(hours=2))
    actions.end_access(actor=SYSTEM, user_ids=[user.pk], at=timezone.now())

    assert Membership.objects.get(pk=ended.pk).ended_at == before
    assert Delegation.objects.get(pk=over.pk).cancelled_at is None


def test_two_administrators_who_remove_each_other_leave_one(fresh_database: Database) -> None:
    import threading

    first, second = administrator(), administrator("Bo Admin")
    barrier, outcomes = threading.Barrier(2), []

    def remove(by: User, whom: User) -> None:
        actor = actor_for(by)
        barrier.wait()
        try:
            actions.deactivate(actor=actor, user_id=whom.pk)
            outcomes.append("done")
        except RefusedError as refused:
            outcomes.append(refused.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=remove, args=pair) for pair in ((first, second), (second, first))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["done", "last_administrator"]
    assert User.objects.filter(is_active=True, pk__in=[first.pk, second.pk]).count() == 1
