"""What cases show on pages of other rooms."""

from collections.abc import Mapping
from typing import Any

from escalations import queries
from escalations.choices import State
from escalations.views.common import case_url, sees_cases
from portal.accounts.rules import Actor

MOST = 8


def cases_raised(actor: Actor, obj: object) -> Mapping[str, Any] | None:
    """On the page of a person: the latest cases that they raised, as far as the reader sees them. None where there are none."""
    if not sees_cases(actor):
        return None
    person_id: int = getattr(obj, "pk", 0)
    rows = queries.visible_to(actor).filter(raised_by__person_id=person_id).defer("search").order_by("-pk")
    cases = list(rows[:MOST])
    if not cases:
        return None
    lines = [(case, case_url(case), State(case.state)) for case in cases]
    return {"lines": lines}
