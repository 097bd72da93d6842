"""Tables of the directory: who works where, for whom, and since when."""

from .attestations import LeaverAttestation
from .leave import Leave
from .organisation import JobRole, Partner, Programme, Queue, Site, Team
from .people import Engagement, ExternalId, Person, Placement
from .rosters import Roster, RosterProposal

__all__ = [
    "Engagement",
    "ExternalId",
    "JobRole",
    "Leave",
    "LeaverAttestation",
    "Partner",
    "Person",
    "Placement",
    "Programme",
    "Queue",
    "Roster",
    "RosterProposal",
    "Site",
    "Team",
]
