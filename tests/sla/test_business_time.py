"""Business time beyond the cases of others: properties, odd time zones, errors."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sla.business_time import WEEKDAYS, BusinessCalendar, Interval, NeverOpensError, Ranges

ZONES = [
    "UTC", "Australia/Lord_Howe", "America/Sao_Paulo", "Pacific/Apia", "Asia/Kathmandu",
    "Europe/Berlin", "America/New_York", "America/St_Johns", "Africa/Casablanca", "Asia/Shanghai",
]  # fmt: skip
OFFICE: dict[str, Ranges] = {day: [("09:00", "17:00")] for day in WEEKDAYS[:5]}
ALWAYS: dict[str, Ranges] = {day: [("00:00", "24:00")] for day in WEEKDAYS}
NIGHTS: dict[str, Ranges] = {day: [("22:00", "06:00")] for day in WEEKDAYS[:5]}


def moments(first: int, last: int) -> st.SearchStrategy[datetime]:
    begin, end = (datetime(year, 1, 1, tzinfo=UTC) for year in (first, last))
    return st.timedeltas(timedelta(0), end - begin).map(lambda passed: begin + passed)


walls = st.integers(0, 1439).map(lambda m: f"{m // 60:02}:{m % 60:02}")
ranges = st.tuples(walls, st.one_of(walls, st.just("24:00"))).filter(lambda pair: pair[0] != pair[1])
instants = moments(2005, 2020)
dates = st.dates(date(2010, 12, 1), date(2012, 2, 1))
around = moments(2011, 2012)
lengths = st.integers(1, 40 * 3600)


@st.composite
def calendars(draw: st.DrawFn) -> BusinessCalendar:
    hours = draw(st.dictionaries(st.sampled_from(WEEKDAYS), st.lists(ranges, min_size=1, max_size=3), min_size=1))
    special = draw(st.dictionaries(dates, st.lists(ranges, max_size=2), max_size=4))
    return BusinessCalendar(draw(st.sampled_from(ZONES)), hours, draw(st.sets(dates, max_size=5)), special)


@st.composite
def pauses(draw: st.DrawFn) -> list[tuple[datetime, datetime]]:
    return [
        (begin, begin + timedelta(seconds=seconds))
        for begin, seconds in draw(st.lists(st.tuples(around, st.integers(0, 500_000)), max_size=4))
    ]


@given(calendars(), instants, lengths)
def test_between_undoes_add(calendar: BusinessCalendar, start: datetime, seconds: int) -> None:
    assert calendar.between(start, calendar.add(start, seconds)) == seconds


@given(calendars(), around, lengths, pauses())
def test_between_undoes_add_with_pauses(
    calendar: BusinessCalendar, start: datetime, seconds: int, stops: list[tuple[datetime, datetime]]
) -> None:
    due = calendar.add(start, seconds, stops)
    assert calendar.between(start, due, stops) == seconds
    assert calendar.between(start, due - timedelta(microseconds=1), stops) < seconds


@given(calendars(), around, st.lists(lengths, min_size=2, max_size=2))
def test_a_longer_target_is_due_later(calendar: BusinessCalendar, start: datetime, two: list[int]) -> None:
    short, long = sorted(two)
    assert (calendar.add(start, short) < calendar.add(start, long)) == (short < long)


@given(calendars(), around, around, lengths)
def test_a_later_start_is_never_due_earlier(
    calendar: BusinessCalendar, one: datetime, other: datetime, seconds: int
) -> None:
    first, second = sorted((one, other))
    assert calendar.add(first, seconds) <= calendar.add(second, seconds)


@given(calendars(), st.lists(around, min_size=3, max_size=3), pauses())
def test_time_adds_up(
    calendar: BusinessCalendar, three: list[datetime], stops: list[tuple[datetime, datetime]]
) -> None:
    a, b, c = sorted(three)
    whole = calendar.between(a, c, stops)
    assert calendar.between(a, b, stops) + calendar.between(b, c, stops) == pytest.approx(whole, abs=1e-5)


@given(calendars(), around, around, pauses())
def test_pauses_take_away_what_they_cover_once(
    calendar: BusinessCalendar, one: datetime, other: datetime, stops: list[tuple[datetime, datetime]]
) -> None:
    start, end = sorted((one, other))
    lines = calendar.explain(start, end, stops)
    paused = sum(line.seconds for line in lines if line.reason == "paused")
    assert calendar.between(start, end, stops + stops) + paused == pytest.approx(calendar.between(start, end), abs=1e-4)


@given(calendars(), around, st.integers(0, 4 * 24 * 60), pauses())
@settings(max_examples=60)
def test_it_is_what_the_wall_clock_says_minute_by_minute(
    calendar: BusinessCalendar, start: datetime, minutes: int, stops: list[tuple[datetime, datetime]]
) -> None:
    """A second, slow method: ask the zone for the wall clock of every minute and look it up in the explanation."""
    start = start.replace(second=0, microsecond=0)
    stops = [(a.replace(second=0, microsecond=0), b.replace(second=0, microsecond=0)) for a, b in stops]
    moments = [start + timedelta(minutes=i) for i in range(minutes)]
    counted = sum(is_open(calendar, at) and not any(a <= at < b for a, b in stops) for at in moments)
    assert calendar.between(start, start + timedelta(minutes=minutes), stops) == counted * 60


def is_open(calendar: BusinessCalendar, at: datetime) -> bool:
    """Read the calendar's tables for one wall-clock minute, sharing none of its arithmetic."""
    wall = at.astimezone(calendar.tz)
    second = (wall.hour * 60 + wall.minute) * 60 * 1_000_000
    day = wall.toordinal()
    if day in calendar._closed:
        return False

    def starting(ordinal: int) -> list[tuple[int, int]]:
        if ordinal in calendar._holidays:
            return []
        return list(calendar._special.get(ordinal, calendar._week[(ordinal - 1) % 7]))

    last_night = any(begin <= second + 86_400_000_000 < end for begin, end in starting(day - 1))
    return last_night or any(begin <= second < end for begin, end in starting(day))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_lord_howe_moves_by_half_an_hour() -> None:
    calendar = BusinessCalendar("Australia/Lord_Howe", ALWAYS)
    assert calendar.between(at("2026-04-05T00:00+11:00"), at("2026-04-06T00:00+10:30")) == 24.5 * 3600
    office = BusinessCalendar("Australia/Lord_Howe", {"sun": [("01:30", "02:00")]})
    assert office.between(at("2026-04-04T12:00Z"), at("2026-04-05T12:00Z")) == 3600, "the half hour happens twice"
    assert office.between(at("2026-10-03T12:00Z"), at("2026-10-04T12:00Z")) == 1800
    gap = BusinessCalendar("Australia/Lord_Howe", {"sun": [("02:00", "02:30")]})
    assert gap.between(at("2026-10-03T12:00Z"), at("2026-10-04T12:00Z")) == 0, "the half hour does not happen"


