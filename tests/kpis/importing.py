"""Files of facts for tests, and what comes of them."""

import csv
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from kpis.importing import Outcome, Upload, import_facts
from kpis.wording.faults import fault_text
from portal.imports.mapping import read_mapping
from tests.databases import ROOT
from tests.factories.partners import EngagementFactory, ProgrammeFactory, QueueFactory, SiteFactory

MAPPINGS = ROOT / "kpis/mappings"
CONTACTS: dict[str, Any] = {
    "source": "acd",
    "kind": "contacts",
    "local": True,
    "interval": 30,
    "fields": {
        name: {"column": name}
        for name in ("site", "queue", "starts_at", "offered", "answered", "answered_in_t", "abandoned", "talk")
    },
}
HEADING = ("site", "queue", "starts_at", "offered", "answered", "answered_in_t", "abandoned", "talk")


def site(code: str = "CD1", zone: str = "Asia/Shanghai", *queues: str) -> Any:
    """A site with a programme and queues; without names there is VOICE alone."""
    made = SiteFactory.create(code=code, time_zone=zone)
    programme = ProgrammeFactory.create(site=made)
    for queue in queues or ("VOICE",):
        QueueFactory.create(programme=programme, code=queue, name=queue.title())
    return made


def agent(at: Any, number: str) -> Any:
    """Somebody whom the site's partner employs under this number."""
    return EngagementFactory.create(employer=at.partner, employee_number=number).person


def default(kind: str) -> dict[str, Any]:
    """The portal's own template."""
    return read_mapping(MAPPINGS / f"default_{kind}.yml")


def written(path: Path, heading: Iterable[str], rows: Iterable[Iterable[Any]]) -> Path:
    """The rows as CSV."""
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(heading)
        writer.writerows(rows)
    return path


def json_lines(path: Path, rows: Iterable[Mapping[str, Any]]) -> Path:
    """The rows as JSON lines."""
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def contacts(folder: Path, *rows: Iterable[Any], mapping: dict[str, Any] | None = None, **options: Any) -> Outcome:
    """Import these contact intervals."""
    path = written(folder / "contacts.csv", HEADING, rows)
    return import_facts(Upload(path, mapping or CONTACTS), **options)


def said(outcome: Outcome) -> list[tuple[int, str, str]]:
    """The faults as they are read."""
    return [(fault.row, fault.column, fault_text(fault.code, fault.params)) for fault in outcome.faults]
