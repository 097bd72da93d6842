"""Two complaints that are one matter: per answer the earlier due goes on, and who is told of it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from escalations.actions import answer_by_law, log_contact, merge, regulate, set_state
from escalations.models import Case, Service
from escalations.queries import KIND
from escalations.queries.statutory import counted_terms, duties_of, owed
from partners.models import Site
from portal.accounts.models import User
from portal.accounts.rules import SYSTEM, Actor
from portal.notifications import tasks
from portal.notifications.models import Notification
from sla import queries as clocks
from sla.actions import tick
from tests.factories.escalations import CaseFactory, coordinator, open_policy
from tests.factories.statutory import ACK, FINAL, jurisdiction_with

pytestmark = pytest.mark.django_db
EARLY, LATE = datetime(2026, 3, 2, 10, tzinfo=UTC), datetime(2026, 3, 5, 10, tzinfo=UTC)


@pytest.fixture
def lead(site: Site) -> Actor:
    open_policy()
    return coordinator(site)


@pytest.fixture
def pair(service: Service, site: Site) -> tuple[Case, Case]:
    return CaseFactory(service=service, site=site), CaseFactory(service=service, site=site)


def mark(lead: Actor, case: Case, received: datetime, **terms: int) -> None:
    law = jurisdiction_with(**terms)
    regulate(actor=lead, ref=case.pk, jurisdiction_id=law.pk, received_at=received)


def dues(case: Case) -> dict[str, tuple[datetime, datetime]]:
    return {view.metric: (view.started_at, view.due_at) for view in owed(case.pk)}


def end(day: int) -> datetime:
    return datetime(2026, 3, day, 23, 59, 59, 999999, tzinfo=UTC)


def test_the_survivor_owes_the_earlier_of_both_per_answer(lead: Actor, pair: tuple[Case, Case]) -> None:
    source, target = pair
    mark(lead, source, EARLY, ack=10, final=5)
    mark(lead, target, LATE, ack=2, final=20)
    merge(actor=lead, source=source.pk, target=target.pk, reason="Same matter")
    assert dues(target) == {ACK: (LATE, end(7)), FINAL: (EARLY, end(7))}
    assert {view.state for view in clocks.clocks_of(KIND, [source.pk])[source.pk]} == {"cancelled"}
    [final] = [view for view in owed(target.pk) if view.metric == FINAL]
    lines = dict(counted_terms(SYSTEM, target.pk, final.id))
    assert lines["Received"] == "Mon 2 Mar 2026, 10:00 in Europe/London"
    assert lines["Term"].startswith("5 calendar days")


def test_a_survivor_that_was_no_complaint_goes_on_with_the_deadlines(lead: Actor, pair: tuple[Case, Case]) -> None:
    source, target = pair
    mark(lead, source, EARLY, final=20)
    merge(actor=lead, source=source.pk, target=target.pk, reason="Same matter")
    assert dues(target) == {FINAL: (EARLY, end(22))}
    entry = log_contact(actor=lead, ref=target.pk, channel="email", direction="out", outcome="sent", text="Sorry")
    answer_by_law(actor=lead, ref=target.pk, duties=[FINAL], contact_id=entry.pk)
    assert [(view.metric, view.state) for view in duties_of(target.pk)] == [(FINAL, "met")]


def test_what_was_answered_already_is_owed_again_for_the_other_complaint(lead: Actor, pair: tuple[Case, Case]) -> None:
    source, target = pair
    mark(lead, source, LATE, final=20)
    mark(lead, target, EARLY, final=20)
    entry = log_contact(actor=lead, ref=target.pk, channel="email", direction="out", outcome="sent", text="Sorry")
    answer_by_law(actor=lead, ref=target.pk, duties=[FINAL], contact_id=entry.pk)
    merge(actor=lead, source=source.pk, target=target.pk, reason="Same matter")
    assert dues(target) == {FINAL: (LATE, end(25))}


def test_warnings_and_breaches_of_a_resolved_case_still_reach_its_owner(lead: Actor, pair: tuple[Case, Case]) -> None:
    case, _other = pair
    Case.objects.filter(pk=case.pk).update(owner=User.objects.get(pk=lead.user_id))
    mark(lead, case, timezone.now() - timedelta(days=19), final=20)
    set_state(actor=lead, ref=case.pk, verb="start")
    set_state(actor=lead, ref=case.pk, verb="resolve", reason="Settled by phone")
    tick()
    tasks.fan_out()
    told = Notification.objects.filter(recipient_id=lead.user_id, kind="case.clock_warned")
    assert [one.params["metric"] for one in told] == [FINAL] * len(told)
    assert told
