"""A site under a contract, weeks of calls, and somebody who follows it, for tests."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from kpis.models import Contract, Follow, Kpi, Line, Schedule, SiteCover
from kpis.rules.periods import containing
from portal.accounts.choices import Role
from portal.accounts.models import User
from tests.factories.partners import QueueFactory, days, user

from .filling import queue_day

# A Tuesday; the last complete week is that of 9 November.
NOW = datetime(2026, 11, 17, 4, tzinfo=UTC)
LAST_WEEK = date(2026, 11, 9)


def kpi(code: str = "service-level") -> Kpi:
    """One of the usual KPIs."""
    return Kpi.objects.get(code=code)


def under_contract(site: Any, *, minimum_n: int = 0) -> Line:
    """The site under a contract: service level 80 %, red below 70 %."""
    contract = Contract.objects.create(
        partner=site.partner, name=f"Contract {site.code}", code=f"c-{site.code.lower()}", currency="EUR"
    )
    SiteCover.objects.create(contract=contract, site=site, period=days("2026-01-01"))
    schedule = Schedule.objects.create(contract=contract, number=1, period=days("2026-01-01"))
    return Line.objects.create(
        schedule=schedule, kpi=kpi(), weight=100, direction="up", red=Decimal("0.7"), target=Decimal("0.8"),
        minimum_n=minimum_n,
    )  # fmt: skip


def week_of_calls(queue: Any, monday: date, in_time: int, answered: int = 1000) -> None:
    """A week's calls, all on its Monday; its Sunday is quiet."""
    queue_day(queue, monday, offered=answered, answered=answered, answered_in_t=in_time, abandoned=0, abandoned_in_t=0)
    queue_day(queue, monday + timedelta(days=6), offered=0, answered=0, answered_in_t=0, abandoned=0, abandoned_in_t=0)


def steady_weeks(queue: Any, last: int, *, weeks: int = 26) -> None:
    """Weeks between 81 and 83 %, the last complete one as given (of 1,000)."""
    first = containing("week", LAST_WEEK).previous(weeks - 1).first
    for number in range(weeks - 1):
        week_of_calls(queue, first + timedelta(weeks=number), 810 + 20 * (number % 2))
    week_of_calls(queue, LAST_WEEK, last)


def follower(site: Any, *, role: str = Role.COORDINATOR, what: Kpi | None = None, everywhere: bool = False) -> User:
    """Somebody at the site who follows it."""
    made = user(role, site=site)
    Follow.objects.create(user=made, site=None if everywhere else site, kpi=what)
    return made


def called_site() -> Any:
    """A queue at a site of its own."""
    return QueueFactory.create()
