"""Charts: how long each kind takes to draw and to put on a page, and how large it is; 26 points each unless it says otherwise."""

import argparse
import statistics
import time
from collections.abc import Callable


def run(options: argparse.Namespace) -> None:
    """Measure the example charts of the gallery, without links as in mail, and one with links."""
    import django

    django.setup()
    from bench.databases import table
    from portal.ui.charts import draw
    from portal.ui.templatetags.charts import chart

    rows: list[list[object]] = []
    for name, made in examples().items():
        drawing = draw(made)
        svg = drawing.svg("k", made.title, made.description)
        page = str(chart(made))
        times = [milliseconds(lambda made=made: draw(made)), milliseconds(lambda made=made: chart(made))]
        rows.append([name, *(f"{found:.2f}" for found in times), f"{len(svg):,}", f"{len(page):,}"])
    rows.append(spark_row())
    head = ["chart", "drawing, median ms", "with key and table, median ms", "SVG bytes", "bytes on the page"]
    table("Charts (in process, 300 times each)", head, rows)


def examples() -> dict[str, object]:
    """What is measured, by name."""
    from portal.ui.gallery_charts import example_charts

    found = {type(made).__name__ + (" (half)" if not made.wide else ""): made for made in reversed(example_charts())}
    bare = {f"{name}, no links": without_links(made) for name, made in found.items()}
    return {**bare, "LineChart, 26 links": found["LineChart"], "LineChart, 400 points": long_line()}


def without_links(made: object) -> object:
    """The same chart with nothing behind its points."""
    import dataclasses

    from portal.ui.charts import Point, Series

    def plain(value: object) -> object:
        if isinstance(value, Point):
            return dataclasses.replace(value, href="")
        if isinstance(value, Series):
            return dataclasses.replace(
                value, points=tuple(dataclasses.replace(point, href="") for point in value.points)
            )
        return tuple(plain(part) for part in value) if isinstance(value, tuple) else value

    changes = {field.name: plain(getattr(made, field.name)) for field in dataclasses.fields(made)}  # type: ignore[arg-type]
    return dataclasses.replace(made, **({**changes, "hrefs": ()} if "hrefs" in changes else changes))  # type: ignore[type-var]


def long_line() -> object:
    """A line of 400 days with a target."""
    import math

    from portal.ui.charts import LineChart, Point, Series

    points = tuple(Point(f"Day {at}", 0.8 + 0.05 * math.sin(at / 9)) for at in range(400))
    return LineChart(title="400 days", description="A long line.", series=(Series("This year", points),), target=0.8)


def spark_row() -> list[object]:
    """The sparkline of 26 values."""
    from portal.ui.charts import Sparkline, spark_svg

    line = Sparkline(tuple(78 + at % 7 for at in range(26)), 80.0)
    size = f"{len(spark_svg(line)):,}"
    took = f"{milliseconds(lambda: spark_svg(line)):.2f}"
    return ["Sparkline, 26 values", took, took, size, size]


def milliseconds(make: Callable[[], object]) -> float:
    """The median of 300 times, after twenty that do not count."""
    for _ in range(20):
        make()
    found = []
    for _ in range(300):
        begin = time.perf_counter()
        make()
        found.append((time.perf_counter() - begin) * 1000)
    return statistics.median(found)
