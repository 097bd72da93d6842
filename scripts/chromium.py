"""Finds a Chromium for the browser tests, or brings one: `python scripts/chromium.py` prints its path."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HELP = "The browser tests need Chromium, and none could be brought: install one and set PORTAL_CHROMIUM to its path."


def chromium() -> str:
    """The path: of one on the machine, else of Playwright's own, else of Debian's package. Raises SystemExit."""
    for find in (_on_the_machine, _playwrights, _debians):
        found = find()
        if found:
            return found
    raise SystemExit(HELP)


def _on_the_machine() -> str | None:
    names = [name for name in (os.environ.get("PORTAL_CHROMIUM"), *NAMES) if name]
    return next(filter(None, map(shutil.which, names)), None)


def _playwrights() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    if not Path(path).exists() and not _succeeds(sys.executable, "-m", "playwright", "install", "chromium"):
        return None
    return path if Path(path).exists() and _succeeds(path, "--version") else None


def _debians() -> str | None:
    if os.getuid() != 0 or not shutil.which("apt-get"):
        return None
    _succeeds("apt-get", "update")
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    _succeeds("apt-get", "install", "--yes", "--no-install-recommends", "chromium", "fonts-noto-cjk")
    return _on_the_machine()


def _succeeds(*command: str) -> bool:
    print(f"Bringing a browser: {' '.join(command)}", file=sys.stderr, flush=True)
    try:
        return subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL).returncode == 0
    except OSError:
        return False


if __name__ == "__main__":
    print(chromium())