def test_sao_paulo_has_no_midnight_on_the_day_of_the_gap() -> None:
    calendar = BusinessCalendar("America/Sao_Paulo", {"sun": [("00:00", "02:00")]})
    assert calendar.add(at("2015-10-17T12:00-03:00"), 3600) == at("2015-10-18T02:00-02:00")
    assert calendar.between(at("2015-10-17T12:00-03:00"), at("2015-10-18T12:00-02:00")) == 3600


def test_samoa_skipped_a_day() -> None:
    calendar = BusinessCalendar("Pacific/Apia", OFFICE)
    thursday = datetime(2011, 12, 29, 16, tzinfo=ZoneInfo("Pacific/Apia"))
    assert calendar.add(thursday, 2 * 3600) == datetime(2012, 1, 2, 10, tzinfo=ZoneInfo("Pacific/Apia"))
    days = [line.day for line in calendar.explain(thursday, thursday.astimezone(UTC) + timedelta(days=2))]
    assert date(2011, 12, 30) not in days
    assert date(2011, 12, 31) in days


def test_kathmandu_is_a_quarter_off() -> None:
    calendar = BusinessCalendar("Asia/Kathmandu", OFFICE)
    assert calendar.add(at("2026-11-19T00:00Z"), 60) == at("2026-11-19T03:16Z")


def test_an_overnight_range_belongs_to_the_day_on_which_it_begins() -> None:
    wednesday = date(2026, 11, 18)
    calendar = BusinessCalendar("UTC", NIGHTS, [wednesday])
    tuesday_evening, friday = at("2026-11-17T21:00Z"), at("2026-11-20T00:00Z")
    found = [(line.start, line.end) for line in calendar.explain(tuesday_evening, friday) if line.counted]
    assert found == [
        (at("2026-11-17T22:00Z"), at("2026-11-18T00:00Z")),
        (at("2026-11-19T22:00Z"), at("2026-11-20T00:00Z")),
    ]


def test_special_days_win_over_holidays_and_weekdays() -> None:
    saturday = date(2026, 10, 10)
    calendar = BusinessCalendar("Asia/Shanghai", OFFICE, [saturday], {saturday: [("10:00", "12:00")]})
    assert calendar.add(at("2026-10-10T00:00+08:00"), 7200) == at("2026-10-10T12:00+08:00")


def test_zero_seconds() -> None:
    calendar = BusinessCalendar("UTC", OFFICE)
    noon, closing, evening = at("2026-11-19T12:00Z"), at("2026-11-19T17:00Z"), at("2026-11-20T20:00Z")
    assert calendar.add(noon, 0) == noon
    assert calendar.add(closing, 0) == at("2026-11-20T09:00Z")
    assert calendar.add(evening, 0) == at("2026-11-23T09:00Z")
    assert calendar.add(noon, 0, [(noon, evening)]) == at("2026-11-23T09:00Z")
    assert calendar.add(evening, 0, [(at("2026-11-24T09:00Z"), at("2026-11-25T09:00Z"))]) == at("2026-11-23T09:00Z")


