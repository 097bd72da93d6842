"""Figures: sums through the formula in force; formulas that change within a period; days when clocks change."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange

from kpis.actions import make_sums
from kpis.models import Batch, ContactInterval, Kpi, KpiVersion
from kpis.queries import NOW, figures, kpis_in_use
from kpis.rules.formulas import Reading
from tests.factories.partners import PersonFactory, QueueFactory, SiteFactory, TeamFactory
from tests.kpis.filling import MONDAY, SUNDAY, agent_day, figure, queue_day, scope_of

pytestmark = pytest.mark.django_db

THURSDAY = MONDAY + timedelta(days=3)


def kpi(*versions: tuple[date, dict[str, str], dict[str, str]], code: str = "mine", **more: Any) -> Kpi:
    """A KPI whose versions begin on these days."""
    made = Kpi.objects.create(code=code, name=code, unit="percent", direction="up")
    ends = [*(first for first, _top, _bottom in versions[1:]), None]
    for number, ((first, top, bottom), end) in enumerate(zip(versions, ends, strict=True), 1):
        KpiVersion.objects.create(
            kpi=made, number=number, period=DateRange(first, end), numerator=top, denominator=bottom, **more
        )
    return made


def usual(code: str) -> Kpi:
    return Kpi.objects.get(code=code)


def one(found: Any, code: str, key: tuple[Any, ...] = ()) -> Reading:
    reading: Reading = found[key][code]
    return reading


def of_week(scope: Any, wanted: Kpi, by: tuple[str, ...] = (), **more: Any) -> Any:
    return figures(scope, [wanted], MONDAY, SUNDAY, by, **more)


ANSWERED = {"answered": "1"}, {"offered": "1"}
IN_TIME = {"answered_in_t": "1"}, {"offered": "1"}


def test_a_rate_is_sum_over_sum_with_its_n_and_interval() -> None:
    small, large = QueueFactory(), QueueFactory()
    queue_day(small, offered=10, answered=10, abandoned=0, answered_in_t=10, abandoned_in_t=0)
    queue_day(large, offered=90, answered=80, abandoned=10, answered_in_t=40, abandoned_in_t=0)
    scope = scope_of(small.programme.site, large.programme.site)
    reading = one(of_week(scope, usual("service-level")), "service-level")
    assert (reading.value, reading.numerator, reading.denominator, reading.n) == (Decimal("0.5"), 50, 100, 100)
    assert reading.low is not None
    assert reading.high is not None
    assert (round(reading.low, 4), round(reading.high, 4)) == (Decimal("0.4038"), Decimal("0.5962"))
    each = of_week(scope, usual("service-level"), ("queue",))
    assert [one(each, "service-level", (queue.pk,)).value for queue in (small, large)] == [1, Decimal(4) / 9]


def test_nothing_not_measured_and_a_denominator_of_zero_are_three_things() -> None:
    closed, partly, empty = QueueFactory(), QueueFactory(), QueueFactory()
    queue_day(closed, offered=0, answered=0)
    queue_day(partly, offered=10)
    queue_day(empty, handled=3)
    answered = kpi((MONDAY, *ANSWERED))
    sites = [queue.programme.site for queue in (closed, partly, empty)]
    found = of_week(scope_of(*sites), answered, ("site",))
    assert [(one(found, "mine", (site.pk,)).value, one(found, "mine", (site.pk,)).why) for site in sites] == [
        (None, "zero_denominator"),
        (None, "not_measured"),
        (None, "no_data"),
    ]
    assert of_week(scope_of(SiteFactory()), answered) == {}


def test_zero_measured_is_zero() -> None:
    queue = QueueFactory()
    queue_day(queue, offered=10, answered=0)
    reading = one(of_week(scope_of(queue.programme.site), kpi((MONDAY, *ANSWERED))), "mine")
    assert (reading.value, reading.why) == (0, "")


def test_two_formulas_in_a_period_add_their_parts() -> None:
    queue = QueueFactory()
    for day in (MONDAY, THURSDAY):
        queue_day(queue, day, offered=100, answered=80, answered_in_t=40)
    changing = kpi((MONDAY, *ANSWERED), (THURSDAY, *IN_TIME))
    scope = scope_of(queue.programme.site)
    reading = one(of_week(scope, changing), "mine")
    assert (reading.value, reading.numerator, reading.denominator, reading.versions) == (
        Decimal("0.6"),
        120,
        200,
        (1, 2),
    )
    days = of_week(scope, changing, ("day",))
    assert [(one(days, "mine", (day,)).value, one(days, "mine", (day,)).versions) for day in (MONDAY, THURSDAY)] == [
        (Decimal("0.8"), (1,)),
        (Decimal("0.4"), (2,)),
    ]


def test_any_formula_may_be_asked_of_any_days() -> None:
    queue = QueueFactory()
    queue_day(queue, offered=100, answered=80, answered_in_t=40, abandoned=5)
    changing = kpi((MONDAY, *ANSWERED), (THURSDAY, *IN_TIME), (SUNDAY, {"abandoned": "1"}, {"offered": "1"}))
    scope = scope_of(queue.programme.site)

    def value(**more: Any) -> tuple[Decimal | None, tuple[int, ...]]:
        reading = one(of_week(scope, changing, **more), "mine")
        return reading.value, reading.versions

    assert value(formula=2) == (Decimal("0.4"), (2,))
    with time_machine.travel("2026-11-06T12:00Z", tick=False):
        assert value(formula=NOW) == (Decimal("0.4"), (2,))
    with time_machine.travel("2026-12-06T12:00Z", tick=False):
        assert value(formula=NOW) == (Decimal("0.05"), (3,))
    assert value() == (Decimal("0.8"), (1,))
    pin = changing.versions.get(number=3)
    assert value(pins={changing.pk: pin}) == (Decimal("0.05"), (3,))
    assert of_week(scope, changing, formula=9) == {}


def test_days_before_the_first_formula_have_no_figure() -> None:
    queue = QueueFactory()
    queue_day(queue, MONDAY, offered=100, answered=10)
    queue_day(queue, THURSDAY, offered=100, answered=90)
    later = kpi((THURSDAY, *ANSWERED))
    assert one(of_week(scope_of(queue.programme.site), later), "mine").value == Decimal("0.9")
    early = figures(scope_of(queue.programme.site), [later], MONDAY, MONDAY)
    assert early == {}


def test_what_is_excluded_is_left_out_unless_asked_for() -> None:
    queue = QueueFactory()
    queue_day(queue, offered=10, answered=9)
    queue_day(queue, excluded=True, offered=10, answered=1)
    scope, answered = scope_of(queue.programme.site), kpi((MONDAY, *ANSWERED))
    assert one(of_week(scope, answered), "mine").value == Decimal("0.9")
    assert one(of_week(scope, answered, excluded=True), "mine").value == Decimal("0.5")


def test_a_stock_reads_the_last_day_of_each_site() -> None:
    one_site, other = SiteFactory(), SiteFactory()
    figure("backlog", one_site, MONDAY, 100)
    figure("backlog", one_site, THURSDAY, 30)
    figure("backlog", other, MONDAY, 12)
    reading = one(of_week(scope_of(one_site, other), usual("backlog")), "backlog")
    assert (reading.value, reading.denominator, reading.versions) == (42, None, (1,))


def test_a_stock_whose_formula_changes_keeps_the_sites_that_fell_silent() -> None:
    one_site, silent = SiteFactory(), SiteFactory()
    figure("backlog", one_site, MONDAY, 100)
    figure("backlog", one_site, SUNDAY, 30)
    figure("backlog", silent, MONDAY, 12)
    changing = kpi((MONDAY, {"backlog": "1"}, {}), (THURSDAY, {"backlog": "2"}, {}), roll_up="last")
    scope = scope_of(one_site, silent)
    assert one(of_week(scope, changing), "mine").value == 84
    weeks = of_week(scope, changing, ("week",))
    assert one(weeks, "mine", (MONDAY,)).value == 84
    days = of_week(scope, changing, ("day",))
    assert [one(days, "mine", (day,)).value for day in (MONDAY, SUNDAY)] == [112, 60]


def test_teams_and_people_have_what_is_known_of_agents() -> None:
    team, ann = TeamFactory(), PersonFactory()
    agent_day(team, ann, paid=100, productive=70, agent_handled=7)
    agent_day(team, PersonFactory(), paid=100, productive=90)
    found = figures(
        scope_of(team.programme.site), [usual("shrinkage"), usual("service-level")], MONDAY, SUNDAY, ("team",)
    )
    assert one(found, "shrinkage", (team.pk,)).value == Decimal("0.2")
    assert one(found, "service-level", (team.pk,)).why == "no_data"
    mine = scope_of(team.programme.site, person_ids=frozenset({ann.pk}))
    assert one(of_week(mine, usual("shrinkage")), "shrinkage").value == Decimal("0.3")


def test_the_hour_that_comes_twice_belongs_to_its_day() -> None:
    """Madrid, 25 October 2026: 02:30 comes at 00:30 and at 01:30 UTC; Saturday ends at 22:00 UTC, Sunday at 23:00 UTC."""
    queue = QueueFactory(programme__site__time_zone="Europe/Madrid")
    site, utc = queue.programme.site, ZoneInfo("UTC")
    batch = Batch.objects.create(kind="contacts", source="test", name="test", digest="dst")
    with connection.cursor() as cursor:
        cursor.execute("SELECT kpis_ensure_months('2026-10-01', '2026-10-31')")
    for day, hour, minute, answered in (
        (24, 21, 30, 0),
        (24, 22, 0, 1),
        (25, 0, 30, 1),
        (25, 1, 30, 1),
        (25, 22, 30, 1),
    ):
        ContactInterval.objects.create(
            site=site, queue=queue, starts_at=datetime(2026, 10, day, hour, minute, tzinfo=utc), seconds=1800,
            offered=10, answered=answered * 10, batch=batch, row=1,
        )  # fmt: skip
    make_sums([site.pk, site.pk], [date(2026, 10, 24), date(2026, 10, 25)])
    found = figures(
        scope_of(site), [kpi((date(2026, 1, 1), *ANSWERED))], date(2026, 10, 19), date(2026, 10, 25), ("day",)
    )
    assert {key: (reading["mine"].numerator, reading["mine"].denominator) for key, reading in found.items()} == {
        (date(2026, 10, 24),): (0, 10),
        (date(2026, 10, 25),): (40, 40),
    }
    week = figures(scope_of(site), [usual("service-level-f2")], date(2026, 10, 19), date(2026, 10, 25), ("week",))
    assert list(week) == [(date(2026, 10, 19),)]


@pytest.mark.parametrize("sites", [1, 12])
def test_queries_do_not_grow_with_sites_or_kpis(sites: int, django_assert_num_queries: Any) -> None:
    made = [QueueFactory() for _number in range(sites)]
    for queue in made:
        queue_day(queue, offered=10, answered=8, answered_in_t=7, abandoned=2, abandoned_in_t=0, handled=8, talk=800)
        figure("backlog", queue.programme.site, MONDAY, 2)
    scope = scope_of(*(queue.programme.site for queue in made))
    kpis = kpis_in_use()
    # Versions, components, daily sums, figures: those that add up and stocks.
    with django_assert_num_queries(4):
        found = figures(scope, kpis, MONDAY, SUNDAY, ("site", "day"))
    assert len(found) == sites
