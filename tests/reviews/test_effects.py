"""Whether a control chart shows that an action worked."""

import pytest

from reviews.choices import Verdict
from reviews.rules.effects import Effect, effect

# Mean 0.70, mean moving range 0.02: chance alone stays between 0.6468 and 0.7532.
BEFORE = [0.69, 0.71] * 6


def said(after: list[float | None], *, above: bool | None = True, before: list[float | None] | None = None) -> Effect:
    return effect(BEFORE if before is None else before, after, above=above, unit="percent")


def test_less_than_four_weeks_after_are_too_few_to_say() -> None:
    found = said([0.9, 0.9, 0.9])
    assert (found.verdict, found.why) == (Verdict.TOO_EARLY, "few_after")


def test_weeks_without_figures_do_not_count() -> None:
    assert said([0.9, None, 0.9, None, 0.9]).verdict == Verdict.TOO_EARLY


def test_without_limits_nothing_is_said() -> None:
    found = said([0.9] * 6, before=[0.7] * 5)
    assert (found.verdict, found.why, found.segment) == (Verdict.TOO_EARLY, "few_before", None)


def test_a_value_outside_the_limits_on_the_expected_side_is_a_shift() -> None:
    assert said([0.70, 0.71, 0.76, 0.70]).verdict == Verdict.SEEN


def test_the_same_on_the_other_side_is_none() -> None:
    found = said([0.70, 0.71, 0.60, 0.70])
    assert (found.verdict, found.why) == (Verdict.NOT_SEEN, "other_side")
    assert said([0.70, 0.71, 0.60, 0.70], above=False).verdict == Verdict.SEEN


def test_limits_are_those_of_the_published_method() -> None:
    """Natural process limits by Wheeler: mean and 2.66 mean moving ranges; by hand for twelve weeks with ranges of 19 in all."""
    before = [81.0, 79.0, 80.0, 82.0, 80.0, 78.0, 79.0, 81.0, 80.0, 82.0, 80.0, 78.0]
    segment = effect(before, [80.0] * 4, above=True, unit="number").segment
    assert segment is not None
    assert segment.mean == pytest.approx(80.0)
    assert (segment.low, segment.high) == pytest.approx((80 - 2.66 * 19 / 11, 80 + 2.66 * 19 / 11), abs=0.005)
    high = 80 + 2.66 * 19 / 11
    assert effect(before, [80.0, 80.0, 80.0, high + 0.02], above=True, unit="number").verdict == Verdict.SEEN
    assert effect(before, [80.0, 80.0, 80.0, high - 0.02], above=True, unit="number").verdict == Verdict.NOT_SEEN


def test_three_of_four_near_the_limit_are_a_shift() -> None:
    assert said([0.735, 0.735, 0.70, 0.735]).verdict == Verdict.SEEN


def test_eight_on_one_side_are_a_shift_and_seven_are_not() -> None:
    assert said([0.705] * 7).verdict == Verdict.NOT_SEEN
    assert said([0.705] * 8).verdict == Verdict.SEEN


def test_chance_is_no_shift() -> None:
    found = said([0.69, 0.71, 0.70, 0.69, 0.71])
    assert (found.verdict, found.why) == (Verdict.NOT_SEEN, "chance")
    assert found.mean_before == pytest.approx(0.70)
    assert found.mean_after == pytest.approx(0.70)


def test_where_neither_way_is_better_either_side_is_a_shift() -> None:
    assert said([0.70, 0.70, 0.60, 0.70], above=None).verdict == Verdict.SEEN


def test_only_the_last_twelve_weeks_before_make_the_limits() -> None:
    assert said([0.76] * 4, before=[0.2, 0.9] * 10 + BEFORE).verdict == Verdict.SEEN
