"""What happens to an action when its time runs out, and who hears of it."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from portal.notifications.delivery.fanout import fan_out_batch
from portal.notifications.models import Notification
from reviews.actions import actions as acts
from reviews.queries.actions import DUE, ESCALATION, KIND
from sla import queries as clocks
from sla.actions import tick
from tests.escalations.pages_world import World, world
from tests.factories.sla import CalendarFactory
from tests.reviews.action_world import done, in_days, raised

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def made() -> World:
    return world()


def run_out(days: float) -> None:
    """So much time passes, and the workers look."""
    tick(now=timezone.now() + days * DAY)
    while fan_out_batch():
        pass


def heard() -> list[tuple[str, str]]:
    rows = Notification.objects.filter(kind__startswith="reviews.").exclude(kind="reviews.action_assigned")
    return sorted(
        (one.kind.removeprefix("reviews.action_"), one.recipient.name) for one in rows.select_related("recipient")
    )


def codes(action: Any) -> list[str]:
    return [one.code for one in action.events.all()]


def test_the_owner_is_reminded_a_day_before(made: World) -> None:
    raised(made, due_at=in_days(10))
    run_out(8.9)
    assert heard() == []
    run_out(9.5)
    run_out(9.6)
    assert heard() == [("due_soon", "Lead")]


def test_overdue_it_is_marked_told_and_a_business_day_later_passed_on(made: World) -> None:
    action = raised(made, due_at=in_days(0.5))
    run_out(0.6)
    action.refresh_from_db()
    assert action.is_overdue
    assert heard() == [("overdue", "Lead")]
    run_out(1.6)
    assert heard() == [("escalated", "Manager"), ("overdue", "Lead")]
    assert codes(action) == ["action.raised", "action.overdue", "action.escalated"]
    run_out(2)
    assert codes(action) == ["action.raised", "action.overdue", "action.escalated"]


def test_where_the_company_is_late_the_leads_of_the_partner_hear_too(made: World) -> None:
    raised(made, owner="coordinator", by="manager", due_at=in_days(0.5))
    run_out(2)
    assert [name for kind, name in heard() if kind == "escalated"] == ["Lead", "Manager"]


def test_a_business_day_is_the_sites(made: World) -> None:
    made.site.calendar = CalendarFactory.create()
    made.site.save()
    action = raised(made, due_at=in_days(5))
    by_metric = {one.metric: one for one in clocks.clocks_of(KIND, [action.pk])[action.pk]}
    later = by_metric[ESCALATION].due_at - by_metric[DUE].due_at
    assert timedelta(hours=8) <= later <= 5 * DAY
    assert later != DAY


def test_what_is_done_in_time_is_never_overdue(made: World) -> None:
    action = done(made, raised(made, due_at=in_days(1)))
    run_out(5)
    action.refresh_from_db()
    assert not action.is_overdue
    assert [kind for kind, _name in heard()] == ["to_verify"]


def test_moved_it_is_not_overdue_any_more_and_nobody_is_told_of_the_old_day(made: World) -> None:
    action = raised(made, due_at=in_days(0.5))
    tick(now=timezone.now() + 0.6 * DAY)
    wording = acts.Wording(title=action.title, owner_id=action.owner_id, due_at=in_days(5))
    action = acts.change(actor=made.actor("coordinator"), ref=action.ref, seen=1, wording=wording)
    assert not action.is_overdue
    while fan_out_batch():
        pass
    assert heard() == []
