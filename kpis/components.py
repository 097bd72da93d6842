"""The components that every figure is made of. All are additive; a stock is summed over sites and read last over time.

A component's column has its code for a name, in the table of facts it comes from and in the daily sums.
What is not named here is a daily figure of its own (`models.Component`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """`unit`: count, seconds or points. `required`: a row without it is no fact."""

    code: str
    label: Promise
    unit: str = "count"
    required: bool = False


CONTACTS: Final = (
    BuiltIn("offered", _("Offered"), required=True),
    BuiltIn("answered", _("Answered")),
    BuiltIn("answered_in_t", _("Answered in time")),
    BuiltIn("abandoned", _("Abandoned")),
    BuiltIn("short_abandoned", _("Short abandoned")),
    BuiltIn("abandoned_in_t", _("Abandoned in time")),
    BuiltIn("handled", _("Handled")),
    BuiltIn("wait", _("Wait of answered"), "seconds"),
    BuiltIn("talk", _("Talk"), "seconds"),
    BuiltIn("hold", _("Hold"), "seconds"),
    BuiltIn("wrap", _("Wrap-up"), "seconds"),
)
AGENTS: Final = (
    BuiltIn("paid", _("Paid"), "seconds", required=True),
    BuiltIn("productive", _("Productive"), "seconds"),
    BuiltIn("available", _("Available"), "seconds"),
    BuiltIn("handle", _("Handling"), "seconds"),
    BuiltIn("scheduled", _("Scheduled"), "seconds"),
    BuiltIn("in_adherence", _("In the scheduled state"), "seconds"),
    BuiltIn("worked", _("Worked"), "seconds"),
    BuiltIn("planned_absence", _("Planned absence"), "seconds"),
    BuiltIn("unplanned_absence", _("Unplanned absence"), "seconds"),
    BuiltIn("agent_handled", _("Handled by agents")),
    BuiltIn("agent_talk", _("Talk of agents"), "seconds"),
    BuiltIn("agent_hold", _("Hold of agents"), "seconds"),
    BuiltIn("agent_wrap", _("Wrap-up of agents"), "seconds"),
)
SURVEYS: Final = (
    BuiltIn("nps_responses", _("NPS responses")),
    BuiltIn("promoters", _("Promoters")),
    BuiltIn("passives", _("Passives")),
    BuiltIn("detractors", _("Detractors")),
    BuiltIn("csat_responses", _("CSAT responses")),
    BuiltIn("satisfied", _("Satisfied")),
)
QUALITY: Final = (
    BuiltIn("evaluations", _("Evaluations")),
    BuiltIn("qa_points", _("Points given"), "points"),
    BuiltIn("qa_possible", _("Points possible"), "points"),
    BuiltIn("auto_fails", _("Auto-fails")),
    BuiltIn("critical_errors", _("Evaluations with a critical error")),
)
SUMMED: Final[tuple[BuiltIn, ...]] = (*CONTACTS, *AGENTS, *SURVEYS, *QUALITY)
BY_CODE: Final[Mapping[str, BuiltIn]] = {component.code: component for component in SUMMED}
# What is known of an agent, and so of a team.
OF_AGENTS: Final = (*AGENTS, *SURVEYS, *QUALITY)
