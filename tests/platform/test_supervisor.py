"""The small decisions of `make demo`."""

import fcntl
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal import supervisor
from portal.embedded.processes import is_alive, wait_for_end


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.socket() as listener:
        listener.bind((supervisor.HOST, 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_free_port_is_taken_without_a_word(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as probe:
        probe.bind((supervisor.HOST, 0))
        port = probe.getsockname()[1]
    assert supervisor.choose_port(port) == port
    assert capsys.readouterr().out == ""


def test_the_next_free_port_is_taken_and_named(taken: int, capsys: pytest.CaptureFixture[str]) -> None:
    chosen = supervisor.choose_port(taken)
    assert chosen > taken
    assert f"Port {taken} is taken; using {chosen}." in capsys.readouterr().out


def test_no_free_port_at_all_is_said_in_one_line(taken: int) -> None:
    with pytest.raises(SystemExit, match=f"No free port from {taken} on; set PORT"):
        supervisor.choose_port(taken, tries=1)


def test_static_files_are_gathered_again_only_after_a_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[tuple[str, ...]] = []

    def manage(*arguments: str) -> int:
        done.append(arguments)
        return 0

    monkeypatch.setenv("PORTAL_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(supervisor, "_manage", manage)
    assert [supervisor.collect_static(), supervisor.collect_static()] == [0, 0]
    assert len(done) == 1
    (tmp_path / "static.stamp").write_text("another state")
    supervisor.collect_static()
    assert len(done) == 2


def test_reset_deletes_what_the_demo_made_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_DATA_DIR", str(tmp_path))
    (tmp_path / "files").mkdir()
    (tmp_path / "mine.txt").write_text("kept")
    assert supervisor.reset() == 0
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_second_demo_in_the_same_folder_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PORTAL_DATA_DIR", str(tmp_path))
    with (tmp_path / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert supervisor.run() == 1
    assert f"The demo of {tmp_path} is running already." in capsys.readouterr().err


def test_a_program_that_follows_ends_with_whoever_started_it(tmp_path: Path) -> None:
    """The starter prints the process id of a sleeper that follows it, and is killed."""
    start = (
        "import subprocess, sys; "
        f"child = subprocess.Popen([sys.executable, '-c', {supervisor.FOLLOW!r}, '/bin/sh', '-c', 'echo ready; exec cat'], "
        "stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True); child.stdout.readline(); "
        "print(child.pid, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", start], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as starter:
        assert starter.stdout is not None
        child = int(starter.stdout.readline())
        assert is_alive(child)
        starter.kill()
    assert wait_for_end(child, 30.0)
