"""Tables of the directory: who works where, for whom, and since when."""

from .organisation import JobRole, Partner, Programme, Site, Team
from .people import Engagement, ExternalId, Person, Placement

__all__ = ["Engagement", "ExternalId", "JobRole", "Partner", "Person", "Placement", "Programme", "Site", "Team"]
