"""Every KPI that the portal brings along, computed from one set of components: its terms, signs, n, interval and which way is better."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest

from kpis.models import Kpi
from kpis.queries import figures
from kpis.rules.formulas import Reading
from partners.models import Site
from tests.factories.partners import ProgrammeFactory, QueueFactory, SiteFactory
from tests.kpis.filling import figure, queue_day, scope_of

pytestmark = pytest.mark.django_db
FIRST, MIDDLE, LAST = date(2026, 11, 1), date(2026, 11, 12), date(2026, 11, 30)

# No two components are alike, so that one in the place of another shows. Ten of the offered were still waiting when the day ended.
CONTACTS = {
    "offered": 1070, "answered": 1000, "answered_in_t": 860, "abandoned": 60, "abandoned_in_t": 20, "short_abandoned": 10,
    "wait": 16_000, "handled": 990, "talk": 297_000, "hold": 29_700, "wrap": 69_300,
}  # fmt: skip
AGENTS = {
    "paid": 100_000, "productive": 70_000, "available": 15_000, "handle": 45_000, "scheduled": 90_000, "in_adherence": 81_000,
    "worked": 87_300, "planned_absence": 12_000, "unplanned_absence": 8_000, "agent_handled": 140, "agent_talk": 31_000,
    "agent_hold": 3_000, "agent_wrap": 11_000,
}  # fmt: skip
SCORES = {
    "nps_responses": 100, "promoters": 50, "passives": 32, "detractors": 18, "csat_responses": 200, "satisfied": 160,
    "evaluations": 25, "qa_points": 1720, "qa_possible": 2000, "auto_fails": 2, "critical_errors": 3,
}  # fmt: skip
DAILY = {
    "first_contacts": 400, "repeats": 64, "solved": 250, "reopened": 15, "escalated": 99, "handled_total": 700,
    "forecast_error": 90, "forecast": 945, "forecast_actual": 900, "sla_met": 72, "sla_due": 80, "ready": 9, "joiners": 12,
}  # fmt: skip


@dataclass(frozen=True)
class Expected:
    """A figure as counted by hand: its value and parts, the way that is better, n, and its 95 % interval where it has one."""

    value: str
    parts: tuple[int, int | None]
    better: str
    n: int
    bounds: tuple[float, float] | None = None


EXPECTED = {
    # 1,000 answered, 60 abandoned, 860 in T, 20 abandoned in T: 83, 86, 81, 83 and 82 %.
    "service-level-f1": Expected("0.8302", (860 + 20, 1000 + 60), "up", 1070, (0.8064, 0.8516)),
    "service-level-f2": Expected("0.8600", (860, 1000), "up", 1000, (0.8371, 0.8801)),
    "service-level-f3": Expected("0.8113", (860, 1000 + 60), "up", 1070, (0.7867, 0.8337)),
    "service-level": Expected("0.8269", (860, 1000 + 60 - 20), "up", 1070, (0.8027, 0.8487)),
    "service-level-f5": Expected("0.8208", (860 + 10, 1000 + 60), "up", 1070, (0.7965, 0.8427)),
    "asa": Expected("16", (16_000, 1000), "down", 1000),
    "abandonment": Expected("0.0472", (60 - 10, 1070 - 10), "down", 1070, (0.0360, 0.0616)),
    "aht": Expected("400", (297_000 + 29_700 + 69_300, 990), "band", 990),
    "occupancy": Expected("0.75", (45_000, 45_000 + 15_000), "band", 60_000),
    "utilisation": Expected("0.60", (45_000 + 15_000, 100_000), "up", 100_000),
    "shrinkage": Expected("0.30", (100_000 - 70_000, 100_000), "down", 100_000),
    "shrinkage-planned": Expected("0.12", (12_000, 100_000), "down", 100_000),
    "shrinkage-unplanned": Expected("0.08", (8_000, 100_000), "down", 100_000),
    "adherence": Expected("0.90", (81_000, 90_000), "up", 90_000),
    "conformance": Expected("0.97", (87_300, 90_000), "band", 90_000),
    "fcr": Expected("0.84", (400 - 64, 400), "up", 400, (0.8009, 0.8727)),
    # Three answers more: 50.75 promoters and 18.75 detractors of 103.
    "nps": Expected("32", (50 - 18, 100), "up", 100, (16.3827, 45.7532)),
    "csat": Expected("0.80", (160, 200), "up", 200, (0.7391, 0.8495)),
    "qa": Expected("0.86", (1720, 2000), "up", 25),
    "qa-critical": Expected("0.12", (3, 25), "down", 25, (0.0417, 0.2996)),
    "productivity": Expected("7.2", (140, 70_000), "up", 140),
    # 30 and 12 at the last day of each site, not what stood before.
    "backlog": Expected("42", (42, None), "down", 0),
    "reopen-rate": Expected("0.06", (15, 250), "down", 250, (0.0367, 0.0966)),
    "escalation-rate": Expected("0.10", (99, 990), "down", 990, (0.0828, 0.1203)),
    # Three in December and four in November left, of 100 on each of 365 days.
    "attrition": Expected("0.07", ((3 + 4) * 365, 100 * 365), "down", 36_500),
    "forecast-error": Expected("0.10", (90, 900), "down", 900),
    "forecast-bias": Expected("0.05", (945 - 900, 900), "band", 900),
    "case-sla": Expected("0.90", (72, 80), "up", 80, (0.8149, 0.9485)),
    "readiness": Expected("0.75", (9, 12), "up", 12, (0.4677, 0.9111)),
}


def filled() -> tuple[Site, Site]:
    """A site with every component, and one of which only the backlog is known."""
    site, other = SiteFactory.create(), SiteFactory.create()
    queue_day(QueueFactory.create(programme=ProgrammeFactory.create(site=site)), MIDDLE, **CONTACTS, **AGENTS, **SCORES)
    for code, value in DAILY.items():
        figure(code, site, MIDDLE, value)
    for place, day, value in ((site, FIRST, 100), (site, LAST, 30), (other, FIRST, 12)):
        figure("backlog", place, day, value)
    for day, left, employed in ((date(2025, 12, 1), 3, 15_000), (LAST, 4, 21_500), (date(2025, 11, 30), 50, 5_000)):
        figure("leavers", site, day, left)
        figure("headcount_days", site, day, employed)
    return site, other


def bounds_of(reading: Reading) -> tuple[float, float] | None:
    if reading.low is None or reading.high is None:
        return None
    return round(float(reading.low), 4), round(float(reading.high), 4)


def test_none_is_left_out() -> None:
    assert set(Kpi.objects.values_list("code", flat=True)) == EXPECTED.keys()


@pytest.mark.parametrize("code", EXPECTED)
def test_each_is_what_its_definition_says(code: str) -> None:
    kpi, expected = Kpi.objects.get(code=code), EXPECTED[code]
    reading = figures(scope_of(*filled()), [kpi], FIRST, LAST)[()][code]
    assert reading.value is not None
    assert round(reading.value, 4) == round(Decimal(expected.value), 4)
    assert (reading.numerator, reading.denominator) == expected.parts
    assert (kpi.direction, reading.n) == (expected.better, expected.n)
    assert bounds_of(reading) == expected.bounds
