"""Figures that roll over months, and those that may still change, in packs and beside actions."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine

from kpis.models import Kpi
from reviews.blocks import Text
from reviews.queries.effects import measured
from reviews.queries.sections import scorecard, trends
from reviews.queries.sections.context import Context
from reviews.rules.effects import effect
from reviews.wording.packs import told
from tests.escalations.pages_world import world
from tests.factories.kpis import STANDARD, contract
from tests.kpis.filling import figure
from tests.kpis.test_windows import employed
from tests.reviews.packing import a_site, context, row_of, series, table
from tests.reviews.test_action_effect import finished, newest_week

LINES = (*STANDARD, ("attrition", 10, "down", "0.40", "0.20", "0.10"), ("fcr", 10, "up", "0.60", "0.80", "0.90"))
# The window of week 46 closes with 22 November.
OPEN, CLOSED = datetime(2026, 11, 20, 12, tzinfo=UTC), datetime(2026, 11, 24, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Any:
    """A site since March, of whom six left in the last week; with first contacts of October and November."""
    made = a_site(contracted=False)
    contract([made], LINES)
    employed(made, date(2026, 3, 1), date(2026, 11, 15), 20, {date(2026, 11, 12): 6, date(2026, 5, 2): 1})
    for step in range(40):
        figure("first_contacts", made, date(2026, 11, 15) - timedelta(days=step), 10)
        figure("repeats", made, date(2026, 11, 15) - timedelta(days=step), 2)
    return made


def names_of(here: Context, at: datetime) -> dict[str, str]:
    """What the lines of a pack are called, by KPI."""
    with time_machine.travel(at, tick=False):
        rows = table(scorecard.build(here), "lines").rows
    return {row.key: told(row.cells[0]) for row in rows if isinstance(row.cells[0], Text)}


def test_a_line_says_what_may_still_change_and_over_how_many_days_it_is(site: Any) -> None:
    here = context(site)
    names = names_of(here, OPEN)
    assert names["fcr"] == "First-contact resolution (provisional)"
    assert names["attrition"] == "Attrition, annualised (over 260 days)"
    assert names["nps"] == "NPS"
    assert names_of(here, CLOSED)["fcr"] == "First-contact resolution"


def test_a_rolling_figure_has_neither_limits_nor_signals_in_a_pack(site: Any) -> None:
    with time_machine.travel(CLOSED, tick=False):
        here = context(site)
        assert row_of(table(scorecard.build(here), "lines"), "attrition").signals == []
        built = trends.build(here)
    weeks = series(built, "attrition:weeks")
    assert (weeks.mean, weeks.lower, weeks.upper) == (None, None, None)
    assert {one.signal for one in weeks.points} == {""}
    assert sum(one.value is not None for one in weeks.points) == 6
    assert weeks.points[-1].value is not None


def test_whether_an_action_worked_cannot_be_told_by_weeks_that_overlap() -> None:
    found = effect([0.1] * 12, [0.5] * 6, above=True, unit="percent", rolling=True)
    assert (found.verdict, found.why, found.segment, found.signals) == ("untold", "rolling", None, ())


def test_the_page_of_the_action_says_so() -> None:
    made = world()
    newest = newest_week()
    employed(made.site, newest.last - timedelta(days=200), newest.last, 20, {newest.last: 3})
    action = finished(made, 5)
    action.kpi = Kpi.objects.get(code="attrition")
    action.save()
    shown = measured(made.actor("coordinator"), action)
    assert shown is not None
    assert shown.effect.verdict == "untold"
    page = made.client("coordinator").get(f"/reviews/actions/{action.ref}/").content.decode()
    assert "Cannot be told" in page
    assert "its weeks overlap" in page
