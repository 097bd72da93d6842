"""`python -m portal.backup save [FILE]` and `restore FILE`: the database and the files in one tar.

It holds `database.dump` (pg_dump's own format) and `files/`. Works on DATABASE_OWNER_URL or DATABASE_URL when they are
set, else on the embedded server. The database is restored whole or not at all, in one transaction; files only ever add.
"""

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from portal.embedded.binaries import client_program
from portal.embedded.places import addresses
from portal.servers import data_dir, ensure_servers, files_dir

# Tables, views and sequences that no extension brought.
COUNT_RELATIONS = """
SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
  AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
"""
DUMP, FILES = "database.dump", "files"
EMPTY = "DROP SCHEMA public CASCADE; CREATE SCHEMA public; GRANT USAGE ON SCHEMA public TO PUBLIC;\n"


class BackupError(Exception):
    """Says in one sentence why it did not work."""


def save(target: Path | None = None) -> Path:
    """Write database and files to `target` (default: a name with the time, in `backups`). Raises BackupError."""
    target = target or Path("backups") / f"portal-{datetime.now(UTC):%Y%m%d-%H%M%S}.tar"
    target.parent.mkdir(parents=True, exist_ok=True)
    half = target.with_name(f"{target.name}.half")
    # It holds what people wrote: nobody but its owner may read it.
    os.close(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    with tempfile.TemporaryDirectory(dir=target.parent) as folder, tarfile.open(half, "w") as archive:
        dump = Path(folder) / DUMP
        _run([_client("pg_dump"), "--format=custom", "--no-owner", f"--file={dump}", f"--dbname={_url()}"])
        archive.add(dump, DUMP)
        # After the database: a file is on the disk before its row is, so none that the dump names is missed.
        for found in sorted(files_dir().glob("??/??/*")):
            if found.suffix != ".half":
                with contextlib.suppress(FileNotFoundError):
                    archive.add(found, f"{FILES}/{found.relative_to(files_dir())}", recursive=False)
    half.replace(target)
    return target


def restore(source: Path, *, force: bool = False) -> None:
    """Put what was saved back. Raises BackupError when the database holds something and `force` is not given.

    Files never change, so those that are there already stay; what the restored database does not know is purged later.
    """
    if not source.is_file():
        raise BackupError(f"There is no file {source}.")
    filled = int(_run(_psql("--command", COUNT_RELATIONS)))
    if filled and not force:
        raise BackupError(
            f"The database is not empty ({filled} tables and the like). "
            "Restoring replaces everything in it; say FORCE=1 to do so."
        )
    with tempfile.TemporaryDirectory(dir=source.parent) as folder:
        dump = _unpacked(source, Path(folder))
        _run([_client("pg_restore"), "--list", str(dump)])
        _pour(dump, _psql("--single-transaction", "--command", EMPTY if filled else "SELECT 1", "--file=-"))
    _run(_psql("--command", "ANALYZE"))


def _unpacked(source: Path, folder: Path) -> Path:
    """Put the files of a backup in place; returns its dump. A backup of an older version is nothing but the dump."""
    if not tarfile.is_tarfile(source):
        return source
    try:
        with tarfile.open(source) as archive:
            for member in archive:
                if member.name == DUMP:
                    archive.extract(member, folder, filter="data")
                elif member.isreg() and member.name.startswith(f"{FILES}/"):
                    _put_back(archive, member)
    except (tarfile.TarError, EOFError) as error:
        raise BackupError(f"{source} is damaged, and the database was not changed: {error}") from error
    if not (folder / DUMP).is_file():
        raise BackupError(f"{source} holds no database.")
    return folder / DUMP


def _put_back(archive: tarfile.TarFile, member: tarfile.TarInfo) -> None:
    """Write one file, unless it is there; never half of it, and never outside the files folder."""
    target = files_dir().joinpath(*Path(member.name).parts[1:])
    if ".." in Path(member.name).parts or target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    half = target.with_name(f"{target.name}.half")
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        shutil.copyfileobj(_pipe(archive.extractfile(member)), out)
    if half.stat().st_size != member.size:
        half.unlink()
        raise tarfile.ReadError(f"{member.name} ends too early")
    half.replace(target)


def _pour(source: Path, psql: list[str]) -> None:
    """Let pg_restore's statements run into psql, which commits only when it has seen the end of all of them."""
    read = [_client("pg_restore"), "--file=-", "--no-owner", "--no-comments", str(source)]
    with tempfile.TemporaryFile() as errors:
        reader = subprocess.Popen(read, stdout=subprocess.PIPE, stderr=errors)
        writer = subprocess.Popen(
            psql, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=errors, env=_environment()
        )
        with reader, writer:
            with contextlib.suppress(BrokenPipeError):
                shutil.copyfileobj(_pipe(reader.stdout), _pipe(writer.stdin))
            # A file that ends too early must not be taken for the whole: then psql never gets to commit.
            if reader.wait() != 0:
                writer.kill()
            with contextlib.suppress(BrokenPipeError):
                _pipe(writer.stdin).close()
            status = writer.wait()
        errors.seek(0)
        if reader.returncode or status:
            raise BackupError(
                f"The restore failed, and nothing was changed: {errors.read().decode(errors='replace').strip()}"
            )


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise BackupError("A stream that should be there is missing.")
    return pipe


def _psql(*options: str) -> list[str]:
    command = [_client("psql"), "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"]
    return [*command, *options, f"--dbname={_url()}"]


def _environment() -> dict[str, str]:
    # Plenty of NOTICEs tell what was there already; only errors are of interest.
    return {**os.environ, "PGOPTIONS": "-c client_min_messages=warning"}


def _run(command: list[str]) -> str:
    result = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, env=_environment()
    )
    if result.returncode != 0:
        raise BackupError(f"{Path(command[0]).name} failed: {result.stderr.strip()}")
    return result.stdout


def _client(name: str) -> str:
    """A client out of the virtualenv, whose version is known, else the machine's."""
    try:
        program = client_program(name)
    except RuntimeError:
        program = Path("missing")
    found = str(program) if program.exists() else shutil.which(name)
    if found is None:
        raise BackupError(f"{name} is missing: install the clients of PostgreSQL 18.")
    return found


def _url() -> str:
    given = os.environ.get("DATABASE_OWNER_URL") or os.environ.get("DATABASE_URL")
    return given or addresses(data_dir()).owner_url


def main() -> int:
    """Carry out one command; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m portal.backup", description=__doc__)
    parser.add_argument("command", choices=["save", "restore"])
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--force", action="store_true", help="replace what the database holds")
    given = parser.parse_args()
    if not (os.environ.get("DATABASE_OWNER_URL") or os.environ.get("DATABASE_URL")):
        ensure_servers()
    try:
        if given.command == "save":
            print(f"Saved to {save(given.file)}")
        elif given.file is None:
            raise BackupError("Say which file to restore: make restore FILE=backups/....tar")
        else:
            restore(given.file, force=given.force)
            print(f"Restored from {given.file}")
    except BackupError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
