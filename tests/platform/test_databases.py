"""The database plumbing of the tests themselves."""

import subprocess
import sys

import psycopg
import pytest
from django.db import connection

from tests.databases import ROOT, Database


@pytest.mark.django_db
def test_a_test_runs_as_the_application_role_which_owns_nothing() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, usesuper FROM pg_user WHERE usename = current_user")
        assert cursor.fetchone() == ("portal_app", False)
        cursor.execute("SELECT count(*) FROM pg_tables WHERE tableowner = current_user")
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT tableowner FROM pg_tables WHERE tablename = 'django_migrations'")
        assert cursor.fetchone() == ("portal_owner",)


def test_a_fresh_database_is_committed_to_and_seen_by_other_processes(fresh_database: Database) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO django_session VALUES ('one', '', now())")
    with fresh_database.connect() as other:
        assert other.execute("SELECT session_key FROM django_session").fetchall() == [("one",)]
    code = "from django.contrib.sessions.models import Session; print('keys:', *Session.objects.values_list('pk', flat=True))"
    result = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", code],
        cwd=ROOT, env=fresh_database.env, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "keys: one" in result.stdout


def test_the_next_fresh_database_is_empty_again(fresh_database: Database) -> None:
    with fresh_database.connect() as other:
        assert other.execute("SELECT count(*) FROM django_session").fetchone() == (0,)


def test_the_application_role_cannot_change_the_schema(fresh_database: Database) -> None:
    with fresh_database.connect() as other, pytest.raises(psycopg.errors.InsufficientPrivilege):
        other.execute("CREATE TABLE public.mine (id int)")
