"""The audit trail has words for everything that the wing writes into it."""

import re
from pathlib import Path

from escalations.choices import Verb
from portal.audit import registry

ACTIONS = Path(__file__).resolve().parents[2] / "escalations"


def test_every_verb_has_words() -> None:
    text = "".join(path.read_text() for folder in ("actions", "importing") for path in (ACTIONS / folder).rglob("*.py"))
    written = set(re.findall(r'trail\([^()]*?"((?:case|service|issue_type)\.[a-z_]+)"', text))
    written |= {f"case.{code.replace('.', '_')}" for code in re.findall(r'_tell\([^()]*?"(grant\.[a-z_]+)"', text)}
    written |= {f"case.{verb.value}" for verb in Verb}
    assert len(written) > 30
    assert written - set(registry.verbs()) == set()


def test_a_case_is_named_without_a_link() -> None:
    named = registry.subjects()["case"].names([20418])[20418]
    assert (named.text, named.url) == ("EC-20418", "")
