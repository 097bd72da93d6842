"""What the wings above tell this room: which scopes a membership can have, and what ends with somebody's access."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

ScopeKind = Literal["partner", "site", "service"]


@dataclass(frozen=True, slots=True)
class ScopeSource:
    """`choices()` lists what may be chosen now, as (id, label); `names(ids)` labels any id, archived ones too."""

    kind: ScopeKind
    heading: StrOrPromise
    choices: Callable[[], Sequence[tuple[int, str]]]
    names: Callable[[Sequence[int]], Mapping[int, str]]


_sources: dict[str, ScopeSource] = {}


def register_scope(
    kind: ScopeKind,
    *,
    heading: StrOrPromise,
    choices: Callable[[], Sequence[tuple[int, str]]],
    names: Callable[[Sequence[int]], Mapping[int, str]],
) -> None:
    """Called once per kind in the owning wing's `AppConfig.ready`; one query per call of each function."""
    _sources[kind] = ScopeSource(kind, heading, choices, names)


def scope_choices() -> list[tuple[StrOrPromise, list[tuple[str, str]]]]:
    """For a select: per kind its heading and the options as ("site:12", label)."""
    return [
        (source.heading, [(f"{kind}:{pk}", label) for pk, label in source.choices()])
        for kind, source in sorted(_sources.items())
    ]


def scope_names(ids: Mapping[str, Sequence[int]]) -> dict[tuple[str, int], str]:
    """Labels by (kind, id); one query per kind that has ids. Without a source the id itself is shown."""
    found: dict[tuple[str, int], str] = {}
    for kind, wanted in ids.items():
        source = _sources.get(kind)
        names = source.names(wanted) if source and wanted else {}
        found |= {(kind, pk): names.get(pk, f"#{pk}") for pk in wanted}
    return found


Leaving = Callable[[Iterable[int], datetime], None]
_leaving: list[Leaving] = []


def register_leaving(ends: Leaving) -> None:
    """Say what else ends when these users' access ends; called in the same transaction."""
    if ends not in _leaving:
        _leaving.append(ends)


_keys: list[Leaving] = []


def register_keys(ends: Leaving) -> None:
    """Say what else lets somebody in for these users, and so ends when they are signed out everywhere; called in the same transaction."""
    if ends not in _keys:
        _keys.append(ends)


def end_keys(user_ids: Iterable[int], at: datetime) -> None:
    """End whatever else lets somebody in for these users."""
    for ends in _keys:
        ends(user_ids, at)


def end_the_rest(user_ids: Iterable[int], at: datetime) -> None:
    """End what the rooms above gave to these users."""
    for ends in _leaving:
        ends(user_ids, at)
