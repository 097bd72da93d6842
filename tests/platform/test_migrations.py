"""Upgrades while people work: no migration holds a large table for as long as it takes to read it."""

from collections.abc import Iterator
from typing import Final

import pytest
from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently, ValidateConstraint
from django.db import connection
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import AddConstraint, AddIndex, CreateModel

#: From these on the tables of these wings are large where an upgrade meets them.
LARGE_FROM: Final = {"escalations": "0012", "sla": "0005"}


def later() -> Iterator[Migration]:
    for (app, name), migration in MigrationLoader(None).disk_migrations.items():
        if name >= LARGE_FROM.get(app, "A"):
            yield migration


def test_tables_that_are_there_get_indexes_and_checks_while_they_are_written() -> None:
    held = []
    for migration in later():
        new = {one.name_lower for one in migration.operations if isinstance(one, CreateModel)}
        added = [one for one in migration.operations if isinstance(one, AddIndex | AddConstraint)]
        held += [
            f"{migration}: {one.describe()}"
            for one in added
            if one.model_name_lower not in new and not isinstance(one, AddIndexConcurrently | AddConstraintNotValid)
        ]
    assert held == []


def test_a_check_is_looked_over_after_the_change_of_the_table_is_committed() -> None:
    for migration in later():
        kinds = {type(one) for one in migration.operations}
        assert not (migration.atomic and {AddConstraintNotValid, ValidateConstraint} <= kinds), migration


@pytest.mark.django_db
def test_in_the_end_every_check_and_every_index_holds() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT conname FROM pg_constraint WHERE NOT convalidated")
        assert cursor.fetchall() == []
        cursor.execute("SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid")
        assert cursor.fetchall() == []
