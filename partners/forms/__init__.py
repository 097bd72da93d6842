"""The input boundary of the directory."""

from .filters import NameFilter, PeopleFilter, SiteChoice
from .organisation import JobRoleForm, NewSiteForm, PartnerForm, ProgrammeForm, SiteForm, TeamForm
from .people import (
    EndForm,
    EngagementForm,
    ExternalIdForm,
    HireForm,
    NewPlacementForm,
    PersonForm,
    PlacementForm,
)
from .refusals import day_text, period_text, sentence
from .rosters import ColumnsForm, RosterForm

__all__ = [
    "ColumnsForm",
    "EndForm",
    "EngagementForm",
    "ExternalIdForm",
    "HireForm",
    "JobRoleForm",
    "NameFilter",
    "NewPlacementForm",
    "NewSiteForm",
    "PartnerForm",
    "PeopleFilter",
    "PersonForm",
    "PlacementForm",
    "ProgrammeForm",
    "RosterForm",
    "SiteChoice",
    "SiteForm",
    "TeamForm",
    "day_text",
    "period_text",
    "sentence",
]
