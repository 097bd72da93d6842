"""The trail cannot be changed, by the application or by the owner of the schema."""

import psycopg
import pytest

from tests.databases import Database

CHANGES = [
    "UPDATE audit_auditentry SET verb = 'x'",
    "DELETE FROM audit_auditentry",
    "TRUNCATE audit_auditentry",
    "DELETE FROM audit_auditentry WHERE id = (SELECT min(id) FROM audit_auditentry)",
    "WITH gone AS (DELETE FROM audit_auditentry RETURNING id) SELECT count(*) FROM gone",
]


def test_the_database_refuses_every_change(fresh_database: Database) -> None:
    from portal.accounts.rules import SYSTEM
    from portal.audit.actions import record
    from portal.audit.models import AuditEntry

    record(actor=SYSTEM, verb="case.assigned", subject_type="case", subject_id=1)
    before = list(AuditEntry.objects.values())
    for as_owner in (False, True):
        with fresh_database.connect(as_owner=as_owner) as connection:
            for statement in CHANGES:
                with pytest.raises((psycopg.errors.RestrictViolation, psycopg.errors.InsufficientPrivilege)):
                    connection.execute(statement)

    assert list(AuditEntry.objects.values()) == before


def test_the_owner_meets_the_trigger_and_not_only_a_missing_right(fresh_database: Database) -> None:
    with fresh_database.connect() as connection:
        connection.execute(
            "INSERT INTO audit_auditentry (at, verb, subject_type, subject_id, changes, request_id)"
            " VALUES (now(), 'x', 'case', 1, '{}', '')"
        )
    with fresh_database.connect(as_owner=True) as connection:
        for statement in CHANGES:
            with pytest.raises(psycopg.errors.RestrictViolation, match="audit_auditentry is append-only"):
                connection.execute(statement)
