"""What differs between the frozen data of two revisions, cell by cell. Pure: no Django, no database."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ..blocks import Bars, Block, Cell, Kind, Note, Row, Series, Table, Text, thawed

NEW, GONE = "new", "gone"
_LIMITS: Final = ("target", "target_high", "mean", "lower", "upper")


@dataclass(frozen=True, slots=True)
class Difference:
    """A cell, row, block or section that differs.

    `what`: a column, "rag", "text", "value" or a limit of a series, and for what came or went NEW or GONE; then neither value is
    given. `title` names the block, `name` the row, `label` the column. `is_step`: the values are differences themselves.
    """

    section: str
    block: str = ""
    row: str = ""
    what: str = ""
    before: Cell = None
    after: Cell = None
    title: Text = field(default_factory=Text)
    name: Text = field(default_factory=Text)
    label: Text = field(default_factory=Text)
    unit: Kind = "text"
    decimals: int | None = None
    is_step: bool = False


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """What the later data say otherwise than the earlier, in the order of the sections; what went comes first."""
    old, new = _sections(before), _sections(after)
    found = [Difference(code, what=GONE) for code in old if code not in new]
    for code, blocks in new.items():
        found += list(_of_section(code, old[code], blocks)) if code in old else [Difference(code, what=NEW)]
    return found


def _sections(data: Mapping[str, Any]) -> dict[str, dict[str, Block]]:
    return {one["code"]: {block["key"]: thawed(block) for block in one["blocks"]} for one in data.get("sections", ())}


def _of_section(code: str, old: Mapping[str, Block], new: Mapping[str, Block]) -> Iterator[Difference]:
    for key, block in old.items():
        if key not in new:
            yield Difference(code, key, what=GONE, title=_title(block))
    for key, block in new.items():
        if key not in old:
            yield Difference(code, key, what=NEW, title=_title(block))
        else:
            yield from _of_block(code, old[key], block)


def _of_block(code: str, old: Block, new: Block) -> Iterator[Difference]:
    match old, new:
        case Table(), Table():
            yield from _of_table(code, old, new)
        case Series(), Series():
            yield from _of_series(code, old, new)
        case Bars(), Bars():
            yield from _of_bars(code, old, new)
        case Note(), Note():
            if old.text != new.text:
                yield Difference(code, new.key, what="text", before=old.text, after=new.text)


def _of_table(code: str, old: Table, new: Table) -> Iterator[Difference]:
    was, now = {row.key: row for row in old.rows}, {row.key: row for row in new.rows}
    for key, row in was.items():
        if key not in now:
            yield Difference(code, new.key, key, GONE, title=new.title, name=_name(row))
    places = {column.key: at for at, column in enumerate(old.columns)}
    for key, row in now.items():
        if key not in was:
            yield Difference(code, new.key, key, NEW, title=new.title, name=_name(row))
        else:
            yield from _of_row(code, new, places, was[key], row)


def _of_row(code: str, table: Table, places: Mapping[str, int], old: Row, new: Row) -> Iterator[Difference]:
    for at, column in enumerate(table.columns):
        was = old.cells[places[column.key]] if column.key in places else None
        if was != new.cells[at]:
            of_row = column.kind in {"number", "change"} and new.unit
            own = column.unit if column.kind == "change" else column.kind
            unit, decimals = (new.unit, new.decimals) if of_row and new.unit else (own, column.decimals)
            yield Difference(
                code, table.key, new.key, column.key, was, new.cells[at], table.title, _name(new), column.label, unit,
                decimals, column.kind == "change",
            )  # fmt: skip
    if old.rag != new.rag:
        yield Difference(
            code, table.key, new.key, "rag", old.rag or None, new.rag or None, table.title, _name(new), unit="rag"
        )


def _of_series(code: str, old: Series, new: Series) -> Iterator[Difference]:
    was, now = {one.period: one.value for one in old.points}, {one.period: one.value for one in new.points}
    for period in dict.fromkeys([*was, *now]):
        if was.get(period) != now.get(period):
            yield Difference(
                code,
                new.key,
                period,
                "value",
                was.get(period),
                now.get(period),
                new.title,
                Text(en=period),
                unit=new.unit,
                decimals=new.decimals,
            )
    for limit in _LIMITS:
        if getattr(old, limit) != getattr(new, limit):
            yield Difference(
                code, new.key, "", limit, getattr(old, limit), getattr(new, limit), new.title, unit=new.unit,
                decimals=new.decimals,
            )  # fmt: skip


def _of_bars(code: str, old: Bars, new: Bars) -> Iterator[Difference]:
    for at, (label, values) in enumerate(new.sets):
        for place, category in enumerate(new.categories):
            was, now = _value(old.sets, at, place), values[place]
            if was != now:
                yield Difference(
                    code, new.key, f"{at}:{place}", "value", was, now, new.title, category, label, new.unit
                )


def _value(sets: Sequence[tuple[Text, Sequence[str | None]]], at: int, place: int) -> str | None:
    return sets[at][1][place] if at < len(sets) and place < len(sets[at][1]) else None


def _title(block: Block) -> Text:
    return Text() if isinstance(block, Note) else block.title


def _name(row: Row) -> Text:
    """What the row is called: its first cell."""
    first = row.cells[0] if row.cells else None
    return first if isinstance(first, Text) else Text(en="" if first is None else str(first))
