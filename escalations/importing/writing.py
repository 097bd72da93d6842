"""Writes a batch of imported cases in a few statements, and brings cases that came before up to date."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Q

from escalations.actions.create import search_text
from escalations.choices import Channel, Entry, Severity, State
from escalations.importing.history import History
from escalations.models import Case, CaseOrigin, EntryBody, TimelineEntry

SUBJECT = 200


@dataclass(frozen=True, slots=True)
class Placed:
    """A history with the rows of ours that it belongs to."""

    history: History
    service_id: int
    site_id: int | None
    issue_type_id: int | None


def insert_cases(source: str, batch: Sequence[Placed]) -> dict[str, int]:
    """Create cases, their origins, entries and bodies. Returns case ids by the source's key."""
    ids = _reserve(len(batch))
    cases = [_case(pk, placed) for pk, placed in zip(ids, batch, strict=True)]
    Case.objects.bulk_create(cases)
    _index(cases)
    CaseOrigin.objects.bulk_create(
        CaseOrigin(
            case_id=case.pk,
            source=source,
            external_ref=placed.history.key,
            content_hash=placed.history.digest,
            facts=placed.history.facts,
        )
        for case, placed in zip(cases, batch, strict=True)
    )
    found = {placed.history.key: case.pk for case, placed in zip(cases, batch, strict=True)}
    insert_entries({found[placed.history.key]: placed.history for placed in batch}, {})
    return found


def _reserve(count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('escalations_case', 'id')) FROM generate_series(1, %s)", [count]
        )
        return [row[0] for row in cursor.fetchall()]


def _case(pk: int, placed: Placed) -> Case:
    values, history = placed.history.values, placed.history
    return Case(
        pk=pk,
        service_id=placed.service_id,
        site_id=placed.site_id,
        issue_type_id=placed.issue_type_id,
        opened_at=history.opened_at,
        cycle=len(history.cycles),
        customer_ref=(values.get("customer_ref") or "")[:80],
        **columns(history),
    )


def columns(history: History) -> dict[str, object]:
    """What the source goes on telling of a case, as columns of ours."""
    values = history.values
    return {
        "channel": values.get("channel") or Channel.IMPORT,
        "subject": (values.get("subject") or history.key)[:SUBJECT],
        "state": history.state,
        "severity": values.get("severity") or Severity.S3,
        "impact": values.get("impact") or "",
        "urgency": values.get("urgency") or "",
        "resolved_at": history.resolved_at,
        "closed_at": history.closed_at,
        "updated_at": history.updated_at,
        "reopen_count": values["reopen_count"],
        "reassign_count": values["reassign_count"],
        "reject_reason": "not_escalation" if history.state == State.REJECTED else "",
    }


def _index(cases: Sequence[Case]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE escalations_case c SET search = to_tsvector('simple', t.words) "
            "FROM unnest(%s::bigint[], %s::text[]) AS t(id, words) WHERE c.id = t.id",
            [[case.pk for case in cases], [search_text(case) for case in cases]],
        )


def insert_entries(histories: dict[int, History], known: dict[int, set[str]]) -> int:
    """Write the entries of these cases that are not there yet. Returns how many."""
    entries, texts = [], {}
    for case_id, history in histories.items():
        for happening in history.happenings:
            if happening.source_key in known.get(case_id, ()):
                continue
            opened = happening.code == "import.opened"
            entries.append(
                TimelineEntry(
                    case_id=case_id,
                    at=happening.at,
                    kind=Entry.OPENED if opened else Entry.IMPORTED,
                    code=happening.code,
                    params=happening.params,
                    is_internal=not opened,
                    source_key=happening.source_key,
                )
            )
            if opened and (text := history.values.get("description")):
                texts[len(entries) - 1] = text
    made = TimelineEntry.objects.bulk_create(entries, batch_size=5000)
    EntryBody.objects.bulk_create(EntryBody(entry=made[i], text=text) for i, text in texts.items())
    return len(made)


@dataclass(frozen=True, slots=True)
class Known:
    """A case that an earlier run brought in."""

    case: Case
    origin: CaseOrigin
    touched: bool  # somebody has worked on it here, or merged it: what people did is left as it is


def digests(source: str, keys: Sequence[str]) -> dict[str, str]:
    """What was last heard of these cases, by the source's key."""
    rows = CaseOrigin.objects.filter(source=source, external_ref__in=keys)
    return dict(rows.values_list("external_ref", "content_hash"))


def known_cases(source: str, keys: Sequence[str]) -> dict[str, Known]:
    """The cases of earlier runs by the source's key, locked. Constant queries."""
    origins = {o.external_ref: o for o in CaseOrigin.objects.filter(source=source, external_ref__in=keys)}
    ids = sorted(o.case_id for o in origins.values())
    cases = {c.pk: c for c in Case.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True)}
    by_people = Q(actor__isnull=False) | Q(kind=Entry.LINK)
    worked = set(TimelineEntry.objects.filter(by_people, case__in=ids).values_list("case_id", flat=True))
    return {key: Known(cases[o.case_id], o, o.case_id in worked) for key, o in origins.items()}


def entry_keys(case_ids: Sequence[int]) -> dict[int, set[str]]:
    """Keys of the source's events that each case has already."""
    found: dict[int, set[str]] = defaultdict(set)
    rows = TimelineEntry.objects.filter(case__in=case_ids).exclude(source_key="").values_list("case_id", "source_key")
    for case_id, key in rows:
        found[case_id].add(key)
    return found


def update_origin(known: Known, history: History) -> None:
    """Keep what the source says now."""
    known.origin.content_hash, known.origin.facts = history.digest, history.facts
    known.origin.save(update_fields=["content_hash", "facts"])


def update_case(known: Known, placed: Placed, now: datetime) -> None:
    """Bring an untouched case to where the source has it."""
    case = known.case
    fresh = {**columns(placed.history), "service_id": placed.service_id, "issue_type_id": placed.issue_type_id}
    for name, value in fresh.items():
        setattr(case, name, value)
    case.cycle = max(case.cycle, len(placed.history.cycles))
    case.version += 1
    case.updated_at = max(case.updated_at, now)
    case.save(update_fields=[*fresh, "cycle", "version", "updated_at"])
