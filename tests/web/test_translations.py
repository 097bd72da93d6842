"""English and Simplified Chinese are complete."""

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


def test_no_translation_is_missing_or_guessed(messages: ModuleType) -> None:
    assert messages.problems("zh_Hans") == []


def test_what_is_compiled_is_what_stands_in_the_texts(messages: ModuleType) -> None:
    with translation.override("zh-hans"):
        assert gettext("Waiting on customer") == messages.load("zh_Hans")["Waiting on customer"].string
