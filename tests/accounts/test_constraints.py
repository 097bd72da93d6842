"""What the database itself refuses, whoever writes."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from portal.accounts.models import Delegation, Membership
from portal.accounts.rules import scope_fits
from tests.factories.accounts import (
    DelegationFactory,
    MembershipFactory,
    PlacePartnerFactory,
    PlaceServiceFactory,
    PlaceSiteFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

ROLES = [
    "administrator", "coordinator", "partner_manager", "associate", "partner_lead",
    "partner_qa", "partner_agent", "it_fulfilment", "auditor",
]  # fmt: skip
SCOPES = [set(), {"partner"}, {"site"}, {"service"}, {"partner", "site"}, {"site", "service"}]


def _insert(sql: str, values: list[Any]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


def _membership(role: str, *, is_lead: bool = False, ended: str = "NULL", **scope: int | None) -> None:
    _insert(
        "INSERT INTO accounts_membership (user_id, role, partner_id, site_id, service_id, is_lead, starts_at, ended_at)"
        f" VALUES (%s, %s, %s, %s, %s, %s, now(), {ended})",
        [UserFactory().pk, role, scope.get("partner"), scope.get("site"), scope.get("service"), is_lead],
    )


@pytest.mark.parametrize("role", [*ROLES, "emperor"])
def test_a_membership_names_what_its_role_needs_and_nothing_else(role: str) -> None:
    ids = {"partner": PlacePartnerFactory().pk, "site": PlaceSiteFactory().pk, "service": PlaceServiceFactory().pk}
    for names in SCOPES:
        scope = {name: ids[name] for name in names}
        if scope_fits(role, partner="partner" in names, site="site" in names, service="service" in names):
            _membership(role, **scope)
        else:
            with pytest.raises(IntegrityError, match="membership_scope_fits_role"):
                _membership(role, **scope)


def test_only_an_associate_leads_a_service() -> None:
    _membership("associate", is_lead=True, service=PlaceServiceFactory().pk)
    with pytest.raises(IntegrityError, match="membership_only_associates_lead"):
        _membership("auditor", is_lead=True)


def test_a_membership_does_not_end_before_it_began() -> None:
    with pytest.raises(IntegrityError, match="membership_ends_after_start"):
        _membership("auditor", ended="now() - interval '1 day'")


def test_the_same_role_is_not_held_twice_at_a_time() -> None:
    first = MembershipFactory(role="auditor")
    with pytest.raises(IntegrityError, match="membership_once_at_a_time"), transaction.atomic():
        MembershipFactory(role="auditor", user=first.user)

    first.ended_at = timezone.now()
    first.save()
    MembershipFactory(role="auditor", user=first.user)
    assert Membership.objects.filter(user=first.user).count() == 2


def test_two_addresses_that_differ_in_case_are_one() -> None:
    UserFactory(email="Mei.Lin@example.test")
    with pytest.raises(IntegrityError, match="user_email_unique"), transaction.atomic():
        UserFactory(email="mei.lin@EXAMPLE.test")


def _delegation(principal: int, delegate: int, start: int, end: int) -> None:
    now = timezone.now()
    _insert(
        "INSERT INTO accounts_delegation (principal_id, delegate_id, starts_at, ends_at, created_by_id, created_at)"
        " VALUES (%s, %s, %s, %s, %s, now())",
        [principal, delegate, now + timedelta(days=start), now + timedelta(days=end), principal],
    )


def test_one_stand_in_at_a_time() -> None:
    principal, one, other = UserFactory().pk, UserFactory().pk, UserFactory().pk
    _delegation(principal, one, 0, 5)
    with pytest.raises(IntegrityError, match="delegation_one_stand_in_at_a_time"):
        _delegation(principal, other, 4, 6)
    _delegation(principal, other, 5, 6)
    _delegation(one, other, 0, 5)

    assert Delegation.objects.count() == 3


def test_a_cancelled_delegation_makes_room() -> None:
    row = DelegationFactory(cancelled_at=timezone.now())
    _delegation(row.principal_id, UserFactory().pk, 0, 1)

    assert Delegation.objects.filter(principal=row.principal).count() == 2


def test_nobody_stands_in_for_themselves_or_backwards_in_time() -> None:
    principal = UserFactory().pk
    with pytest.raises(IntegrityError, match="delegation_to_somebody_else"):
        _delegation(principal, principal, 0, 1)
    with pytest.raises(IntegrityError, match="delegation_ends_after_start"):
        _delegation(principal, UserFactory().pk, 1, 1)
