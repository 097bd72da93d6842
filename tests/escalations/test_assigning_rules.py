"""Who gets the next case: duty over midnights and clock changes, skills, and caps."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escalations.rules.assigning import Candidate, Shift, Wanted, on_duty, pick, unfit

PRAGUE = ZoneInfo("Europe/Prague")
DAY = Shift(6, time(9), time(17))
NIGHT = Shift(5, time(22), time(6))
#: Saturday 24 October 2026 to Sunday: the clocks go back at 3:00 in Prague.
AUTUMN = [NIGHT, DAY]


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-10-24T19:59:59", False),
        ("2026-10-24T20:00:00", True),
        ("2026-10-25T00:30:00", True),
        ("2026-10-25T01:30:00", True),
        ("2026-10-25T04:59:59", True),
        ("2026-10-25T05:00:00", False),
        ("2026-10-25T07:59:59", False),
        ("2026-10-25T08:00:00", True),
        ("2026-10-25T16:00:00", False),
        ("2026-10-26T08:00:00", False),
    ],
)
def test_shifts_are_those_of_the_local_clock_to_the_second(at: str, expected: bool) -> None:
    assert on_duty(AUTUMN, (), PRAGUE, datetime.fromisoformat(at).replace(tzinfo=UTC)) is expected


def test_a_day_away_takes_the_night_that_begins_on_it_and_no_other() -> None:
    at = datetime(2026, 10, 25, 1, tzinfo=UTC)
    assert on_duty(AUTUMN, {date(2026, 10, 25)}, PRAGUE, at)
    assert not on_duty(AUTUMN, {date(2026, 10, 24)}, PRAGUE, at)
    assert not on_duty([], (), PRAGUE, at), "who has no hours is never on duty"


def test_a_shift_around_the_clock() -> None:
    always = [Shift(day, time(0), time(0)) for day in range(7)]
    at = datetime(2026, 3, 28, tzinfo=UTC)
    assert all(on_duty(always, (), PRAGUE, at + timedelta(minutes=7 * n)) for n in range(600))


@pytest.mark.parametrize(
    ("one", "wanted", "why"),
    [
        (Candidate(1, 0), Wanted(8), ""),
        (Candidate(1, 0, on_duty=False), Wanted(1), "off_duty"),
        (Candidate(1, 0, issues=frozenset({4})), Wanted(1, frozenset({5, 2})), "other_issues"),
        (Candidate(1, 0, issues=frozenset({2})), Wanted(1, frozenset({5, 2})), ""),
        (Candidate(1, 0, issues=frozenset({4})), Wanted(1), ""),
        (Candidate(1, 0, languages=frozenset({"zh"})), Wanted(1, language="en"), "other_language"),
        (Candidate(1, 0, languages=frozenset({"zh"})), Wanted(1, language="zh"), ""),
        (Candidate(1, 12, 20), Wanted(8), ""),
        (Candidate(1, 13, 20), Wanted(8), "at_cap"),
    ],
)
def test_why_somebody_cannot_take_it(one: Candidate, wanted: Wanted, why: str) -> None:
    assert unfit(one, wanted) == why


people = st.builds(
    Candidate,
    st.integers(1, 30),
    st.integers(0, 40),
    st.none() | st.integers(1, 40),
    st.booleans(),
    st.frozensets(st.integers(1, 3), max_size=2),
    st.frozensets(st.sampled_from(["en", "zh"])),
    st.integers(0, 9),
)
cases = st.builds(Wanted, st.sampled_from([1, 2, 4, 8]), st.frozensets(st.integers(1, 3)), st.sampled_from(["", "en"]))


@given(st.lists(people, max_size=12, unique_by=lambda one: one.id), cases)
def test_nobody_less_loaded_was_able_and_nobody_passes_their_cap(found: list[Candidate], wanted: Wanted) -> None:
    chosen = pick(found, wanted)
    able = [one for one in found if not unfit(one, wanted)]
    assert (chosen is None) == (not able)
    if chosen:
        assert chosen in able
        assert chosen.load == min(one.load for one in able)
        assert chosen.cap is None or chosen.load + wanted.weight <= chosen.cap
        assert pick(found[::-1], wanted) == chosen, "the order in which people are read does not matter"


def test_of_equals_whoever_was_given_least_of_late() -> None:
    found = [Candidate(1, 4, lately=9), Candidate(2, 4, lately=8), Candidate(3, 5)]
    assert pick(found, Wanted(1)) == found[1]
    assert pick([*found, Candidate(4, 4)], Wanted(1)) == Candidate(4, 4)
