"""Report jobs that are due make packs: one per period, in order, and once however many workers ask."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from portal.audit.models import AuditEntry
from reviews.actions.making import make_packs
from reviews.models import Pack, ReportJob
from tests.factories.partners import SiteFactory
from tests.factories.reviews import PackFactory, ReportJobFactory, kind_of

pytestmark = pytest.mark.django_db
MONDAY_8 = datetime(2026, 11, 16, 0, 0, tzinfo=UTC)


def days_of(job: ReportJob) -> list[tuple[date, date]]:
    return list(Pack.objects.filter(job=job).order_by("pk").values_list("first_day", "last_day"))


def test_a_due_job_makes_the_pack_of_its_period_and_moves_on() -> None:
    job = ReportJobFactory.create(formats=["pdf", "xlsx"], language="zh-hans")
    assert make_packs(MONDAY_8 - timedelta(seconds=1)) == 0
    assert (make_packs(MONDAY_8), make_packs(MONDAY_8)) == (1, 0)
    pack = Pack.objects.get()
    assert (pack.site, pack.kind, pack.first_day, pack.last_day) == (
        job.site,
        job.kind,
        date(2026, 11, 9),
        date(2026, 11, 15),
    )
    assert (pack.state, pack.formats, pack.language, pack.made_by) == ("waiting", ["pdf", "xlsx"], "zh-hans", None)
    job.refresh_from_db()
    assert (job.next_period, job.next_at) == (date(2026, 11, 16), datetime(2026, 11, 23, 0, 0, tzinfo=UTC))
    assert [one.verb for one in AuditEntry.objects.filter(subject_type="pack")] == ["pack.made"]


def test_missed_weeks_are_caught_up_in_order() -> None:
    job, other = ReportJobFactory.create(), ReportJobFactory.create()
    assert make_packs(MONDAY_8 + timedelta(weeks=4, hours=1)) == 10
    weeks = [date(2026, 11, 9) + timedelta(weeks=at) for at in range(5)]
    assert [first for first, _last in days_of(job)] == [first for first, _last in days_of(other)] == weeks
    made = list(Pack.objects.order_by("pk").values_list("first_day", flat=True))
    assert made == sorted(made), "the oldest week of all jobs first"


def test_what_somebody_made_by_hand_is_not_made_again() -> None:
    job = ReportJobFactory.create()
    PackFactory.create(site=job.site, kind=job.kind)
    assert make_packs(MONDAY_8) == 0
    job.refresh_from_db()
    assert (Pack.objects.count(), job.next_period) == (1, date(2026, 11, 16))


def test_what_is_paused_archived_or_about_a_closed_site_waits() -> None:
    ReportJobFactory.create(paused_at=timezone.now())
    ReportJobFactory.create(archived_at=timezone.now())
    ReportJobFactory.create(site=SiteFactory.create(archived_at=timezone.now()))
    assert make_packs(MONDAY_8) == 0
    assert not Pack.objects.exists()


def test_months_and_quarters_of_partner_and_network() -> None:
    site = SiteFactory.create()
    common = {
        "site": None,
        "next_period": date(2026, 10, 1),
        "next_at": datetime(2026, 11, 3, tzinfo=UTC),
        "days_after": 3,
    }
    month = ReportJobFactory.create(kind=kind_of("monthly"), scope="partner", partner=site.partner, **common)
    quarter = ReportJobFactory.create(kind=kind_of("quarterly"), scope="network", **common)
    make_packs(datetime(2026, 12, 4, tzinfo=UTC))
    assert days_of(month) == [(date(2026, 10, 1), date(2026, 10, 31)), (date(2026, 11, 1), date(2026, 11, 30))]
    assert days_of(quarter) == [(date(2026, 10, 1), date(2026, 12, 31))]


@pytest.mark.parametrize(("week", "due"), [("2026-03-16", "2026-03-29T01:30"), ("2026-10-12", "2026-10-25T00:30")])
def test_the_week_in_which_clocks_change_is_made_once(week: str, due: str) -> None:
    at = datetime.fromisoformat(due).replace(tzinfo=UTC)
    job = ReportJobFactory.create(
        time_zone="Europe/Berlin", weekday=6, at="02:30", next_period=date.fromisoformat(week), next_at=at
    )
    assert [make_packs(at + timedelta(minutes=step)) for step in range(0, 180, 30)] == [1, 0, 0, 0, 0, 0]
    job.refresh_from_db()
    assert job.next_at == at + timedelta(weeks=1, hours=-1 if at.month == 3 else 1)
