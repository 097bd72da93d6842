"""A figure that rolls over months in contracts: scored, frozen with its days, tried out, and carried on by a disputed range."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal as D

import pytest
import time_machine
from django.db.backends.postgresql.psycopg_any import DateRange

from kpis.actions import effects, exclusions, mark_dirty, recompute, results
from kpis.models import Kpi, KpiVersion
from kpis.queries import figures, scores
from portal.refusals import RefusedError
from tests.factories.partners import SiteFactory
from tests.kpis.contract_world import MONTH, World, noon
from tests.kpis.filling import scope_of
from tests.kpis.test_exclusions import propose

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
OCTOBER = date(2026, 10, 1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    """September and October at a site; the level of the last three months counts as well as that of the month."""
    with time_machine.travel(datetime(2026, 9, 1, tzinfo=UTC), tick=False):
        made = World(site=SiteFactory(time_zone="Asia/Shanghai"))
    kpi = Kpi.objects.create(code="level-3", name="Level, 3 months", unit="percent", direction="up")
    KpiVersion.objects.create(
        kpi=kpi, number=1, period=DateRange(date(2020, 1, 1), None), numerator={"answered_in_t": "1"},
        denominator={"answered": "1"}, parameters={"window": "3 months"},
    )  # fmt: skip
    made.line("level-3", 50, "up", "0.60", "0.90")
    made.usual()
    made.contacts(noon(20, 10), 100, 100, 500)
    made.count(OCTOBER)
    return made


def level(world: World, month: date) -> tuple[D | None, D | None]:
    line = scores([world.site.pk], month)[world.site.pk].lines[2]
    return line.reading.numerator, line.reading.denominator


def test_it_is_scored_and_frozen_with_its_days(world: World) -> None:
    assert level(world, MONTH) == (460, 600)
    assert level(world, OCTOBER) == (560, 700)
    made = results.freeze(actor=world.by_manager, site=world.site, month=OCTOBER)
    line = made.lines.get(kpi__code="level-3")
    assert (line.value, line.numerator, line.denominator, line.n) == (D("0.8"), 560, 700, 700)
    assert made.inputs["days"] == {"level-3": 46}, "from 5 September to 20 October"


def test_sums_of_its_whole_window_are_waited_for(world: World) -> None:
    mark_dirty([(world.site.pk, date(2026, 9, 7))])
    with pytest.raises(RefusedError, match="sums_pending"):
        results.freeze(actor=world.by_manager, site=world.site, month=OCTOBER)
    recompute()
    results.freeze(actor=world.by_manager, site=world.site, month=OCTOBER)


def test_a_disputed_range_reaches_the_months_after(world: World) -> None:
    with time_machine.travel(NOW, tick=False):
        held = propose(world)
        found = effects.effect(held)
        assert [one.month for one in found] == [MONTH, OCTOBER, date(2026, 11, 1)]
        now, then = (one.lines[2].reading for one in (found[1].now, found[1].then))
        assert ((now.numerator, now.denominator), (then.numerator, then.denominator)) == ((560, 700), (550, 600))
        exclusions.decide(actor=world.by_manager, pk=held.pk, verdict="approved")
        recompute()
        assert level(world, OCTOBER) == (550, 600)
        assert scores([world.site.pk], OCTOBER)[world.site.pk] == found[1].then
        made = results.freeze(actor=world.by_manager, site=world.site, month=OCTOBER)
        assert made.inputs["exclusions"] == [held.pk], "of its window, though not of its month"
        (read,) = figures(
            scope_of(world.site), [Kpi.objects.get(code="level-3")], OCTOBER, OCTOBER + timedelta(days=30)
        ).values()
        assert read["level-3"].denominator == 600


def test_without_a_window_a_range_stays_in_its_month(world: World) -> None:
    world.schedule.lines.filter(kpi__code="level-3").delete()
    with time_machine.travel(NOW, tick=False):
        assert [one.month for one in effects.effect(propose(world))] == [MONTH]
