"""A small log with its mapping, imported by the command."""

import io
import json
from pathlib import Path
from typing import Any

from django.core.management import call_command

from tests.databases import ROOT

MAPPINGS = ROOT / "escalations" / "mappings"


MAPPING = """
source: small-log
kind: events
time_zone: Europe/Lisbon
dates: ["%Y-%m-%d %H:%M"]
missing: ["", "?"]
key: id
event: {at: at, order: [at], by: who}
first_response_states: [in_progress]
fields:
  opened_at: {column: opened, kind: instant, required: true}
  resolved_at: {column: resolved, kind: instant, written_back: true}
  state: {column: state, table: {New: new, Active: in_progress, Wait: waiting_customer, Done: resolved, Closed: closed}}
  severity: {column: prio, table: {"1": 1, "3": 3}}
  service: {column: team, create: true}
  subject: {column: title}
  reopen_count: {column: reopened, kind: integer}
facts:
  made_sla: {column: sla, kind: boolean}
"""


HEAD = "id,at,who,opened,resolved,state,prio,team,title,reopened,sla"


def run(tmp_path: Path, rows: list[str], *options: str, mapping: str = MAPPING) -> dict[str, Any]:
    """Import these rows; what the closing line of JSON says."""
    file, said = tmp_path / "log.csv", tmp_path / "m.yml"
    file.write_text("\n".join([HEAD, *rows]) + "\n", encoding="utf-8")
    said.write_text(mapping, encoding="utf-8")
    return command(file, said, "--errors", str(tmp_path / "errors.csv"), *options)


def command(file: Path, mapping: Path, *options: str) -> dict[str, Any]:
    """The management command with --json."""
    out, err = io.StringIO(), io.StringIO()
    call_command("import_cases", str(file), "--mapping", str(mapping), "--json", *options, stdout=out, stderr=err)
    said: dict[str, Any] = json.loads(out.getvalue().splitlines()[-1])
    return said


DAY = "2026-03-02"


TRAIL = [
    f"A1,{DAY} 09:00,Ana,{DAY} 08:55,{DAY} 15:00,New,3,Desk,Lost key,0,true",
    f"A1,{DAY} 09:30,Ana,{DAY} 08:55,{DAY} 15:00,Active,3,Desk,Lost key,0,true",
    f"A1,{DAY} 10:00,Ana,{DAY} 08:55,{DAY} 15:00,Wait,3,Desk,Lost key,0,true",
    f"A1,{DAY} 12:00,Ana,{DAY} 08:55,{DAY} 15:00,Active,3,Desk,Lost key,0,true",
    f"A1,{DAY} 15:00,Ana,{DAY} 08:55,{DAY} 15:00,Done,1,Desk,Lost key,0,false",
]
