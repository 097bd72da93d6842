"""Every code that is written has its sentence, and strange parameters never break a stream."""

import re
from pathlib import Path

import pytest

from escalations.wording import SENTENCES, Names, sentence

ROOT = Path(__file__).resolve().parents[2] / "escalations"
NAMES = Names(users={1: "Ada", 2: "Bo"}, services={7: "Payments"})


def test_every_code_that_the_wing_writes_has_a_sentence() -> None:
    text = "".join(path.read_text() for folder in ("actions", "importing") for path in (ROOT / folder).rglob("*.py"))
    kinds = "note|contact|state|severity|assignment|service|sensitivity|grant|details|entry|escalation|import|clock"
    written = set(re.findall(rf'"((?:{kinds})\.[a-z_]+)"', text)) - {"service.added", "service.archived"}
    written -= {code for code in written if code.startswith("service.") and code != "service.changed"}
    assert written - set(SENTENCES) == set()
    assert {"clock.warned", "clock.breached", "clock.escalated", "opened"} <= set(SENTENCES)


@pytest.mark.parametrize(
    ("code", "params", "said"),
    [
        ("opened", {"severity": 1}, "Opened as S1"),
        ("state.changed", {"from": "new", "to": "triaged"}, "New → Triaged"),
        ("state.changed", {"from": "new", "to": "rejected", "reject_reason": "spam"}, "Rejected: Spam"),
        ("severity.changed", {"from": 3, "to": 1, "signals": ["press"]}, "Severity S3 → S1: A journalist or regulator"),
        ("assignment.changed", {"from": 1, "to": 2}, "Assigned to Bo instead of Ada"),
        ("assignment.changed", {"from": None, "to": 1}, "Assigned to Ada"),
        ("assignment.changed", {"from": 1, "to": None}, "Taken off Ada, now unassigned"),
        ("service.changed", {"from": 7, "to": 99}, "Handed over from Payments to ?"),
        ("grant.break_glass", {"user": 1, "minutes": 60}, "Ada broke the glass for 60 minutes"),
        ("clock.escalated", {"metric": "next_reply", "level": 2}, "Next reply breached: escalation level 2 told"),
        ("import.opened", {"source": "servicenow"}, "Opened in servicenow"),
        (
            "import.event",
            {"by": "Resolver 7", "changes": [["state", "new", "resolved"], ["sla", None, True]]},
            "State: New → Resolved; sla: True (Resolver 7)",
        ),
        ("import.event", {"by": "", "changes": []}, "Updated"),
        ("made.up", {}, "made.up"),
    ],
)
def test_sentences(code: str, params: dict[str, object], said: str) -> None:
    assert sentence(code, params, NAMES) == said


@pytest.mark.parametrize("code", sorted(SENTENCES))
@pytest.mark.parametrize("value", [None, "<b>", 10**9])
def test_no_parameter_breaks_a_stream(code: str, value: object) -> None:
    names = ("from", "to", "user", "metric", "level", "percent", "severity", "reject_reason", "source", "by")
    assert sentence(code, dict.fromkeys(names, value), NAMES)
    assert sentence(code, {}, NAMES)
