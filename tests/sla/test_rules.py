"""Plans and permissions, without a database."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from sla.business_time import BusinessCalendar
from sla.rules import Plan, Rule, Rulebook, Target, fixed_levels, fixed_plan, may_edit, plan, with_done
from tests.factories.sla import OFFICE

NINE = datetime(2026, 11, 19, 9, tzinfo=UTC)
CALENDAR = BusinessCalendar("UTC", OFFICE)


def rule(*, warn: tuple[int, ...] = (75, 50), levels: tuple[tuple[int, int], ...] = ((2, 7200), (1, 0))) -> Rule:
    target = Target(seconds=3600, calendar_id=1, calendar_version_id=1, calendar=CALENDAR, warn=warn)
    return Rule(1, 1, {}, {"resolution": target}, levels)


def minutes(found: Plan) -> list[tuple[int, str]]:
    return [(int((at - NINE).total_seconds() // 60), code) for at, code in zip(found.at, found.code, strict=True)]


def test_a_plan_is_in_order_and_at_one_instant_the_breach_comes_before_its_escalation() -> None:
    assert minutes(plan(rule(), "resolution", NINE)) == [
        (30, "warned:50"), (45, "warned:75"), (60, "breached:0"), (60, "escalated:1"), (180, "escalated:2"),
    ]  # fmt: skip


@given(
    st.lists(st.tuples(st.integers(0, 3000), st.integers(1, 600)), max_size=4),
    st.lists(st.integers(1, 99), unique=True, max_size=5),
)
def test_a_pause_never_brings_a_step_forward(stops: list[tuple[int, int]], warn: list[int]) -> None:
    pauses = [(NINE + timedelta(minutes=a), NINE + timedelta(minutes=a + b)) for a, b in stops]
    free, paused = (plan(rule(warn=tuple(warn)), "resolution", NINE, some) for some in ((), pauses))
    assert free.code == paused.code
    assert all(a <= b for a, b in zip(free.at, paused.at, strict=True))
    assert list(paused.at) == sorted(paused.at)


def test_steps_that_are_done_go_to_the_front_and_stay_done() -> None:
    made = plan(rule(), "resolution", NINE)
    ordered, done = with_done(made, {"breached:0"})
    assert (ordered.code[:2], done) == (("breached:0", "warned:50"), 1)
    quiet, done = with_done(made, {"warned:50", "breached:0", "escalated:1"}, escalates=False)
    assert (quiet.code, done) == (("warned:50", "breached:0", "escalated:1", "warned:75"), 3)


def test_a_fixed_due_instant_warns_at_percents_of_the_elapsed_time() -> None:
    found = fixed_plan(NINE, NINE + timedelta(minutes=100))
    assert minutes(found) == [(75, "warned:75"), (90, "warned:90"), (100, "breached:0")]
    assert found.codes_before(NINE + timedelta(minutes=90)) == {"warned:75"}


def test_levels_of_a_fixed_due_instant_count_in_time_that_passes_and_can_be_read_from_its_plan() -> None:
    due = NINE + timedelta(minutes=100)
    found = fixed_plan(NINE, due, levels=((2, 3600), (1, 60)))
    assert minutes(found)[-3:] == [(100, "breached:0"), (101, "escalated:1"), (160, "escalated:2")]
    assert fixed_levels(due, found.at, found.code) == [(1, 60), (2, 3600)]


def test_matching_asks_every_named_dimension() -> None:
    first = Rule(1, 1, {"service": frozenset({"1"}), "severity": frozenset({"1", "2"})}, {})
    book = Rulebook((first, Rule(2, 2, {}, {})))
    found = [
        book.rule_for(dimensions)
        for dimensions in ({"service": "1", "severity": "2"}, {"service": "1"}, {"service": "2", "severity": "1"}, {})
    ]
    assert [one.policy_id for one in found if one] == [1, 2, 2, 2]
    assert Rulebook().rule_for({}) is None


def test_who_governs_all_values_of_a_dimension_may_edit() -> None:
    governed = {"service": frozenset({"1", "2"})}

    def may(match: dict[str, list[str]], *, is_administrator: bool = False) -> bool:
        return may_edit(match, governed, is_administrator=is_administrator)

    assert may({"service": ["1", "2"], "severity": ["1"]})
    assert not may({"service": ["1", "3"]})
    assert not may({"service": []})
    assert not may({"severity": ["1"]})
    assert not may({})
    assert may({}, is_administrator=True)
