"""The database refuses facts of a site, queue, person or import that is not there, and to let one go that facts speak of."""

import threading
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction
from psycopg import errors

from tests.databases import Database
from tests.factories.kpis import batch
from tests.factories.partners import PersonFactory
from tests.kpis.importing import site
from tests.kpis.test_import_together import waiting

AT, LATER, OTHER_MONTH = "2026-11-02 01:00+00", "2026-11-02 02:00+00", "2026-12-01 00:00+00"
MISSING = 987654321
PARENTS = {"site": "partners_site", "queue": "partners_queue", "person": "partners_person", "batch": "kpis_batch"}
CONTACTS, AGENTS = "kpis_contactinterval", "kpis_agentinterval"
COLUMNS = {
    CONTACTS: ("site", "queue", "batch", "starts_at", "seconds", "offered", "row"),
    AGENTS: ("site", "queue", "batch", "person", "starts_at", "seconds", "paid", "row"),
}
EVERY = [(table, name) for table, names in COLUMNS.items() for name in names if name in PARENTS]
type Row = dict[str, Any]


def world() -> Row:
    """What a fact needs: a site with a queue, somebody, an import, and two months."""
    here = site()
    with connection.cursor() as cursor:
        cursor.execute("SELECT kpis_ensure_months('2026-11-01', '2026-12-01')")
    queue = here.programmes.get().queues.get()
    ids = {"site": here.pk, "queue": queue.pk, "person": PersonFactory.create().pk, "batch": batch().pk}
    return {**ids, "starts_at": AT, "seconds": 1800, "offered": 5, "paid": 1800, "row": 2}


def names_of(table: str) -> str:
    return ", ".join(f'"{name}_id"' if name in PARENTS else f'"{name}"' for name in COLUMNS[table])


def insert(table: str, *rows: Row) -> str:
    """A statement that puts these in."""
    listed = ", ".join(f"({', '.join(repr(row[name]) for name in COLUMNS[table.partition('_20')[0]])})" for row in rows)
    return f"INSERT INTO {table} ({names_of(table.partition('_20')[0])}) VALUES {listed}"