def test_explain_says_why() -> None:
    calendar = BusinessCalendar("UTC", OFFICE, [date(2026, 11, 20)], {date(2026, 11, 21): [("09:00", "10:00")]})
    stop = (at("2026-11-19T16:00Z"), at("2026-11-19T18:00Z"))
    lines = calendar.explain(at("2026-11-19T15:00Z"), at("2026-11-23T09:00Z"), [stop])
    assert [(f"{line.start:%d %H:%M}", f"{line.end:%d %H:%M}", line.counted, line.reason) for line in lines] == [
        ("19 15:00", "19 16:00", True, "open"),
        ("19 16:00", "19 17:00", False, "paused"),
        ("19 17:00", "20 00:00", False, "hours"),
        ("20 00:00", "21 00:00", False, "holiday"),
        ("21 00:00", "21 09:00", False, "special"),
        ("21 09:00", "21 10:00", True, "open"),
        ("21 10:00", "22 00:00", False, "special"),
        ("22 00:00", "23 00:00", False, "weekday"),
        ("23 00:00", "23 09:00", False, "hours"),
    ]
    assert all(isinstance(line, Interval) for line in lines)


def test_ten_years_in_one_go() -> None:
    calendar = BusinessCalendar("Europe/Berlin", ALWAYS)
    start, end = at("2016-01-01T00:00Z"), at("2026-01-01T00:00Z")
    assert calendar.between(start, end) == (end - start).total_seconds()
    assert calendar.add(start, (end - start).total_seconds()) == end
    lines = calendar.explain(start, end)
    assert all(a.end == b.start for a, b in pairwise(lines))


@pytest.mark.parametrize("closed", [BusinessCalendar("UTC", {}), BusinessCalendar("UTC", {"mon": []})])
def test_a_calendar_that_never_opens(closed: BusinessCalendar) -> None:
    now = at("2026-11-19T12:00Z")
    assert closed.between(now, now + timedelta(days=9)) == 0
    for seconds in (0, 1):
        with pytest.raises(NeverOpensError, match="never opens"):
            closed.add(now, seconds)


def test_a_calendar_that_opens_for_the_last_time() -> None:
    calendar = BusinessCalendar("UTC", {}, special_days={date(2030, 1, 1): [("23:00", "01:00")]})
    assert calendar.add(at("2026-11-19T12:00Z"), 7200) == at("2030-01-02T01:00Z")
    with pytest.raises(NeverOpensError):
        calendar.add(at("2026-11-19T12:00Z"), 7201)


def test_the_end_of_the_calendar() -> None:
    calendar = BusinessCalendar("Pacific/Apia", OFFICE)
    end = datetime(9999, 12, 31, 23, tzinfo=UTC)
    assert calendar.between(datetime(9999, 12, 1, tzinfo=UTC), end) > 0
    assert calendar.between(datetime(1, 1, 1, tzinfo=UTC), datetime(1, 2, 1, tzinfo=UTC)) > 0
    for seconds in (3600 * 24, 10**12):
        with pytest.raises(ValueError, match="9999"):
            calendar.add(end, seconds)


@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf"), 10**18])
def test_targets_that_are_none(seconds: float) -> None:
    with pytest.raises(ValueError, match=r"target|9999"):
        BusinessCalendar("UTC", OFFICE).add(at("2026-11-19T12:00Z"), seconds)


def test_naive_datetimes_are_refused() -> None:
    calendar, naive, aware = BusinessCalendar("UTC", OFFICE), at("2026-11-19"), at("2026-11-19T12:00Z")
    with pytest.raises(ValueError, match="without a time zone"):
        calendar.add(naive, 1)
    with pytest.raises(ValueError, match="without a time zone"):
        calendar.between(aware, naive)
    with pytest.raises(ValueError, match="without a time zone"):
        calendar.between(aware, aware + timedelta(1), [(naive, naive)])


def test_a_pause_that_ends_before_it_begins() -> None:
    calendar, aware = BusinessCalendar("UTC", OFFICE), at("2026-11-19T12:00Z")
    with pytest.raises(ValueError, match="ends before"):
        calendar.add(aware, 1, [(aware, at("2026-11-19T11:00Z"))])


@pytest.mark.parametrize(
    ("zone", "hours"),
    [
        ("Mars/Olympus", OFFICE),
        ("", OFFICE),
        ("../etc/passwd", OFFICE),
        ("UTC\0", OFFICE),
        ("UTC", {"monday": [("09:00", "17:00")]}),
        ("UTC", {"mon": [("9:00", "17:00")]}),
        ("UTC", {"mon": [("09:00", "24:01")]}),
        ("UTC", {"mon": [("29:00", "24:00")]}),
        ("UTC", {"mon": [("09:00", "09:00")]}),
        ("UTC", {"mon": [("24:00", "06:00")]}),
    ],
)
def test_calendars_that_are_none(zone: str, hours: dict[str, Ranges]) -> None:
    with pytest.raises(ValueError, match=r"not a|unknown time zone"):
        BusinessCalendar(zone, hours)
