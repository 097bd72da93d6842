"""A running portal for browser tests: gunicorn as in production, on a free port.

With PORTAL_TESTS_SLOWLY (seconds) it answers as over a slow line: tests that look before a page is there then fail.
"""

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import IO

ROOT = Path(__file__).resolve().parents[2]
_LAST_WORDS = 120
_LISTENING = re.compile(r"Listening at: (http://\S+)")


@contextmanager
def running_portal(env: Mapping[str, str]) -> Iterator[str]:
    """Start the web server in this environment; yields its address, stops it afterwards."""
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "tests.browser.slowly" if env.get("PORTAL_TESTS_SLOWLY") else "portal.wsgi",
        "--bind",
        "127.0.0.1:0",
        "--threads",
        "4",
        "--no-control-socket",
    ]
    process = subprocess.Popen(
        command, cwd=ROOT, env=dict(env), stderr=subprocess.STDOUT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    said: list[str] = []
    try:
        yield _address(process.stdout, said)
    finally:
        process.terminate()
        process.wait(20)
        # pytest shows this beside a test that failed.
        sys.stdout.write("".join(said[-_LAST_WORDS:]))


def _address(output: IO[str], said: list[str]) -> str:
    for line in output:
        said.append(line)
        found = _LISTENING.search(line)
        if found:
            Thread(target=_drain, args=(output, said), daemon=True).start()
            return found[1]
    raise RuntimeError("the portal did not start:\n" + "".join(said))


def _drain(output: IO[str], said: list[str]) -> None:
    """Read on to the end, so that the server never waits for us to."""
    with output:
        said.extend(output)
