"""Weekday by interval on a site's clock, and the days that one cell of it is made of."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django.core.exceptions import BadRequest
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from portal.ui.charts import HeatChart

from ..access.subjects import Subject
from ..choices import Direction
from ..models import Kpi, KpiVersion
from ..queries.intervals import Place, behind, by_interval
from ..rules.formulas import Reading
from ..rules.periods import containing
from ..rules.samples import least
from ..rules.signals import value_of
from ..wording.periods import day_text
from ..wording.values import value_text
from .asked import Asked
from .entries import Entry, entry_of
from .hows import Formulary

type Cells = dict[tuple[int, int], Reading]

# Minutes that a column covers; the first unless another is asked for.
STEPS: Final = (60, 30)
_CELL: Final = re.compile(r"([1-7])-([0-9]{1,4})")


@dataclass(frozen=True, slots=True)
class Day:
    """One day behind a cell."""

    key: str
    label: str
    url: str
    entry: Entry


@dataclass(frozen=True, slots=True)
class Behind:
    """What a cell is made of: its name and its days."""

    title: str
    days: tuple[Day, ...]


def step_of(request: HttpRequest) -> int:
    """Minutes of a column. Raises BadRequest for others than those offered."""
    text = request.GET.get("step", "") or str(STEPS[0])
    if text not in {str(step) for step in STEPS}:
        raise BadRequest("step")
    return int(text)


def cell_of(request: HttpRequest, step: int) -> tuple[int, int] | None:
    """The cell that is looked into, as weekday and minute. Raises BadRequest for one that is none."""
    text = request.GET.get("cell", "")
    if not text:
        return None
    found = _CELL.fullmatch(text)
    if found is None or int(found[2]) >= 24 * 60 or int(found[2]) % step:
        raise BadRequest("cell")
    return int(found[1]), int(found[2])


def cells_of(subject: Subject, asked: Asked, version: KpiVersion, step: int) -> tuple[Cells, int]:
    """The figure of every weekday and interval, and how many minutes the shortest interval has."""
    cells, seconds = by_interval(version, _place(subject, asked, step), asked.period.first, asked.period.last)
    return cells, seconds // 60


def drawn(subject: Subject, asked: Asked, version: KpiVersion, kpi: Kpi, read: Cells, step: int) -> HeatChart:
    """The matrix. A cell with too few contacts stays empty; each other leads to its days."""
    fewest = fewest_of(version)
    minutes = sorted({minute for _day, minute in read})
    title = _("%(kpi)s by weekday and hour") if step == STEPS[0] else _("%(kpi)s by weekday and half-hour")
    title %= {"kpi": kpi.label}
    cells = tuple(tuple(_enough(read.get((day, minute)), fewest) for minute in minutes) for day in range(1, 8))
    hrefs = tuple(
        tuple(_href(asked, step, day, minute) if cell is not None else "" for minute, cell in zip(minutes, row, strict=True))
        for day, row in enumerate(cells, 1)
    )  # fmt: skip
    return HeatChart(
        title=title,
        description=_("%(title)s, in the site’s time (%(zone)s). Cells with fewer than %(least)s contacts are empty.")
        % {"title": title, "zone": subject.site.time_zone, "least": fewest},
        rows=tuple(weekday_text(day) for day in range(1, 8)), columns=tuple(time_text(one, step) for one in minutes),
        cells=cells, hrefs=hrefs, form=lambda value: value_text(value, kpi.unit, kpi.decimals),
        short=lambda value: value_text(value, kpi.unit, 0).removesuffix("%"), low_is_dark=kpi.direction == Direction.UP,
    )  # fmt: skip


def behind_of(
    subject: Subject, kpi: Kpi, version: KpiVersion, formulas: Formulary, cell: tuple[int, int], step: int
) -> Behind:
    """The days that a cell is made of, each with the way to its scorecard."""
    asked = formulas.asked
    read = behind(version, _place(subject, asked, step), asked.period.first, asked.period.last, cell)
    days = tuple(
        Day(
            day.isoformat(), day_text(day),
            f"{subject.url}{asked.query(period=day.isoformat(), kpi=kpi.code)}",
            entry_of(kpi, {kpi.code: reading}, how=formulas.of(kpi, reading)),
        )
        for day, reading in read.items()
    )  # fmt: skip
    words = {"weekday": weekday_text(cell[0], "l"), "time": _span(cell[1], step)}
    return Behind(_("%(weekday)s, %(time)s: day by day") % words, days)


def weekday_text(number: int, form: str = "D") -> str:
    """The name of weekday 1 (Monday) to 7."""
    return date_format(containing("week", date(2026, 1, 1)).first + timedelta(days=number - 1), form)


def time_text(minute: int, step: int) -> str:
    """`09`, or `09:30` where columns are shorter than an hour."""
    return f"{minute // 60:02}" if step == STEPS[0] else f"{minute // 60:02}:{minute % 60:02}"


def _span(minute: int, step: int) -> str:
    end = minute + step
    return f"{minute // 60:02}:{minute % 60:02}–{end // 60:02}:{end % 60:02}"


def _href(asked: Asked, step: int, day: int, minute: int) -> str:
    more: dict[str, Any] = {"step": str(step) if step != STEPS[0] else "", "cell": f"{day}-{minute}"}
    return f"{asked.query(**more)}#behind"


def _place(subject: Subject, asked: Asked, step: int) -> Place:
    scope = subject.scope
    return Place(
        subject.site.pk, subject.site.time_zone, scope.queue_ids, scope.programme_ids, step, asked.excluded
    )  # fmt: skip


def fewest_of(version: KpiVersion) -> int:
    """Of how many a part of what is drawn has to be: what the definition says, else what makes a rate at all."""
    return least(None, version.minimum_n, sampled=True)


def _enough(reading: Reading | None, fewest: int) -> float | None:
    return None if reading is None else value_of(reading, fewest)
