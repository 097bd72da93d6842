"""A formula with a window: whatever period is shown, the figure is that of the months that end with its end."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from kpis.models import Figure, Kpi, KpiVersion
from kpis.queries import figures
from kpis.queries.sums import Scope
from kpis.rules.formulas import Reading
from kpis.rules.periods import containing
from kpis.rules.windows import first_of, months_of, settling_days
from partners.models import Site
from tests.factories.partners import QueueFactory, SiteFactory
from tests.kpis.filling import figure, queue_day, scope_of

NOVEMBER = containing("month", date(2026, 11, 1))
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("last", "months", "first"),
    [
        ("2026-11-30", 12, "2025-12-01"), ("2026-11-30", 1, "2026-11-01"), ("2026-11-15", 12, "2025-11-16"),
        ("2026-02-28", 12, "2025-03-01"), ("2028-02-29", 12, "2027-03-01"), ("2026-03-30", 1, "2026-02-28"),
        ("2026-01-31", 24, "2024-02-01"), ("2026-12-31", 12, "2026-01-01"),
    ],
)  # fmt: skip
def test_a_window_is_so_many_months_that_end_with_the_day(last: str, months: int, first: str) -> None:
    assert first_of(date.fromisoformat(last), months) == date.fromisoformat(first)


def test_what_parameters_say() -> None:
    assert [months_of({"window": one}) for one in ("12 months", "1 months", "24 months")] == [12, 1, 24]
    assert {months_of({"window": one}) for one in ("", "25 months", "0 months", "a year", 12, None)} | {
        months_of({})
    } == {0}
    assert settling_days({"window_days": 7}) == 7
    assert {settling_days(one) for one in ({}, {"window_days": "7"}, {"window_days": -1}, {"window_days": None})} == {0}


def attrition() -> Kpi:
    return Kpi.objects.get(code="attrition")


def employed(site: Site, first: date, last: date, number: int, leaving: dict[date, int] | None = None) -> None:
    """So many employed on each day, and how many left on which."""
    day = first
    while day <= last:
        figure("headcount_days", site, day, number)
        figure("leavers", site, day, (leaving or {}).get(day, 0))
        day += DAY


def read(scope: Scope, first: date, last: date, *by: str, kpi: Kpi | None = None, **more: Any) -> dict[Any, Reading]:
    one = kpi or attrition()
    return {
        key: row[one.code] for key, row in figures(scope, [one], first, last, by, **more).items() if one.code in row
    }


@pytest.fixture
def site() -> Site:
    """A site of 100 since August 2025; two left in September 2025, six in March 2026, one in November 2026."""
    made: Site = SiteFactory(code="CTU")
    left = {date(2025, 9, 10): 2, date(2026, 3, 5): 6, date(2026, 11, 18): 1}
    employed(made, date(2025, 8, 1), date(2026, 11, 30), 100, left)
    return made


@pytest.mark.django_db
def test_the_figure_of_every_period_is_that_of_the_twelve_months_to_its_end(site: Site) -> None:
    whole = Decimal(7 * 365) / (365 * 100)
    for period in (NOVEMBER, containing("day", NOVEMBER.last), containing("rolling", NOVEMBER.last)):
        (one,) = read(scope_of(site), period.first, period.last).values()
        assert (one.value, one.numerator, one.denominator, one.n) == (whole, 7 * 365, 36500, 36500)
        assert (one.window, one.days) == (12, None)
    weeks = read(scope_of(site), date(2026, 11, 9), date(2026, 11, 22), "site", "week")
    assert {key[1]: one.numerator for key, one in weeks.items()} == {
        date(2026, 11, 9): 6 * 365,
        date(2026, 11, 16): 7 * 365,
    }
    assert {one.denominator for one in weeks.values()} == {Decimal(36500)}
    days = read(scope_of(site), date(2026, 9, 9), date(2026, 9, 11), "day", "site")
    assert [days[date(2026, 9, day), site.pk].numerator for day in (9, 10, 11)] == [8 * 365, 6 * 365, 6 * 365]
    quarters = read(scope_of(site), date(2026, 1, 1), date(2026, 12, 31), "quarter")
    assert quarters[date(2026, 7, 1),].numerator == 6 * 365
    assert quarters[date(2026, 10, 1),].days is None, (
        "it began before the window; what is still to come is no lack of history"
    )


@pytest.mark.django_db
def test_with_less_history_it_is_over_what_there_is_and_says_so() -> None:
    old, young = SiteFactory(), SiteFactory()
    employed(old, date(2025, 11, 1), date(2026, 11, 30), 50)
    employed(young, date(2026, 11, 11), date(2026, 11, 30), 10, {date(2026, 11, 20): 1})
    rows = read(scope_of(old, young), NOVEMBER.first, NOVEMBER.last, "site")
    assert rows[young.pk,].value == Decimal(365) / (20 * 10)
    assert (rows[young.pk,].days, rows[old.pk,].days) == (20, None)
    (both,) = read(scope_of(old, young), NOVEMBER.first, NOVEMBER.last).values()
    assert (both.value, both.days) == (Decimal(365) / (365 * 50 + 20 * 10), None)
    by_week = read(scope_of(young), date(2026, 11, 2), date(2026, 11, 22), "week")
    assert {key[0]: one.days for key, one in by_week.items()} == {date(2026, 11, 9): 5, date(2026, 11, 16): 12}


@pytest.mark.django_db
def test_a_period_in_which_nothing_was_measured_has_no_figure(site: Site) -> None:
    after = containing("month", date(2027, 1, 1))
    assert read(scope_of(site), after.first, after.last) == {}
    months = read(scope_of(site), date(2026, 11, 1), date(2027, 1, 31), "month")
    assert [key[0] for key in months] == [date(2026, 11, 1)]


@pytest.mark.django_db
def test_the_formula_in_force_at_the_end_decides_over_the_whole_window(site: Site) -> None:
    kpi = Kpi.objects.create(code="left", name="Left", unit="number", direction="down")
    change = date(2026, 11, 16)
    for number, begins, ends, window in ((1, date(2020, 1, 1), change, {}), (2, change, None, {"window": "12 months"})):
        KpiVersion.objects.create(
            kpi=kpi, number=number, period=DateRange(begins, ends), numerator={"leavers": "1"}, parameters=window
        )
    weeks = read(scope_of(site), date(2026, 11, 2), date(2026, 11, 22), "week", kpi=kpi)
    assert [(one.value, one.versions, one.window) for one in weeks.values()] == [
        (0, (1,), 0),
        (0, (1,), 0),
        (7, (2,), 12),
    ]
    (month,) = read(scope_of(site), NOVEMBER.first, NOVEMBER.last, kpi=kpi).values()
    assert (month.value, month.versions) == (7, (2,))
    (earlier,) = read(scope_of(site), date(2026, 11, 1), date(2026, 11, 15), kpi=kpi).values()
    assert (earlier.value, earlier.window) == (0, 0)
    (pinned,) = read(scope_of(site), date(2026, 3, 1), date(2026, 3, 31), kpi=kpi, formula=2).values()
    assert (pinned.value, pinned.days) == (8, 243)


@pytest.mark.django_db
def test_components_of_intervals_roll_too_and_days_without_them_do_not_count() -> None:
    queue = QueueFactory()
    kpi = Kpi.objects.create(code="quick", name="Quick", unit="percent", direction="up")
    KpiVersion.objects.create(
        kpi=kpi, number=1, period=DateRange(date(2020, 1, 1), None), numerator={"answered_in_t": "1"},
        denominator={"answered": "1"}, parameters={"window": "2 months"}, interval="wilson",
    )  # fmt: skip
    queue_day(queue, date(2026, 9, 30), answered=100, answered_in_t=0)
    queue_day(queue, date(2026, 10, 1), offered=5)
    queue_day(queue, date(2026, 10, 20), answered=10, answered_in_t=10)
    queue_day(queue, date(2026, 11, 10), answered=30, answered_in_t=20)
    scope = scope_of(queue.programme.site)
    (one,) = read(scope, NOVEMBER.first, NOVEMBER.last, kpi=kpi).values()
    assert (one.numerator, one.denominator, one.days) == (30, 40, 22)
    assert one.low is not None
    assert one.low < Decimal("0.75")
    by_queue = read(scope, date(2026, 10, 1), NOVEMBER.last, "queue", "month", kpi=kpi)
    assert {key: (row.numerator, row.denominator) for key, row in by_queue.items()} == {
        (queue.pk, date(2026, 10, 1)): (10, 110), (queue.pk, date(2026, 11, 1)): (30, 40),
    }  # fmt: skip


@pytest.mark.django_db
def test_any_window_is_the_sum_of_its_days(site: Site) -> None:
    """Cut and added up in running sums, as counted one by one."""
    rows = list(Figure.objects.filter(site=site, component__code="leavers").values_list("day", "value"))
    for key, one in read(scope_of(site), date(2026, 2, 2), date(2026, 11, 29), "week").items():
        last = key[0] + 6 * DAY
        left = sum(value for day, value in rows if first_of(last, 12) <= day <= last)
        assert one.numerator == left * 365, key
