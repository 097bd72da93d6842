"""Forms for partners, sites, programmes, teams and job roles."""

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.accounts.rules import Actor
from portal.naming import Named

from .. import actions, queries
from ..models import JobRole, Partner, Programme, Queue, Site, Team
from .base import Choice, DirectoryForm, code, text


@cache
def time_zones() -> list[tuple[str, str]]:
    """Time zones that have a place in their name, and UTC."""
    skipped = ("Etc/", "SystemV/", "US/", "posix/", "right/")
    places = sorted(z for z in available_timezones() if "/" in z and not z.startswith(skipped))
    return [("", "–"), ("UTC", "UTC"), *((z, z.replace("_", " ")) for z in places)]


def _names(row: Named) -> dict[str, Any]:
    return {"name": row.name, "name_zh": row.name_zh, "version": row.version}


class NamedForm(DirectoryForm):
    """A name in one or two languages."""

    name = text(_("Name"))
    name_zh = text(_("Name in Chinese"), required=False, hint=_("Shown to readers of Chinese; the name is, if empty."))


class PartnerForm(NamedForm):
    """A partner."""

    code = code()

    @staticmethod
    def initial_from(row: Partner) -> dict[str, Any]:
        """The partner's values by field name."""
        return {**_names(row), "code": row.code}

    def values(self) -> actions.PartnerValues:
        """What was typed."""
        data = self.cleaned_data
        return actions.PartnerValues(name=data["name"], name_zh=data["name_zh"], code=data["code"])


class SiteForm(NamedForm):
    """A site; its partner is chosen once, when it is added."""

    code = code()
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=time_zones)
    calendar = Choice(
        queryset=None,
        required=False,
        empty_label="–",
        label=_("Business calendar"),
        help_text=_("Decides when clocks of this site run."),
    )

    def __init__(self, *args: Any, calendar_held: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["calendar"].queryset = queries.calendars(calendar_held)

    @staticmethod
    def initial_from(row: Site) -> dict[str, Any]:
        """The site's values by field name."""
        return {**_names(row), "code": row.code, "time_zone": row.time_zone, "calendar": row.calendar_id}

    def values(self) -> actions.SiteValues:
        """What was typed."""
        data = self.cleaned_data
        calendar = data["calendar"]
        return actions.SiteValues(
            name=data["name"],
            name_zh=data["name_zh"],
            code=data["code"],
            time_zone=data["time_zone"],
            calendar_id=calendar.pk if calendar else None,
        )


class NewSiteForm(SiteForm):
    """A site to be added, with its partner."""

    partner = Choice(queryset=None, label=_("Partner"))
    field_order = ("partner", "name", "name_zh", "code", "time_zone", "calendar")

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["partner"].queryset = queries.listed(queries.partners_visible_to(actor), archived=False)


class ProgrammeForm(NamedForm):
    """A programme of a site."""

    code = code()

    @staticmethod
    def initial_from(row: Programme) -> dict[str, Any]:
        """The programme's values by field name."""
        return {**_names(row), "code": row.code}

    def values(self) -> actions.ProgrammeValues:
        """What was typed."""
        data = self.cleaned_data
        return actions.ProgrammeValues(name=data["name"], name_zh=data["name_zh"], code=data["code"])


class QueueForm(NamedForm):
    """A queue of a programme."""

    code = code()

    @staticmethod
    def initial_from(row: Queue) -> dict[str, Any]:
        """The queue's values by field name."""
        return {**_names(row), "code": row.code}

    def values(self) -> actions.QueueValues:
        """What was typed."""
        data = self.cleaned_data
        return actions.QueueValues(name=data["name"], name_zh=data["name_zh"], code=data["code"])


class TeamForm(NamedForm):
    """A team of a programme."""

    @staticmethod
    def initial_from(row: Team) -> dict[str, Any]:
        """The team's values by field name."""
        return _names(row)

    def values(self) -> actions.TeamValues:
        """What was typed."""
        return actions.TeamValues(name=self.cleaned_data["name"], name_zh=self.cleaned_data["name_zh"])


class JobRoleForm(NamedForm):
    """A job role."""

    code = code()
    leads = forms.BooleanField(
        label=_("Leads other people"), required=False, help_text=_("Its holders can be chosen as lead.")
    )

    @staticmethod
    def initial_from(row: JobRole) -> dict[str, Any]:
        """The job role's values by field name."""
        return {**_names(row), "code": row.code, "leads": row.leads}

    def values(self) -> actions.JobRoleValues:
        """What was typed."""
        data = self.cleaned_data
        return actions.JobRoleValues(name=data["name"], name_zh=data["name_zh"], code=data["code"], leads=data["leads"])
