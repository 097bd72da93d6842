"""Sets the staged rows beside the directory, batch by batch, and writes what each proposes."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Final
from uuid import uuid4

from django.db import connection

from ..choices import ProposalKind
from ..models import Roster
from ..rules.rosters import Asked, Fault, Job, Known, Proposal, Ref, Stay, place_after, propose
from .places import Pair

FETCH: Final = 1000
COLUMNS: Final = (
    "roster_id", "row", "kind", "person_id", "engagement_id", "placement_id", "programme_id", "team_id", "job_role_id",
    "lead_id", "lead_row", "first_day", "last_day", "cells", "said", "changes", "fault_field", "fault", "fault_params",
    "candidates", "decision", "decided_person_id",
)  # fmt: skip
COPY: Final = f"COPY partners_rosterproposal ({', '.join(COLUMNS)}) FROM STDIN"
STATE: Final = """
SELECT s.row, s.said, s.cells, s.fault_field, s.fault, s.fault_params, s.candidates, s.decision, s.decided_id, s.person_id,
    l.who AS lead_who, l.name AS lead_name,
    p.name, p.preferred_name, p.email, p.language,
    job.id AS job_id, job.employer_id, lower(job.period) AS job_first, upper(job.period) AS job_until, job.employee_number,
    (SELECT max(upper(e.period)) FROM partners_engagement e WHERE e.person_id = s.person_id) AS ended,
    stay.id AS stay_id, stay.site_id, lower(stay.period) AS stay_first, upper(stay.period) AS stay_until,
    stay.programme_id, programme.name AS programme, stay.team_id, team.name AS team,
    stay.job_role_id, role.name AS job_role, stay.lead_id, lead.name AS lead,
    (SELECT min(lower(n.period)) FROM partners_placement n WHERE n.person_id = s.person_id AND n.kind = 'primary'
        AND n.cancelled_at IS NULL AND lower(n.period) > greatest(%(day)s::date, lower(stay.period))) AS later,
    EXISTS (SELECT 1 FROM partners_placement n WHERE n.person_id = s.person_id AND n.kind = 'loan' AND n.site_id = %(site)s
        AND n.cancelled_at IS NULL AND n.period @> %(day)s::date) AS on_loan,
    ARRAY(SELECT x.value FROM partners_externalid x WHERE x.person_id = s.person_id AND x.source = %(source)s) AS linked
FROM roster_stage s
LEFT JOIN roster_lead l ON l.lead = s.lead AND s.lead <> ''
LEFT JOIN partners_person p ON p.id = s.person_id
LEFT JOIN LATERAL (
    SELECT * FROM partners_engagement e WHERE e.person_id = s.person_id
        AND (upper_inf(e.period) OR upper(e.period) > %(day)s::date) ORDER BY e.period LIMIT 1
) job ON true
LEFT JOIN LATERAL (
    SELECT * FROM partners_placement n WHERE n.person_id = s.person_id AND n.kind = 'primary' AND n.cancelled_at IS NULL
        AND (upper_inf(n.period) OR upper(n.period) > %(day)s::date) ORDER BY n.period LIMIT 1
) stay ON true
LEFT JOIN partners_programme programme ON programme.id = stay.programme_id
LEFT JOIN partners_team team ON team.id = stay.team_id
LEFT JOIN partners_jobrole role ON role.id = stay.job_role_id
LEFT JOIN partners_person lead ON lead.id = stay.lead_id
ORDER BY s.row
"""
# Whoever is at the site on the day, is not in the file and is not the namesake of somebody to decide about.
ABSENT: Final = """
INSERT INTO partners_rosterproposal (roster_id, kind, person_id, engagement_id, placement_id, last_day, said, changes,
    cells, fault_field, fault, fault_params, candidates, decision)
SELECT %(roster)s, 'leaver', n.person_id, e.id, n.id, x.last_day, json_build_object('name', p.name, 'email', p.email),
    json_build_object('last_day', json_build_array(upper(e.period) - 1, x.last_day)), '{}', '', '', '{}', '{}', ''
FROM partners_placement n
JOIN partners_person p ON p.id = n.person_id
JOIN partners_engagement e ON e.person_id = n.person_id AND e.period @> %(day)s::date
CROSS JOIN LATERAL (SELECT greatest(%(day)s::date - 1, lower(e.period)) AS last_day) x
WHERE n.site_id = %(site)s AND n.kind = 'primary' AND n.cancelled_at IS NULL AND n.period @> %(day)s::date
    AND e.employer_id = %(partner)s AND (upper_inf(e.period) OR upper(e.period) - 1 > x.last_day)
    AND n.person_id NOT IN (SELECT person_id FROM roster_stage WHERE person_id IS NOT NULL)
    AND n.person_id NOT IN (SELECT unnest(candidates) FROM roster_stage)
