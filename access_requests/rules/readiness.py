"""Whether somebody will have what the job needs by the first shift, what stands in the way, and what waiting costs. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import IntEnum
from typing import Final
from zoneinfo import ZoneInfo

from sla.business_time import BusinessCalendar, NeverOpensError

# What an approval usually takes, in business minutes: a working day.
APPROVAL_MINUTES: Final = 480
# When a day begins where no calendar says so.
USUAL_START: Final = time(9)

DONE, CONFIRM, IT, APPROVAL, BLOCKED, NONE = "done", "confirm", "it", "appr", "block", "none"
# How one mark stands for several of a system: the worst first.
WORST_FIRST: Final = (BLOCKED, NONE, APPROVAL, IT, CONFIRM, DONE)

_MARKS: Final[Mapping[str, str]] = {
    "submitted": APPROVAL,
    "awaiting_approval": APPROVAL,
    "approved": IT,
    "queued": IT,
    "sent": IT,
    "failed_retryable": IT,
    "failed_final": BLOCKED,
    "blocked_sod": BLOCKED,
    "claimed_done": CONFIRM,
}
# Reason codes; `wording.readiness` has the words.
_CODES: Final[Mapping[str, str]] = {
    "submitted": "approval",
    "awaiting_approval": "approval",
    "approved": "in_line",
    "queued": "in_line",
    "sent": "with_it",
    "failed_retryable": "retrying",
    "failed_final": "failed",
    "blocked_sod": "conflict",
    "claimed_done": "to_confirm",
}
NOT_REQUESTED: Final = "not_requested"
# What does not move by itself: somebody has to act before any time begins to count.
_STUCK: Final = frozenset({"failed", "conflict"})


class Course(IntEnum):
    """Where somebody is heading, the best first."""

    READY = 0
    ON_COURSE = 1
    AT_RISK = 2
    MISS = 3


@dataclass(frozen=True, slots=True)
class Entry:
    """One entitlement that the job brings, and how far it is.

    `state` is that of the item under way, "" without one; `since` when it came into it. `lead_minutes`: what fulfilment
    usually takes, in business minutes.
    """

    entitlement_id: int
    system_id: int
    lead_minutes: int
    proven: bool = False
    claimed: bool = False
    item_id: int | None = None
    state: str = ""
    since: datetime | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Missing:
    """One entitlement that is not there yet: why, since when, where it is heading."""

    entry: Entry
    code: str
    course: Course
    expected_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outlook:
    """How ready somebody is. `missing`: the worst first; the first one is what blocks."""

    course: Course
    percent: int
    marks: Mapping[int, str]
    missing: tuple[Missing, ...] = ()

    @property
    def blocker(self) -> Missing | None:
        """What stands most in the way."""
        return self.missing[0] if self.missing else None


class Days:
    """Business time at a site; without a calendar every hour counts. Remembers what was asked."""

    def __init__(self, calendar: BusinessCalendar | None) -> None:
        self._calendar = calendar
        self._known: dict[tuple[datetime, int], datetime | None] = {}

    def after(self, start: datetime, minutes: int) -> datetime | None:
        """When so many business minutes from `start` are used up; None: never."""
        key = (start, minutes)
        if key not in self._known:
            self._known[key] = self._after(start, minutes)
        return self._known[key]

    def _after(self, start: datetime, minutes: int) -> datetime | None:
        if self._calendar is None:
            return start + timedelta(minutes=minutes)
        try:
            return self._calendar.add(start, minutes * 60)
        except NeverOpensError:
            return None

    def idle_hours(self, first_shift_at: datetime, until: datetime) -> float | None:
        """Paid hours from the first shift on: those that the site is open. None where no calendar tells them."""
        if self._calendar is None:
            return None
        return self._calendar.between(first_shift_at, until) / 3600


def first_shift(day: date, zone: ZoneInfo, calendar: BusinessCalendar | None = None) -> datetime:
    """When the first shift of a day begins at a site: at its opening; at nine where no calendar says, or it is closed."""
    midnight = datetime.combine(day, time(), zone)
    if calendar is not None:
        following = datetime.combine(day + timedelta(days=1), time(), zone)
        opening = next((one.start for one in calendar.explain(midnight, following) if one.counted), None)
        if opening is not None:
            return opening
    return datetime.combine(day, USUAL_START, zone)


def mark_of(entry: Entry) -> str:
    """What the board's cell shows of one entitlement."""
    if entry.proven:
        return DONE
    if entry.claimed:
        return CONFIRM
    return _MARKS.get(entry.state, NONE)


def judge(entry: Entry, *, now: datetime, first_shift_at: datetime, ready_by: datetime, days: Days) -> Missing | None:
    """Where one entitlement is heading; None when it is there and proven.

    On course: expected by the deadline. At risk: only by the first shift, or overdue already, or somebody has to act
    first. Else it will miss the first shift.
    """
    if entry.proven:
        return None
    code = "to_confirm" if entry.claimed else _CODES.get(entry.state, NOT_REQUESTED)
    if now >= first_shift_at:
        return Missing(entry, code, Course.MISS)
    if code == "to_confirm":
        return Missing(entry, code, Course.ON_COURSE, now)
    soonest, usual = _expected(entry, code, now, days)
    deadline = min(entry.due_at or ready_by, first_shift_at)
    late = code in _STUCK or code == "retrying" or (code == "with_it" and _overdue(entry, now, days))
    if soonest is None or soonest > first_shift_at:
        course = Course.MISS
    elif late or usual is None or usual > deadline:
        course = Course.AT_RISK
    else:
        course = Course.ON_COURSE
    return Missing(entry, code, course, usual)


def _expected(entry: Entry, code: str, now: datetime, days: Days) -> tuple[datetime | None, datetime | None]:
    """When it is there at the soonest, and when as things usually go."""
    if code == "with_it":
        done = days.after(entry.since or now, entry.lead_minutes)
        at = done if done is None else max(done, now)
        return at, at
    soonest = days.after(now, entry.lead_minutes)
    if code in {"approval", NOT_REQUESTED}:
        return soonest, days.after(now, entry.lead_minutes + APPROVAL_MINUTES)
    return soonest, soonest


def _overdue(entry: Entry, now: datetime, days: Days) -> bool:
    done = days.after(entry.since or now, entry.lead_minutes)
    return done is not None and done < now


def outlook(
    entries: Sequence[Entry], *, now: datetime, first_shift_at: datetime, ready_by: datetime, days: Days
) -> Outlook:
    """How ready somebody is, from everything that the job brings. Who needs nothing is ready."""
    judged = (judge(one, now=now, first_shift_at=first_shift_at, ready_by=ready_by, days=days) for one in entries)
    missing = sorted((one for one in judged if one is not None), key=_urgency)
    there = len(entries) - len(missing)
    return Outlook(
        max((one.course for one in missing), default=Course.READY),
        there * 100 // len(entries) if entries else 100,
        _marks(entries),
        tuple(missing),
    )


def _urgency(one: Missing) -> tuple[int, int, float]:
    """The worst first; of equals what the system shows as worse, then what has waited longest."""
    waited = one.entry.since.timestamp() if one.entry.since else 0.0
    return (-one.course, WORST_FIRST.index(mark_of(one.entry)), waited)


def _marks(entries: Iterable[Entry]) -> dict[int, str]:
    found: dict[int, str] = {}
    for one in entries:
        mark = mark_of(one)
        have = found.get(one.system_id, DONE)
        found[one.system_id] = min(mark, have, key=WORST_FIRST.index)
    return found
