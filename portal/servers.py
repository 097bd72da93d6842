"""Starts the embedded servers for an entry point, unless the environment names others."""

import os
from pathlib import Path


def data_dir() -> Path:
    """Where the embedded servers keep their data: PORTAL_DATA_DIR, else `.data` beside the code."""
    return Path(os.environ.get("PORTAL_DATA_DIR") or Path(__file__).resolve().parent.parent / ".data").resolve()


def files_dir() -> Path:
    """Where attachments lie: FILES_ROOT, else `files` in the data folder."""
    return Path(os.environ.get("FILES_ROOT") or data_dir() / "files").resolve()


def ensure_servers() -> None:
    """Start PostgreSQL and Valkey out of the virtualenv when DATABASE_URL or REDIS_URL is not set."""
    if os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"):
        return
    from portal.embedded import ensure_running

    ensure_running(data_dir())
