"""Who may do what with access, by when it is due, what somebody lacks. Pure: no Django, no database."""

from .deadlines import leaver_due, mover_due, ready_by
from .planning import Conflict, Holding, Pattern, PersonPlan, Place, conflicts_of, plan_of, wanted_of
from .standing import (
    ConflictError,
    RefusedError,
    Site,
    is_own_matter,
    permitted,
    request_number,
    requesting,
)

__all__ = [
    "Conflict",
    "ConflictError",
    "Holding",
    "Pattern",
    "PersonPlan",
    "Place",
    "RefusedError",
    "Site",
    "conflicts_of",
    "is_own_matter",
    "leaver_due",
    "mover_due",
    "permitted",
    "plan_of",
    "ready_by",
    "request_number",
    "requesting",
    "wanted_of",
]
