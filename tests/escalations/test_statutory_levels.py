"""A deadline by law that passed goes up by levels, in time that passes, until somebody takes it on or answers."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from escalations import actions
from escalations.actions import escalate, lift_regulation, merge, regulate, set_sensitivity, set_severity, set_state
from escalations.models import Case, Service
from escalations.queries import KIND
from escalations.queries.statutory import owed
from partners.models import Site
from portal.accounts.models import User
from portal.accounts.queries import actor_for
from portal.accounts.rules import SYSTEM
from portal.notifications.models import Notification, OutboxRow
from sla import queries as clocks
from sla.actions import tick
from sla.models import ClockEvent
from sla.queries import ClockView
from tests.escalations.test_notices import circle, handed_round, titles
from tests.factories.escalations import CaseFactory, open_policy
from tests.factories.sla import CalendarFactory
from tests.factories.statutory import ACK, FINAL, jurisdiction_with

__all__ = ["circle"]
pytestmark = pytest.mark.django_db
LEVELS = ((30, ("coordinator",)), (120, ("manager",)))
SHUT = {"mon": [("09:00", "09:01")]}


def complaint(service: Service, site: Site, *, term: int = 1, **more: object) -> Case:
    """A case of ten days ago with so many days for the final response by law."""
    received = timezone.now() - timedelta(days=10)
    case = CaseFactory(service=service, site=site, at=received, **more)
    regulate(actor=SYSTEM, ref=case.pk, jurisdiction_id=jurisdiction_with(final=term).pk, received_at=received)
    return case


def policy(*levels: tuple[int, tuple[str, ...]], **more: object) -> None:
    """One under which nothing else falls due."""
    open_policy(targets={"next_reply": 60}, levels=levels, **more)


def final_of(case: Case) -> ClockView:
    [found] = owed(case.pk)
    return found


def fired(case: Case) -> list[tuple[str, int, timedelta]]:
    """What happened to the clock from its breach on, and how long after it."""
    view = clocks.by_metric(clocks.clocks_of(KIND, [case.pk])[case.pk])[FINAL]
    rows = ClockEvent.objects.filter(clock=view.id, kind__in=("breached", "escalated")).order_by("at", "pk")
    return [(kind, level, at - view.due_at) for kind, level, at in rows.values_list("kind", "threshold", "at")]


def told(kind: str = "case.clock_escalated") -> set[str]:
    return handed_round().get(kind, set())


def test_levels_of_the_policy_count_in_time_that_passes(service: Service, site: Site, circle: dict[str, User]) -> None:
    policy(*LEVELS, calendar=CalendarFactory(hours=SHUT))
    case = complaint(service, site)
    due = final_of(case).due_at
    tick(now=due + timedelta(minutes=31))
    assert fired(case) == [("breached", 0, timedelta(0)), ("escalated", 1, timedelta(minutes=30))]
    assert told() == {"coordinator"}
    assert f"{case.ref}: final response by law breached, escalation level 1" in titles(circle["coordinator"])
    tick(now=due + timedelta(minutes=121))
    tick()
    assert fired(case)[2:] == [("escalated", 2, timedelta(minutes=120))]
    assert told() == {"coordinator", "manager"}
    assert Case.objects.get(pk=case.pk).escalation_level == 2
    page = dict(case.entries.filter(code="clock.escalated").values_list("params__level", "params__metric"))
    assert page == {1: FINAL, 2: FINAL}


def test_without_levels_it_goes_up_after_an_hour_and_a_day(
    service: Service, site: Site, circle: dict[str, User]
) -> None:
    case = complaint(service, site)
    due = final_of(case).due_at
    tick(now=due + timedelta(minutes=61))
    assert told() == {"lead", "coordinator"}
    tick(now=due + timedelta(days=1, seconds=1))
    assert [one[1:] for one in fired(case)[1:]] == [(1, timedelta(hours=1)), (2, timedelta(days=1))]
    assert told() == {"lead", "coordinator", "manager"}


def test_who_hears_is_whom_the_policy_of_that_moment_names_and_who_sees_the_case(
    service: Service, site: Site, circle: dict[str, User]
) -> None:
    policy((30, ("coordinator",)), match={"severity": ["3"]})
    policy((30, ("manager", "owner")), match={"severity": ["1"]})
    case = complaint(service, site, owner=circle["owner"].pk)
    lead = actor_for(circle["lead"])
    set_severity(actor=lead, ref=case.pk, impact="people", urgency="now", signals=["safety"], override=None, reason="")
    tick(now=final_of(case).due_at + timedelta(minutes=31))
    set_sensitivity(actor=SYSTEM, ref=case.pk, sensitivity="confidential")
    assert told() == {"owner"}


@pytest.mark.parametrize("how", ["acknowledged", "answered"])
def test_it_stops_when_somebody_takes_it_on_or_answers(
    service: Service, site: Site, circle: dict[str, User], how: str
) -> None:
    policy(*LEVELS)
    case = complaint(service, site)
    view, lead = final_of(case), actor_for(circle["lead"])
    tick(now=view.due_at + timedelta(minutes=31))
    with time_machine.travel(view.due_at + timedelta(minutes=60), tick=False):
        if how == "acknowledged":
            actions.acknowledge_clock(actor=lead, ref=case.pk, clock_id=view.id)
        else:
            actions.log_contact(
                actor=lead, ref=case.pk, channel="letter", direction="out", outcome="sent", text="Done", duties=[FINAL]
            )
    tick()
    assert [one[:2] for one in fired(case)] == [("breached", 0), ("escalated", 1)]
    assert told() == {"coordinator"}


def _ahead(view: ClockView) -> list[str]:
    explained = clocks.explanation(clocks.clock_view(view.id) or view, SYSTEM)
    return [f"{line.code}:{line.threshold}" for line in explained.history if line.ahead]


def test_an_ended_case_goes_up_as_well(service: Service, site: Site, circle: dict[str, User]) -> None:
    policy(*LEVELS)
    case = complaint(service, site)
    set_state(actor=SYSTEM, ref=case.pk, verb="reject", reject_reason="spam", reason="Not ours")
    tick()
    assert told() == {"coordinator", "manager"}


def test_levels_go_along_when_cases_are_merged_and_when_a_mark_is_taken_away(
    service: Service, site: Site, circle: dict[str, User]
) -> None:
    policy(*LEVELS)
    source, target = complaint(service, site, term=14), complaint(service, site, term=16)
    own = final_of(target).due_at
    merge(actor=actor_for(circle["coordinator"]), source=source.pk, target=target.pk, reason="Same matter")
    assert final_of(target).due_at < own
    assert _steps(target) == ["warned:75", "warned:90", "breached:0", "escalated:1", "escalated:2"]
    marks = {one.case_id: one.pk for one in source.regulations.all()}
    lift_regulation(
        actor=actor_for(circle["coordinator"]), ref=target.pk, reason="No complaint", regulation_id=marks[source.pk]
    )
    assert final_of(target).due_at == own
    assert _steps(target) == ["warned:75", "warned:90", "breached:0", "escalated:1", "escalated:2"]
    third = CaseFactory(service=service, site=site)
    merge(actor=actor_for(circle["coordinator"]), source=target.pk, target=third.pk, reason="Same matter")
    assert (final_of(third).due_at, _steps(third)[-2:]) == (own, ["escalated:1", "escalated:2"])


def _steps(case: Case) -> list[str]:
    return _ahead(final_of(case))


def test_who_escalates_a_regulated_case_by_hand_reaches_whom_its_policy_names(
    service: Service, site: Site, circle: dict[str, User]
) -> None:
    open_policy(levels=((30, ("owner",)),))
    case = complaint(service, site, term=20, owner=circle["owner"].pk)
    escalate(actor=actor_for(circle["lead"]), ref=case.pk, reason="Now")
    assert told("case.escalated") == {"owner"}


def test_two_workers_tell_a_level_once(service: Service, site: Site, circle: dict[str, User]) -> None:
    policy(*LEVELS)
    case = complaint(service, site)
    tick()
    tick()
    assert OutboxRow.objects.filter(payload__kind="case.clock_escalated", payload__case=case.pk).count() == 2
    handed_round()
    assert Notification.objects.filter(kind="case.clock_escalated", recipient=circle["manager"]).count() == 1


def test_the_page_says_when_it_will_go_up(service: Service, site: Site) -> None:
    policy(*LEVELS)
    case = complaint(service, site, term=14)
    view = final_of(case)
    lines = [(line.code, line.threshold, line.at) for line in clocks.explanation(view, SYSTEM).history if line.ahead]
    due: datetime = view.due_at
    assert lines[-2:] == [
        ("escalated", 1, due + timedelta(minutes=30)),
        ("escalated", 2, due + timedelta(minutes=120)),
    ]
    assert ACK not in {one.metric for one in owed(case.pk)}
