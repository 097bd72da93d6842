"""English and Simplified Chinese are complete."""

import ast
import importlib.util
from types import ModuleType

import pytest
from django.utils import translation
from django.utils.translation import gettext

from tests.databases import ROOT


@pytest.fixture(scope="module")
def messages() -> ModuleType:
    """The script that keeps the translations."""
    spec = importlib.util.spec_from_file_location("messages", ROOT / "scripts" / "messages.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_text_is_found(messages: ModuleType) -> None:
    """The search for texts sees Python, templates, plurals and arguments of tags; otherwise the next test proves nothing."""
    ids = {m.id if isinstance(m.id, str) else m.id[0] for m in messages.template_catalog() if m.id}
    assert len(ids) > 800
    assert {"Triage queue", "My day", "Waiting on customer", "Explain this due time"} <= ids


def test_texts_are_marked_by_names_that_the_search_knows(messages: ModuleType) -> None:
    """A function of translation under another name would leave its texts out of the files without a word."""
    names = {"gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy", "npgettext"}
    marked, unknown = 0, []
    for path in (path for package in messages.PACKAGES for path in (ROOT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
                used = {one.asname or one.name for one in node.names if one.name in names}
                marked += len(used)
                unknown += [f"{path.relative_to(ROOT)}: {name}" for name in used - set(messages.KEYWORDS)]
    assert marked > 100
    assert unknown == []


def test_no_translation_is_missing_or_guessed(messages: ModuleType) -> None:
    assert messages.problems("zh_Hans") == []


def test_what_is_compiled_is_what_stands_in_the_texts(messages: ModuleType) -> None:
    with translation.override("zh-hans"):
        assert gettext("Waiting on customer") == messages.load("zh_Hans")["Waiting on customer"].string
