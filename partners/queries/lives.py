"""A person over time: employment, placements, leave, and what other wings add, as lanes to draw and a list to read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from portal.accounts.rules import Actor

from ..choices import PlacementKind
from ..models import Engagement, Leave, Person, Placement
from ..models.people import Dated
from ..registry import Life, Moment, Span, lives_of

# So many moments are shown at once; the rest is folded away.
LATEST: Final = 12
MOST: Final = 120
YEARS: Final = 12
ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Bar:
    """A span as it is drawn: where it begins and how wide it is, in percent of the whole."""

    x: str
    width: str
    text: str
    point: bool


@dataclass(frozen=True, slots=True)
class Lane:
    """The bars of one kind."""

    label: str
    bars: list[Bar]


@dataclass(frozen=True, slots=True)
class Course:
    """Everything there is to show; `marks` are years with where they begin, `now` is today, in percent."""

    first: date
    last: date
    lanes: list[Lane]
    marks: list[tuple[int, str]]
    now: str
    latest: list[Moment]
    earlier: list[Moment]


def course_of(
    actor: Actor,
    person: Person,
    *,
    engagements: Sequence[Engagement],
    placements: Sequence[Placement],
    leave: Sequence[Leave],
    day: date,
) -> Course | None:
    """A person over time as far as the reader sees it; None of whom nothing is known. Asks only the other wings."""
    lives = [
        _employment(engagements),
        _placements([p for p in placements if p.kind == PlacementKind.PRIMARY]),
        _loans([p for p in placements if p.kind == PlacementKind.LOAN]),
        _leave(leave),
        *lives_of(actor, person),
    ]
    lives.sort(key=lambda life: life.order)
    spans = [span for life in lives for span in life.spans]
    if not spans:
        return None
    moments = sorted((m for life in lives for m in life.moments), key=lambda m: m.day, reverse=True)[:MOST]
    first = min(span.first for span in spans)
    last = max([day + ONE_DAY, *(span.last or span.first for span in spans)])
    scale = _Scale(first, max(last, first + ONE_DAY))
    lanes = [Lane(str(life.lane), [scale.bar(span) for span in life.spans]) for life in lives if life.spans]
    marks = _marks(scale)
    return Course(first, last, lanes, marks, scale.at(day), moments[:LATEST], moments[LATEST:])


@dataclass(frozen=True, slots=True)
class _Scale:
    first: date
    last: date

    def share(self, day: date) -> float:
        return 100 * (day - self.first).days / ((self.last - self.first).days + 1)

    def at(self, day: date) -> str:
        return f"{self.share(day):.2f}%"

    def bar(self, span: Span) -> Bar:
        end = (span.last or self.last) + ONE_DAY
        width = max(self.share(end) - self.share(span.first), 0.4)
        return Bar(self.at(span.first), f"{width:.2f}%", span.text, span.point)


def _marks(scale: _Scale) -> list[tuple[int, str]]:
    years = range(scale.first.year + 1, scale.last.year + 1)
    step = len(years) // YEARS + 1
    return [(year, scale.at(date(year, 1, 1))) for year in years[::step]]


def _period(row: Dated) -> str:
    first = date_format(row.first_day, _("j M Y"))
    last = date_format(row.last_day, _("j M Y")) if row.last_day else pgettext("period", "open")
    return f"{first} – {last}"


def _spans(rows: Iterable[tuple[Dated, str]]) -> list[Span]:
    return [Span(row.first_day, row.last_day, f"{text}, {_period(row)}") for row, text in rows]


def _employment(rows: Sequence[Engagement]) -> Life:
    moments = []
    for number, row in enumerate(sorted(rows, key=lambda one: one.first_day)):
        values = {"employer": row.employer.label}
        begun = _("Joined %(employer)s") if number == 0 else _("Rehired by %(employer)s")
        moments.append(Moment(row.first_day, begun % values, "plus"))
        if row.last_day:
            moments.append(Moment(row.last_day, _("Last day at %(employer)s") % values, "out"))
    return Life(_("Employment"), 10, _spans((row, row.employer.label) for row in rows), moments)


def _placements(rows: Sequence[Placement]) -> Life:
    """A placement that begins the day after another one ended is a transfer."""
    ends = {row.last_day for row in rows if row.last_day}
    moments = []
    for row in rows:
        moved = row.first_day - ONE_DAY in ends
        text = _("Transferred to %(place)s") if moved else _("Placed in %(place)s")
        moments.append(Moment(row.first_day, text % {"place": _place(row)}, "swap" if moved else "pin", _as(row)))
    return Life(_("Placement"), 20, _spans((row, _place(row)) for row in rows), moments)


def _loans(rows: Sequence[Placement]) -> Life:
    moments = []
    for row in rows:
        values = {"place": _place(row)}
        moments.append(Moment(row.first_day, _("On loan to %(place)s") % values, "swap", _as(row)))
        if row.last_day:
            moments.append(Moment(row.last_day, _("Last day on loan to %(place)s") % values, "undo"))
    return Life(_("On loan"), 30, _spans((row, _place(row)) for row in rows), moments)


def _leave(rows: Sequence[Leave]) -> Life:
    moments = [Moment(row.first_day, str(row.get_kind_display()), "clock", _period(row)) for row in rows]
    return Life(_("Leave"), 40, _spans((row, str(row.get_kind_display())) for row in rows), moments)


def _place(row: Placement) -> str:
    within = row.team.label if row.team else row.programme.label if row.programme else ""
    return f"{within}, {row.site.label}" if within else row.site.label


def _as(row: Placement) -> str:
    role = row.job_role.label
    return f"{role} · {_('Lead')}: {row.lead.label}" if row.lead else role
