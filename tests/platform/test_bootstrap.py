"""Making the virtualenv, and finding a browser: what is decided, without installing anything."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.databases import ROOT


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"scripts_{name}", ROOT / "scripts" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def bootstrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script, in a folder of its own with a virtualenv that is up to date."""
    module = load("bootstrap")
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "pyvenv.cfg").write_text("version = 3.13.0\n")
    (tmp_path / "requirements").mkdir()
    for name in ("base", "dev"):
        (tmp_path / "requirements" / f"{name}.txt").write_text(f"{name}==1\n")
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module, "usable", lambda python: True)
    return module


@pytest.fixture
def installed(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the requirements that were installed, instead of installing them."""
    names: list[str] = []
    monkeypatch.setattr(bootstrap, "install", lambda python, requirements: names.append(requirements.stem))
    return names


def run(bootstrap: ModuleType, wanted: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["bootstrap.py", wanted])
    bootstrap.main()


def test_requirements_are_installed_once(
    bootstrap: ModuleType, installed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(bootstrap, "base", monkeypatch)
    run(bootstrap, "base", monkeypatch)
    assert installed == ["base"]


def test_what_tests_need_contains_what_the_portal_needs(
    bootstrap: ModuleType, installed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(bootstrap, "dev", monkeypatch)
    run(bootstrap, "base", monkeypatch)
    assert installed == ["dev"]


def test_changed_requirements_are_installed_again(
    bootstrap: ModuleType, installed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(bootstrap, "base", monkeypatch)
    (bootstrap.ROOT / "requirements" / "base.txt").write_text("base==2\n")
    run(bootstrap, "base", monkeypatch)
    assert installed == ["base", "base"]


def test_without_any_python_it_says_in_one_line_what_to_install(
    bootstrap: ModuleType, installed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap, "usable", lambda python: False)
    monkeypatch.setattr(bootstrap, "fetch_python", lambda: None)
    with pytest.raises(SystemExit) as stopped:
        run(bootstrap, "base", monkeypatch)
    assert "Python 3.13" in str(stopped.value)
    assert "\n" not in str(stopped.value)


def test_uv_is_installed_as_pinned_and_hashed() -> None:
    pinned = load("bootstrap").pinned_uv()
    assert pinned.startswith("uv==")
    assert "--hash=sha256:" in pinned
    assert pinned.count("==") == 1


def test_a_browser_on_the_machine_is_taken_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = tmp_path / "browser"
    browser.write_text("#!/bin/sh\n")
    browser.chmod(0o755)
    monkeypatch.setenv("PORTAL_CHROMIUM", str(browser))
    assert load("chromium").chromium() == str(browser)


def test_without_any_browser_it_says_so_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    script = load("chromium")
    for name in ("_on_the_machine", "_playwrights", "_debians"):
        monkeypatch.setattr(script, name, lambda: None)
    with pytest.raises(SystemExit, match="need Chromium") as stopped:
        script.chromium()
    assert "\n" not in str(stopped.value)
