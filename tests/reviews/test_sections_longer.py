"""Sections of monthly and quarterly reviews."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from kpis.models import Kpi, Result, Schedule, Statement
from partners import queries as directory
from portal.accounts.rules import SYSTEM
from reviews.models import Attendee, Decision, Observation, Pack, Theme
from reviews.queries.effects import measured
from reviews.queries.sections import SECTIONS, Context, attrition, held, improvement, money
from tests.factories.accounts import UserFactory
from tests.factories.kpis import contract
from tests.factories.partners import EngagementFactory as EmploymentFactory
from tests.factories.partners import PersonFactory, PlacementFactory, SiteFactory, days
from tests.factories.reviews import ActionFactory, EngagementFactory, FindingFactory, kind_of
from tests.reviews.packing import a_site, blocks_of, cell, context, frozen_pack, row_of, table

pytestmark = pytest.mark.django_db
INSIDE = datetime(2026, 10, 14, 4, tzinfo=UTC)
MONTH = {"first_day": date(2026, 10, 1), "last_day": date(2026, 10, 31)}
QUARTER = {"first_day": date(2026, 7, 1), "last_day": date(2026, 9, 30)}


def monthly(site: Any, **more: Any) -> Context:
    return context(site, kind=kind_of("monthly"), **MONTH, **more)


def test_credits_are_the_frozen_results_and_their_statements() -> None:
    site = SiteFactory.create(name="Cebu")
    contract([site])
    schedule = Schedule.objects.get()
    for month, percent in ((7, "-1.50"), (8, "2.00"), (9, "0"), (10, "1")):
        result = Result.objects.create(
            schedule=schedule, site=site, month=date(2026, month, 1), score=Decimal("91.25"), percent=Decimal(percent)
        )
        if month == 8:
            Statement.objects.create(
                result=result, invoice_amount=50000, currency="EUR", percent=Decimal("2.00"), amount=Decimal("1000.00")
            )
    built = table(money.build(context(site, kind=kind_of("quarterly"), **QUARTER)), "statements")
    assert [row.cells[0] for row in built.rows] == ["2026-07", "2026-08", "2026-09"]
    key = f"{site.code}:2026-08"
    assert (Decimal(cell(built, key, "percent")), cell(built, key, "score")) == (Decimal("0.02"), "91.25")
    assert (cell(built, key, "amount"), cell(built, key, "currency"), cell(built, key, "state").code) == (
        "1000.00",
        "EUR",
        "credits.draft",
    )
    assert cell(built, f"{site.code}:2026-07", "state").code == "credits.no_statement"
    assert [row.cells[0] for row in table(money.build(monthly(site)), "statements").rows] == ["2026-10"]


def test_attrition_is_what_the_sites_page_counts() -> None:
    site = SiteFactory.create()
    PlacementFactory.create(site=site)
    gone = EmploymentFactory.create(
        person=PersonFactory.create(), employer=site.partner, period=days("2024-01-01", "2026-10-10")
    )
    PlacementFactory.create(site=site, person=gone.person, period=gone.period)
    built = table(attrition.build(monthly(site)), "months")
    read = {one.first: one for one in directory.movement(site, date(2026, 10, 1), 3)}
    assert len(built.rows) == len(read) == 3
    for first, one in read.items():
        key = f"{site.code}:{first:%Y-%m}"
        assert (cell(built, key, "leavers"), cell(built, key, "headcount")) == (one.left, one.at_end)
        assert float(cell(built, key, "rate")) * 100 == pytest.approx(one.attrition)
    assert cell(built, f"{site.code}:2026-10", "leavers") == 1
    assert table(attrition.build(monthly(SiteFactory.create())), "months").rows == []


def test_calibrations_that_were_held() -> None:
    site, me = SiteFactory.create(), UserFactory.create()
    at = {"starts_at": INSIDE, "ends_at": INSIDE + timedelta(hours=1), "kind": "calibration", "site": site}
    one = EngagementFactory.create(**at, state="held", held_at=INSIDE, title="October")
    Attendee.objects.create(engagement=one, user=me, came=True)
    Attendee.objects.create(engagement=one, guest="Guest", came=False)
    Decision.objects.create(engagement=one, text="Weigh empathy more.", by=me)
    Decision.objects.create(engagement=one, text="Taken back", by=me, withdrawn_at=timezone.now())
    EngagementFactory.create(**at)
    EngagementFactory.create(**{**at, "starts_at": INSIDE - timedelta(days=30)}, state="held", held_at=INSIDE)
    EngagementFactory.create(**{**at, "kind": "ops_call"}, state="held", held_at=INSIDE)
    built = table(held.calibrations(monthly(site)), "held")
    assert [list(row.cells[1:]) for row in built.rows] == [["October", 1, 1]]


def test_top_issues_and_quotes_of_the_period() -> None:
    site, me, theme = SiteFactory.create(), UserFactory.create(), Theme.objects.get(code="process")
    FindingFactory.create(site=site, kind="top_issue", title="Refunds take weeks", at=INSIDE, theme=theme)
    FindingFactory.create(site=site, kind="top_issue", at=INSIDE, withdrawn_at=INSIDE)
    FindingFactory.create(site=site, kind="finding", at=INSIDE)
    FindingFactory.create(kind="top_issue", at=INSIDE)
    built = table(held.top_issues(monthly(site)), "found")
    assert [(row.cells[1], row.cells[2].zh) for row in built.rows] == [("Refunds take weeks", "流程")]

    visit = EngagementFactory.create(site=site, kind="shadowing")
    for quote, at in (("I called three times.", INSIDE), ("", INSIDE), ("Long ago", INSIDE - timedelta(days=40))):
        Observation.objects.create(engagement=visit, theme=theme, text="Heard", quote=quote, by=me, at=at)
    built = table(held.voice(monthly(site, revision=2)), "quotes")
    assert [row.cells[2] for row in built.rows] == ["I called three times."]


def test_actions_are_shown_with_what_the_control_chart_says_of_them() -> None:
    site, me = a_site(), UserFactory.create()
    done = {
        "site": site,
        "state": "done",
        "done_by": me,
        "kpi": Kpi.objects.get(code="nps"),
        "expected_change": Decimal(5),
    }
    one = ActionFactory.create(**done, done_at=INSIDE, title="Listen first")
    ActionFactory.create(**done, done_at=INSIDE - timedelta(days=90))
    ActionFactory.create(site=site, state="done", done_by=me, done_at=INSIDE)
    found = measured(SYSTEM, one)
    assert found is not None
    built = table(improvement.build(monthly(site)), "actions")
    (row,) = built.rows
    assert (row.key, row.cells[0], row.unit) == (one.ref, "Listen first", "points")
    assert (cell(built, one.ref, "done"), cell(built, one.ref, "verdict").code) == (
        "2026-10-14",
        f"verdict.{found.effect.verdict}",
    )


def test_voice_has_the_figures_of_the_scorecard() -> None:
    site = a_site()
    here = monthly(site)
    built = table(held.voice(here), "figures")
    line = next(one for one in here.judged[site.pk].lines if one.kpi.code == "nps")
    row = row_of(built, f"{site.code}:nps")
    assert list(row.cells[2:4]) == [format(line.reading.value or 0, "f"), line.reading.n]
    assert row.rag == line.rag


@pytest.mark.parametrize(("kind", "period"), [("monthly", MONTH), ("quarterly", QUARTER)])
def test_packs_of_every_kind_freeze_with_and_without_data(kind: str, period: dict[str, date]) -> None:
    for site in (a_site(), SiteFactory.create()):
        pack: Pack = frozen_pack(site, kind=kind_of(kind), **period)
        assert [one["code"] for one in pack.data["sections"]] == [
            one.code for one in pack.kind.sections.order_by("position") if one.code in SECTIONS
        ]
        for code in (one["code"] for one in pack.data["sections"]):
            assert blocks_of(pack, code)
    whole = frozen_pack(kind=kind_of(kind), scope="network", **period)
    assert whole.state == "draft"
