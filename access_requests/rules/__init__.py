"""Who may do what with access, by when it is due, what somebody lacks. Pure: no Django, no database."""

from .deadlines import leaver_due, mover_due, ready_by
from .deciding import Denied, Matter, deciding, is_passed, managing, may_act
from .planning import (
    Blocked,
    Conflict,
    Holding,
    Pattern,
    PersonPlan,
    Place,
    conflicts_of,
    freed_of,
    plan_of,
    wanted_of,
)
from .standing import (
    Site,
    confirming,
    permitted,
    request_number,
    requesting,
)

__all__ = [
    "Blocked",
    "Conflict",
    "Denied",
    "Holding",
    "Matter",
    "Pattern",
    "PersonPlan",
    "Place",
    "Site",
    "confirming",
    "conflicts_of",
    "deciding",
    "freed_of",
    "is_passed",
    "leaver_due",
    "managing",
    "may_act",
    "mover_due",
    "permitted",
    "plan_of",
    "ready_by",
    "request_number",
    "requesting",
    "wanted_of",
]
