"""What an action changed, from the figures of kpis: too early, seen, not seen; on its page."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from kpis.models import Kpi
from kpis.queries import Scope, figures
from kpis.rules.periods import Period, containing, last_complete_week
from partners.models import Queue
from reviews.models import Action
from reviews.queries.effects import measured
from tests.escalations.pages_world import World, world
from tests.factories.kpis import ensure_months
from tests.factories.partners import ProgrammeFactory
from tests.kpis.filling import queue_day
from tests.reviews.action_world import done, raised

pytestmark = pytest.mark.django_db
BEFORE = [690, 710] * 6


@pytest.fixture
def made() -> World:
    return world()


def newest_week() -> Period:
    """The last week that is over since yesterday, as figures of today are not whole yet."""
    return last_complete_week(timezone.localdate() - timedelta(days=1))


def filled(made: World, in_time: list[int]) -> None:
    """Weeks of 1,000 contacts each, the last of them the last complete one; of so many answered in time."""
    newest = newest_week()
    programme = ProgrammeFactory.create(site=made.site)
    queue = Queue.objects.create(programme=programme, code="Q", name="Voice")
    for back, answered in enumerate(reversed(in_time)):
        week = newest.previous(back)
        ensure_months(week.first, week.last)
        facts = {"offered": 1000, "answered": 1000, "answered_in_t": answered, "abandoned": 0, "abandoned_in_t": 0}
        queue_day(queue, week.first, **facts)
        queue_day(queue, week.last, **dict.fromkeys(facts, 0))


def finished(made: World, weeks_ago: int, **more: Any) -> Action:
    """Done in the week so many weeks before the last complete one."""
    kpi = Kpi.objects.get(code="service-level")
    action = done(made, raised(made, kpi_id=kpi.pk, expected_change=Decimal("0.05"), **more))
    monday = newest_week().previous(weeks_ago).first
    at = timezone.now().replace(year=monday.year, month=monday.month, day=monday.day, hour=5) + timedelta(days=2)
    Action.objects.filter(pk=action.pk).update(done_at=at)
    action.refresh_from_db()
    return action


@pytest.mark.parametrize(
    ("after", "verdict", "said"),
    [
        ([800, 790, 810, 805, 800], "Shift seen", "a signal, not chance"),
        ([690, 710, 700, 695, 705], "Shift not seen", "by chance alone"),
        ([800, 810], "Too early to say", "Fewer than four complete weeks"),
    ],
)
def test_the_verdict_stands_on_the_page(made: World, after: list[int], verdict: str, said: str) -> None:
    filled(made, [*BEFORE, 700, *after])
    action = finished(made, len(after))
    page = made.client("coordinator").get(f"/reviews/actions/{action.ref}/").content.decode()
    assert verdict in page
    assert said in page
    assert "70.0%" in page


def test_its_values_are_those_of_the_scorecard(made: World) -> None:
    filled(made, [*BEFORE, 700, 800, 790, 810, 805])
    action = finished(made, 4)
    shown = measured(made.actor("coordinator"), action)
    assert shown is not None
    assert len(shown.weeks) == 17
    assert shown.weeks[shown.at] == containing("week", action.done_at.date())
    kpi = Kpi.objects.get(code="service-level")
    for week, value in zip(shown.weeks, shown.values, strict=True):
        [read] = figures(Scope(frozenset({made.site.pk})), [kpi], week.first, week.last).values()
        assert value == pytest.approx(float(read["service-level"].value))


def test_without_figures_it_is_too_early(made: World) -> None:
    shown = measured(made.actor("coordinator"), finished(made, 6))
    assert shown is not None
    assert (shown.effect.verdict, shown.effect.why) == ("too_early", "few_before")


def test_whoever_does_not_read_the_figures_sees_no_effect(made: World) -> None:
    action = finished(made, 6)
    made.users["lead"].memberships.update(site=made.other_site)
    assert measured(made.actor("lead"), action) is None
    assert "Effect on" not in made.client("lead").get(f"/reviews/actions/{action.ref}/").content.decode()
