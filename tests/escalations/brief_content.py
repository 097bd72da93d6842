"""Drafts of briefs, with a word of its own in every place."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from escalations.rules.briefs.building import Clock, Deed, Draft, Exposure, Fact, Matter

NOW: Final = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
#: Where each word stands, and the levels that may tell it.
PLACES: Final = {
    "zqsubject": {"full"},
    "zqcustomerref": {"full"},
    "zqservice": {"full", "internal"},
    "zqsite": {"full", "internal"},
    "zqissue": {"full", "internal", "outside"},
    "zqsituation": {"full"},
    "zqneutral": {"full", "internal", "outside"},
    "zqtold": {"full"},
    "zqidentity": {"full"},
    "zqchecked": {"full", "internal"},
    "zqnamed Ana Ruiz": {"full"},
    "zqcontact": {"full"},
    "zqstep": {"full", "internal"},
    "zqlegal": {"full", "internal"},
    "zqreach": {"full", "internal"},
    "zqnext": {"full", "internal", "outside"},
    "4812.50": {"full", "internal"},
    "zqaddress": set(),
}


def fact(key: str, words: str, source: str = "customer", *, thread: str = "", days: int = 1, entry: int = 1) -> Fact:
    return Fact(thread or key, entry, key, source, NOW - timedelta(days=days), words)


def deed(code: str, entry: int, words: str = "", **params: Any) -> Deed:
    """An entry; `params` as keywords, `before` for "from"."""
    if "before" in params:
        params["from"] = params.pop("before")
    return Deed(entry, code, params, NOW - timedelta(hours=entry), words)


def draft(**changes: Any) -> Draft:
    """Everything said, each with its word."""
    values: dict[str, Any] = {
        "language": "en",
        "zone": "UTC",
        "matter": Matter(
            subject="zqsubject",
            customer_ref="zqcustomerref",
            issue=[{"name": "zqissue", "name_zh": ""}],
            service={"name": "zqservice", "name_zh": ""},
            site={"name": "zqsite", "name_zh": ""},
            severity=1,
            state="in_progress",
            signals=["safety"],
            opened_at=NOW - timedelta(days=2),
        ),
        "clocks": [Clock("resolution", "running", NOW + timedelta(hours=4))],
        "facts": [
            fact("booking", "zqtold", entry=11),
            fact("identity", "zqidentity", "checked", entry=12),
            fact("safety", "zqchecked", "checked", entry=13),
            fact("tried", "zqnamed Ana Ruiz", "checked", entry=14),
        ],
        "deeds": [
            deed("contact.logged", 21, "zqcontact", channel="phone", direction="out", to_address="zqaddress"),
            deed("state.changed", 22, before="new", to="triaged"),
            deed("assignment.changed", 23, before=None, to=7),
            deed("step.done", 24, title="zqstep"),
            deed("note.added", 25, "zqnote"),
        ],
        "situation": "zqsituation",
        "neutral": "zqneutral",
        "exposure": Exposure(Decimal("4812.50"), "EUR", 2, "claim", "zqlegal", "press", "zqreach"),
        "next_step": "zqnext",
        "who": 7,
        "by": NOW + timedelta(days=1),
        "marks": ["Ana Ruiz", "zqcustomerref"],
    }
    return Draft(**(values | changes))
