"""Where the embedded servers keep their data and listen. Looks at folders, changes nothing."""

import hashlib
import os
import pwd
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

# A Unix socket's path holds 104 bytes at the least (macOS); PostgreSQL's own name takes 14 of them.
MAX_RUN_PATH = 88
SOCKET_NAME = ".s.PGSQL.5432"
OWNER_ROLE = "portal_owner"
APP_ROLE = "portal_app"
DATABASE = "portal"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where to reach the servers: as the application, as the schema's owner, as superuser, and the broker."""

    database_url: str
    owner_url: str
    admin_url: str
    redis_url: str


@dataclass(frozen=True, slots=True)
class Account:
    """The account of the machine that the servers run as. None in both: the account that starts them."""

    uid: int | None = None
    gid: int | None = None


@dataclass(frozen=True, slots=True)
class Places:
    """Folders of one pair of servers."""

    home: Path  # databases and logs
    run: Path  # sockets and locks, with a short path
    account: Account

    @property
    def pgdata(self) -> Path:
        """The data folder of PostgreSQL."""
        return self.home / "postgres"

    @property
    def valkey(self) -> Path:
        """The working folder of Valkey, which keeps nothing."""
        return self.home / "valkey"

    @property
    def postgres_socket(self) -> Path:
        """The socket PostgreSQL listens on."""
        return self.run / SOCKET_NAME

    @property
    def valkey_socket(self) -> Path:
        """The socket Valkey listens on."""
        return self.run / "valkey.sock"


def addresses(data_dir: Path) -> Addresses:
    """The addresses that the servers of `data_dir` have or would have. Starts nothing."""
    run = places(data_dir).run
    host = quote(str(run), safe="")
    return Addresses(
        database_url=f"postgres://{APP_ROLE}@{host}/{DATABASE}",
        owner_url=f"postgres://{OWNER_ROLE}@{host}/{DATABASE}",
        admin_url=f"postgres://postgres@{host}/postgres",
        redis_url=f"unix://{quote(str(run))}/valkey.sock?db=0",
    )


def celery_url(redis_url: str) -> str:
    """The form of a Redis address that Celery understands; only the one of a socket differs."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    database = parts.query.removeprefix("db=") or "0"
    return f"redis+socket://{parts.path}?virtual_host={database}"


def places(data_dir: Path) -> Places:
    """The folders for `data_dir`; elsewhere where the servers' account could not reach it, or its path is too long."""
    data_dir = data_dir.resolve()
    account = server_account(data_dir)
    key = hashlib.sha256(f"{os.getuid()}:{data_dir}".encode()).hexdigest()[:16]
    home = data_dir if reachable(data_dir, account) else Path("/var/lib/portal-embedded") / key
    run = home / "run"
    if len(os.fsencode(run)) > MAX_RUN_PATH:
        run = _temporary_folder(account) / f"portal-{key}"
    return Places(home=home, run=run, account=account)


def server_account(data_dir: Path) -> Account:
    """Whom the servers run as: PostgreSQL refuses root, so root hands them to an account without rights."""
    if os.getuid() != 0:
        return Account()
    for candidate in (data_dir / "postgres", Path("/var/lib/portal-embedded")):
        owner = _owner_of(candidate)
        if owner is not None:
            return owner
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    return Account(65534, 65534)


def _owner_of(folder: Path) -> Account | None:
    try:
        found = folder.stat()
    except OSError:
        return None
    return Account(found.st_uid, found.st_gid) if found.st_uid != 0 else None


def reachable(path: Path, account: Account) -> bool:
    """Whether the account may pass through every folder that exists on the way to `path`, `path` included."""
    if account.uid is None:
        return True
    existing = (folder for folder in (path, *path.parents) if folder.exists())
    return all(_passable(folder.stat(), account) for folder in existing)


def _passable(found: os.stat_result, account: Account) -> bool:
    if found.st_uid == account.uid:
        return bool(found.st_mode & stat.S_IXUSR)
    if found.st_gid == account.gid:
        return bool(found.st_mode & stat.S_IXGRP)
    return bool(found.st_mode & stat.S_IXOTH)


def _temporary_folder(account: Account) -> Path:
    own = Path(tempfile.gettempdir()).resolve()
    room = MAX_RUN_PATH - len("/portal-") - 16
    return own if len(os.fsencode(own)) <= room and reachable(own, account) else Path("/tmp")  # noqa: S108
