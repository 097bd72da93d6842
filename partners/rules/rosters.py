"""What a row of a roster means for the directory. Pure: no Django, no database.

A row says things about one person ("said", by field; a field that the file lacks is not there). `propose` sets them
beside what is known of that person and names the kind of change, what changes, or why it cannot be.
"""

import dataclasses
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

JOINER, MOVER, LEAVER, REHIRE, UNCHANGED, ERROR = "joiner", "mover", "leaver", "rehire", "unchanged", "error"
PERSON_FIELDS: Final = ("name", "preferred_name", "email", "language")
PLACE_FIELDS: Final = ("programme", "team", "job_role", "lead")
EARLIEST, LATEST = date(1970, 1, 1), date(2199, 12, 31)

type Changes = dict[str, list[str | None]]


@dataclass(frozen=True, slots=True)
class Ref:
    """A programme, team, job role or lead by id and label. Without an id it is yet to be made."""

    id: int | None
    label: str


@dataclass(frozen=True, slots=True)
class Stay:
    """A placement: where, from the first day to the day after the last (None is open)."""

    id: int
    site_id: int
    first: date
    until: date | None = None
    programme: Ref | None = None
    team: Ref | None = None
    job_role: Ref | None = None
    lead: Ref | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """An engagement, in force on the day or still to come."""

    id: int
    employer_id: int
    first: date
    until: date | None = None
    number: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What the directory has of a person on the roster's day.

    stay: the primary placement in force, else the first one to come. later: the first day of a placement after it.
    linked: how the file's source calls the person already.
    """

    person_id: int
    name: str
    preferred_name: str = ""
    email: str = ""
    language: str = "en"
    job: Job | None = None
    stay: Stay | None = None
    later: date | None = None
    on_loan_here: bool = False
    linked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose roster it is and of which day; `by_number`: the key is the employee number, not another system's id."""

    site_id: int
    employer_id: int
    day: date
    by_number: bool = False


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row cannot be taken: the field, a code, and what its sentence needs."""

    field: str
    code: str
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a row comes to."""

    kind: str
    changes: Changes = dataclasses.field(default_factory=dict)
    fault: Fault | None = None


def propose(said: Mapping[str, Any], known: Known | None, asked: Asked) -> Proposal:
    """What to do about one row; `known` is None for somebody new."""
    if known is None:
        return _joiner(said, asked)
    if known.job is None:
        return _returning(said, known, asked)
    return _elsewhere(known, asked) or _leaving(said, known) or _staying(said, known, asked)


def _staying(said: Mapping[str, Any], known: Known, asked: Asked) -> Proposal:
    changes = (
        _person_changes(said, known) | _number_changes(said, known, asked) | _first_day_changes(said, known, asked)
    )
    if isinstance(moved := _moved(said, known, asked), Proposal):
        return moved
    changes |= moved
    return Proposal(MOVER if changes else UNCHANGED, changes)


def _error(name: str, code: str, **params: Any) -> Proposal:
    return Proposal(ERROR, fault=Fault(name, code, params))


def _joiner(said: Mapping[str, Any], asked: Asked) -> Proposal:
    last = said.get("last_day")
    first = said.get("first_day") or asked.day
    if last and last < asked.day:
        return _error("last_day", "left_unknown")
    if last and last < first:
        return _error("last_day", "ends_before_start", first_day=first.isoformat())
    for name in ("name", "job_role"):
        if not said.get(name):
            return _error(name, "missing")
    return Proposal(JOINER)


def _returning(said: Mapping[str, Any], known: Known, asked: Asked) -> Proposal:
    """Somebody known whom nobody employs: back again, or listed with the day they left."""
    last = said.get("last_day")
    if last and last < asked.day:
        return Proposal(UNCHANGED)
    if not said.get("job_role"):
        return _error("job_role", "missing")
    first = said.get("first_day")
    if first and last and last < first:
        return _error("last_day", "ends_before_start", first_day=first.isoformat())
    # A first day before the file's is that of the first time.
    return Proposal(REHIRE, _person_changes(said, known))


def _elsewhere(known: Known, asked: Asked) -> Proposal | None:
    """For somebody of another site or employer: whoever is on loan here stays so, others cannot be taken over."""
    employed = bool(known.job and known.job.employer_id != asked.employer_id)
    placed = bool(known.stay and known.stay.site_id != asked.site_id)
    if not (employed or placed):
        return None
    if known.on_loan_here:
        return Proposal(UNCHANGED)
    return _error("key", "employed_elsewhere" if employed else "at_another_site")


