"""Words of signals keep off the lines of a chart."""

from itertools import pairwise

import pytest

from portal.ui.charts import Axis, LineChart, Point, Series, draw, formats
from tests.ui.reading_svg import places, words_of


@pytest.mark.parametrize("value", [0.77, 0.785, 0.79, 0.8, 0.806, 0.81, 0.82])
def test_no_target_goes_through_the_words_of_a_signal(value: float) -> None:
    points = tuple(Point(str(at), one, signal="Outside the limits") for at, one in enumerate((0.74, 0.85, value, 0.86)))
    rate = Axis(form=formats.percent)
    series = (Series("Value", points),)
    chart = LineChart(title="Title", description="Description", series=series, target=0.8, axis=rate, height=138)
    drawing = draw(chart)
    (level,) = {y for _x, y in places(drawing, "tgt")}
    boxes = [box for text, box in words_of(drawing) if text.startswith(formats.percent(value)) and box[0] > 40]
    assert boxes
    assert not [box for box in boxes if box[1] < level < box[3]]


def test_no_line_goes_through_the_values_of_signals() -> None:
    """At the left edge, below the upper one, and where a rise goes over into a level."""
    values, off = (0.0435, 0.0444, 0.0439, 0.0493, 0.0494, 0.0486), {0, 3, 4, 5}
    points = tuple(Point(f"Wk {at}", one, signal="Far off" if at in off else "") for at, one in enumerate(values))
    chart = LineChart(
        title="T",
        description="D",
        series=(Series("Value", points),),
        axis=Axis(form=formats.percent),
        height=138,
        wide=False,
    )
    drawing = draw(chart)
    line = places(drawing, "data")
    texts = {formats.percent(values[at]) for at in off}
    boxes = [box for text, box in words_of(drawing) if text.split(" ")[0] in texts and "%" in text and box[0] > 42]
    assert len(boxes) >= 3
    steps = [
        (a[0] + (b[0] - a[0]) * at / 50, a[1] + (b[1] - a[1]) * at / 50) for a, b in pairwise(line) for at in range(51)
    ]
    struck = [(x, y) for x, y in steps for box in boxes if box[0] < x < box[2] and box[1] + 2 < y < box[3] - 2]
    assert not struck
