"""With what standing somebody acts: their own roles, and those of whom they stand in for."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from portal.accounts.choices import Role
from portal.accounts.queries import actor_for, principals_of
from portal.accounts.rules import ANONYMOUS, SYSTEM, Standing
from tests.factories.accounts import DelegationFactory, MembershipFactory, PlaceSiteFactory, UserFactory, somebody

pytestmark = pytest.mark.django_db


def test_only_memberships_in_force_count() -> None:
    user, site = UserFactory(), PlaceSiteFactory()
    now = timezone.now()
    MembershipFactory(user=user, role=Role.PARTNER_LEAD, site=site)
    MembershipFactory(user=user, role=Role.AUDITOR, ended_at=now)
    MembershipFactory(user=user, role=Role.IT, starts_at=now + timedelta(hours=1))

    assert actor_for(user).standings == (Standing(Role.PARTNER_LEAD, site_id=site.pk),)
    yesterday = actor_for(user, now - timedelta(hours=1))
    assert {standing.role for standing in yesterday.standings} == {Role.PARTNER_LEAD, Role.AUDITOR}


def test_a_deactivated_user_has_no_standing() -> None:
    user = somebody(Role.COORDINATOR)
    user.is_active = False
    user.save()

    assert actor_for(user).standings == ()


def test_a_stand_in_holds_the_principals_roles_in_their_name() -> None:
    principal = somebody(Role.COORDINATOR, name="Bea")
    delegate = somebody(Role.ASSOCIATE)
    DelegationFactory(principal=principal, delegate=delegate)

    actor = actor_for(delegate)
    [borrowed] = actor.of(Role.COORDINATOR)

    assert borrowed.principal_id == principal.pk
    assert actor.acting_as(borrowed).principal_id == principal.pk
    assert principals_of(actor) == {principal.pk: "Bea"}
    assert [standing.principal_id for standing in actor.standings_for("work_case")] == [None, principal.pk]


def test_standing_in_goes_one_level_deep_and_never_for_administrators() -> None:
    first = somebody(Role.COORDINATOR)
    MembershipFactory(user=first, role=Role.ADMINISTRATOR)
    second, third = somebody(Role.MANAGER), somebody(Role.ASSOCIATE)
    DelegationFactory(principal=first, delegate=second)
    DelegationFactory(principal=second, delegate=third)

    assert not actor_for(second).has(Role.ADMINISTRATOR)
    assert actor_for(second).has(Role.COORDINATOR)
    assert {standing.role for standing in actor_for(third).standings} == {Role.MANAGER, Role.ASSOCIATE}


@pytest.mark.parametrize(
    "period",
    [
        {"starts_at": timezone.now() + timedelta(hours=1)},
        {"ends_at": timezone.now() - timedelta(hours=1)},
        {"cancelled_at": timezone.now() - timedelta(hours=1)},
    ],
    ids=["not yet", "over", "cancelled"],
)
def test_outside_its_period_a_delegation_gives_nothing(period: dict[str, object]) -> None:
    delegate = somebody(Role.ASSOCIATE)
    DelegationFactory(principal=somebody(Role.COORDINATOR), delegate=delegate, **period)

    assert not actor_for(delegate).has(Role.COORDINATOR)


def test_a_principal_who_was_deactivated_passes_nothing_on() -> None:
    principal, delegate = somebody(Role.COORDINATOR), somebody(Role.ASSOCIATE)
    DelegationFactory(principal=principal, delegate=delegate)
    principal.is_active = False
    principal.save()

    assert not actor_for(delegate).has(Role.COORDINATOR)


def test_an_actor_costs_one_query_however_many_roles(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    delegate = somebody(Role.ASSOCIATE)
    for _ in range(5):
        DelegationFactory(principal=somebody(Role.COORDINATOR), delegate=delegate)

    with django_assert_num_queries(1):
        assert len(actor_for(delegate).standings) == 6


def test_visitors_and_the_system_are_different_people() -> None:
    assert SYSTEM.is_system
    assert not ANONYMOUS.is_system
    assert ANONYMOUS.is_anonymous
    assert not ANONYMOUS.can("read_audit")
