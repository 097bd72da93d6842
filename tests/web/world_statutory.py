"""A jurisdiction with a term, for the addresses of the law."""

from typing import Any

from escalations.models import Case, EvidencePack
from tests.factories.statutory import TermFactory


def statutory_args(case: Case) -> dict[str, dict[str, Any]]:
    """What they need. The pack waits for a worker."""
    term = TermFactory()
    pack = EvidencePack.objects.create(case=case, asked_by_id=case.raised_by_id, language="en")
    return {
        "evidence": {"ref": case.ref, "pk": pack.pk},
        "jurisdiction": {"pk": term.jurisdiction_id},
        "term": {"pk": term.jurisdiction_id, "term_id": term.pk},
    }
