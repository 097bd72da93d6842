"""Requests are made and sent: what is asked, what goes by policy, what is blocked, what goes ahead."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils import timezone

from access_requests.actions import Line, cancel, raise_request, submit_request
from access_requests.choices import ItemState, Operation, RequestKind, RequestState
from access_requests.models import AccessRequest, Decision, RequestItem
from partners.models import Person, Site
from portal.accounts.choices import Role
from portal.accounts.rules import Actor
from portal.refusals import RefusedError
from tests.factories.access import (
    ApprovalRuleFactory,
    EntitlementFactory,
    GrantFactory,
    GrantReasonFactory,
    SodRuleFactory,
    bundle_of,
)
from tests.factories.partners import PlacementFactory, SiteFactory, actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Site:
    return SiteFactory.create()


@pytest.fixture
def lead(site: Site) -> Actor:
    return actor(Role.PARTNER_LEAD, site=site)


def agent_at(site: Site, **fields: object) -> Person:
    return PlacementFactory.create(site=site, **fields).person


def states(request: AccessRequest) -> list[str]:
    return list(request.items.order_by("pk").values_list("state", flat=True))


def ask(actor: Actor, site: Site, *lines: Line, **fields: object) -> AccessRequest:
    return raise_request(actor=actor, kind=RequestKind.AD_HOC, site_id=site.pk, lines=lines, **fields)


def test_what_the_job_brings_goes_by_policy_and_the_rest_is_asked(site: Site, lead: Actor) -> None:
    mail, console = EntitlementFactory.create(), EntitlementFactory.create(rule=ApprovalRuleFactory.create())
    person = agent_at(site)
    bundle = bundle_of(mail, job_role=person.placements.get().job_role, birthright=True)
    request = ask(
        lead, site, Line(person.pk, mail.pk, bundle_version_id=bundle.current_id), Line(person.pk, console.pk)
    )
    assert states(request) == [ItemState.APPROVED, ItemState.AWAITING_APPROVAL]
    assert request.state == RequestState.AWAITING_APPROVAL
    assert list(Decision.objects.values_list("policy", "decided_by")) == [("birthright", None)]
    waiting = request.items.get(entitlement=console)
    assert (waiting.rule, waiting.stage) == (console.rule, 1)
    assert list(request.events.order_by("pk").values_list("code", flat=True)) == [
        "request.made", "item.submit", "item.submit", "item.approve", "item.ask", "item.orphan",
    ]  # fmt: skip


def test_a_removal_goes_ahead_of_every_grant_under_way(site: Site, lead: Actor) -> None:
    one, person = EntitlementFactory.create(), agent_at(site)
    wanted = ask(lead, site, Line(person.pk, one.pk))
    removal = ask(lead, site, Line(person.pk, one.pk, Operation.REVOKE))
    assert states(wanted) == [ItemState.SUPERSEDED]
    assert wanted.items.get().superseded_by == removal.items.get()
    assert states(removal) == [ItemState.APPROVED]
    wanted.refresh_from_db()
    assert wanted.state == RequestState.CLOSED


def test_what_is_under_way_is_not_asked_for_again(site: Site, lead: Actor) -> None:
    one, person = EntitlementFactory.create(), agent_at(site)
    ask(lead, site, Line(person.pk, one.pk))
    again = ask(lead, site, Line(person.pk, one.pk))
    assert states(again) == [ItemState.CANCELLED]


def test_two_sides_of_a_conflict_are_not_both_granted(site: Site, lead: Actor) -> None:
    pay, approve = EntitlementFactory.create(), EntitlementFactory.create()
    rule = SodRuleFactory.create(left=pay, right=approve)
    person = agent_at(site)
    GrantReasonFactory.create(grant=GrantFactory.create(person=person, entitlement=pay))
    request = ask(lead, site, Line(person.pk, approve.pk))
    item = request.items.get()
    assert (item.state, item.sod_rule) == (ItemState.BLOCKED_SOD, rule)
    assert request.state == RequestState.ATTENTION


def test_a_privileged_entitlement_is_asked_for_no_longer_than_it_may_be(site: Site, lead: Actor) -> None:
    console = EntitlementFactory.create(privileged=True, max_days=30)
    person, shift = agent_at(site), timezone.now() + timedelta(days=3)
    request = ask(lead, site, Line(person.pk, console.pk), first_shift_at=shift)
    assert request.items.get().ends_at == shift + timedelta(days=30)


def test_nobody_is_named_who_works_elsewhere(site: Site, lead: Actor) -> None:
    stranger = agent_at(SiteFactory.create())
    with pytest.raises(RefusedError, match="person_elsewhere"):
        ask(lead, site, Line(stranger.pk, EntitlementFactory.create().pk))
    assert not AccessRequest.objects.exists()


def test_who_has_no_right_at_the_site_asks_for_nothing(site: Site, lead: Actor) -> None:
    line = Line(agent_at(site).pk, EntitlementFactory.create().pk)
    with pytest.raises(Http404):
        ask(actor(Role.PARTNER_LEAD, site=SiteFactory.create()), site, line)
    with pytest.raises(PermissionDenied):
        ask(actor(Role.PARTNER_QA, site=site), site, line)
    assert not RequestItem.objects.exists()


def test_what_a_worker_raises_happens_once(site: Site, lead: Actor) -> None:
    line = Line(agent_at(site).pk, EntitlementFactory.create().pk)
    first = ask(lead, site, line, origin_key="roster:7:joiner")
    assert ask(lead, site, line, origin_key="roster:7:joiner") == first
    assert RequestItem.objects.count() == 1


def test_a_draft_is_sent_once_and_taken_back(site: Site, lead: Actor) -> None:
    draft = ask(lead, site, Line(agent_at(site).pk, EntitlementFactory.create().pk), submit=False)
    assert (draft.state, draft.submitted_at) == (RequestState.DRAFT, None)
    sent = submit_request(actor=lead, ref=draft.ref, version=draft.version)
    assert submit_request(actor=lead, ref=draft.ref).submitted_at == sent.submitted_at
    assert cancel(actor=lead, ref=draft.ref) == [draft.items.get().pk]
    draft.refresh_from_db()
    assert draft.state == RequestState.CLOSED


def test_due_is_the_last_closing_before_the_first_shift(site: Site, lead: Actor) -> None:
    shift = datetime(2027, 3, 1, 1, tzinfo=UTC)
    request = ask(lead, site, Line(agent_at(site).pk, EntitlementFactory.create().pk), first_shift_at=shift)
    assert request.due_at == shift - timedelta(days=1)
    assert request.items.get().due_at == request.due_at