ORDER BY n.id
"""


def write_proposals(roster: Roster, *, by_number: bool, default_role: Pair | None) -> None:
    """Write a proposal for each staged row, and one for each person whom the file lacks. Needs a transaction."""
    asked = Asked(roster.site_id, roster.site.partner_id, roster.as_of, by_number)
    parameters = {"day": roster.as_of, "site": roster.site_id, "source": roster.source}
    with connection.cursor() as cursor:
        for batch in _batches(parameters):
            with cursor.copy(COPY) as copy:
                for row in batch:
                    record = record_of(roster.pk, asked, row, default_role)
                    copy.write_row([record[name] for name in COLUMNS])
        everybody: dict[str, Any] = {**parameters, "roster": roster.pk, "partner": roster.site.partner_id}
        cursor.execute(ABSENT, everybody)


def _batches(parameters: dict[str, Any]) -> Iterator[list[dict[str, Any]]]:
    with connection.connection.cursor(name=f"roster_{uuid4().hex}") as rows:
        rows.execute(STATE, parameters)
        names = [column.name for column in rows.description]
        while found := rows.fetchmany(FETCH):
            yield [dict(zip(names, row, strict=True)) for row in found]


def record_of(roster_id: int, asked: Asked, row: dict[str, Any], default_role: Pair | None) -> dict[str, Any]:
    """What is kept of one row: the proposal with what it needs to be applied."""
    said = _said(row)
    known = _known(row) if row["person_id"] else None
    if default_role and said.get("job_role") is None and (known is None or known.stay is None):
        said["job_role"] = Ref(*default_role)
    proposal = _proposal(row, said, known, asked)
    fault = proposal.fault or Fault("", "")
    return {
        "roster_id": roster_id,
        "row": row["row"],
        "kind": proposal.kind,
        "person_id": row["person_id"],
        "engagement_id": row["job_id"],
        "placement_id": row["stay_id"],
        **_place(said, known, proposal),
        **_days(said, known, asked, proposal, row["ended"]),
        "cells": row["cells"],
        "said": _kept(said),
        "changes": json.dumps(proposal.changes),
        "fault_field": fault.field,
        "fault": fault.code,
        "fault_params": json.dumps(dict(fault.params)),
        "candidates": row["candidates"],
        "decision": row["decision"],
        "decided_person_id": row["decided_id"],
    }


def _said(row: dict[str, Any]) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(row["said"])
    for name in ("programme", "team", "job_role"):
        if said.get(name):
            said[name] = Ref(*said[name])
    for name in ("first_day", "last_day"):
        if said.get(name):
            said[name] = date.fromisoformat(said[name])
    if "lead" in said:
        said["lead"] = Ref(row["lead_who"], row["lead_name"]) if row["lead_who"] else None
    return said


def _known(row: dict[str, Any]) -> Known:
    job = stay = None
    if row["job_id"]:
        job = Job(row["job_id"], row["employer_id"], row["job_first"], row["job_until"], row["employee_number"])
    if row["stay_id"]:
        refs = {
            n: Ref(row[f"{n}_id"], row[n]) if row[f"{n}_id"] else None
            for n in ("programme", "team", "job_role", "lead")
        }
        stay = Stay(row["stay_id"], row["site_id"], row["stay_first"], row["stay_until"], **refs)
    return Known(
        row["person_id"],
        row["name"],
        row["preferred_name"],
        row["email"],
        row["language"],
        job,
        stay,
        row["later"],
        row["on_loan"],
        tuple(row["linked"]),
    )


def _proposal(row: dict[str, Any], said: dict[str, Any], known: Known | None, asked: Asked) -> Proposal:
    if row["fault"]:
        return Proposal("error", fault=Fault(row["fault_field"], row["fault"], json.loads(row["fault_params"])))
    if row["candidates"] and not row["decision"]:
        return Proposal(ProposalKind.UNDECIDED)
    lead = said.get("lead")
    if lead and lead.id in {row["person_id"], -row["row"]}:
        return Proposal("error", fault=Fault("lead", "own_lead"))
    return propose(said, known, asked)


def _place(said: dict[str, Any], known: Known | None, proposal: Proposal) -> dict[str, int | None]:
    """Where the person will be. A lead who is not on file yet is named by row."""
    if proposal.kind not in {"joiner", "rehire", "mover"}:
        return dict.fromkeys(("programme_id", "team_id", "job_role_id", "lead_id", "lead_row"))
    place = place_after(said, known.stay if known else None)
    ids = {name: ref.id if ref else None for name, ref in place.items()}
    lead = ids.pop("lead") or 0
    row_of_lead = -lead if lead < 0 else None
    return {**{f"{n}_id": pk for n, pk in ids.items()}, "lead_id": lead if lead > 0 else None, "lead_row": row_of_lead}


def _days(
    said: dict[str, Any], known: Known | None, asked: Asked, proposal: Proposal, ended: date | None
) -> dict[str, date | None]:
    """From and until when: a joiner from the first day given, a rehire not before the last end, a mover from the day on."""
    first, last = said.get("first_day"), said.get("last_day")
    if proposal.kind == "joiner":
        return {"first_day": first or asked.day, "last_day": last}
    if proposal.kind == "rehire":
        back = first if first and (ended is None or first >= ended) else max(asked.day, ended or asked.day)
        return {"first_day": back, "last_day": last}
    if proposal.kind == "leaver":
        return {"first_day": None, "last_day": last}
    if proposal.kind == "mover":
        begins = known.job.first if known and known.job else asked.day
        moved = first if "first_day" in proposal.changes else max(asked.day, begins)
        return {"first_day": moved, "last_day": _end(known)}
    return {"first_day": None, "last_day": None}


def _end(known: Known | None) -> date | None:
    """The last day of the placement in force, which the next one takes over."""
    held = (known.stay or known.job) if known else None
    return held.until - timedelta(days=1) if held and held.until else None


def _kept(said: dict[str, Any]) -> str:
    plain = {n: [v.id, v.label] if isinstance(v, Ref) else v for n, v in said.items()}
    return json.dumps(plain, default=str)
