"""What a pack's sections are made of, as they are frozen: tables, series over time, bars, notes. Pure: no Django.

A pack's data is `{"sections": [{"code": …, "blocks": [block, …]}, …]}`. Page, PDF, Excel and PowerPoint walk the same blocks, so that they say the same.
Numbers are exact decimals as strings (percent as a ratio 0..1, durations in seconds); null: no value. Nothing in a block is in a language: names
carry both, and what the system says is a code with parameters.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal

type Cell = str | int | bool | Text | None
type Kind = Literal[
    "text", "number", "percent", "seconds", "points", "per_hour", "money", "day", "instant", "period", "rag", "change"
]

BLOCKS: Final = ("table", "series", "bars", "note")


@dataclass(frozen=True, slots=True)
class Text:
    """A name in one or two languages (`en`, `zh`), or a code of `wording.packs` with its parameters."""

    en: str = ""
    zh: str = ""
    code: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; `kind` says how its cells are shown. `change`: a difference whose sign is shown, in the unit of `unit`.

    `decimals`: how many are shown, as the KPI had them; None: as is usual for the unit.
    """

    key: str
    label: Text
    kind: Kind = "text"
    unit: Kind = "number"
    decimals: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its cells in the order of the columns. `key` is unique in the section and names the line that comments belong to.

    `unit` and `decimals`: of the cells whose column is of kind "number" but whose unit differs by row (a KPI's value, its target).
    `rag`: g, a, r, n or "".
    """

    key: str
    cells: Sequence[Cell]
    unit: Kind | None = None
    rag: str = ""
    signals: Sequence[str] = ()
    url: str = ""
    decimals: int | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns. `empty`: what to say instead when there is none."""

    key: str
    title: Text
    columns: Sequence[Column]
    rows: Sequence[Row]
    empty: Text | None = None
    type: Literal["table"] = "table"


@dataclass(frozen=True, slots=True)
class Point:
    """A period's figure with its sample and interval; `signal` is a control chart's, or "". `provisional`: it may still change."""

    period: str
    value: str | None
    n: int | None = None
    low: str | None = None
    high: str | None = None
    signal: str = ""
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class Series:
    """A figure over time with its target and the limits of its control chart."""

    key: str
    title: Text
    unit: Kind
    points: Sequence[Point]
    target: str | None = None
    target_high: str | None = None
    mean: str | None = None
    lower: str | None = None
    upper: str | None = None
    decimals: int | None = None
    type: Literal["series"] = "series"


@dataclass(frozen=True, slots=True)
class Bars:
    """Sets of values over the same categories, such as volume and forecast by day."""

    key: str
    title: Text
    unit: Kind
    categories: Sequence[Text]
    sets: Sequence[tuple[Text, Sequence[str | None]]]
    type: Literal["bars"] = "bars"


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence; `tone` "warn" for what is missing."""

    key: str
    text: Text
    tone: Literal["info", "warn"] = "info"
    type: Literal["note"] = "note"


type Block = Table | Series | Bars | Note


@dataclass(frozen=True, slots=True)
class Needed:
    """A line of a section that needs a comment before publication: red, or a signal."""

    key: str
    site_id: int | None = None
    kpi_id: int | None = None


def frozen(block: Block) -> dict[str, Any]:
    """A block as JSON keeps it."""
    return asdict(block)


def thawed(data: Mapping[str, Any]) -> Block:
    """A block out of JSON. Raises KeyError or TypeError for what no version of this file has written."""
    match data["type"]:
        case "table":
            columns = [Column(**(one | {"label": Text(**one["label"])})) for one in data["columns"]]
            rows = [Row(**(one | {"cells": [_cell(cell) for cell in one["cells"]]})) for one in data["rows"]]
            empty = Text(**data["empty"]) if data["empty"] else None
            return Table(data["key"], Text(**data["title"]), columns, rows, empty)
        case "series":
            points = [Point(**one) for one in data["points"]]
            return Series(**(_plain(data) | {"title": Text(**data["title"]), "points": points}))
        case "bars":
            sets = [(Text(**label), values) for label, values in data["sets"]]
            categories = [Text(**one) for one in data["categories"]]
            return Bars(data["key"], Text(**data["title"]), data["unit"], categories, sets)
        case "note":
            return Note(data["key"], Text(**data["text"]), data["tone"])
        case unknown:
            raise KeyError(unknown)


def _plain(data: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key != "type"}


def _cell(value: Any) -> Cell:
    return Text(**value) if isinstance(value, dict) else value
