"""The input boundary of the directory."""

from .filters import DayFilter, NameFilter, PeopleFilter, SiteChoice
from .organisation import JobRoleForm, NewSiteForm, PartnerForm, ProgrammeForm, QueueForm, SiteForm, TeamForm
from .people import (
    EndForm,
    EngagementForm,
    ExternalIdForm,
    HireForm,
    LeaveForm,
    NewPlacementForm,
    PersonForm,
    PlacementForm,
    RehireForm,
    TransferForm,
)
from .refusals import day_text, period_text, sentence
from .rosters import ColumnsForm, RosterForm

__all__ = [
    "ColumnsForm",
    "DayFilter",
    "EndForm",
    "EngagementForm",
    "ExternalIdForm",
    "HireForm",
    "JobRoleForm",
    "LeaveForm",
    "NameFilter",
    "NewPlacementForm",
    "NewSiteForm",
    "PartnerForm",
    "PeopleFilter",
    "PersonForm",
    "PlacementForm",
    "ProgrammeForm",
    "QueueForm",
    "RehireForm",
    "RosterForm",
    "SiteChoice",
    "SiteForm",
    "TeamForm",
    "TransferForm",
    "day_text",
    "period_text",
    "sentence",
]
