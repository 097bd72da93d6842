"""What would be: scores recomputed from the raw intervals with other exclusions or other terms. Nothing is written."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.db import connection

from partners import queries as directory

from ..components import BY_CODE, SUMMED
from ..models import Exclusion, KpiVersion
from ..queries import agreements, contracts
from ..queries.contracts import Card
from ..queries.definitions import versions_of
from ..queries.scores import Worth, carried_scores, scores, worth
from ..queries.sums import Answer, Ask, Row, answered
from ..rules.periods import Period, add_months, containing
from ..rules.scoring import Total
from . import day_sql

if TYPE_CHECKING:
    from partners.models import Site

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Month:
    """A site's month as it stands and as it would be; `invoice` None without one."""

    site_id: int
    month: date
    now: Total
    then: Total
    now_worth: Worth
    then_worth: Worth
    invoice: Decimal | None
    currency: str
    now_card: Card
    then_card: Card


@dataclass(frozen=True, slots=True)
class Other:
    """What is asked: exclusions that would count too, and approved ones that would not; `change`: other terms for a month's card."""

    with_: tuple[Exclusion, ...] = ()
    without: tuple[Exclusion, ...] = ()
    change: Callable[[Card], Card] | None = None


@dataclass(slots=True)
class Raw:
    """A reader of sums in which the days that exclusions touch are made from the raw intervals, and all others are those stored."""

    site_id: int
    days: frozenset[date]
    rows: Mapping[date, Row]

    def __call__(self, ask: Ask) -> Answer:
        """As `queries.sums`, of the one site."""
        built_in = frozenset(code for code in ask.components if code in BY_CODE)
        between = _between(ask.first, ask.last, self.days)
        asks = [replace(ask, first=since, last=until, components=built_in) for since, until in between]
        found = Answer()
        for part in answered([*asks, replace(ask, components=ask.components - built_in)]):
            for key, row in part.rows.items():
                _add(found.rows[key], row, row)
            for key, days in part.days.items():
                found.reach(key, *days)
        for day in self.days:
            if ask.first <= day <= ask.last and day in self.rows:
                _add(found.rows[(self.site_id,)], self.rows[day], built_in)
                if any(self.rows[day].get(code) is not None for code in ask.dated):
                    found.reach((self.site_id,), day, day)
        return found


def effect(exclusion: Exclusion) -> list[Month]:
    """Score and money of each month that a disputed range touches, without it and with it, whatever is decided. Newest month last.

    A formula with a window carries a range on into the months after.
    """
    months = _reached(exclusion.site, _months(touched_days([exclusion])))
    if exclusion.state == "approved":
        return compare(exclusion.site, months, Other(without=(exclusion,)), backwards=True)
    return compare(exclusion.site, months, Other(with_=(exclusion,)))


def compare(site: "Site", months: Iterable[date], other: Other, *, backwards: bool = False) -> list[Month]:
    """These months of a site now and as they would be; `backwards`: what would be is shown as now. Months without contract are left out."""
    pk = site.pk
    changed = [*other.with_, *other.without]
    days = frozenset(touched_days(changed)) if changed else frozenset()
    # Both from the facts: what stands may not be made again yet when somebody has just decided.
    now = Raw(pk, days, _raw(pk, days, Other())) if days else None
    then = Raw(pk, days, _raw(pk, days, other)) if days else None
    found = []
    for month in months:
        period = containing("month", month)
        if made := _compared(pk, period, now, then, other.change, backwards):
            found.append(made)
    return found


def _reached(site: "Site", months: Sequence[date]) -> list[date]:
    """These months, and those that have begun since whose lines reach back to one of them; exclusions act on intervals alone."""
    if not months:
        return []
    card = contracts.cards([site.pk], months[-1]).get(site.pk)
    reach = (
        max((_months_back(versions) for versions in versions_of([kpi.pk for kpi in card.kpis]).values()), default=0)
        if card
        else 0
    )
    later = [add_months(months[-1], step) for step in range(1, reach)]
    return [*months, *(month for month in later if month <= directory.site_today(site))]


def _months_back(versions: Iterable[KpiVersion]) -> int:
    """The longest window of these formulas that count intervals."""
    counting = [one for one in versions if not BY_CODE.keys().isdisjoint({*one.numerator, *one.denominator})]
    return max((one.window_months for one in counting), default=0)


def touched_days(exclusions: Sequence[Exclusion]) -> set[date]:
    """The site's local days of which these ranges take something away, by the facts that stand."""
    found: set[date] = set()
    for one in exclusions:
        zone = ZoneInfo(one.site.time_zone)
        since, until = one.period.lower, one.period.upper
        found |= set(_days(_local(since, zone), _local(until - timedelta(microseconds=1), zone)))
        with connection.cursor() as cursor:
            cursor.execute(day_sql.TOUCHED, {"site": one.site_id, "since": since, "until": until})
            found |= {day for (day,) in cursor.fetchall()}
    return found


def _compared(
    site: int, period: Period, stands: Raw | None, reader: Raw | None, change: Callable[[Card], Card] | None, backwards: bool
) -> Month | None:  # fmt: skip
    cards = contracts.cards([site], period.first)
    if site not in cards:
        return None
    other = {site: change(cards[site]) if change else cards[site]}
    carried = carried_scores({**cards}, period.first) or carried_scores(other, period.first)
    now = scores([site], period, carried, chosen=cards, reader=stands)[site]
    then = scores([site], period, carried, chosen=other, reader=reader)[site]
    now_card, then_card = cards[site], other[site]
    if backwards:
        now, then, now_card, then_card = then, now, then_card, now_card
    invoice = agreements.invoice_of(site, period.first)
    amount = invoice.amount if invoice else None
    worths = worth(now, now_card, amount), worth(then, then_card, amount)
    currency = invoice.currency if invoice else cards[site].contract.currency
    return Month(site, period.first, now, then, *worths, amount, currency, now_card, then_card)


def _raw(site: int, days: Collection[date], other: Other) -> dict[date, Row]:
    """What would count on each of these days, from the facts."""
    arguments: dict[str, Any] = {
        "sites": [site] * len(days), "days": sorted(days),
        "with": [one.pk for one in other.with_], "without": [one.pk for one in other.without],
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(day_sql.SPAN, arguments)
        arguments["since"], arguments["until"] = cursor.fetchone()
        cursor.execute(day_sql.site_sums_if(), arguments)
        return {
            row[1]: {one.code: _decimal(value) for one, value in zip(SUMMED, row[2:], strict=True)} for row in cursor
        }


def _decimal(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _add(target: Row, row: Mapping[str, Decimal | None], codes: Iterable[str]) -> None:
    for code in codes:
        value, held = row.get(code), target.get(code)
        target[code] = value if held is None else held if value is None else held + value


def _between(first: date, last: date, days: Collection[date]) -> list[tuple[date, date]]:
    """The stretches of days from `first` to `last` in which none of `days` lies."""
    found, since = [], first
    for day in sorted(one for one in days if first <= one <= last):
        if since < day:
            found.append((since, day - _DAY))
        since = day + _DAY
    return [*found, (since, last)] if since <= last else found


def _local(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=step) for step in range((last - first).days + 1)]


def _months(days: Iterable[date]) -> list[date]:
    return sorted({day.replace(day=1) for day in days})


def last_quarter(today: date) -> list[date]:
    """The three months of the last quarter that is over."""
    first = containing("quarter", add_months(today.replace(day=1), -3)).first
    return [first, add_months(first, 1), add_months(first, 2)]
