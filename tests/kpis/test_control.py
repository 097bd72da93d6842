"""XmR limits and signals, and funnel limits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpis.rules.control import NEAR, OUTSIDE, RUN, Control, funnel_limits, xmr


def told(control: Control) -> list[tuple[str, int]]:
    return [(signal.kind, signal.at) for signal in control.signals]


def test_limits_of_a_worked_example() -> None:
    # Mean 10.5, ranges 1, 2, 1, 2, 1, 2, 1: mean range 10/7.
    [segment] = xmr([10, 11, 9, 10, 12, 11, 9, 12]).segments
    assert segment.mean == 10.5
    spread = (1 + 2 + 1 + 2 + 1 + 2 + 3) / 7
    assert (segment.low, segment.high) == pytest.approx((10.5 - 2.66 * spread, 10.5 + 2.66 * spread))
    assert segment.range_limit == pytest.approx(3.268 * spread)


def test_too_few_values_have_no_limits() -> None:
    assert xmr([1, 2, 3, 4, 100]) == Control((), ())


def test_a_point_outside() -> None:
    calm = [80, 81, 80, 79, 80, 81, 80, 79, 80, 81, 80, 79]
    control = xmr([*calm, 60, *calm])
    assert (OUTSIDE, 12) in told(control)
    [signal] = control.signals_at(12)
    assert not signal.above


def test_eight_on_one_side_are_told_once_with_all_that_follow() -> None:
    control = xmr([10, 12, 10, 12, 10, 12, 10, 12, *[14, 13] * 5])
    runs = [signal for signal in control.signals if signal.kind == RUN and signal.above]
    assert [(one.at, len(one.members)) for one in runs] == [(15, 10)]


def test_three_of_four_near_a_limit() -> None:
    values = [50, 54, 46, 54, 46, 54, 46, 54, 46, 50, 66, 66, 56, 66, 56, 54, 46, 54, 46]
    near = [signal for signal in xmr(values).signals if signal.kind == NEAR]
    assert [(one.at, one.members, one.above) for one in near] == [(13, (10, 11, 13), True)]


def test_a_known_change_counts_limits_anew() -> None:
    before, after = [70, 71, 70, 69, 70, 71, 70, 69], [84, 85, 84, 83, 84, 85, 84, 83]
    assert told(xmr([*before, *after]))
    rebased = xmr([*before, *after], {8})
    assert not rebased.signals
    assert [(one.first, one.last, one.mean) for one in rebased.segments] == [(0, 7, 70), (8, 15, 84)]


def test_a_gap_has_no_range_and_breaks_no_run() -> None:
    with_gap = xmr([10, 12, 10, None, 12, 10, 12, 10])
    assert with_gap.segments[0].range_limit == pytest.approx(3.268 * 2)
    run = xmr([5, 15, 5, 15, 5, 15, 5, 15, 5, 15, 5, 15, 16, 17, None, 16, 17, 16, 17, 16, 17])
    assert [signal.at for signal in run.signals if signal.kind == RUN] == [19]


def test_limits_stay_where_the_figure_can_be() -> None:
    [segment] = xmr([0.99, 0.80, 1.0, 0.85, 1.0, 0.9], floor=0, ceiling=1).segments
    assert (segment.high, segment.low >= 0) == (1, True)


rows = st.lists(st.none() | st.floats(-1e6, 1e6), max_size=60)


@given(rows, st.sets(st.integers(-5, 70), max_size=4))
def test_every_row_of_values_has_an_answer(values: list[float | None], rebased: set[int]) -> None:
    control = xmr(values, rebased)
    for segment in control.segments:
        assert segment.low <= segment.mean + 1e-6
        assert segment.mean <= segment.high + 1e-6
    for signal in control.signals:
        assert signal.at in signal.members
        assert all(values[index] is not None for index in signal.members)


@given(st.lists(st.floats(-1e3, 1e3), min_size=6, max_size=40))
def test_a_mirrored_row_has_mirrored_signals(values: list[float]) -> None:
    rounded = [round(value) for value in values]
    one, other = xmr(rounded), xmr([-value for value in rounded])
    assert [(s.kind, s.at, s.above) for s in one.signals] == [(s.kind, s.at, not s.above) for s in other.signals]


def test_funnel_limits_narrow_with_n() -> None:
    assert funnel_limits(0.8, 100) == pytest.approx((0.68, 0.92))
    assert funnel_limits(0.8, 4) == (pytest.approx(0.2), 1.0)
    assert funnel_limits(0.0, 10) == (0.0, 0.0)
    with pytest.raises(ValueError, match="no share"):
        funnel_limits(0.5, 0)
