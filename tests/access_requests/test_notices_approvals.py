"""What people hear of approvals: in one line for many items, in their language, as far as they may still see them."""

from typing import Any

import pytest
from django.utils import translation

from access_requests.actions import Line, decide, in_silence, raise_request
from access_requests.choices import Verdict
from access_requests.notices import KINDS, visible
from partners.models import Site
from portal.accounts.choices import Role
from portal.accounts.models import Membership, User
from portal.accounts.queries import actor_for
from portal.notifications.models import Notification, OutboxRow
from portal.notifications.tasks import fan_out
from tests.factories.access import EntitlementFactory
from tests.factories.partners import PlacementFactory, SiteFactory, user

from .approving import asked, rule_of, stands_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Site:
    return SiteFactory.create()


@pytest.fixture
def manager(site: Site) -> User:
    return user(Role.MANAGER, site=site)


def lines_of(kind: str) -> dict[User, Notification]:
    fan_out()
    return {one.recipient: one for one in Notification.objects.filter(kind=kind).select_related("recipient")}


def title(one: Notification, **more: Any) -> str:
    kind = {kind.key: kind for kind in KINDS}[one.kind]
    with translation.override("en"):
        return kind.title(one.params, one.count)


def test_twelve_items_are_one_line_for_everybody_who_can_decide(site: Site, manager: User) -> None:
    deputy = user(Role.COORDINATOR, site=SiteFactory.create())
    stands_in(deputy, manager)
    entitlements = [EntitlementFactory.create() for _ in range(3)]
    people = [PlacementFactory.create(site=site).person for _ in range(4)]
    raise_request(
        actor=actor_for(user(Role.PARTNER_LEAD, site=site)), kind="ad_hoc", site_id=site.pk,
        lines=[Line(person.pk, one.pk) for person in people for one in entitlements],
    )  # fmt: skip
    heard = lines_of("access.approval_waiting")
    assert heard.keys() == {manager, deputy}
    assert {title(one) for one in heard.values()} == {"12 items wait for your approval"}
    assert {one.url for one in heard.values()} == {"/access/approvals/"}


def test_the_requester_hears_what_was_decided_and_the_decider_does_not(site: Site, manager: User) -> None:
    item = asked(site)
    decide(actor=actor_for(manager), item_ids=[item.pk], verdict=Verdict.REJECTED, comment="No")
    heard = lines_of("access.decided")
    assert heard.keys() == {item.request.requested_by}
    assert [title(one) for one in heard.values()] == [f"{item.request.ref}: what you asked for was rejected"]


def test_who_lost_the_role_before_the_word_went_out_hears_nothing(site: Site, manager: User) -> None:
    asked(site)
    Membership.objects.filter(user=manager).update(ended_at="2020-01-01T00:00:00Z", starts_at="2019-01-01T00:00:00Z")
    assert manager not in lines_of("access.approval_waiting")


def test_a_line_is_hidden_from_who_no_longer_sees_the_item(site: Site, manager: User) -> None:
    asked(site)
    [line] = lines_of("access.approval_waiting").values()
    assert visible(actor_for(manager), [line]).keys() == {line.pk}
    stranger = actor_for(user(Role.MANAGER, site=SiteFactory.create()))
    assert visible(stranger, [line]) == {}


def test_the_next_stage_is_told_when_the_first_is_passed(site: Site, manager: User) -> None:
    owner = user(None)
    rule = rule_of({"kind": "site_manager"}, {"kind": "system_owner"})
    item = asked(site, rule, system__owner=owner)
    assert lines_of("access.approval_waiting").keys() == {manager}
    decide(actor=actor_for(manager), item_ids=[item.pk], verdict=Verdict.APPROVED)
    assert lines_of("access.approval_waiting").keys() == {manager, owner}


def test_history_is_built_in_silence(site: Site, manager: User) -> None:
    with in_silence():
        asked(site)
    assert not OutboxRow.objects.exists()


def test_every_title_reads_well_for_one_and_for_many() -> None:
    for kind in KINDS:
        for params, count in (({"ref": "AR-1001"}, 1), ({}, 7)):
            with translation.override("en"):
                text = kind.title(params, count)
            assert ("AR-1001" if count == 1 else "7") in text
            assert "%" not in text
