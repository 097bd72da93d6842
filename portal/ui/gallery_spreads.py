"""Example charts for the gallery of components: how values spread over the week and over agents."""

from __future__ import annotations

import math

from portal.ui.charts import Axis, Chart, DistributionChart, HeatChart, Sample, formats


def spread_charts() -> tuple[Chart, ...]:
    """Heat matrices and distributions."""
    return (_heat(), _narrow_heat(), _agents(), _many_agents())


def _heat() -> Chart:
    hours = tuple(f"{hour:02}:00" for hour in range(24))
    days = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

    def level(day: int, hour: int) -> float | None:
        if hour < 6 and day > 4:
            return None
        return round(
            0.88
            - 0.16 * math.exp(-((hour - 11 - day / 3) ** 2) / 9)
            - (0.1 if day == 0 and 8 < hour < 14 else 0)
            + (hour % 5) / 150,
            3,
        )

    return HeatChart(
        title="Service level by weekday and hour",
        description="Monday mornings fall to 64%; nights are above 85%. The site is closed on weekend nights.",
        rows=days,
        columns=hours,
        cells=tuple(tuple(level(day, hour) for hour in range(24)) for day in range(7)),
        hrefs=tuple(tuple(f"?day={day}&hour={hour}" for hour in range(24)) for day in range(7)),
        form=formats.whole_percent,
        short=lambda value: f"{value * 100:.0f}",
        corner="Weekday",
        low_is_dark=True,
    )


def _narrow_heat() -> Chart:
    cells = tuple(
        tuple(float(40 + 38 * math.sin(half / 48 * math.pi) * (1.2 if day < 5 else 0.7)) for half in range(48))
        for day in range(7)
    )
    return HeatChart(
        title="Contacts by weekday and half hour",
        description="Contacts peak about noon; weekends bring 60% of a weekday.",
        rows=("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
        columns=tuple(f"{half // 2:02}:{half % 2 * 30:02}" for half in range(48)),
        cells=cells,
        form=formats.whole,
        corner="Weekday",
        wide=False,
    )


def _samples(count: int) -> tuple[Sample, ...]:
    return tuple(
        Sample(0.9 + 0.045 * math.sin(at * 2.4) + 0.03 * math.cos(at * 7.1), 12 if at % 9 == 4 else 40 + at % 30)
        for at in range(count)
    )


def _agents() -> Chart:
    return DistributionChart(
        title="QA score of the agents of one site",
        description="74 agents lie between 82% and 98%, half of them above 90%; eight have fewer than 30 evaluations.",
        samples=_samples(74),
        minimum=30,
        middle=(0.9, "Median 90.0%"),
        target=0.88,
        target_text="88%",
        axis=Axis(form=formats.percent, tick_form=formats.whole_percent, title="QA score"),
        wide=False,
    )


def _many_agents() -> Chart:
    return DistributionChart(
        title="QA score of all agents",
        description="2,400 agents, most of them between 85% and 95%.",
        samples=_samples(2400),
        minimum=30,
        target=0.88,
        target_text="88%",
        axis=Axis(form=formats.percent, tick_form=formats.whole_percent, title="QA score"),
        wide=False,
    )
