"""What the database itself refuses about access, or derives, whatever the application says."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from itertools import pairwise

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from access_requests.actions._base import target_of
from access_requests.choices import ItemState, Verdict
from access_requests.models import Decision, GrantReason, RequestEvent, RequestItem
from access_requests.transitions import TRANSITIONS
from tests.factories.access import (
    AccessRequestFactory,
    ApprovalRuleFactory,
    EntitlementFactory,
    GrantFactory,
    GrantReasonFactory,
    RequestItemFactory,
    SodRuleFactory,
)
from tests.factories.accounts import UserFactory
from tests.factories.partners import PersonFactory

pytestmark = pytest.mark.django_db


@contextmanager
def refused(constraint: str) -> Iterator[None]:
    """The database refuses by this name."""
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        yield
    said = caught.value.__cause__
    assert said is not None
    assert constraint == said.diag.constraint_name or constraint in str(said)


def test_the_table_of_steps_is_the_same_in_the_database() -> None:
    frozen = import_module("access_requests.migrations.0009_items_go_on").PAIRS
    assert set(frozen) == {f"{state}>{to}" for state, verbs in TRANSITIONS.items() for to in verbs.values()}


def test_a_verb_leads_to_one_state_from_everywhere() -> None:
    for verbs in TRANSITIONS.values():
        for verb, to in verbs.items():
            assert target_of(verb) == to


def test_an_item_takes_no_step_that_is_not_in_the_table() -> None:
    item = RequestItemFactory.create()
    with refused("item_step_known"):
        RequestItem.objects.filter(pk=item.pk).update(state=ItemState.APPROVED)


def test_nothing_is_asked_for_twice_at_a_time() -> None:
    item = RequestItemFactory.create(state=ItemState.SUBMITTED)
    RequestItemFactory.create(person=item.person, entitlement=item.entitlement)
    with refused("item_one_open"):
        RequestItemFactory.create(person=item.person, entitlement=item.entitlement, state=ItemState.SUBMITTED)


@pytest.mark.parametrize("way", ["requester", "for the requester", "as the stand-in who asked for them", "own access"])
def test_nobody_decides_for_themselves(way: str) -> None:
    person = PersonFactory.create()
    asking, other = UserFactory.create(), UserFactory.create()
    subject = UserFactory.create(person=person)
    request = AccessRequestFactory.create(requested_by=asking, on_behalf_of=other)
    item = RequestItemFactory.create(request=request, person=person, state=ItemState.SUBMITTED)
    third = UserFactory.create()
    given, name = {
        "requester": ({"decided_by": asking}, "decision_not_by_requester"),
        "for the requester": ({"decided_by": third, "principal": asking}, "decision_not_for_requester"),
        "as the stand-in who asked for them": ({"decided_by": other}, "decision_not_by_requester_principal"),
        "own access": ({"decided_by": third, "principal": subject}, "decision_not_own_principal"),
    }[way]
    with refused(name):
        # What is given for the copied columns does not help.
        Decision.objects.create(
            item=item,
            stage=1,
            verdict=Verdict.APPROVED,
            requester=third,
            subject_person=PersonFactory.create(),
            **given,
        )
    assert Decision.objects.create(
        item=item, stage=1, verdict=Verdict.APPROVED, decided_by=third, subject_person=person
    ).pk


def test_what_was_decided_and_noted_stays() -> None:
    item = RequestItemFactory.create(state=ItemState.SUBMITTED)
    decision = Decision.objects.create(
        item=item, stage=1, verdict=Verdict.APPROVED, decided_by=UserFactory.create(), subject_person=item.person
    )
    event = RequestEvent.objects.create(request=item.request, code="request.submitted")
    for row in (decision, event):
        with refused("append-only"):
            type(row).objects.filter(pk=row.pk).delete()


def test_one_vote_a_stage_and_round() -> None:
    item, voter = RequestItemFactory.create(state=ItemState.SUBMITTED), UserFactory.create()
    vote = {"item": item, "stage": 1, "verdict": Verdict.APPROVED, "subject_person": item.person}
    Decision.objects.create(decided_by=voter, **vote)
    with refused("decision_one_vote"):
        Decision.objects.create(decided_by=UserFactory.create(), principal=voter, **vote)
    Decision.objects.create(decided_by=voter, **vote | {"round": 2})


def test_a_grant_ends_only_when_its_last_reason_has_ended() -> None:
    grant, now = GrantFactory.create(), timezone.now()
    reasons = [GrantReasonFactory.create(grant=grant) for _ in range(2)]
    for reason in reasons:
        with refused("grant_has_reasons"):
            type(grant).objects.filter(pk=grant.pk).update(ended_at=now)
        GrantReason.objects.filter(pk=reason.pk).update(ended_at=now)
    type(grant).objects.filter(pk=grant.pk).update(ended_at=now)
    with refused("grant_reason_needs_grant"):
        GrantReasonFactory.create(grant=grant)
    with refused("what has ended does not come back"):
        type(grant).objects.filter(pk=grant.pk).update(ended_at=None)


def test_one_live_grant_of_an_entitlement() -> None:
    grant = GrantFactory.create()
    with refused("grant_one_live"):
        GrantFactory.create(person=grant.person, entitlement=grant.entitlement)


def test_the_two_sides_of_a_conflict_are_ordered() -> None:
    left, right = EntitlementFactory.create(), EntitlementFactory.create()
    SodRuleFactory.create(left=left, right=right)
    with refused("sod_rule_once"):
        SodRuleFactory.create(left=left, right=right)
    with refused("sod_rule_ordered"):
        SodRuleFactory.create(left=right, right=left)


# From the item's states to what the request says.
DERIVED = [
    (["draft", "draft"], "draft"),
    (["submitted", "verified"], "awaiting_approval"),
    (["awaiting_approval", "queued"], "awaiting_approval"),
    (["approved", "verified"], "in_progress"),
    (["claimed_done", "rejected"], "in_progress"),
    (["failed_final", "verified"], "attention"),
    (["blocked_sod", "sent"], "attention"),
    (["verified", "verified"], "done"),
    (["verified", "cancelled"], "done"),
    (["verified", "rejected"], "partly_done"),
    (["rejected", "cancelled"], "closed"),
]


@pytest.mark.parametrize(("states", "expected"), DERIVED)
def test_a_request_says_what_its_items_say(states: list[str], expected: str) -> None:
    request = AccessRequestFactory.create()
    items = [RequestItemFactory.create(request=request) for _ in states]
    for item, state in zip(items, states, strict=True):
        for before, after in pairwise(_path(state)):
            proof = {"verified_at": timezone.now(), "verified_how": "lead"} if after == "verified" else {}
            stage = {"stage": 1, "rule": _rule()} if after == "awaiting_approval" else {}
            assert RequestItem.objects.filter(pk=item.pk, state=before).update(state=after, **proof, **stage) == 1
    request.refresh_from_db()
    assert request.state == expected
    assert (request.ended_at is not None) == (expected in {"done", "partly_done", "closed"})


def _path(state: str) -> list[str]:
    """A shortest way from draft to this state."""
    ways: list[list[str]] = [["draft"]]
    for way in ways:
        if way[-1] == state:
            return way
        ways += [[*way, to] for to in TRANSITIONS[way[-1]].values() if to not in way]
    raise AssertionError(state)


def _rule() -> object:
    return ApprovalRuleFactory.create()
