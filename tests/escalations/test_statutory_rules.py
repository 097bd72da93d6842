"""Until when the law wants an answer, computed by hand: nights of the clocks, leap days, year ends, edges of zones, days off."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from escalations.rules.statutory import Days, NoWorkingDayError, Term, counted, statutory_due
from sla.business_time import WEEKDAYS, BusinessCalendar

WEEK = dict.fromkeys(WEEKDAYS[:5], (("09:00", "18:00"),))


def days(zone: str, *off: str, made_up: Sequence[str] = ()) -> Days:
    """Monday to Friday in a zone, less these dates, with these made up."""
    special = {date.fromisoformat(one): (("09:00", "18:00"),) for one in made_up}
    calendar = BusinessCalendar(zone, WEEK, [date.fromisoformat(one) for one in off], special)
    return Days(calendar.tz, calendar.works_on)


def calendar_days(amount: int, *, next_day: bool = True, rolls: bool = False) -> Term:
    return Term(amount, working_days=False, next_day=next_day, rolls=rolls)


def working_days(amount: int, *, next_day: bool = True) -> Term:
    return Term(amount, working_days=True, next_day=next_day, rolls=False)


EASTER = days("Europe/London", "2026-04-03", "2026-04-06")
NEW_YEAR = days("Asia/Shanghai", "2027-01-01")
SPRING_FESTIVAL = days(
    "Asia/Shanghai", *(f"2026-02-{n}" for n in (16, 17, 18, 19, 20, 23)), made_up=["2026-02-14", "2026-02-28"]
)


@pytest.mark.parametrize(
    ("received", "term", "calendar", "due"),
    [
        # Eight weeks in London, into summer time: 2 March + 56 = 27 April, which ends at 23:00 UTC.
        ("2026-03-02T10:00Z", calendar_days(56), EASTER, "2026-04-27T22:59:59.999999Z"),
        # The night in which the clocks go forward has 23 hours, the day ends in summer time.
        ("2026-03-28T23:30Z", calendar_days(1), EASTER, "2026-03-29T22:59:59.999999Z"),
        # 29 March is a Sunday: rolled to Monday.
        ("2026-03-28T23:30Z", calendar_days(1, rolls=True), EASTER, "2026-03-30T22:59:59.999999Z"),
        # The last second of 24 October in summer time; the next day has 25 hours.
        ("2026-10-24T22:59:59Z", calendar_days(1), EASTER, "2026-10-25T23:59:59.999999Z"),
        # A second later it is 25 October there.
        ("2026-10-24T23:00:00Z", calendar_days(1), EASTER, "2026-10-26T23:59:59.999999Z"),
        # Clocks that change at midnight: 28 March ends where 29 March begins, at 01:00 there.
        ("2026-03-27T12:00Z", calendar_days(1), days("Asia/Beirut"), "2026-03-28T21:59:59.999999Z"),
        # 24 October there has its last hour twice and ends after the second.
        ("2026-10-23T12:00Z", calendar_days(1), days("Asia/Beirut"), "2026-10-24T21:59:59.999999Z"),
        # 2028 has a 29 February, 2026 has none.
        ("2028-02-28T04:00Z", calendar_days(1), NEW_YEAR, "2028-02-29T15:59:59.999999Z"),
        ("2026-02-28T04:00Z", calendar_days(1), NEW_YEAR, "2026-03-01T15:59:59.999999Z"),
        ("2028-02-29T04:00Z", calendar_days(365), NEW_YEAR, "2029-02-28T15:59:59.999999Z"),
        # Half past midnight on New Year's Day in Shanghai, a holiday: 4 to 8, 11 and 12 January are seven working days.
        ("2026-12-31T16:30Z", working_days(7), NEW_YEAR, "2027-01-12T15:59:59.999999Z"),
        # An hour earlier it is still the old year, and the same seven days.
        ("2026-12-31T15:30Z", working_days(7), NEW_YEAR, "2027-01-12T15:59:59.999999Z"),
        ("2026-12-31T15:30Z", calendar_days(1), NEW_YEAR, "2027-01-01T15:59:59.999999Z"),
        ("2026-12-31T15:30Z", calendar_days(1, rolls=True), NEW_YEAR, "2027-01-04T15:59:59.999999Z"),
        # One instant, two dates: the first zone to see a day and the last.
        ("2026-06-01T10:30Z", calendar_days(3), days("Pacific/Kiritimati"), "2026-06-05T09:59:59.999999Z"),
        ("2026-06-01T10:30Z", calendar_days(3), days("Pacific/Pago_Pago"), "2026-06-04T10:59:59.999999Z"),
        # Good Friday, the weekend and Easter Monday are off.
        ("2026-04-02T09:00Z", calendar_days(1, rolls=True), EASTER, "2026-04-07T22:59:59.999999Z"),
        ("2026-04-02T09:00Z", working_days(2), EASTER, "2026-04-08T22:59:59.999999Z"),
        # Friday 13 and the Saturday that is made up count, then the holiday, then Tuesday 24 February.
        ("2026-02-12T02:00Z", working_days(3), SPRING_FESTIVAL, "2026-02-24T15:59:59.999999Z"),
        # The day of receipt is the first one; on a Saturday, the Monday after.
        ("2026-03-02T10:00Z", working_days(1, next_day=False), EASTER, "2026-03-02T23:59:59.999999Z"),
        ("2026-03-07T10:00Z", working_days(1, next_day=False), EASTER, "2026-03-09T23:59:59.999999Z"),
        ("2026-03-02T10:00Z", calendar_days(14, next_day=False), EASTER, "2026-03-15T23:59:59.999999Z"),
    ],
)
def test_due(received: str, term: Term, calendar: Days, due: str) -> None:
    found = statutory_due(datetime.fromisoformat(received), term, calendar)
    assert (found, found.tzinfo) == (datetime.fromisoformat(due), UTC)


def test_the_count_names_what_did_not_count() -> None:
    found = counted(datetime(2026, 4, 2, 9, tzinfo=UTC), working_days(6), EASTER)
    assert (found.received_on, found.first) == (date(2026, 4, 2), date(2026, 4, 3))
    assert found.rests == ((date(2026, 4, 3), date(2026, 4, 6)), (date(2026, 4, 11), date(2026, 4, 12)))
    assert found.last == found.last_counted == date(2026, 4, 14)


def test_the_count_says_that_it_was_rolled() -> None:
    found = counted(datetime(2026, 4, 2, 9, tzinfo=UTC), calendar_days(1, rolls=True), EASTER)
    assert (found.last_counted, found.last) == (date(2026, 4, 3), date(2026, 4, 7))


def test_a_calendar_without_working_days_is_refused() -> None:
    never = Days(ZoneInfo("UTC"), lambda day: False)
    with pytest.raises(NoWorkingDayError):
        statutory_due(datetime(2026, 1, 1, tzinfo=UTC), working_days(1), never)


@pytest.mark.parametrize(
    ("received", "amount"),
    [(datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None), 3), (datetime(2026, 1, 1, tzinfo=UTC), 0)],
)
def test_what_cannot_be_counted_is_refused(received: datetime, amount: int) -> None:
    with pytest.raises(ValueError, match=r"zone|one day"):
        statutory_due(received, calendar_days(amount), EASTER)
