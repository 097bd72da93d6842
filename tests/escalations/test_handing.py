"""A hand-over moves nothing until it is accepted; then the case is the other's, with the clocks of its policies."""

from datetime import timedelta
from typing import Any

import pytest
from django.http import Http404
from django.utils import timezone

from escalations import actions, queries
from escalations.actions import Refused, accept_handover, decline_handover, offer_handover, take_back_handover
from escalations.choices.handing import OfferState
from escalations.models import Case, Handover, Service, TimelineEntry
from partners.models import Site
from portal.accounts.models import Membership, User
from portal.accounts.queries import actor_for
from portal.accounts.rules import Actor
from sla.queries import clocks_of
from tests.factories.escalations import (
    CaseFactory,
    ServiceFactory,
    actor,
    associate,
    coordinator,
    hold,
    open_policy,
    person,
)
from tests.factories.handing import HandoverFactory

pytestmark = pytest.mark.django_db
SUMMARY = {"done": "Rebooked the stay", "open": "Refund of night one", "promised": "A call at ten", "risks": ""}


@pytest.fixture
def giver(service: Service) -> User:
    return person("associate", service=service)


@pytest.fixture
def case(service: Service, site: Site, giver: User) -> Case:
    made: Case = CaseFactory(service=service, site=site, owner=giver)
    return made


def offer(by: User | Actor, case: Case, **to: Any) -> Handover:
    someone = by if isinstance(by, Actor) else actor_for(by)
    return offer_handover(actor=someone, ref=case.ref, summary=SUMMARY, nothing=["risks"], **to)


def codes(case: Case) -> list[str]:
    rows = TimelineEntry.objects.filter(case=case).exclude(kind__in=("opened", "clock"))
    return list(rows.order_by("pk").values_list("code", flat=True))


def test_an_offer_moves_nothing_and_says_its_four_parts(case: Case, giver: User, service: Service) -> None:
    taker = person("associate", service=service)
    before = Case.objects.values("owner", "service", "version").get(pk=case.pk)
    made = offer(giver, case, user_id=taker.pk)
    assert Case.objects.values("owner", "service", "version").get(pk=case.pk) == before
    [line] = queries.entry_lines([made.entry])
    assert line.sentence == f"Hand-over offered to {taker.name}"
    assert line.text == (
        "Done so far: Rebooked the stay\n\nStill open: Refund of night one\n\nPromised: A call at ten\n\nRisks: Nothing"
    )
    assert made.entry.is_internal


def test_a_summary_that_leaves_something_out_writes_nothing(case: Case, giver: User, service: Service) -> None:
    taker = person("associate", service=service)
    for summary, nothing in (({**SUMMARY, "open": " – "}, ["risks"]), (SUMMARY, []), (SUMMARY, ["risks", "done"])):
        with pytest.raises(Refused):
            offer_handover(actor=actor_for(giver), ref=case.ref, summary=summary, nothing=nothing, user_id=taker.pk)
    assert codes(case) == []


def test_a_person_who_accepts_owns_the_case(case: Case, giver: User, service: Service) -> None:
    taker = person("associate", service=service)
    made = offer(giver, case, user_id=taker.pk)
    accept_handover(actor=actor_for(taker), handover_id=made.pk)
    case.refresh_from_db()
    made.refresh_from_db()
    assert (case.owner, case.service) == (taker, service)
    assert (made.state, made.settled_by) == (OfferState.ACCEPTED, taker)
    assert codes(case) == ["handover.offered", "handover.accepted", "assignment.changed"]


def test_any_member_of_a_service_accepts_and_the_clocks_follow_its_policies(
    case: Case, giver: User, service: Service
) -> None:
    other = ServiceFactory()
    open_policy(name="Here", match={"service": [str(service.pk)]}, targets={"resolution": 480})
    open_policy(name="There", match={"service": [str(other.pk)]}, targets={"resolution": 60})
    case = CaseFactory(service=service, site=case.site, owner=giver)
    [before] = [one for one in clocks_of("case", [case.pk])[case.pk] if one.metric == "resolution"]
    made = offer(giver, case, service_id=other.pk)
    member = associate(other)
    accept_handover(actor=member, handover_id=made.pk)
    case.refresh_from_db()
    [after] = [one for one in clocks_of("case", [case.pk])[case.pk] if one.metric == "resolution"]
    assert (case.owner_id, case.service) == (member.user_id, other)
    assert after.started_at == before.started_at
    assert after.due_at - after.started_at == timedelta(minutes=60)
    assert codes(case) == ["handover.offered", "handover.accepted", "service.changed", "assignment.changed"]


def test_a_service_that_was_archived_meanwhile_takes_no_case(case: Case, giver: User, service: Service) -> None:
    other = ServiceFactory()
    made, member = offer(giver, case, service_id=other.pk), associate(other)
    actions.archive_service(actor=actor("administrator"), service_id=other.pk)
    with pytest.raises(Refused) as error:
        accept_handover(actor=member, handover_id=made.pk)
    assert error.value.code == "service_archived"
    case.refresh_from_db()
    made.refresh_from_db()
    assert (case.owner, case.service, made.state) == (giver, service, OfferState.OFFERED)
    decline_handover(actor=member, handover_id=made.pk, reason="The service is closed")
    actions.archive_service(actor=actor("administrator"), service_id=other.pk, archived=False)
    accept_handover(actor=member, handover_id=offer(giver, case, service_id=other.pk).pk)
    case.refresh_from_db()
    assert case.service == other


