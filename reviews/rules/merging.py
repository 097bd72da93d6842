"""Notes that two people write at once become one text. Pure: no Django, no database."""

from collections.abc import Sequence
from dataclasses import dataclass

from merge3 import Merge3


@dataclass(frozen=True, slots=True)
class Merged:
    """The text that holds what both wrote. `conflict`: they wrote differently at the same place, so both stand there, each under its writer's name."""

    text: str
    conflict: bool = False


def merged(base: str, theirs: str, mine: str, *, their_name: str, my_name: str) -> Merged:
    """What `theirs` and `mine` make, which both began as `base`, line by line."""
    if theirs in {mine, base}:
        return Merged(mine)
    if mine == base:
        return Merged(theirs)
    lines: list[str] = []
    conflict = False
    for group in Merge3(base.split("\n"), theirs.split("\n"), mine.split("\n")).merge_groups():
        if group[0] != "conflict":
            lines += group[1]
        elif joined := _added_below(group[1], group[2], group[3]):
            lines += joined
        else:
            conflict = True
            lines += [f"[{their_name}]", *group[2], f"[{my_name}]", *group[3]]
    return Merged("\n".join(lines), conflict)


def _added_below(base: Sequence[str], theirs: Sequence[str], mine: Sequence[str]) -> list[str]:
    """Two additions at the same place take nothing from each other: first what was there, then theirs, then mine. Empty if it is no such case."""
    kept = [line for line in base if line]
    if list(theirs[: len(base)]) == list(base) == list(mine[: len(base)]):
        return [*theirs, *mine[len(base) :]]
    return [*theirs, *mine] if not kept and theirs and mine else []
