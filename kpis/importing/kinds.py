"""What a row of each kind of facts holds, where it is kept, and what it may not say."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from ..choices import FactKind
from ..components import AGENTS, CONTACTS

type Type = Literal["whole", "decimal", "yes", "text"]


@dataclass(frozen=True, slots=True)
class Column:
    """A field of a row besides place and time. `default`: what an empty cell says."""

    name: str
    type: Type = "whole"
    required: bool = False
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """What is wrong with a row of which `condition` (SQL over its values) holds: `column` is to blame, beside `other`."""

    code: str
    column: str
    condition: str
    other: str = ""

    @property
    def mark(self) -> str:
        """How the database writes it down."""
        return f"{self.code}:{self.column}:{self.other}"


@dataclass(frozen=True, slots=True)
class Shape:
    """A kind of facts. `key`: what makes a row the same fact; `holder`: whose intervals may not overlap; `longest`: of them, in days."""

    kind: FactKind
    table: str
    at: str
    key: tuple[str, ...]
    places: tuple[str, ...]
    columns: tuple[Column, ...]
    rules: tuple[Rule, ...]
    required: tuple[str, ...] = ("site",)
    holder: str = ""
    longest: int = 0

    @property
    def lasts(self) -> bool:
        """Whether a row is an interval."""
        return bool(self.holder)

    @property
    def values(self) -> tuple[str, ...]:
        """Columns of the table that may be corrected: all but key and provenance."""
        names = (*self.places, *(("seconds",) if self.lasts else ()), self.at, *(c.name for c in self.columns))
        stands = {"component"} if self.kind == FactKind.FIGURES else set()
        return tuple(name for name in names if name not in self.key and name not in stands)

    @property
    def written(self) -> tuple[str, ...]:
        """All columns of the table but the provenance."""
        return (*self.key, *self.values)


def _not_negative(columns: tuple[Column, ...]) -> tuple[Rule, ...]:
    return tuple(Rule("negative", c.name, f"{c.name} < 0") for c in columns)


def _over(*pairs: tuple[str, str]) -> tuple[Rule, ...]:
    return tuple(Rule("over", column, f"{column} > {other}", other) for column, other in pairs)


_CONTACTS: Final = tuple(Column(c.code, "whole", c.required) for c in CONTACTS)
_AGENTS: Final = tuple(Column(c.code, "whole", c.required) for c in AGENTS)
_QUALITY: Final = (Column("points", "decimal", True), Column("possible", "decimal", True))
_SECONDS: Final = ("available", "handle", "scheduled", "worked", "planned_absence", "unplanned_absence")
# Seconds and counts beyond this do not fit, nor do they happen.
MOST: Final = 999_999_999

SHAPES: Final[Mapping[str, Shape]] = {
    FactKind.CONTACTS: Shape(
        FactKind.CONTACTS,
        "kpis_contactinterval",
        "starts_at",
        ("queue_id", "starts_at"),
        ("site_id",),
        _CONTACTS,
        (
            Rule("length", "seconds", "seconds NOT BETWEEN 60 AND 3456000"),
            *_not_negative(_CONTACTS),
            *_over(
                ("answered", "offered"),
                ("answered_in_t", "answered"),
                ("abandoned", "offered"),
                ("short_abandoned", "abandoned"),
                ("abandoned_in_t", "abandoned"),
            ),
            Rule("both_over", "abandoned", "answered + abandoned > offered", "offered"),
        ),
        ("site", "queue"),
        "queue_id",
        40,
    ),
    FactKind.AGENTS: Shape(
        FactKind.AGENTS,
        "kpis_agentinterval",
        "starts_at",
        ("site_id", "starts_at", "person_id"),
        ("queue_id",),
        _AGENTS,
        (
            Rule("length", "seconds", "seconds NOT BETWEEN 60 AND 86400"),
            *_not_negative(_AGENTS),
            *_over(("paid", "seconds"), ("productive", "paid"), ("in_adherence", "scheduled")),
            *_over(*((name, "seconds") for name in _SECONDS)),
            Rule("both_over", "handle", "handle + available > seconds", "seconds"),
        ),
        ("site", "agent"),
        "person_id",
        1,
    ),
    FactKind.SURVEYS: Shape(
        FactKind.SURVEYS,
        "kpis_surveyresponse",
        "responded_at",
        ("source", "kind", "external_id"),
        ("site_id", "queue_id", "person_id"),
        (
            Column("external_id", "text", True),
            Column("kind", "text", True),
            Column("score", "whole", True),
            Column("scale", "whole"),
        ),
        (
            Rule("unknown_survey", "kind", "kind NOT IN ('nps', 'csat')"),
            Rule("off_scale", "score", "kind = 'nps' AND (score NOT BETWEEN 0 AND 10 OR scale <> 10)", "scale"),
            Rule("off_scale", "scale", "kind = 'csat' AND scale NOT BETWEEN 2 AND 10", "scale"),
            Rule("off_scale", "score", "kind = 'csat' AND score NOT BETWEEN 1 AND scale", "scale"),
            Rule("too_long", "external_id", "length(external_id) > 80"),
        ),
    ),
    FactKind.QUALITY: Shape(
        FactKind.QUALITY,
        "kpis_qaevaluation",
        "evaluated_at",
        ("source", "external_id"),
        ("site_id", "queue_id", "person_id"),
        (
            Column("external_id", "text", True),
            *_QUALITY,
            Column("auto_fail", "yes", default="no"),
            Column("critical_error", "yes", default="no"),
        ),
        (
            *_not_negative(_QUALITY),
            Rule("not_above_zero", "possible", "possible = 0"),
            *_over(("points", "possible")),
            Rule("too_large", "possible", "possible >= 1000000"),
            Rule("too_long", "external_id", "length(external_id) > 80"),
        ),
    ),
    FactKind.FIGURES: Shape(
        FactKind.FIGURES,
        "kpis_figure",
        "day",
        ("site_id", "day", "component_id", "queue_id", "person_id"),
        (),
        (Column("component", "text", True), Column("value", "decimal", True)),
        (),
    ),
}
