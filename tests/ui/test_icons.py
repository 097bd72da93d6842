"""Every icon that a page names is in the file."""

import re
from pathlib import Path

from portal.ui import registry
from portal.ui.marks import RAG, STATES

ROOT = Path(__file__).resolve().parents[2]


def drawn() -> set[str]:
    return set(re.findall(r'<symbol id="i-([\w-]+)"', (ROOT / "static" / "icons.svg").read_text(encoding="utf-8")))


def named() -> set[str]:
    found: set[str] = set()
    for path in (ROOT / "templates").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        found |= set(re.findall(r'{% (?:icon|empty) "([\w-]+)"', text))
        found |= set(re.findall(r'{% badge [^%]*? "\w*" "([\w-]+)" %}', text))
    for path in (ROOT / "static" / "js").glob("*.js"):
        found |= set(re.findall(r'icon\("([\w-]+)"\)', path.read_text(encoding="utf-8")))
    return found


def test_templates_and_scripts_name_only_icons_that_exist() -> None:
    assert named() - drawn() == set()


def test_navigation_and_states_have_their_icons() -> None:
    wanted = {item.icon for item in registry.registered_nav()}
    wanted |= {f"st-{glyph}" for glyph, _name in STATES.values()} | {f"rag-{colour}" for colour in RAG}
    wanted |= {f"sev-{level}" for level in range(1, 5)}
    assert wanted - drawn() == set()
