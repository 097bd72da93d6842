"""A site under a contract with a month of contacts, and people of both sides."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal as D
from typing import Any

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from kpis.actions import make_sums, recompute
from kpis.models import Band, Batch, ContactInterval, Contract, Kpi, Line, Schedule, SiteCover
from portal.accounts.choices import Role
from portal.accounts.models import Delegation
from portal.accounts.queries import actor_for
from portal.accounts.rules import Actor
from tests.factories.partners import PersonFactory, ProgrammeFactory, QueueFactory, SiteFactory, user

MONTH = date(2026, 9, 1)


def noon(day: int, month: int = 9) -> datetime:
    """Noon of a day of 2026 in Shanghai."""
    return datetime(2026, month, day, 4, tzinfo=UTC)


def stand_in(principal: Any, delegate: Any) -> None:
    """Let one stand in for the other from an hour ago to tomorrow."""
    now = timezone.now()
    Delegation.objects.create(
        principal=principal, delegate=delegate, starts_at=now - timedelta(hours=1), ends_at=now + timedelta(days=1)
    )


def ensure(first: date, last: date) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT kpis_ensure_months(%s, %s)", [first, last])


@dataclass
class World:
    site: Any = field(default_factory=SiteFactory)
    contract: Any = None
    schedule: Any = None
    queue: Any = None
    manager: Any = None
    lead: Any = None

    def __post_init__(self) -> None:
        partner = self.site.partner
        self.contract = Contract.objects.create(partner=partner, code=f"c{self.site.pk}", name="Voice", currency="EUR")
        self.schedule = Schedule.objects.create(
            contract=self.contract, number=1, period=DateRange(date(2026, 1, 1), None), bonus_cap=5, malus_cap=10,
            earn_back_months=3, earn_back_score=100,
        )  # fmt: skip
        SiteCover.objects.create(contract=self.contract, site=self.site, period=DateRange(date(2026, 1, 1), None))
        self.line("service-level", 60, "up", "0.70", "0.80", stretch=D("0.90"))
        self.line("asa", 40, "down", "60", "30")
        for score, percent in ((0, -8), (80, 0), (100, 3)):
            Band.objects.create(schedule=self.schedule, from_score=score, percent=percent)
        self.queue = QueueFactory(programme=ProgrammeFactory(site=self.site))
        self.manager = user(Role.MANAGER, partner=partner)
        self.lead = user(Role.PARTNER_LEAD, site=self.site)
        for someone in (self.manager, self.lead):
            someone.person = PersonFactory()
            someone.save()

    def line(self, code: str, weight: int, direction: str, red: str, target: str, **more: Any) -> Line:
        kpi = Kpi.objects.get(code=code)
        return Line.objects.create(
            schedule=self.schedule, kpi=kpi, weight=weight, direction=direction, red=D(red), target=D(target), **more
        )

    def contacts(self, at: datetime, offered: int, in_t: int, wait: int, seconds: int = 1800) -> None:
        ensure(at.date(), at.date())
        batch = Batch.objects.get_or_create(kind="contacts", source="test", name="t", digest="d")[0]
        ContactInterval.objects.create(
            queue=self.queue, site=self.site, starts_at=at, seconds=seconds, offered=offered, answered=offered,
            answered_in_t=in_t, abandoned=0, short_abandoned=0, abandoned_in_t=0, wait=wait, batch=batch, row=1,
        )  # fmt: skip

    def usual(self, month: date = MONTH) -> None:
        """Five good days of 100 contacts, and one bad hour on the tenth."""
        for day in range(5, 10):
            self.contacts(datetime(month.year, month.month, day, 4, tzinfo=UTC), 100, 90, 2000)
        self.contacts(datetime(month.year, month.month, 10, 4, tzinfo=UTC), 100, 10, 9000)
        self.count(month)

    def count(self, month: date = MONTH) -> None:
        """Make the sums of a month, and forget what was marked."""
        days = [month + timedelta(days=step) for step in range(28)]
        make_sums([self.site.pk] * len(days), days)
        while recompute():
            pass

    @property
    def by_manager(self) -> Actor:
        return actor_for(self.manager)

    @property
    def by_lead(self) -> Actor:
        return actor_for(self.lead)
