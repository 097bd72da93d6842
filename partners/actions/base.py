"""How a row of the directory is written: version checked, database refusals turned into reasons, audited."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.db import DataError, models
from django.db.backends.postgresql.psycopg_any import Range
from django.utils import timezone

from portal import constraints
from portal.accounts.rules import Actor
from portal.audit.actions import record
from portal.naming import Named, Versioned
from portal.refusals import ConflictError, RefusedError

from ..models import (
    Engagement,
    ExternalId,
    JobRole,
    Leave,
    LeaverAttestation,
    Partner,
    Person,
    Placement,
    Programme,
    Queue,
    Roster,
    Site,
    Team,
)

# Constraint of the database -> form field that the refusal belongs to. The constraint's name is the reason code.
FIELDS = {
    "partner_code_unique": "code",
    "partner_code_format": "code",
    "site_code_unique": "code",
    "site_code_format": "code",
    "site_time_zone_known": "time_zone",
    "programme_code_unique": "code",
    "programme_code_format": "code",
    "queue_code_unique": "code",
    "queue_code_format": "code",
    "team_name_unique": "name",
    "job_role_code_unique": "code",
    "job_role_code_format": "code",
    "person_email_unique": "email",
    "engagement_overlap": "first_day",
    "engagement_number_overlap": "employee_number",
    "engagement_period_bounded": "last_day",
    "engagement_covers_placements": "last_day",
    "placement_primary_overlap": "first_day",
    "placement_loan_overlap": "first_day",
    "placement_period_bounded": "last_day",
    "placement_within_engagement": "first_day",
    "placement_own_lead": "lead",
    "placement_team_needs_programme": "team",
    "placement_programme_of_site": "programme",
    "placement_team_of_programme": "team",
    "external_id_unique": "value",
    "external_id_not_empty": "value",
    "leave_overlap": "first_day",
    "leave_period_bounded": "last_day",
    "leave_ends": "last_day",
    "leave_within_engagement": "first_day",
    "engagement_covers_leave": "last_day",
    "attestation_once_a_week": "week",
    "attestation_from_monday": "week",
}
# What the audit trail may quote. Names, addresses and numbers of people stay out of it: only that they changed.
QUOTED = {
    "code", "time_zone", "calendar_id", "partner_id", "language", "leads", "kind", "period", "employer_id",
    "site_id", "programme_id", "team_id", "job_role_id", "lead_id", "source",
}  # fmt: skip
SUBJECTS: Mapping[type[models.Model], str] = {
    Partner: "partner",
    Site: "site",
    Programme: "programme",
    Queue: "queue",
    Team: "team",
    JobRole: "job_role",
    Person: "person",
    Engagement: "engagement",
    Placement: "placement",
    ExternalId: "external_id",
    Leave: "leave",
    LeaverAttestation: "attestation",
    Roster: "roster",
}
UNKNOWN_TIME_ZONE = "22023"


@contextmanager
def refusing() -> Iterator[None]:
    """Turns a refusal by a known constraint into RefusedError; what was written inside is undone. Anything else goes on."""
    try:
        with constraints.refusing(lambda name: RefusedError(name, FIELDS[name]) if name in FIELDS else None):
            yield
    except DataError as error:
        if getattr(error.__cause__, "sqlstate", None) != UNKNOWN_TIME_ZONE:
            raise
        raise RefusedError("site_time_zone_known", "time_zone") from error


def quoted(field: str, value: object) -> object:
    """A value as the audit trail stores it."""
    if isinstance(value, Range):
        return f"{value.lower or ''}/{value.upper or ''}"
    return value if field in QUOTED else True


def audit(row: models.Model, verb: str, actor: Actor, changes: Mapping[str, object] | None = None) -> None:
    """One audit row about a row of the directory."""
    subject = SUBJECTS[type(row)]
    record(actor=actor, verb=f"{subject}.{verb}", subject_type=subject, subject_id=row.pk, changes=changes)


def create[V: Versioned](row: V, *, actor: Actor) -> V:
    """Insert and audit. Raises RefusedError."""
    with refusing():
        row.save(force_insert=True)
        names = [f.attname for f in row._meta.concrete_fields if f.attname in QUOTED]
        audit(row, "created", actor, {n: quoted(n, getattr(row, n)) for n in names if getattr(row, n) is not None})
    return row


def change[V: Versioned](
    row: V, values: Mapping[str, object], *, version: int | None, actor: Actor, verb: str = "changed"
) -> V:
    """Write what differs and audit it; the row must be locked. Without a version, whoever wrote last wins.

    Raises ConflictError if the row is no longer at this version and the values differ from it, RefusedError.
    """
    before = {name: getattr(row, name) for name, value in values.items() if getattr(row, name) != value}
    if not before:
        return row
    if version is not None and version != row.version:
        raise ConflictError(row)
    for name in before:
        setattr(row, name, values[name])
    row.version += 1
    with refusing():
        row.save(update_fields=[*before, "version"])
        pairs = {n: [quoted(n, old), quoted(n, values[n])] if n in QUOTED else True for n, old in before.items()}
        audit(row, verb, actor, pairs)
    return row


def archive(row: Named, *, actor: Actor) -> None:
    """Take a locked row out of use; it stays where it is referred to. Twice is once."""
    if row.archived_at is None:
        row.archived_at = timezone.now()
        row.version += 1
        row.save(update_fields=["archived_at", "version"])
        audit(row, "archived", actor)


def restore(row: Named, *, actor: Actor) -> None:
    """Bring a locked row back into use."""
    if row.archived_at is not None:
        row.archived_at = None
        row.version += 1
        row.save(update_fields=["archived_at", "version"])
        audit(row, "restored", actor)
