"""Invented facts of the demo's sites, day by day: what a month of files from their tools would say."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

OPEN: Final = range(8, 22)
# How much of the day's busiest hour each open hour brings.
SHAPE: Final = (0.45, 0.7, 0.9, 1.0, 0.95, 0.85, 0.8, 0.85, 0.9, 0.85, 0.75, 0.6, 0.5, 0.35)
WEEKDAY: Final = (1.12, 1.05, 1.0, 0.98, 1.02, 0.86, 0.8)
SHIFT: Final = 8 * 3600
HEADINGS: Final = {
    "contacts": ("site", "programme", "queue", "starts_at", "seconds", "offered", "answered", "answered_in_t", "abandoned",
                 "short_abandoned", "abandoned_in_t", "handled", "wait", "talk", "hold", "wrap"),
    "agents": ("site", "programme", "queue", "agent", "starts_at", "seconds", "paid", "productive", "available", "handle",
               "scheduled", "in_adherence", "worked", "planned_absence", "unplanned_absence", "agent_handled", "agent_talk",
               "agent_hold", "agent_wrap"),
    "surveys": ("site", "programme", "queue", "agent", "response", "survey", "responded_at", "score", "scale"),
    "quality": ("site", "programme", "queue", "agent", "evaluation", "evaluated_at", "points", "possible", "auto_fail",
                "critical_error"),
    "figures": ("site", "day", "component", "value"),
}  # fmt: skip
type Row = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A site: its queues as (programme, queue), its agents' numbers, how busy it is, and what is wrong or better there since when."""

    code: str
    queues: Sequence[tuple[str, str]]
    agents: Sequence[str]
    volume: float = 30.0
    level: float = 0.84
    off_since: date | None = None
    drifts_since: date | None = None
    quicker_since: date | None = None
    small: bool = False


def facts(place: Place, days: Sequence[date], rng: random.Random) -> Iterator[tuple[str, Row]]:
    """Rows of all kinds of files, each with its kind."""
    for day in days:
        for number, queue in enumerate(place.queues):
            for hour in OPEN:
                yield "contacts", (place.code, *queue, *_hour(place, number, day, hour, rng))
        for number, agent in enumerate(place.agents):
            if (day.toordinal() + number) % 7 < 5:
                yield "agents", (place.code, *place.queues[number % 2], agent, *_shift(place, day, rng))
        yield from _answers(place, day, rng)
        yield from _evaluations(place, day, rng)
        for component, value in _figures(place, day, rng):
            yield "figures", (place.code, day.isoformat(), component, value)


def _hour(place: Place, number: int, day: date, hour: int, rng: random.Random) -> Row:
    off = place.off_since is not None and day >= place.off_since
    busy = place.volume * SHAPE[hour - OPEN.start] * WEEKDAY[day.weekday()] * (1.0, 0.7)[number]
    offered = max(1, round(busy * rng.gauss(1.15 if off else 1, 0.1)))
    lost = min(offered, round(offered * max(0, rng.gauss(0.11 if off else 0.045, 0.02))))
    answered = offered - lost
    # What made agents quicker did not bring the level up, and chance must not make it look so in one of the weeks.
    lower = 0.2 if off else 0.02 if place.quicker_since is not None and day >= place.quicker_since else 0
    level = min(0.98, max(0.3, rng.gauss(place.level - lower - 0.02 * number, 0.05)))
    wait = round(answered * max(4, rng.gauss(14 + 180 * (0.9 - level), 4)))
    times = (round(answered * rng.gauss(mean, mean / 12)) for mean in (372, 31, 96))
    return (
        f"{day} {hour:02}:00", 3600, offered, answered, round(answered * level), lost, lost // 4, lost // 3, answered, wait,
        *times,
    )  # fmt: skip


def _shift(place: Place, day: date, rng: random.Random) -> Row:
    rate = 5.15 if place.quicker_since is not None and day >= place.quicker_since else 4.7
    away = 3600 if rng.random() < 0.04 else 0
    productive = round(rng.gauss(24300, 500)) - away
    handle = round(productive * rng.uniform(0.72, 0.84))
    handled = round(productive / 3600 * rng.gauss(rate, 0.4))
    adhering = SHIFT - away - round(rng.uniform(600, 2600))
    return (
        f"{day} 09:00", SHIFT, SHIFT, productive, productive - handle, handle, SHIFT, adhering, SHIFT - away - 300, 2700, away,
        handled, round(handle * 0.74), round(handle * 0.06), round(handle * 0.2),
    )  # fmt: skip


def _answers(place: Place, day: date, rng: random.Random) -> Iterator[tuple[str, Row]]:
    number = 0
    if not place.small or day.toordinal() % 6 == 0:
        number = 1 if place.small else rng.randint(6, 10)
    for at in range(number):
        key = f"{place.code}-{day:%y%m%d}-{at}"
        said = rng.choices((10, 9, 8, 7, 6, 5, 3, 0), (34, 26, 12, 8, 7, 5, 4, 4))[0]
        where, when = (place.code, *place.queues[at % 2], rng.choice(place.agents)), f"{day} {10 + at}:30"
        yield "surveys", (*where, f"N-{key}", "nps", when, said, 10)
        yield "surveys", (*where, f"C-{key}", "csat", when, rng.choices((5, 4, 3, 2, 1), (48, 32, 10, 6, 4))[0], 5)


def _evaluations(place: Place, day: date, rng: random.Random) -> Iterator[tuple[str, Row]]:
    if day.weekday() > 4:
        return
    drift = 6.0 if place.drifts_since is not None and day >= place.drifts_since else 0.0
    for at in range(4):
        points = min(100, max(40, round(rng.gauss(91 - drift, 3.5))))
        critical = rng.random() < 0.03
        yield "quality", (
            place.code, *place.queues[at % 2], rng.choice(place.agents), f"Q-{place.code}-{day:%y%m%d}-{at}",
            f"{day} {12 + at}:15", points, 100, "no", "yes" if critical else "no",
        )  # fmt: skip


def _figures(place: Place, day: date, rng: random.Random) -> Iterator[Row]:
    contacts = round(place.volume * 17)
    first = round(contacts * rng.uniform(0.78, 0.84))
    off = place.off_since is not None and day >= place.off_since
    late = (day - place.off_since).days if off and place.off_since else 0
    forecast = round(contacts * WEEKDAY[day.weekday()])
    actual = round(forecast * rng.gauss(1.12 if off else 1, 0.07))
    yield "backlog", max(0, round(rng.gauss(34, 5)) + 2 * late)
    yield "first_contacts", first
    yield "repeats", round(first * rng.uniform(0.15, 0.22))
    yield "forecast", forecast
    yield "forecast_actual", actual
    yield "forecast_error", abs(forecast - actual)


def days_to(last: date, number: int) -> list[date]:
    """So many days, the last one included."""
    return [last - timedelta(days=back) for back in range(number - 1, -1, -1)]
