"""A jurisdiction with a term, for the addresses of the law."""

from typing import Any

from tests.factories.statutory import TermFactory


def statutory_args() -> dict[str, dict[str, Any]]:
    """What they need."""
    term = TermFactory()
    return {
        "jurisdiction": {"pk": term.jurisdiction_id},
        "term": {"pk": term.jurisdiction_id, "term_id": term.pk},
    }
