"""What each level of a brief may contain: a closed table. What is not named here is in no copy."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

Content = Mapping[str, Any]
Parts = Mapping[str, frozenset[str]]

FULL, INTERNAL, OUTSIDE = "full", "internal", "outside"
#: The fullest first.
ORDER: Final = (FULL, INTERNAL, OUTSIDE)


def _parts(**sections: str) -> Parts:
    return MappingProxyType({section: frozenset(names.split()) for section, names in sections.items()})


#: Section by section the parts that a level may contain.
PARTS: Final[Mapping[str, Parts]] = MappingProxyType(
    {
        # Who sees the case, and what is internal to it.
        FULL: _parts(
            case="subject customer_ref issue service site severity state signals opened_at",
            clocks="metric state due_at over zone",
            situation="words neutral",
            known="thread key source at words open",
            did="entry code params at words",
            exposure="money band currency people legal legal_words reach reach_words",
            next="words who by",
        ),
        # Colleagues: no words of the customer, no names of persons, no reference but the case's own.
        INTERNAL: _parts(
            case="issue service site severity state signals opened_at",
            clocks="metric state due_at over zone",
            situation="neutral",
            known="thread key source at words open",
            did="entry code params at",
            exposure="money band currency people legal legal_words reach reach_words",
            next="words by",
        ),
        # Board, partner, regulator: no notes, no names, amounts as bands, of the work only contacts and states.
        OUTSIDE: _parts(
            case="issue severity state opened_at",
            situation="neutral",
            known="thread key at",
            did="entry code params at",
            exposure="band currency people legal reach",
            next="words by",
        ),
    }
)
#: Levels that quote facts only where that was found fit for colleagues when the brief was made (`open`).
OPEN_ONLY: Final = frozenset({INTERNAL})
# Partner users are given what goes outside, and that the law waits is internal.
_SHARED_DEEDS: Final = frozenset({"contact.logged", "mail.in", "mail.out", "channel.in", "state.changed"})
_DEEDS: Final = _SHARED_DEEDS | {
    "statutory.answered",
    "statutory.lost",
    "severity.changed",
    "assignment.changed",
    "service.changed",
    "handover.accepted",
    "escalation.raised",
    "step.done",
    "step.skipped",
}
#: Which entries a level tells of, by code.
DEEDS: Final[Mapping[str, frozenset[str]]] = MappingProxyType({FULL: _DEEDS, INTERNAL: _DEEDS, OUTSIDE: _SHARED_DEEDS})
_SHARED_PARAMS: Final = frozenset({"from", "to", "auto", "channel", "direction", "outcome"})
_PARAMS: Final = _SHARED_PARAMS | {
    "duties",
    "how",
    "user",
    "level",
    "signals",
    "overridden",
    "title",
    "title_zh",
    "answer",
    "answer_zh",
}
#: Parameters of their sentences that a level may hold. Persons stand there as numbers.
PARAMS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {FULL: _PARAMS, INTERNAL: _PARAMS, OUTSIDE: _SHARED_PARAMS}
)
_HEAD: Final = ("schema", "language", "zone")


def rank(level: str) -> int:
    """How far from the case a level is; the fullest is 0. Raises ValueError for one that is none."""
    return ORDER.index(level)


def narrower(level: str) -> tuple[str, ...]:
    """The level and those that say less."""
    return ORDER[rank(level) :]


def levels_for(*, in_portal: bool, inside: bool) -> tuple[str, ...]:
    """Which levels somebody may be given: everything to whoever reads what is internal to the case, partner users what
    goes outside; of people without an account nobody reads the full one."""
    if in_portal:
        return ORDER if inside else (OUTSIDE,)
    return (INTERNAL, OUTSIDE)


def reduced(content: Content, level: str) -> dict[str, Any]:
    """What of the content a level may contain, and nothing else."""
    allowed = PARTS[level]
    found: dict[str, Any] = {key: content[key] for key in _HEAD}
    for section, parts in allowed.items():
        held = content.get(section)
        if isinstance(held, Mapping):
            found[section] = {key: value for key, value in held.items() if key in parts}
        elif held is not None:
            found[section] = [_row(section, row, level) for row in held if _told(section, row, level)]
    return found


def _told(section: str, row: Content, level: str) -> bool:
    return section != "did" or row["code"] in DEEDS[level]


def _row(section: str, row: Content, level: str) -> dict[str, Any]:
    parts = PARTS[level][section]
    if level in OPEN_ONLY and not row.get("open"):
        parts -= {"words"}
    kept = {key: value for key, value in row.items() if key in parts}
    if "params" in kept:
        kept["params"] = {key: value for key, value in row["params"].items() if key in PARAMS[level]}
    return kept
