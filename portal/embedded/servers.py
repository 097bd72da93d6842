"""Both servers together: start what is missing, attach to them, and stop them when nobody is attached.

Attached means to hold the shared lock on `attached.lock`. Whoever gets that lock for itself alone knows that
nobody is attached, and stops the servers: the last process as it exits, or, when that one was killed, the
guard, a process that does nothing but wait for the lock.
"""

import atexit
import contextlib
import fcntl
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from portal.embedded import postgres, valkey
from portal.embedded.places import Account, Addresses, Places, addresses, places
from portal.embedded.processes import let_children_live, spawn, wait_for_children

# Data folder -> descriptor of the shared lock that says "this process is attached".
_attached: dict[Path, int] = {}
_kept = "keep"


def ensure_running(data_dir: Path) -> Addresses:
    """Start what is not running and attach this process until it exits. Safe to call again, and at once from several.

    Raises RuntimeError with the server's own words when a server does not come up.
    """
    data_dir = data_dir.resolve()
    if data_dir in _attached and all(is_running(data_dir).values()):
        return addresses(data_dir)
    where = _make_folders(data_dir)
    with _lock(where.run / "start.lock"):
        if data_dir not in _attached:
            _attached[data_dir] = _take(where.run / "attached.lock", fcntl.LOCK_SH)
            atexit.unregister(_detach_all)
            atexit.register(_detach_all, os.getpid())
        _start_both(where)
        _start_guard(where)
    return addresses(data_dir)


def start(data_dir: Path) -> Addresses:
    """Start what is not running and leave it running, whoever comes and goes, until `stop`."""
    where = _make_folders(data_dir.resolve())
    with _lock(where.run / "start.lock"):
        (where.run / _kept).touch()
        _start_both(where)
    let_children_live()
    return addresses(data_dir)


def stop(data_dir: Path) -> None:
    """Stop both servers now, even when processes are attached to them."""
    where = places(data_dir.resolve())
    if not where.run.exists():
        return
    with _lock(where.run / "start.lock"):
        (where.run / _kept).unlink(missing_ok=True)
        _stop_both(where)


def is_running(data_dir: Path) -> dict[str, bool]:
    """For each server by name, whether it answers."""
    where = places(data_dir.resolve())
    return {"PostgreSQL": postgres.is_running(where), "Valkey": valkey.is_running(where)}


def in_use(data_dir: Path) -> bool:
    """Whether a live process is attached."""
    where = places(data_dir.resolve())
    if not where.run.exists():
        return False
    try:
        os.close(_take(where.run / "attached.lock", fcntl.LOCK_EX | fcntl.LOCK_NB))
    except BlockingIOError:
        return True
    return False


def remove(data_dir: Path) -> None:
    """Stop both servers and delete everything they hold. Other files of the folder stay."""
    stop(data_dir)
    where = places(data_dir.resolve())
    for folder in (where.pgdata, where.valkey, where.run, where.home / "programs"):
        shutil.rmtree(folder, ignore_errors=True)
    for log in ("postgres.log", "valkey.log", "guard.log"):
        (where.home / log).unlink(missing_ok=True)
    if where.home != data_dir.resolve():
        shutil.rmtree(where.home, ignore_errors=True)


def _start_both(where: Places) -> None:
    postgres.start(where)
    valkey.start(where)


def _stop_both(where: Places) -> None:
    valkey.stop(where)
    postgres.stop(where)


def _make_folders(data_dir: Path) -> Places:
    where = places(data_dir)
    for folder in (data_dir, where.home):
        folder.mkdir(parents=True, exist_ok=True)
    for folder in (where.pgdata, where.valkey, where.run):
        _make_private(folder, where.account)
    return where


def _make_private(folder: Path, account: Account) -> None:
    """Make a folder that only the servers' account can enter; refuse one that somebody else has put there."""
    owner = account.uid if account.uid is not None else os.getuid()
    if not os.path.lexists(folder):
        _put_in_place(folder, account)
    found = folder.lstat()
    if folder.is_symlink() or found.st_uid != owner:
        raise RuntimeError(f"{folder} belongs to another account; remove it, or set PORTAL_DATA_DIR to another folder.")
    if found.st_mode & 0o077:
        folder.chmod(0o700)


def _put_in_place(folder: Path, account: Account) -> None:
    """Make the folder elsewhere and move it, so that nobody who starts at the same moment sees it half made."""
    made = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    if account.uid is not None and account.gid is not None:
        os.chown(made, account.uid, account.gid)
    try:
        made.rename(folder)
    except OSError:
        # Another process was quicker, and has files in it already.
        made.rmdir()


def _take(path: Path, how: int) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, how)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


@contextlib.contextmanager
def _lock(path: Path) -> Iterator[None]:
    descriptor = _take(path, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(descriptor)


def _detach_all(pid: int) -> None:
    """At exit: let go, and stop the servers that nobody else is attached to."""
    if os.getpid() != pid:
        return
    for data_dir, descriptor in list(_attached.items()):
        os.close(descriptor)
        del _attached[data_dir]
        try:
            if _stop_unless_used(places(data_dir)):
                wait_for_children()
        except (OSError, RuntimeError) as error:
            print(f"The embedded servers of {data_dir} were not stopped: {error}", file=sys.stderr)
    let_children_live()


def _stop_unless_used(where: Places) -> bool:
    """Stop the servers when nobody is attached; true when they, and the guard, are gone."""
    path = where.run / "attached.lock"
    if not path.exists() or (where.run / _kept).exists():
        return False
    try:
        alone = _take(path, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        # Somebody else is attached, or the guard was quicker: then wait until it has stopped them.
        os.close(_take(path, fcntl.LOCK_SH))
        return not (postgres.is_running(where) or valkey.is_running(where))
    try:
        _stop_both(where)
    finally:
        os.close(alone)
    os.close(_take(where.run / "guard.lock", fcntl.LOCK_EX))
    return True


def _start_guard(where: Places) -> None:
    """Start the guard unless there is one. It is born with its lock, so there is never a second one."""
    try:
        only = _take(where.run / "guard.lock", fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    root = Path(__file__).resolve().parent.parent.parent
    command = [sys.executable, "-m", "portal.embedded.guard", str(where.home), str(where.run)]
    try:
        spawn(command, account=Account(), folder=root, log=where.home / "guard.log", env=os.environ, keep_open=(only,))
    finally:
        os.close(only)


def guard(where: Places) -> None:
    """Wait until nobody is attached, then stop the servers."""
    path = where.run / "attached.lock"
    alone = _take(path, fcntl.LOCK_EX)
    # A folder that was deleted meanwhile may have been made anew, with servers that are not ours to stop.
    if path.exists() and path.stat().st_ino == os.fstat(alone).st_ino and not (where.run / _kept).exists():
        _stop_both(where)
    os.close(alone)


def _forget_in_child() -> None:
    """A forked child is not attached by its parent's lock; it attaches by itself when it needs to."""
    for descriptor in _attached.values():
        os.close(descriptor)
    _attached.clear()


os.register_at_fork(after_in_child=_forget_in_child)
