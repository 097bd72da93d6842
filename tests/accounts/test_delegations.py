"""Naming a stand-in."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.http import Http404
from django.test import Client
from django.utils import timezone

from portal.accounts import actions
from portal.accounts.choices import Role
from portal.accounts.models import Delegation, User
from portal.accounts.queries import actor_for, stand_ins_for
from portal.accounts.rules import RefusedError
from portal.audit.models import AuditEntry
from tests.factories.accounts import (
    MembershipFactory,
    PlacePartnerFactory,
    PlaceSiteFactory,
    UserFactory,
    administrator,
    somebody,
)

pytestmark = pytest.mark.django_db
SignedIn = Callable[[User], Client]
Mails = Callable[[], list[dict[str, str]]]


def _name(by: User, principal: User, delegate: User, days: int = 5, start: datetime | None = None) -> Delegation:
    begin = start or timezone.now()
    return actions.delegate(
        actor=actor_for(by),
        principal_id=principal.pk,
        delegate_email=delegate.email.upper(),
        starts_at=begin,
        ends_at=begin + timedelta(days=days),
    )


def test_the_stand_in_is_told_and_the_trail_knows(mails: Mails) -> None:
    principal, delegate = somebody(Role.COORDINATOR, name="Bea"), somebody(Role.MANAGER)
    delegate.time_zone = "Asia/Shanghai"
    delegate.save()
    row = _name(principal, principal, delegate, start=datetime(2030, 1, 1, 16, tzinfo=UTC))

    [mail] = mails()
    assert mail["to"] == delegate.email
    assert "You stand in for Bea from 2030-01-02 00:00 to 2030-01-07 00:00 (Asia/Shanghai)." in mail["text"]
    entry = AuditEntry.objects.get(verb="user.stand_in_named")
    assert (entry.actor_id, entry.subject_id, entry.changes["delegate_id"]) == (principal.pk, principal.pk, delegate.pk)

    actions.cancel_delegation(actor=actor_for(principal), delegation_id=row.pk)
    assert "no longer stand in for Bea" in mails()[-1]["subject"]
    with pytest.raises(RefusedError, match="ended"):
        actions.cancel_delegation(actor=actor_for(principal), delegation_id=row.pk)


def test_an_administrator_names_one_for_somebody_else_and_nobody_else_does() -> None:
    principal, delegate = somebody(Role.COORDINATOR), somebody(Role.MANAGER)
    with pytest.raises(Http404):
        _name(delegate, principal, delegate)
    row = _name(administrator(), principal, delegate)
    with pytest.raises(Http404):
        actions.cancel_delegation(actor=actor_for(delegate), delegation_id=row.pk)

    assert actor_for(delegate).has(Role.COORDINATOR)


def test_the_database_settles_two_at_once() -> None:
    principal = somebody(Role.COORDINATOR)
    _name(principal, principal, somebody(Role.MANAGER))
    with pytest.raises(RefusedError, match="overlap"):
        _name(principal, principal, somebody(Role.MANAGER))


@pytest.mark.parametrize(("start", "days", "code"), [(0, 0, "period"), (-3, 2, "period"), (0, 181, "too_long")])
def test_a_period_that_makes_no_sense_is_refused(start: int, days: int, code: str) -> None:
    principal = somebody(Role.COORDINATOR)
    with pytest.raises(RefusedError, match=code):
        _name(principal, principal, somebody(Role.MANAGER), days, timezone.now() + timedelta(days=start))


def test_company_people_stand_in_for_each_other_and_partners_people_within_their_partner() -> None:
    partner = PlacePartnerFactory()
    here, there = PlaceSiteFactory(partner=partner), PlaceSiteFactory(partner=partner)
    lead, colleague = somebody(Role.PARTNER_LEAD, site=here), somebody(Role.PARTNER_QA, site=there)
    stranger = somebody(Role.PARTNER_LEAD)
    coordinator, associate = somebody(Role.COORDINATOR), somebody(Role.ASSOCIATE)
    gone = somebody(Role.PARTNER_LEAD, site=here)
    User.objects.filter(pk=gone.pk).update(is_active=False)

    assert set(stand_ins_for(lead)) == {colleague}
    assert set(stand_ins_for(coordinator)) == {associate}
    for candidate in (stranger, coordinator, gone, lead, UserFactory()):
        with pytest.raises(RefusedError, match="no_stand_in"):
            _name(lead, lead, candidate)


def test_a_person_without_a_role_has_no_stand_in() -> None:
    assert not stand_ins_for(UserFactory()).exists()


def test_the_profile_names_and_cancels_one(signed_in: SignedIn) -> None:
    with time_machine.travel("2026-03-02 09:00Z", tick=False):
        principal, delegate = somebody(Role.COORDINATOR, name="Bea"), somebody(Role.MANAGER, name="Mo")
        principal.time_zone = "Asia/Shanghai"
        principal.save()
        client = signed_in(principal)
        form = {"email": delegate.email, "first_day": "2026-03-03", "last_day": "2026-03-05"}
        page = client.post("/account/stand-ins/", form, follow=True).content.decode()

        assert "Mo for Bea" in page
        row = Delegation.objects.get()
        assert row.starts_at == datetime(2026, 3, 2, 16, tzinfo=UTC), "the first day begins in the principal's zone"
        assert row.ends_at == datetime(2026, 3, 5, 16, tzinfo=UTC), "the last day counts"
        again = client.post("/account/stand-ins/", form)
        assert (again.status_code, "There is a stand-in in that period already" in again.content.decode()) == (
            422,
            True,
        )
        assert "Cancelled" in client.post(f"/account/stand-ins/{row.pk}/cancel/", follow=True).content.decode()


def test_a_first_day_that_is_today_begins_now(signed_in: SignedIn) -> None:
    with time_machine.travel("2026-03-02 09:00Z", tick=False):
        principal, delegate = somebody(Role.COORDINATOR), somebody(Role.MANAGER)
        signed_in(principal).post(
            "/account/stand-ins/", {"email": delegate.email, "first_day": "2026-03-02", "last_day": "2026-03-02"}
        )
        assert Delegation.objects.get().starts_at == datetime(2026, 3, 2, 9, tzinfo=UTC)
        assert actor_for(delegate).has(Role.COORDINATOR)


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"email": "nobody@example.test"}, "Nobody with this e-mail address can stand in here."),
        ({"email": "x\x00@example.test"}, "Null characters"),
        ({"last_day": "2020-01-01", "first_day": "2020-01-01"}, "later than now"),
        ({"first_day": "9999-12-30", "last_day": "9999-12-31"}, "later than now"),
        ({"first_day": "0001-01-01"}, "at most 180 days"),
        ({"first_day": "yesterday"}, "Enter a valid date"),
    ],
)
def test_odd_input_is_said_at_its_field(signed_in: SignedIn, form: dict[str, str], message: str) -> None:
    principal = somebody(Role.COORDINATOR)
    today = timezone.localdate().isoformat()
    usual = {"email": somebody(Role.MANAGER).email, "first_day": today, "last_day": today}
    response = signed_in(principal).post("/account/stand-ins/", usual | form)

    assert response.status_code == 422
    assert message in response.content.decode()
    assert not Delegation.objects.exists()


def test_somebody_elses_delegation_does_not_exist_for_others(signed_in: SignedIn) -> None:
    principal = somebody(Role.COORDINATOR)
    row = _name(principal, principal, somebody(Role.MANAGER))
    stranger = somebody(Role.PARTNER_LEAD)

    assert signed_in(stranger).post(f"/account/stand-ins/{row.pk}/cancel/").status_code == 404
    row.refresh_from_db()
    assert row.cancelled_at is None


def test_the_list_of_colleagues_shows_no_stranger(signed_in: SignedIn) -> None:
    site = PlaceSiteFactory()
    lead = somebody(Role.PARTNER_LEAD, site=site)
    colleague, stranger = somebody(Role.AGENT, site=site), somebody(Role.AGENT)
    MembershipFactory(user=stranger, role=Role.PARTNER_QA, site=PlaceSiteFactory())
    text = signed_in(lead).get("/account/").content.decode()

    assert colleague.email in text
    assert stranger.email not in text
