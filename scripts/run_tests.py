"""Runs the tests on embedded servers of their own, in a folder that is deleted afterwards.

Arguments go to pytest; without any, everything runs, one worker per core.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from chromium import chromium

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Run pytest and clean up; returns its exit status."""
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    os.environ["PORTAL_CHROMIUM"] = chromium()
    # Tests start a hundred processes: compiled once is enough.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    folder = Path(tempfile.mkdtemp(prefix="portal-test-"))
    # Where root runs the tests, the database server runs as somebody else and must be able to pass.
    folder.chmod(0o755)
    os.environ |= {"PORTAL_DATA_DIR": str(folder), "PORTAL_EMBEDDED_DURABLE": "0", "PORTAL_EMBEDDED_AUTOVACUUM": "0"}
    arguments = sys.argv[1:] or ["--numprocesses", "auto", "--dist", "worksteal"]
    try:
        return subprocess.run([sys.executable, "-m", "pytest", *arguments], cwd=ROOT, check=False).returncode
    except KeyboardInterrupt:
        return 130
    finally:
        subprocess.run([sys.executable, "-m", "portal.embedded", "remove"], cwd=ROOT, check=False)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
