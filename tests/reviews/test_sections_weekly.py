"""Sections of the weekly pack say what the pages of figures, cases, access and actions say."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from access_requests.queries.figures import figures_of
from access_requests.rules.readiness import Course
from escalations.models import Case
from kpis.queries import Scope, cards, figures, judged_on, sums
from kpis.queries.trends import weekly
from kpis.rules.periods import containing, run_up
from reviews.queries.sections import access, actions, escalations, next_week, trends, volume
from reviews.queries.sections.trends import SHOWN_MONTHS, SHOWN_WEEKS
from sla.models import CalendarVersion, Clock
from tests.access_requests.readiness_world import wave
from tests.factories.access import RequestItemFactory
from tests.factories.escalations import CaseFactory, IssueTypeFactory, ServiceFactory
from tests.factories.kpis import batch
from tests.factories.partners import PartnerFactory, PlacementFactory, SiteFactory, days
from tests.factories.reviews import ActionFactory, EngagementFactory, kind_of
from tests.factories.sla import CalendarFactory, PolicyFactory
from tests.kpis.filling import figure
from tests.reviews.packing import a_site, bars, cell, context, notes, row_of, series, table
from tests.reviews.test_section_scorecard import WEEK, plain

pytestmark = pytest.mark.django_db
INSIDE = datetime(2026, 11, 11, 4, tzinfo=UTC)


def test_trends_are_the_weeks_and_months_of_the_pages() -> None:
    site = a_site()
    built = trends.build(context(site))
    card = cards([site.pk], judged_on(WEEK))[site.pk]
    place, weeks = Scope(frozenset({site.pk})), run_up(WEEK, SHOWN_WEEKS)
    read = weekly(place, card.kpis, weeks)[()]
    months = run_up(containing("month", WEEK.last), SHOWN_MONTHS)
    by_month = figures(place, card.kpis, months[0].first, WEEK.last, ("month",))
    for kpi in card.kpis:
        shown, terms = series(built, f"{kpi.code}:weeks"), card.line_of(kpi.code)
        assert terms is not None
        assert [point.period for point in shown.points] == [week.key for week in weeks]
        assert [point.value for point in shown.points] == [plain(one.value if one else None) for one in read[kpi.code]]
        assert (shown.target, shown.unit) == (plain(terms.target), kpi.unit)
        monthly = series(built, f"{kpi.code}:months")
        assert [point.period for point in monthly.points] == [month.key for month in months]
        for point, month in zip(monthly.points, months, strict=True):
            row = by_month.get((month.first,), {})
            assert point.value == (plain(row[kpi.code].value) if kpi.code in row else None)
            assert point.n == (row[kpi.code].n if kpi.code in row else None)


def test_trends_of_the_network_add_sites_up_and_of_nothing_say_so() -> None:
    sites = [a_site(), a_site(contracted=False)]
    built = trends.build(context(scope="network"))
    read = weekly(Scope(frozenset(site.pk for site in sites)), [line.kpi for line in context(sites[0]).judged[sites[0].pk].lines],
                  run_up(WEEK, SHOWN_WEEKS))[()]  # fmt: skip
    assert [point.value for point in series(built, "nps:weeks").points] == [
        plain(one.value if one else None) for one in read["nps"]
    ]
    assert series(built, "nps:weeks").target is None
    assert notes(trends.build(context(SiteFactory.create()))) == ["trends.nothing"]
    assert len(series(trends.build(context(sites[0], revision=2)), "nps:weeks").points) == SHOWN_WEEKS


def test_volume_by_day_against_the_forecast() -> None:
    site = a_site()
    built = volume.build(context(site))
    assert ([text.code for text in built.missing], notes(built)) == (["no_forecast"], ["no_forecast"])
    batch("figures")
    for step in range(7):
        figure("forecast", site, WEEK.first + timedelta(days=step), 300 + step)
    built = volume.build(context(site, revision=2))
    read = sums(Scope(frozenset({site.pk})), WEEK.first, WEEK.last, ("day",), ["offered", "forecast"])
    week = [WEEK.first + timedelta(days=step) for step in range(7)]
    offered, forecast = (values for _label, values in bars(built, "days").sets)
    assert offered == [plain(read[day,]["offered"]) for day in week]
    assert [Decimal(one or 0) for one in forecast] == [300 + step for step in range(7)]
    assert Decimal(cell(table(built, "total"), "forecast", "value")) == sum(300 + step for step in range(7))
    assert Decimal(cell(table(built, "total"), "offered", "value")) == sum(read[day,]["offered"] or 0 for day in week)
    assert built.missing == []


def test_volume_without_contacts_says_so() -> None:
    built = volume.build(context(SiteFactory.create()))
    assert [text.code for text in built.missing] == ["no_volume", "no_forecast"]
    months = volume.build(
        context(a_site(), first_day=date(2026, 11, 1), last_day=date(2026, 11, 30), kind=kind_of("monthly"))
    )
    assert [text.en for text in bars(months, "weeks").categories][:3] == ["2026-W44", "2026-W45", "2026-W46"]


def test_cases_are_counted_and_no_number_moves_with_a_sensitive_one() -> None:
    site, service = SiteFactory.create(), ServiceFactory.create()
    refunds = IssueTypeFactory.create(name="Refunds", name_zh="退款")
    deep = IssueTypeFactory.create(level=2, parent=refunds, name="Late refunds")
    common = {"service": service, "site": site}
    CaseFactory.create(**common, issue_type_id=deep.pk, at=INSIDE)
    CaseFactory.create(**common, issue_type_id=refunds.pk, at=INSIDE)
    CaseFactory.create(**common, at=INSIDE - timedelta(days=30))
    gone = CaseFactory.create(**common, at=INSIDE - timedelta(days=30))
    Case.objects.filter(pk=gone.pk).update(state="resolved", resolved_at=INSIDE)
    CaseFactory.create(service=service, at=INSIDE)
    built = escalations.build(context(site))
    totals, issues = table(built, "counts"), table(built, "issues")
    assert [cell(totals, "all", one) for one in ("open", "opened", "closed", "breached")] == [3, 2, 1, 0]
    assert {row.key: list(row.cells[1:]) for row in issues.rows} == {refunds.code: [2, 2], "none": [0, 1]}
    assert row_of(issues, refunds.code).cells[0].zh == "退款"
    assert "Matter" not in str(built)
    for sensitivity in ("confidential", "restricted"):
        CaseFactory.create(**common, issue_type_id=refunds.pk, at=INSIDE, sensitivity=sensitivity)
        over = CaseFactory.create(**common, at=INSIDE, sensitivity=sensitivity)
        Case.objects.filter(pk=over.pk).update(state="resolved", resolved_at=INSIDE)
    assert escalations.build(context(site, revision=2)) == built


def test_a_broken_promise_of_the_period_counts_once_a_case() -> None:
    site, service = SiteFactory.create(), ServiceFactory.create()
    PolicyFactory.create()
    case = CaseFactory.create(service=service, site=site, at=INSIDE)
    clocks = Clock.objects.filter(subject_kind="case", subject_id=case.pk)
    assert clocks.update(breached_at=INSIDE) > 1
    assert cell(table(escalations.build(context(site)), "counts"), "all", "breached") == 1
    Case.objects.filter(pk=case.pk).update(sensitivity="confidential")
    assert cell(table(escalations.build(context(site, revision=3)), "counts"), "all", "breached") == 0
    Case.objects.filter(pk=case.pk).update(sensitivity="standard")
    clocks.update(breached_at=INSIDE - timedelta(days=9))
    assert cell(table(escalations.build(context(site, revision=2)), "counts"), "all", "breached") == 0


def test_readiness_is_the_boards_and_overdue_requests_are_counted() -> None:
    made = wave()
    today = timezone.now().date()
    week = containing("week", today)
    here = context(made.site, first_day=week.first, last_day=week.last)
    built = access.build(here)
    found = figures_of([made.site], week.first, week.previous(-1).last, here.now)[made.site.pk]
    row = table(built, "readiness")
    shown = [cell(row, made.site.code, one) for one in ("starting", "ready", "on_track", "at_risk", "late")]
    assert shown == [found.total, *[found.courses[one] for one in Course]]
    before = cell(row, made.site.code, "overdue")
    late = RequestItemFactory.create(state="submitted", due_at=here.now - timedelta(hours=1))
    late.request.site = made.site
    late.request.save()
    assert cell(table(access.build(here), "readiness"), made.site.code, "overdue") == before + 1
    assert notes(access.build(context(SiteFactory.create()))) == ["access.nobody"]


def test_actions_open_done_and_overdue_by_side() -> None:
    site, now = SiteFactory.create(), timezone.now()
    late = ActionFactory.create(site=site, due_at=now - timedelta(days=1), title="Late one")
    ActionFactory.create(site=site, side="company")
    ActionFactory.create(site=site, state="done", done_at=INSIDE, done_by=late.owner)
    ActionFactory.create(site=site, state="done", done_at=INSIDE - timedelta(days=9), done_by=late.owner)
    hidden = CaseFactory.create(site=site, sensitivity="confidential")
    ActionFactory.create(site=site, due_at=now - timedelta(days=1), case=hidden)
    ActionFactory.create(site=None, partner=site.partner)
    built = actions.build(context(site))
    counted = table(built, "counts")
    assert [list(row_of(counted, side).cells[1:]) for side in ("company", "partner")] == [[1, 0, 0], [1, 1, 1]]
    assert [(row.key, row.cells[0]) for row in table(built, "late").rows] == [(late.ref, "Late one")]
    whole = table(actions.build(context(scope="partner", partner=site.partner)), "counts")
    assert row_of(whole, "partner").cells[1] == 2, "those of the partner as a whole too"


def test_next_week_has_holidays_meetings_joiners_and_what_falls_due() -> None:
    calendar = CalendarFactory.create()
    version = CalendarVersion.objects.get(calendar=calendar)
    version.pk, version.number, version.digest = None, 2, "f" * 64
    version.holidays = {"2026-11-18": ["Founders' Day", "创始日"], "2026-11-25": ["Later", ""]}
    version.save(force_insert=True)
    site = SiteFactory.create(calendar=calendar)
    EngagementFactory.create(site=site, title="Ops call")
    EngagementFactory.create(site=site, title="Cancelled", state="cancelled")
    EngagementFactory.create(title="Elsewhere")
    PlacementFactory.create(site=site, period=days("2026-11-17"))
    PlacementFactory.create(site=site, period=days("2026-11-24"))
    due = ActionFactory.create(site=site, due_at=datetime(2026, 11, 19, 4, tzinfo=UTC))
    ActionFactory.create(site=site, due_at=datetime(2026, 11, 26, 4, tzinfo=UTC))
    built = next_week.build(context(site))
    assert [(row.cells[0], row.cells[2].en, row.cells[2].zh) for row in table(built, "holidays").rows] == [
        ("2026-11-18", "Founders' Day", "创始日")
    ]
    assert [row.cells[1] for row in table(built, "meetings").rows] == ["Ops call"]
    assert [(row.cells[0], row.cells[2]) for row in table(built, "joiners").rows] == [("2026-11-17", 1)]
    assert [row.key for row in table(built, "due").rows] == [due.ref]
    assert built.missing == []
    bare = next_week.build(context(SiteFactory.create(partner=PartnerFactory.create())))
    assert [text.code for text in bare.missing] == ["no_calendar"]