def run(statement: str) -> int:
    """Rows that it touched. What the database refuses is undone alone."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.rowcount)


def refused(statement: str, said: str) -> None:
    """The database takes none of it, and says why."""
    with pytest.raises(IntegrityError, match=said) as found:
        run(statement)
    assert isinstance(found.value.__cause__, errors.ForeignKeyViolation)


def lacks(name: str) -> str:
    return rf"Key \({name}_id\)=\({MISSING}\) is not present in table \"{PARENTS[name]}\""


@pytest.fixture
def known(db: None) -> Row:
    return world()


@pytest.mark.parametrize(("table", "name"), EVERY)
def test_what_rows_speak_of_is_there(known: Row, table: str, name: str) -> None:
    stray = known | {name: MISSING, "starts_at": LATER}
    refused(insert(table, known, stray), lacks(name))
    refused(insert(f"{table}_2026_11", known, stray), lacks(name))
    assert run(insert(table, known)) == 1
    refused(f"UPDATE {table} SET {name}_id = {MISSING}", lacks(name))
    refused(f"UPDATE {table} SET {name}_id = {MISSING}, starts_at = '{OTHER_MONTH}'", lacks(name))
    refused(f"UPDATE {table}_2026_11 SET {name}_id = {MISSING}", lacks(name))
    refused(f"{insert(table, stray)} ON CONFLICT DO NOTHING", lacks(name))
    assert run(f"SELECT FROM {table}") == 1


@pytest.mark.parametrize(("table", "name"), EVERY)
def test_copied_rows_too(known: Row, table: str, name: str) -> None:
    def copied(*rows: Row) -> None:
        into = f"COPY {table} ({names_of(table)}) FROM STDIN"
        with transaction.atomic(), connection.cursor() as cursor, cursor.copy(into) as copy:
            for row in rows:
                copy.write_row([row[one] for one in COLUMNS[table]])

    with pytest.raises(errors.ForeignKeyViolation, match=lacks(name)):
        copied(known, known | {name: MISSING, "starts_at": LATER})
    copied(known)
    assert run(f"SELECT FROM {table}") == 1


def test_an_agent_may_be_in_no_queue(known: Row) -> None:
    run(insert(AGENTS, known))
    assert run(f"UPDATE {AGENTS} SET queue_id = NULL") == 1
    assert run(f"DELETE FROM partners_queue WHERE id = {known['queue']}") == 1, "nothing speaks of it any more"


def test_no_rows_ask_for_nothing(known: Row) -> None:
    for table in COLUMNS:
        assert run(f"UPDATE {table} SET site_id = {MISSING}") == 0
        assert run(f"INSERT INTO {table} SELECT * FROM {table}") == 0


@pytest.mark.parametrize(("table", "name"), EVERY)
def test_what_facts_speak_of_stays(known: Row, table: str, name: str) -> None:
    run(insert(table, known))
    parent, pk = PARENTS[name], known[name]
    refused(f"DELETE FROM {parent} WHERE id = {pk}", rf"Key \(id\)=\({pk}\) is still referenced from table \"{table}\"")
    refused(f"UPDATE {parent} SET id = {MISSING} WHERE id = {pk}", "id of .* is not changed")
    assert run(f"UPDATE {parent} SET id = id WHERE id = {pk}") == 1


@pytest.mark.parametrize("name", ["person", "batch", "queue"])
def test_what_no_fact_speaks_of_any_more_goes(known: Row, name: str) -> None:
    run(insert(AGENTS, known))
    run(f"DELETE FROM {AGENTS}")
    assert run(f"DELETE FROM {PARENTS[name]} WHERE id = {known[name]}") == 1


@pytest.mark.processes
def test_no_parent_is_emptied_as_a_whole(fresh_database: Database) -> None:
    with fresh_database.connect(as_owner=True) as owner:
        for parent in PARENTS.values():
            with pytest.raises(errors.RestrictViolation, match="append-only"):
                owner.execute(f"TRUNCATE {parent} CASCADE")


def in_thread(job: Callable[[], Any], found: list[Any]) -> threading.Thread:
    """It runs on a connection of its own; what came of it goes into `found`."""

    def run_it() -> None:
        try:
            found.append(job())
        except (IntegrityError, psycopg.Error) as no:
            found.append(type(no.__cause__ or no).__name__)
        finally:
            connection.close()

    thread = threading.Thread(target=run_it)
    thread.start()
    return thread


@pytest.mark.processes
@pytest.mark.parametrize(("table", "name"), EVERY)
def test_who_deletes_waits_for_who_wrote(fresh_database: Database, table: str, name: str) -> None:
    known, found = world(), list[Any]()
    with fresh_database.connect() as writer, writer.transaction():
        writer.execute(insert(table, known))
        thread = in_thread(lambda: run(f"DELETE FROM {PARENTS[name]} WHERE id = {known[name]}"), found)
        waiting(fresh_database)
    thread.join()
    assert found == ["ForeignKeyViolation"]
    assert run(f"SELECT FROM {PARENTS[name]} WHERE id = {known[name]}") == 1


@pytest.mark.processes
@pytest.mark.parametrize("name", ["person", "batch"])
def test_who_writes_waits_for_who_deletes(fresh_database: Database, name: str) -> None:
    known, found = world(), list[Any]()
    with fresh_database.connect() as remover, remover.transaction():
        remover.execute(f"DELETE FROM {PARENTS[name]} WHERE id = {known[name]}")
        thread = in_thread(lambda: run(insert(AGENTS, known)), found)
        waiting(fresh_database)
    thread.join()
    assert found == ["ForeignKeyViolation"]
    assert run(f"SELECT FROM {AGENTS}") == 0


@pytest.mark.processes
def test_an_old_snapshot_deletes_nothing(fresh_database: Database) -> None:
    known = world()
    with fresh_database.connect() as remover:
        remover.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        remover.execute("SELECT FROM partners_person")
        run(insert(AGENTS, known))
        with pytest.raises(errors.FeatureNotSupported):
            remover.execute(f"DELETE FROM partners_person WHERE id = {known['person']}")
    assert run(f"SELECT FROM partners_person WHERE id = {known['person']}") == 1