def test_who_may_not_be_offered_a_case(case: Case, giver: User, service: Service, site: Site) -> None:
    other = ServiceFactory()
    stranger, agent = person("associate", service=other), person("partner_agent", site=site)
    refused = {
        "owner_cannot_work": {"user_id": stranger.pk},
        "offer_to_oneself": {"user_id": giver.pk},
        "already_there": {"service_id": service.pk},
        "unknown_service": {"service_id": 2**40},
    }
    for code, to in refused.items():
        with pytest.raises(Refused) as error:
            offer(giver, case, **to)
        assert error.value.code == code
    with pytest.raises(Refused):
        offer(giver, case, user_id=agent.pk)
    offer(giver, case, service_id=other.pk)
    with pytest.raises(Refused) as error:
        offer(giver, case, user_id=person("associate", service=service).pk)
    assert error.value.code == "already_offered"
    assert Handover.objects.count() == 1


@pytest.mark.parametrize("level", ["confidential", "restricted"])
def test_a_sensitive_case_is_offered_only_to_who_sees_it_already(
    service: Service, site: Site, giver: User, level: str
) -> None:
    other, both = ServiceFactory(), person("associate", service=service)
    case = CaseFactory(service=service, site=site, owner=giver, sensitivity=level)
    if level == "restricted":
        hold(case, actor_for(giver))
    person("associate", service=other)
    with pytest.raises(Refused) as error:
        offer(giver, case, service_id=other.pk)
    assert error.value.code == "nobody_there_sees"
    with pytest.raises(Refused):
        offer(giver, case, user_id=person("coordinator", site=site).pk)
    Membership.objects.create(user=both, role="associate", service=other, starts_at=timezone.now())
    if level == "restricted":
        with pytest.raises(Refused):
            offer(giver, case, user_id=both.pk)
        hold(case, actor_for(both))
    made = offer(giver, case, service_id=other.pk)
    stranger = associate(other)
    with pytest.raises(Http404):
        accept_handover(actor=stranger, handover_id=made.pk)
    assert not queries.visible_to(stranger).filter(pk=case.pk).exists()
    accept_handover(actor=actor_for(both), handover_id=made.pk)
    case.refresh_from_db()
    assert (case.owner, case.service) == (both, other)


def test_declining_needs_a_reason_and_leaves_the_case_with_its_owner(case: Case, giver: User, service: Service) -> None:
    taker = person("associate", service=service)
    made = offer(giver, case, user_id=taker.pk)
    with pytest.raises(Refused):
        decline_handover(actor=actor_for(taker), handover_id=made.pk, reason="  ")
    with pytest.raises(Refused):
        decline_handover(actor=coordinator(case.site), handover_id=made.pk, reason="No")
    decline_handover(actor=actor_for(taker), handover_id=made.pk, reason="On leave from tomorrow")
    case.refresh_from_db()
    assert case.owner == giver
    entry = TimelineEntry.objects.select_related("body").get(code="handover.declined")
    assert entry.body.text == "On leave from tomorrow"
    with pytest.raises(Refused) as error:
        accept_handover(actor=actor_for(taker), handover_id=made.pk)
    assert error.value.code == "offer_settled"


def test_taken_back_an_offer_closes_the_case_to_the_service_again(case: Case, giver: User) -> None:
    other = ServiceFactory()
    made, member = offer(giver, case, service_id=other.pk), associate(other)
    assert queries.visible_to(member).filter(pk=case.pk).exists()
    with pytest.raises(Refused):
        take_back_handover(actor=member, handover_id=made.pk)
    take_back_handover(actor=actor_for(giver), handover_id=made.pk)
    assert not queries.visible_to(member).filter(pk=case.pk).exists()
    offer(giver, case, service_id=other.pk)


def test_nobody_accepts_what_they_offered(case: Case, giver: User, service: Service) -> None:
    other = ServiceFactory()
    Membership.objects.create(user=giver, role="associate", service=other, starts_at=timezone.now())
    made = offer(giver, case, service_id=other.pk)
    with pytest.raises(Refused) as error:
        accept_handover(actor=actor_for(giver), handover_id=made.pk)
    assert error.value.code == "offer_own"


def test_an_offer_is_over_when_the_case_changes_hands_or_ends(service: Service, site: Site, giver: User) -> None:
    lead, taker = associate(service, lead=True), person("associate", service=service)
    ways = {
        "assigned": lambda ref: actions.assign(actor=lead, ref=ref, owner_id=lead.user_id),
        "moved": lambda ref: actions.change_service(actor=lead, ref=ref, service_id=ServiceFactory().pk),
        "rejected": lambda ref: actions.set_state(actor=lead, ref=ref, verb="reject", reject_reason="spam"),
    }
    for way in ways.values():
        case = CaseFactory(service=service, site=site, owner=giver)
        made = offer(giver, case, user_id=taker.pk)
        way(case.ref)
        made.refresh_from_db()
        assert (made.state, made.settled_by) == (OfferState.OVER, None)


def test_a_stranger_does_not_learn_that_there_is_an_offer(case: Case) -> None:
    made = HandoverFactory(case=case, to_service=ServiceFactory())
    for someone in (associate(ServiceFactory()), actor("it_fulfilment"), actor("partner_lead", site=case.site)):
        with pytest.raises(Http404):
            accept_handover(actor=someone, handover_id=made.pk)
