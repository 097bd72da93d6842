"""What a case's clocks do, to the second, on a calendar that is always open."""

from datetime import UTC, datetime, timedelta

import pytest

from escalations import queries
from escalations.actions import (
    acknowledge_clock,
    change_service,
    close_resolved,
    log_contact,
    set_severity,
    set_state,
)
from escalations.models import Case, Service, TimelineEntry
from partners.models import Site
from portal.accounts.rules import SYSTEM, Actor
from portal.notifications.models import OutboxRow
from sla import actions as sla
from sla.actions.ticking import tick
from sla.queries import ClockView, clocks_of
from tests.factories.escalations import CaseFactory, ServiceFactory, associate, open_policy

pytestmark = pytest.mark.django_db
T0 = datetime(2026, 3, 2, 9, 0, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    """So many minutes after the case was opened."""
    return T0 + timedelta(minutes=minutes)


@pytest.fixture
def member(service: Service) -> Actor:
    open_policy(name="General")
    return associate(service)


@pytest.fixture
def case(service: Service, site: Site, member: Actor) -> Case:
    return CaseFactory(service=service, site=site, at=T0)


def clocks(case: Case) -> dict[str, tuple[str, int, datetime]]:
    """State, cycle and due instant of the newest clock of each metric."""
    return {view.metric: (view.state, view.cycle, view.due_at) for view in clocks_of("case", [case.pk])[case.pk]}


def clock(case: Case, metric: str) -> ClockView:
    return [view for view in clocks_of("case", [case.pk])[case.pk] if view.metric == metric][-1]


def next_due(case: Case) -> datetime | None:
    return Case.objects.values_list("next_due_at", flat=True).get(pk=case.pk)


def contact(case: Case, who: Actor, direction: str, minutes: float) -> None:
    log_contact(
        actor=who, ref=case.ref, channel="phone", direction=direction, outcome="reached", text="", at=at(minutes)
    )


def step(case: Case, who: Actor, verb: str, minutes: float) -> None:
    set_state(actor=who, ref=case.ref, verb=verb, at=at(minutes))


def test_a_new_case_owes_a_first_response_and_a_resolution(case: Case) -> None:
    assert clocks(case) == {"first_response": ("running", 1, at(60)), "resolution": ("running", 1, at(480))}
    assert next_due(case) == at(60)


def test_an_outward_contact_meets_first_response_and_next_reply(case: Case, member: Actor) -> None:
    contact(case, member, "in", 5)
    assert clocks(case)["next_reply"] == ("running", 1, at(125))
    contact(case, member, "out", 30)
    assert {metric: state for metric, (state, _, _) in clocks(case).items()} == {
        "first_response": "met",
        "next_reply": "met",
        "resolution": "running",
    }
    assert clock(case, "first_response").met_at == at(30)
    assert next_due(case) == at(480)


def test_the_first_unanswered_message_counts_and_each_answer_begins_anew(case: Case, member: Actor) -> None:
    contact(case, member, "in", 10)
    contact(case, member, "in", 20)
    assert clocks(case)["next_reply"] == ("running", 1, at(130))
    contact(case, member, "out", 40)
    contact(case, member, "in", 50)
    assert clocks(case)["next_reply"] == ("running", 2, at(170))


def test_a_message_logged_late_that_was_answered_meanwhile_owes_nothing(case: Case, member: Actor) -> None:
    contact(case, member, "out", 40)
    contact(case, member, "in", 30)
    assert "next_reply" not in clocks(case)


def test_an_answer_from_before_the_question_does_not_meet_it(case: Case, member: Actor) -> None:
    contact(case, member, "in", 30)
    contact(case, member, "out", 20)
    assert clocks(case)["next_reply"] == ("running", 1, at(150))
    assert clocks(case)["first_response"][0] == "met"


def test_waiting_for_the_customer_pauses_what_the_policy_says(case: Case, member: Actor) -> None:
    contact(case, member, "out", 10)
    step(case, member, "wait_customer", 60)
    assert clocks(case)["resolution"][0] == "paused"
    assert next_due(case) is None
    step(case, member, "resume", 160)
    assert clocks(case)["resolution"] == ("running", 1, at(580))
    assert next_due(case) == at(580)


def test_waiting_for_others_pauses_nothing_here(case: Case, member: Actor) -> None:
    step(case, member, "wait_third_party", 60)
    assert clocks(case)["resolution"] == ("running", 1, at(480))


def test_from_one_wait_to_the_other_the_clock_runs_again(case: Case, member: Actor) -> None:
    step(case, member, "wait_customer", 60)
    step(case, member, "wait_third_party", 100)
    assert clocks(case)["resolution"] == ("running", 1, at(520))


def test_the_customers_message_ends_the_wait(case: Case, member: Actor) -> None:
    step(case, member, "wait_customer", 60)
    contact(case, member, "in", 100)
    case.refresh_from_db()
    assert case.state == "in_progress"
    assert clocks(case)["resolution"] == ("running", 1, at(520))
    assert clocks(case)["next_reply"] == ("running", 1, at(220))
    entry = case.entries.get(code="state.changed", params__auto=True)
    assert entry.at == at(100)


def test_resolving_answers_everything(case: Case, member: Actor) -> None:
    contact(case, member, "in", 10)
    step(case, member, "resolve", 50)
    assert {state for state, _, _ in clocks(case).values()} == {"met"}
    assert {view.met_at for view in clocks_of("case", [case.pk])[case.pk]} == {at(50)}
    assert next_due(case) is None


def test_resolving_late_stays_breached(case: Case, member: Actor) -> None:
    step(case, member, "resolve", 61)
    assert clock(case, "first_response").breached_at == at(60)
    assert clock(case, "resolution").breached_at is None


def test_resolving_out_of_a_wait_counts_up_to_the_wait(case: Case, member: Actor) -> None:
    step(case, member, "wait_customer", 100)
    step(case, member, "resolve", 5000)
    assert clock(case, "resolution").in_time


def test_reopening_starts_the_next_cycle_with_a_full_target(case: Case, member: Actor) -> None:
    contact(case, member, "out", 10)
    step(case, member, "resolve", 100)
    step(case, member, "reopen", 1000)
    assert clocks(case)["first_response"] == ("running", 2, at(1060))
    assert clocks(case)["resolution"] == ("running", 2, at(1480))
    case.refresh_from_db()
    assert (case.cycle, case.reopen_count, case.resolved_at, case.next_due_at) == (2, 1, None, at(1060))
    step(case, member, "resolve", 1010)
    step(case, member, "reopen", 1020)
    assert clocks(case)["resolution"] == ("running", 3, at(1500))


def test_a_higher_severity_counts_from_the_original_start_and_keeps_the_pauses(service: Service, site: Site) -> None:
    open_policy(name="Grave", match={"severity": ["1"]}, targets={"first_response": 15, "resolution": 120})
    open_policy(name="General")
    member, case = associate(service), CaseFactory(service=service, site=site, at=T0)
    step(case, member, "wait_customer", 10)
    step(case, member, "resume", 40)
    set_severity(actor=member, ref=case.ref, signals=["safety"], at=at(60))
    assert clocks(case) == {"first_response": ("running", 1, at(45)), "resolution": ("running", 1, at(150))}
    assert next_due(case) == at(45)
    set_severity(actor=member, ref=case.ref, override=3, reason="No harm", at=at(70))
    assert clocks(case) == {"first_response": ("running", 1, at(90)), "resolution": ("running", 1, at(510))}


def test_another_service_counts_from_the_original_start_and_keeps_the_pauses(service: Service, site: Site) -> None:
    other = ServiceFactory()
    open_policy(name="Other", match={"service": [str(other.pk)]}, targets={"resolution": 100})
    open_policy(name="General")
    member, case = associate(service), CaseFactory(service=service, site=site, at=T0)
    step(case, member, "wait_customer", 20)
    step(case, member, "resume", 50)
    change_service(actor=member, ref=case.ref, service_id=other.pk, at=at(60))
    # A metric without a target there is not owed any more.
    assert clocks(case) == {"first_response": ("cancelled", 1, at(90)), "resolution": ("running", 1, at(130))}
    assert next_due(case) == at(130)


def test_a_change_while_waiting_keeps_waiting(service: Service, site: Site) -> None:
    open_policy(name="Grave", match={"severity": ["1"]}, targets={"first_response": 15, "resolution": 120})
    open_policy(name="General")
    member, case = associate(service), CaseFactory(service=service, site=site, at=T0)
    step(case, member, "wait_customer", 20)
    set_severity(actor=member, ref=case.ref, signals=["press"], at=at(30))
    assert next_due(case) is None
    step(case, member, "resume", 80)
    assert clocks(case)["resolution"] == ("running", 1, at(180))


def test_rejecting_cancels(case: Case, member: Actor) -> None:
    lead = associate(case.service, lead=True)
    set_state(actor=lead, ref=case.ref, verb="reject", reject_reason="spam", at=at(10))
    assert {state for state, _, _ in clocks(case).values()} == {"cancelled"}
    assert next_due(case) is None


def test_merging_gives_the_survivor_the_earlier_due(service: Service, site: Site, case: Case) -> None:
    survivor = CaseFactory(service=service, site=site, at=at(30))
    sla.merge_due(actor=SYSTEM, subject_kind="case", source_id=case.pk, target_id=survivor.pk, at=at(40))
    assert {state for state, _, _ in clocks(case).values()} == {"cancelled"}
    assert clocks(survivor) == {"first_response": ("running", 1, at(60)), "resolution": ("running", 1, at(480))}
    assert (next_due(case), next_due(survivor)) == (None, at(60))


def test_a_resolved_case_closes_itself_after_seven_days_to_the_second(case: Case, member: Actor) -> None:
    step(case, member, "resolve", 100)
    week = at(100) + timedelta(days=7)
    assert close_resolved(now=week - timedelta(seconds=1)) == 0
    assert close_resolved(now=week) == 1
    assert close_resolved(now=week + timedelta(days=1)) == 0
    case.refresh_from_db()
    assert (case.state, case.closed_at) == ("closed", week)
    entry = case.entries.get(params__verb="close")
    assert (entry.at, entry.actor_id, entry.params["auto"]) == (week, None, True)
    assert queries.entry_lines([entry])[0].sentence == "Resolved → Closed, by itself"


def test_reopening_is_possible_for_fourteen_days_also_of_what_closed_itself(case: Case, member: Actor) -> None:
    from escalations.actions import Refused

    step(case, member, "resolve", 100)
    close_resolved(now=at(100) + timedelta(days=8))
    last = at(100) + timedelta(days=14)
    with pytest.raises(Refused) as refused:
        set_state(actor=member, ref=case.ref, verb="reopen", at=last + timedelta(seconds=1))
    assert refused.value.code == "too_late_to_reopen"
    set_state(actor=member, ref=case.ref, verb="reopen", at=last)
    assert clocks(case)["resolution"] == ("running", 2, last + timedelta(minutes=480))


def test_the_tick_writes_the_stream_the_level_and_the_outbox_once(case: Case, member: Actor) -> None:
    tick(now=at(100))
    tick(now=at(100))
    lines = queries.entry_lines(case.entries.filter(kind="clock").order_by("at", "id"))
    assert [(line.entry.at, line.sentence) for line in lines] == [
        (at(30), "First response: 50% of the time used"),
        (at(60), "First response breached"),
        (at(90), "First response breached: escalation level 1 told"),
    ]
    case.refresh_from_db()
    assert (case.escalation_level, case.next_due_at, case.version) == (1, at(60), 1)
    kinds = OutboxRow.objects.filter(topic="fanout").order_by("id").values_list("payload__kind", flat=True)
    assert list(kinds) == ["case.clock_warned", "case.clock_breached", "case.clock_escalated"]
    assert TimelineEntry.objects.filter(kind="clock", clock_event_id=None).count() == 0


def test_acknowledging_a_breach_stops_further_levels(case: Case, member: Actor) -> None:
    tick(now=at(61))
    acknowledge_clock(actor=member, ref=case.ref, clock_id=clock(case, "first_response").id, at=at(62))
    tick(now=at(100))
    codes = list(case.entries.filter(kind="clock").order_by("at", "id").values_list("code", flat=True))
    assert codes == ["clock.warned", "clock.breached", "clock.acknowledged"]


def test_without_a_policy_nothing_is_owed_and_everything_works(service: Service, site: Site) -> None:
    member, case = associate(service), CaseFactory(service=service, site=site, at=T0)
    contact(case, member, "in", 1)
    step(case, member, "wait_customer", 2)
    step(case, member, "resolve", 3)
    step(case, member, "reopen", 4)
    assert clocks(case) == {}
    assert next_due(case) is None