def _leaving(said: Mapping[str, Any], known: Known) -> Proposal | None:
    last, job = said.get("last_day"), known.job
    if last is None or job is None or job.until == _after(last):
        return None
    if last < job.first:
        return _error("last_day", "ends_before_start", first_day=job.first.isoformat())
    before = _before(job.until)
    return Proposal(LEAVER, {"last_day": [before.isoformat() if before else None, last.isoformat()]})


def _person_changes(said: Mapping[str, Any], known: Known) -> Changes:
    """What differs; an empty cell leaves what is known."""
    pairs = {name: (getattr(known, name), said.get(name)) for name in PERSON_FIELDS}
    changes: Changes = {
        name: [old or None, new]
        for name, (old, new) in pairs.items()
        if new and (old.lower() != new.lower() if name == "email" else old != new)
    }
    return changes


def _number_changes(said: Mapping[str, Any], known: Known, asked: Asked) -> Changes:
    key = said.get("key")
    if not key:
        return {}
    if asked.by_number:
        old = known.job.number if known.job else ""
        return {} if old.casefold() == key.casefold() else {"employee_number": [old or None, key]}
    changes: Changes = {} if key in known.linked else {"external_id": [None, key]}
    number = said.get("employee_number")
    if number and known.job and known.job.number.casefold() != number.casefold():
        changes["employee_number"] = [known.job.number or None, number]
    return changes


def _first_day_changes(said: Mapping[str, Any], known: Known, asked: Asked) -> Changes:
    """Only what is still to come may begin on another day."""
    first, stay, job = said.get("first_day"), known.stay, known.job
    if first is None or stay is None or job is None or stay.first <= asked.day or job.first <= asked.day:
        return {}
    return (
        {} if stay.first == first or first <= asked.day else {"first_day": [stay.first.isoformat(), first.isoformat()]}
    )


def _moved(said: Mapping[str, Any], known: Known, asked: Asked) -> Changes | Proposal:
    """What changes about the place, or why it cannot."""
    changes = _place_changes(said, known.stay)
    if known.stay is None:
        if not said.get("job_role"):
            return _error("job_role", "missing")
        return {"placed": [None, None], **changes}
    if changes and known.later:
        return _error(next(iter(changes)), "moves_later", first_day=known.later.isoformat())
    return changes


def place_after(said: Mapping[str, Any], stay: Stay | None) -> dict[str, Ref | None]:
    """Programme, team, job role and lead as they will be. A new programme leaves the team of the old one."""
    place = {name: getattr(stay, name) if stay else None for name in PLACE_FIELDS}
    old_programme = place["programme"]
    place |= {n: said[n] for n in PLACE_FIELDS if n in said and (said[n] or n != "job_role")}
    if "team" not in said and not _same(old_programme, place["programme"]):
        place["team"] = None
    return place


def _place_changes(said: Mapping[str, Any], stay: Stay | None) -> Changes:
    before = {name: getattr(stay, name) if stay else None for name in PLACE_FIELDS}
    return {
        name: [old.label if (old := before[name]) else None, new.label if new else None]
        for name, new in place_after(said, stay).items()
        if not _same(before[name], new)
    }


def _same(old: Ref | None, new: Ref | None) -> bool:
    if old is None or new is None:
        return old is new
    return new.id is not None and old.id == new.id


def _after(day: date) -> date:
    return date.fromordinal(day.toordinal() + 1)


def _before(day: date | None) -> date | None:
    return date.fromordinal(day.toordinal() - 1) if day else None


class AmbiguousDayError(ValueError):
    """A day that two of the formats read differently; `days` are both readings."""

    def __init__(self, days: list[date]) -> None:
        super().__init__("ambiguous")
        self.days = days


def parse_day(text: str, formats: tuple[str, ...]) -> date:
    """A day in one of the formats. Raises AmbiguousDayError if they disagree, ValueError if none fits or it is far off."""
    found = sorted({day for form in formats if (day := _day_in(text, form))})
    if len(found) > 1:
        raise AmbiguousDayError(found)
    if not found or not EARLIEST <= found[0] <= LATEST:
        raise ValueError(text)
    return found[0]


def _day_in(text: str, form: str) -> date | None:
    try:
        return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return None


def same_name(text: str) -> str:
    """A name as it is compared: width, case and spacing aside."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
