"""Makes `.venv` with the pinned requirements: `python3 bootstrap.py base` or `dev`. A second run does nothing.

Runs under any Python 3.8 or newer, with the standard library alone. Where that Python is too old for the
portal, another one on the machine is taken, else `uv` from a virtualenv of its own fetches one.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
AIDE = ROOT / ".bootstrap"
OLDEST = (3, 12)
NAMES = ("python3.13", "python3.14", "python3.12")
CHECK = "import sys, ssl, venv, ensurepip; assert sys.version_info[:2] >= (3, 12); print(sys.executable)"
HELP = (
    "The portal needs Python 3.13 (3.12 at the least) with its venv module, and could not fetch one: "
    "install it (Debian 13: apt-get install python3-venv) and run this again."
)


def main():
    """Bring the virtualenv up to date for one set of requirements."""
    wanted = sys.argv[1] if len(sys.argv) > 1 else "base"
    if not usable(VENV / "bin" / "python"):
        make_venv()
    stamp = VENV / f".installed-{wanted}"
    state = state_of(wanted)
    if not (stamp.exists() and stamp.read_text() == state):
        bring_requirements(wanted)
    compile_translations()


def bring_requirements(wanted):
    """Install one set of requirements and note what was installed."""
    print(f"Installing the pinned requirements ({wanted}) into .venv; this takes a minute or two ...", flush=True)
    install(VENV / "bin" / "python", ROOT / "requirements" / f"{wanted}.txt")
    # What tests need contains what the portal needs.
    for name in ("base", "dev") if wanted == "dev" else ("base",):
        (VENV / f".installed-{name}").write_text(state_of(name))


def compile_translations():
    """Make the files that the portal reads its translations from, where they are older than the texts."""
    for texts in (ROOT / "locale").glob("*/LC_MESSAGES/*.po"):
        made = texts.with_suffix(".mo")
        if not made.exists() or made.stat().st_mtime <= texts.stat().st_mtime:
            subprocess.run([str(VENV / "bin" / "python"), str(ROOT / "scripts" / "messages.py"), "compile"], check=True)
            return


def make_venv():
    """Make `.venv` with a Python that is new enough."""
    python = find_python() or fetch_python()
    if python is None:
        sys.exit(HELP)
    print(f"Making .venv with {python} ...", flush=True)
    subprocess.run([python, "-m", "venv", "--clear", str(VENV)], check=True)


def find_python():
    """The best Python of the machine, or None."""
    candidates = [shutil.which(name) for name in NAMES]
    if sys.version_info[:2] >= OLDEST:
        candidates.insert(1, sys.executable)
    return next((found for found in candidates if found and usable(found)), None)


def usable(python):
    """Whether this Python runs, is new enough and can make virtualenvs."""
    try:
        result = subprocess.run([str(python), "-c", CHECK], capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return result.returncode == 0


def fetch_python():
    """Fetch a Python with uv, which comes out of a virtualenv of the old Python; None when that fails."""
    print("No Python 3.12 or newer here; fetching one with uv ...", flush=True)
    try:
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(AIDE)], check=True, capture_output=True)
        with tempfile.TemporaryDirectory() as folder:
            pinned = Path(folder) / "uv.txt"
            pinned.write_text(pinned_uv())
            install(AIDE / "bin" / "python", pinned)
        version = (ROOT / ".python-version").read_text().strip()
        where = {**os.environ, "UV_PYTHON_INSTALL_DIR": str(AIDE / "python"), "UV_PYTHON_PREFERENCE": "only-managed"}
        uv = str(AIDE / "bin" / "uv")
        subprocess.run([uv, "python", "install", version], env=where, check=True, capture_output=True)
        found = subprocess.run([uv, "python", "find", version], env=where, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return found.stdout.strip() if usable(found.stdout.strip()) else None


def pinned_uv():
    """The lines of the compiled requirements that pin uv."""
    text = (ROOT / "requirements" / "dev.txt").read_text()
    found = re.search(r"^uv==.*?(?=^\S|\Z)", text, re.MULTILINE | re.DOTALL)
    return found.group(0) if found else "uv"


def install(python, requirements):
    """Install pinned and hashed requirements."""
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    try:
        subprocess.run([*command, "--require-hashes", "-r", str(requirements)], check=True)
    except subprocess.CalledProcessError:
        sys.exit(f"The requirements of {requirements.name} could not be installed; pip says why above.")


def state_of(wanted):
    """What an installation is made of; when it changes, it is made again."""
    requirements = ROOT / "requirements" / f"{wanted}.txt"
    python = (VENV / "pyvenv.cfg").read_bytes()
    return hashlib.sha256(requirements.read_bytes() + python).hexdigest()


if __name__ == "__main__":
    main()
