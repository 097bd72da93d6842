"""A brief's content, out of what the writer drafted and what stands in the case. Everything in it is plain JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from escalations.choices.briefs import MAX_EXCERPT, MAX_EXPOSURE, MAX_NEXT, MAX_QUOTE, MAX_SITUATION, MAX_SUBJECT

from .bounds import named_in, plain, shortened

SCHEMA: Final = 1
# What may be quoted to colleagues who are not in the case: what we know ourselves, of the matter and not of the person.
_OPEN_TOPICS: Final = frozenset({"what_happened", "when_happened", "safety", "tried", "reported"})
_OPEN_SOURCES: Final = frozenset({"checked", "partner", "system"})
_SMALLEST_BAND: Final = 1_000

Named = Mapping[str, str]  # "name" and "name_zh"


@dataclass(frozen=True, slots=True)
class Matter:
    """What the case itself says."""

    subject: str
    customer_ref: str
    issue: Sequence[Named]
    service: Named
    site: Named | None
    severity: int
    state: str
    signals: Sequence[str]
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class Clock:
    """A promise: its metric, running, paused or met, when it is due, by how many seconds it is or was over, and in which zone
    its days end if a law gave it."""

    metric: str
    state: str
    due_at: datetime
    over: int = 0
    zone: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """What is known: a row of the ledger. `thread` stays when it is corrected."""

    thread: str
    entry: int
    key: str
    source: str
    at: datetime
    words: str


@dataclass(frozen=True, slots=True)
class Deed:
    """What was done: an entry of the stream."""

    entry: int
    code: str
    params: Mapping[str, Any]
    at: datetime
    words: str = ""


@dataclass(frozen=True, slots=True)
class Exposure:
    """What is at stake. `legal` and `reach` are codes, with a word each."""

    money: Decimal | None = None
    currency: str = ""
    people: int | None = None
    legal: str = ""
    legal_words: str = ""
    reach: str = ""
    reach_words: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """All that a brief is made of. `marks`: names and references that go to nobody outside the case."""

    language: str
    zone: str
    matter: Matter
    clocks: Sequence[Clock] = ()
    facts: Sequence[Fact] = ()
    deeds: Sequence[Deed] = ()
    situation: str = ""
    neutral: str = ""
    exposure: Exposure = field(default_factory=Exposure)
    next_step: str = ""
    who: int | None = None
    by: datetime | None = None
    marks: Sequence[str] = ()


def build(draft: Draft) -> dict[str, Any]:
    """The content, with nothing left out yet. Texts are on one line and no longer than their section has room for."""
    matter, stake = draft.matter, draft.exposure
    return {
        "schema": SCHEMA,
        "language": draft.language,
        "zone": draft.zone,
        "case": {
            "subject": words(matter.subject, MAX_SUBJECT),
            "customer_ref": words(matter.customer_ref, MAX_SUBJECT),
            "issue": [dict(one) for one in matter.issue],
            "service": dict(matter.service),
            "site": dict(matter.site) if matter.site else None,
            "severity": matter.severity,
            "state": matter.state,
            "signals": list(matter.signals),
            "opened_at": instant(matter.opened_at),
        },
        "clocks": [_promise(one) for one in draft.clocks],
        "situation": {
            "words": words(draft.situation, MAX_SITUATION),
            "neutral": words(draft.neutral, MAX_SITUATION),
        },
        "known": [_known(one, draft.marks) for one in draft.facts],
        "did": [_did(one) for one in draft.deeds],
        "exposure": {
            "money": None if stake.money is None else f"{stake.money:.2f}",
            "band": band(stake.money),
            "currency": stake.currency if stake.money is not None else "",
            "people": stake.people,
            "legal": stake.legal,
            "legal_words": words(stake.legal_words, MAX_EXPOSURE),
            "reach": stake.reach,
            "reach_words": words(stake.reach_words, MAX_EXPOSURE),
        },
        "next": {
            "words": words(draft.next_step, MAX_NEXT),
            "who": draft.who,
            "by": instant(draft.by) if draft.by else None,
        },
    }


def _promise(clock: Clock) -> dict[str, Any]:
    """Versions from before `over` and `zone` were told have no such parts; elsewhere 0 and "" say that there is nothing."""
    return {
        "metric": clock.metric,
        "state": clock.state,
        "due_at": instant(clock.due_at),
        "over": clock.over,
        "zone": clock.zone,
    }


def words(text: str, limit: int, entry: int | None = None) -> dict[str, Any] | None:
    """A text as content holds it; None for none. `entry`: whose words they are, so that they go when that one's go."""
    kept = shortened(text, limit)
    return {"words": kept, "entry": entry} if kept else None


def _known(fact: Fact, marks: Sequence[str]) -> dict[str, Any]:
    open_words = fact.key in _OPEN_TOPICS and fact.source in _OPEN_SOURCES and not named_in(plain(fact.words), marks)
    return {
        "thread": fact.thread,
        "key": fact.key,
        "source": fact.source,
        "at": instant(fact.at),
        "words": words(fact.words, MAX_QUOTE, fact.entry),
        "open": open_words,
    }


def _did(deed: Deed) -> dict[str, Any]:
    return {
        "entry": deed.entry,
        "code": deed.code,
        "params": dict(deed.params),
        "at": instant(deed.at),
        "words": words(deed.words, MAX_EXCERPT, deed.entry),
    }


def band(amount: Decimal | None) -> list[int] | None:
    """Between which powers of ten an amount lies: at least the first, less than the second."""
    if amount is None:
        return None
    low, high = 0, _SMALLEST_BAND
    while abs(amount) >= high:
        low, high = high, high * 10
    return [low, high]


def instant(at: datetime) -> str:
    """An instant as content holds it."""
    return at.isoformat()
