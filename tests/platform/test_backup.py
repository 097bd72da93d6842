"""Saving and restoring database and files, on the embedded server."""

import tarfile
from pathlib import Path

import psycopg
import pytest

from portal.backup import BackupError, restore, save
from tests import databases
from tests.databases import Database


@pytest.fixture(autouse=True)
def files_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FILES_ROOT", str(tmp_path / "files"))
    return tmp_path / "files"


@pytest.fixture
def target(fresh_database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    monkeypatch.setenv("DATABASE_OWNER_URL", fresh_database.owner_url)
    with fresh_database.connect() as connection:
        connection.execute("INSERT INTO django_session VALUES ('kept', 'data', now())")
    return fresh_database


def sessions(database: Database) -> list[tuple[object, ...]]:
    with database.connect() as connection:
        return connection.execute("SELECT session_key FROM django_session ORDER BY 1").fetchall()


def test_a_restored_database_holds_what_the_saved_one_held(target: Database, tmp_path: Path) -> None:
    saved = save(tmp_path / "one.tar")
    assert saved.stat().st_mode & 0o077 == 0
    with target.connect() as connection:
        connection.execute("UPDATE django_session SET session_key = 'later'")
    restore(saved, force=True)
    assert sessions(target) == [("kept",)]


def test_the_application_has_its_rights_on_a_restored_database_and_no_more(target: Database, tmp_path: Path) -> None:
    restore(save(tmp_path / "one.tar"), force=True)
    with target.connect() as connection:
        connection.execute("DELETE FROM django_session")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE public.mine (id int)")
    with target.connect(as_owner=True) as connection:
        connection.execute("CREATE TABLE public.later (id int)")
    with target.connect() as connection:
        assert connection.execute("SELECT count(*) FROM later").fetchone() == (0,)


def test_it_restores_into_an_empty_database_without_being_forced(
    target: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = save(tmp_path / "one.tar")
    with databases.empty() as other:
        monkeypatch.setenv("DATABASE_OWNER_URL", other.owner_url)
        restore(saved)
        assert sessions(other) == [("kept",)]


def test_a_database_that_holds_something_is_left_alone_unless_forced(target: Database, tmp_path: Path) -> None:
    saved = save(tmp_path / "one.tar")
    with pytest.raises(BackupError, match=r"not empty.*FORCE=1"):
        restore(saved)
    assert sessions(target) == [("kept",)]


def test_a_damaged_file_changes_nothing(target: Database, tmp_path: Path) -> None:
    saved = save(tmp_path / "one.tar")
    content = saved.read_bytes()
    saved.write_bytes(content[: len(content) // 2])
    with pytest.raises(BackupError):
        restore(saved, force=True)
    assert sessions(target) == [("kept",)]


def test_a_missing_file_is_named(target: Database, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match=r"no file .*nothing\.tar"):
        restore(tmp_path / "nothing.tar")


def test_attachments_come_along_and_those_that_are_there_stay(
    target: Database, tmp_path: Path, files_root: Path
) -> None:
    lost, there = files_root / "ab" / "cd" / "abcd-1", files_root / "ab" / "ce" / "abce-2"
    for path in (lost, there, lost.with_name("abcd-3.half")):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"attachment " + path.name.encode())
    saved = save(tmp_path / "one.tar")
    for path in files_root.glob("??/??/*"):
        path.unlink()
    there.write_bytes(b"as it is now")
    restore(saved, force=True)
    assert {path: path.read_bytes() for path in files_root.glob("??/??/*")} == {
        lost: b"attachment abcd-1",
        there: b"as it is now",
    }
    assert lost.stat().st_mode & 0o077 == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["files", "one.tar"]


def test_a_backup_of_an_older_version_is_the_dump_alone(target: Database, tmp_path: Path) -> None:
    saved = save(tmp_path / "one.tar")
    with tarfile.open(saved) as archive:
        archive.extract("database.dump", tmp_path, filter="data")
    restore(tmp_path / "database.dump", force=True)
    assert sessions(target) == [("kept",)]


def test_no_backup_writes_outside_the_files_folder(target: Database, tmp_path: Path) -> None:
    saved = save(tmp_path / "one.tar")
    (tmp_path / "evil").write_bytes(b"evil")
    with tarfile.open(saved, "a") as archive:
        archive.add(tmp_path / "evil", "files/../../outside")
    restore(saved, force=True)
    assert not (tmp_path.parent / "outside").exists()
    assert not (tmp_path / "outside").exists()
