"""A case as a list shows it: plain values and the names beside them, from one query. Model instances would cost a page half its time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from escalations.models.configuration import in_language

# A case's own columns, which a line keeps under their names.
_OWN: Final = (
    "subject",
    "state",
    "severity",
    "sensitivity",
    "version",
    "updated_at",
    "next_due_at",
    "resolved_at",
    "escalation_level",
    "reopen_count",
)
LINE_COLUMNS: Final = (
    "id",
    *_OWN,
    "service_id",
    "service__name",
    "service__name_zh",
    "site_id",
    "site__name",
    "site__name_zh",
    "site__partner__name",
    "site__partner__name_zh",
    "owner_id",
    "owner__name",
)


@dataclass(slots=True)
class Named:
    """A configured row's name; a site's with its partner's."""

    pk: int
    label: str
    partner: "Named | None" = None


@dataclass(slots=True)
class Owner:
    """Who owns a case, as the avatar tag asks for it."""

    pk: int
    name: str


@dataclass(slots=True)
class CaseLine:
    """One case of a list."""

    pk: int
    subject: str
    state: str
    severity: int
    sensitivity: str
    version: int
    updated_at: datetime
    next_due_at: datetime | None
    resolved_at: datetime | None
    escalation_level: int
    reopen_count: int
    service: Named
    site: Named | None
    owner: Owner | None

    @property
    def ref(self) -> str:
        """The reference people use, like EC-20418."""
        return f"EC-{self.pk}"


def lines_of(rows: Sequence[Mapping[str, Any]]) -> list[CaseLine]:
    """Rows of `values(*LINE_COLUMNS)` as lines, names in the reader's language."""
    return [_line(row) for row in rows]


def _line(row: Mapping[str, Any]) -> CaseLine:
    return CaseLine(
        pk=row["id"],
        service=_service(row),
        site=_site(row),
        owner=_owner(row),
        **{name: row[name] for name in _OWN},
    )


def _service(row: Mapping[str, Any]) -> Named:
    return Named(row["service_id"], in_language(row["service__name"], row["service__name_zh"]))


def _site(row: Mapping[str, Any]) -> Named | None:
    if row["site_id"] is None:
        return None
    partner = Named(0, in_language(row["site__partner__name"], row["site__partner__name_zh"]))
    return Named(row["site_id"], in_language(row["site__name"], row["site__name_zh"]), partner)


def _owner(row: Mapping[str, Any]) -> Owner | None:
    return Owner(row["owner_id"], row["owner__name"]) if row["owner_id"] is not None else None
