"""Deadlines by law of earlier versions: levels for those that have none, and lost answers owed again, however often it is run."""

import uuid
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from escalations import actions
from escalations.models import Case, OutboundMail, ServiceMailbox
from escalations.queries import KIND
from escalations.queries.statutory import owed
from portal.notifications.models import OutboxRow
from sla.actions import tick
from sla.models import Clock, ClockEvent
from tests.escalations.mailing import box, codes, files_root, made
from tests.escalations.pages_world import World
from tests.factories.statutory import ACK, FINAL, jurisdiction_with

__all__ = ["box", "files_root", "made"]
pytestmark = pytest.mark.django_db


def complaint(made: World, *, days: int, ack: int, **more: object) -> Case:
    case = made.case("A complaint", **more)
    law, received = jurisdiction_with(ack=ack, final=90), timezone.now() - timedelta(days=days)
    actions.regulate(actor=made.actor("associate"), ref=case.pk, jurisdiction_id=law.pk, received_at=received)
    return case


def as_before() -> None:
    """Plans as they were before fixed clocks had levels."""
    for clock in Clock.objects.filter(metric__startswith="statutory", state="running"):
        kept = [i for i, code in enumerate(clock.plan_code) if not code.startswith("escalated")]
        clock.plan_at, clock.plan_code = [clock.plan_at[i] for i in kept], [clock.plan_code[i] for i in kept]
        clock.next_event_at = clock.plan_at[clock.plan_pos] if clock.plan_pos < len(kept) else None
        clock.save()


def mended() -> str:
    out = StringIO()
    call_command("mend_deadlines", stdout=out)
    return out.getvalue().strip()


def plans() -> list[tuple[object, ...]]:
    rows = Clock.objects.filter(subject_kind=KIND).order_by("pk")
    return list(rows.values_list("pk", "plan_at", "plan_code", "plan_pos", "next_event_at"))


def test_what_ran_before_gets_the_plan_that_it_would_have_now(made: World) -> None:
    ahead, soon = complaint(made, days=1, ack=5), complaint(made, days=1, ack=7)
    wanted = plans()
    as_before()
    assert plans() != wanted
    assert mended() == "4 deadlines got levels; 0 lost mails are owed again."
    assert plans() == wanted
    assert mended() == "0 deadlines got levels; 0 lost mails are owed again."
    assert plans() == wanted
    assert {view.metric for one in (ahead, soon) for view in owed(one.pk)} == {ACK, FINAL}


def test_a_breach_goes_up_unless_somebody_took_it_on(made: World) -> None:
    late, taken = complaint(made, days=10, ack=5), complaint(made, days=10, ack=5)
    as_before()
    tick()
    [clock] = Clock.objects.filter(subject_id=taken.pk, metric=ACK)
    actions.acknowledge_clock(actor=made.actor("associate"), ref=taken.pk, clock_id=clock.pk)
    assert mended().startswith("3 deadlines got levels")
    tick()
    tick()
    rows = ClockEvent.objects.filter(kind="escalated").order_by("threshold")
    due = Clock.objects.get(subject_id=late.pk, metric=ACK).due_at
    assert [(one.clock.subject_id, one.threshold, one.at - due) for one in rows] == [
        (late.pk, 1, timedelta(minutes=30)),
        (late.pk, 2, timedelta(minutes=120)),
    ]


def test_what_a_lost_mail_answered_before_is_owed_again_once(made: World, box: ServiceMailbox) -> None:
    case = complaint(made, days=1, ack=5)
    said = {"to": "g@guest.test", "subject": "S", "text": "T", "once": uuid.uuid4(), "duties": [ACK]}
    entry = actions.send_mail(actor=made.actor("associate"), ref=case.pk, **said)
    OutboundMail.objects.filter(entry=entry).update(state="bounced", settled_at=timezone.now())
    assert [view.metric for view in owed(case.pk)] == [FINAL]
    assert mended().endswith("1 lost mails are owed again.")
    assert mended().endswith("0 lost mails are owed again.")
    assert [view.metric for view in owed(case.pk)] == [ACK, FINAL]
    assert codes(case).count("statutory.lost") == 1
    assert OutboxRow.objects.filter(payload__kind="case.mail_lost", payload__by_law=True).count() == 1
