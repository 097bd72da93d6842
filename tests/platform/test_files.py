"""What the committed files promise: the deployment, the commands, and what they must not name."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.databases import ROOT

MAKEFILE = (ROOT / "Makefile").read_text()


def committed() -> list[Path]:
    result = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        pytest.skip("not a checkout")
    return [ROOT / name for name in result.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_the_compose_file_follows_its_specification() -> None:
    result = subprocess.run(
        [Path(sys.executable).with_name("check-jsonschema"), "--builtin-schema", "vendor.compose-spec", "docker-compose.yml"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout + result.stderr


def test_every_variable_of_the_compose_file_is_in_the_example() -> None:
    asked = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))
    given = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert asked - given == {"SECURE_SSL_REDIRECT"}
    assert given <= asked


def test_every_setting_read_from_the_environment_is_documented() -> None:
    read = set(re.findall(r"""env\.\w+\(\s*"([A-Z_]+)""", (ROOT / "portal" / "settings.py").read_text()))
    documented = set(re.findall(r"`([A-Z_]+)`", (ROOT / "docs" / "operations.md").read_text()))
    assert read - documented == set()


def test_no_committed_file_names_a_package_index() -> None:
    hosts = [
        b"pypi" + b".org",
        b"pythonhosted" + b".org",
        b"--index" + b"-url",
        b"--extra-index" + b"-url",
        b"npmjs" + b".org",
    ]
    naming = [(path.name, host) for path in committed() for host in hosts if host in path.read_bytes()]
    assert naming == []


def test_requirements_are_pinned_and_hashed() -> None:
    for name in ("base", "dev"):
        text = (ROOT / "requirements" / f"{name}.txt").read_text()
        pins = re.findall(r"^[a-z].*?(?=^[a-z]|\Z)", text, re.MULTILINE | re.DOTALL)
        assert len(pins) > 20
        assert all(re.match(r"[\w.\[\],-]+==\S+", pin) and "--hash=sha256:" in pin for pin in pins)


LOADED = """
import importlib, sys
from importlib.metadata import packages_distributions
import django
django.setup()
for name in ("portal.urls", "portal.celery", "celery.bin.worker", "celery.bin.beat", "kombu.transport.redis", "gunicorn.workers.gthread",
             "honcho.manager", "portal.supervisor", "portal.backup", "portal.embedded.guard"):
    importlib.import_module(name)
owners = packages_distributions()
print(*sorted({owner.lower().replace("_", "-") for name in list(sys.modules) for owner in owners.get(name, [])}))
"""


def test_what_the_portal_loads_is_pinned_in_its_own_requirements() -> None:
    """The tests run with more packages installed, which would hide that one is missing."""
    result = subprocess.run(
        [sys.executable, "-c", LOADED], cwd=ROOT, env={**os.environ, "DJANGO_SETTINGS_MODULE": "portal.settings", "PORTAL_MODE": "demo"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    pinned = set(
        re.findall(r"^([a-z0-9.-]+)(?:\[.*?\])?==", (ROOT / "requirements" / "base.txt").read_text(), re.MULTILINE)
    )
    # Those two are used where they happen to be installed.
    assert set(result.stdout.split()) - pinned - {"greenlet", "pygments"} == set()


@pytest.mark.parametrize("document", ["README.md", "docs/operations.md"])
def test_every_make_command_of_the_documents_exists(document: str) -> None:
    named = set(re.findall(r"`make ([a-z-]+)", (ROOT / document).read_text()))
    named |= set(re.findall(r"^\s*make ([a-z-]+)", (ROOT / document).read_text(), re.MULTILINE))
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
    assert named
    assert named <= targets


def test_every_target_is_phony_and_says_what_it_does() -> None:
    targets = re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE)
    phony = re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)
    assert phony is not None
    assert sorted(phony[1].split()) == sorted(targets)
    assert len(re.findall(r"^[a-z-]+:.*## \w", MAKEFILE, re.MULTILINE)) == len(targets) - 2


def test_the_build_script_fails_without_the_reference_data(tmp_path: Path) -> None:
    (tmp_path / "checkout" / ".ci").mkdir(parents=True)
    script = tmp_path / "checkout" / ".ci" / "run"
    script.write_bytes((ROOT / ".ci" / "run").read_bytes())
    result = subprocess.run(["bash", script], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert "../shared is missing" in result.stderr
