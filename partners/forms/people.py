"""Forms for people, engagements, placements and external ids."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal.accounts.rules import Actor

from .. import actions, queries
from ..choices import Language, LeaveKind, PlacementKind
from ..models import Engagement, JobRole, Person, Placement, Programme, Site, Team
from .base import Choice, DirectoryForm, PersonChoice, day, text


class PersonForm(DirectoryForm):
    """A person's own details."""

    name = text(pgettext_lazy("person", "Name"))
    preferred_name = text(_("Preferred name"), required=False, hint=_("What the person wants to be called."))
    email = forms.EmailField(label=_("Email"), required=False, max_length=254)
    language = forms.ChoiceField(label=_("Language"), choices=Language.choices, initial=Language.ENGLISH)

    @staticmethod
    def initial_from(row: Person) -> dict[str, Any]:
        """The person's values by field name."""
        names = ("name", "preferred_name", "email", "language", "version")
        return {name: getattr(row, name) for name in names}

    def person(self) -> actions.PersonValues:
        """What was typed about the person."""
        data = self.cleaned_data
        return actions.PersonValues(
            name=data["name"], preferred_name=data["preferred_name"], email=data["email"], language=data["language"]
        )


class PlaceFields(forms.Form):
    """Where at a site, in which role, under whom, and when."""

    job_role = Choice(queryset=None, label=_("Job role"), empty_label=_("Choose a job role"))
    programme = Choice(queryset=None, required=False, empty_label="–", label=_("Programme"))
    team = Choice(
        queryset=None, required=False, empty_label="–", label=_("Team"), help_text=_("A team brings its programme.")
    )
    lead = PersonChoice(queryset=None, required=False, empty_label="–", label=_("Lead"))
    first_day = day(_("First day"))
    last_day = day(_("Last day"), required=False, hint=_("Empty: no end is known."))

    def offer(self, site: Site, keep: Placement | None = None) -> None:
        """Offer what the site has in use, and what the row has already."""
        held = keep or Placement()
        fields: dict[str, Any] = self.fields
        programmes = Programme.objects.filter(site=site)
        teams = Team.objects.filter(programme__site=site, programme__archived_at__isnull=True)
        leads = queries.possible_leads(site, queries.today())
        fields["job_role"].queryset = queries.offered(JobRole.objects.all(), held.job_role_id)
        fields["programme"].queryset = queries.offered(programmes, held.programme_id)
        fields["team"].queryset = queries.offered(teams, held.team_id)
        fields["lead"].queryset = queries.with_held(leads, held.lead_id)

    def clean(self) -> dict[str, Any]:
        """A team without its programme gets it; a team of another programme is refused here already."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        team, programme = data.get("team"), data.get("programme")
        if team and programme is None and "programme" not in self.errors:
            data["programme"] = team.programme
        elif team and programme and team.programme_id != programme.pk:
            self.add_error("team", _("Choose a team of the programme."))
        return data


def _pk(row: Any) -> int | None:
    return row.pk if row else None


class HireForm(PlaceFields, PersonForm):
    """A new person with the first engagement and placement."""

    employee_number = text(_("Employee number"), required=False, max_length=40)
    field_order = (
        "name", "preferred_name", "email", "language", "employee_number", "job_role", "programme", "team", "lead",
        "first_day", "last_day",
    )  # fmt: skip

    def __init__(self, *args: Any, site: Site, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(site)

    def start(self) -> actions.Start:
        """What was typed about the engagement and the placement."""
        data = self.cleaned_data
        return actions.Start(
            job_role_id=data["job_role"].pk,
            first_day=data["first_day"],
            last_day=data["last_day"],
            employee_number=data["employee_number"],
            programme_id=_pk(data["programme"]),
            team_id=_pk(data["team"]),
            lead_id=_pk(data["lead"]),
        )


class PlacementForm(PlaceFields, DirectoryForm):
    """A placement at a site that is chosen already."""

    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=PlacementKind.choices,
        initial=PlacementKind.PRIMARY,
        help_text=_("A loan comes on top of the primary placement."),
    )
    field_order = ("kind", "job_role", "programme", "team", "lead", "first_day", "last_day")

    def __init__(self, *args: Any, site: Site, keep: Placement | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(site, keep)

    @staticmethod
    def initial_from(row: Placement) -> dict[str, Any]:
        """The placement's values by field name."""
        return {
            "kind": row.kind,
            "job_role": row.job_role_id,
            "programme": row.programme_id,
            "team": row.team_id,
            "lead": row.lead_id,
            "first_day": row.first_day,
            "last_day": row.last_day,
            "version": row.version,
        }

    def values(self) -> actions.PlacementValues:
        """What was typed."""
        data = self.cleaned_data
        return actions.PlacementValues(
            job_role_id=data["job_role"].pk,
            first_day=data["first_day"],
            last_day=data["last_day"],
            kind=data["kind"],
            programme_id=_pk(data["programme"]),
            team_id=_pk(data["team"]),
            lead_id=_pk(data["lead"]),
        )


class NewPlacementForm(PlacementForm):
    """A placement to be added, by a transfer for instance."""

    end_current = forms.BooleanField(
        label=_("End the current primary placement the day before"),
        required=False,
        help_text=_("For a transfer. Loans leave it as it is."),
    )


class TransferForm(PlaceFields, DirectoryForm):
    """Where somebody works from a day on; the placement before it ends the day before."""

    field_order: tuple[str, ...] = ("job_role", "programme", "team", "lead", "first_day", "last_day")

    def __init__(self, *args: Any, site: Site, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(site)

    def values(self) -> actions.PlacementValues:
        """What was typed: a primary placement."""
        data = self.cleaned_data
        return actions.PlacementValues(
            job_role_id=data["job_role"].pk,
            first_day=data["first_day"],
            last_day=data["last_day"],
            programme_id=_pk(data["programme"]),
            team_id=_pk(data["team"]),
            lead_id=_pk(data["lead"]),
        )


class RehireForm(TransferForm):
    """A new engagement of somebody known, with its placement."""

    employee_number = text(_("Employee number"), required=False, max_length=40)
    field_order = ("employee_number", *TransferForm.field_order)

    def start(self) -> actions.Start:
        """What was typed about the engagement and the placement."""
        values = self.values()
        return actions.Start(
            job_role_id=values.job_role_id,
            first_day=values.first_day,
            last_day=values.last_day,
            employee_number=self.cleaned_data["employee_number"],
            programme_id=values.programme_id,
            team_id=values.team_id,
            lead_id=values.lead_id,
        )


class LeaveForm(DirectoryForm):
    """Days on which somebody does not work."""

    kind = forms.ChoiceField(label=_("Kind"), choices=LeaveKind.choices)
    first_day = day(_("First day"))
    last_day = day(_("Last day"))

    def values(self) -> actions.LeaveValues:
        """What was typed."""
        data = self.cleaned_data
        return actions.LeaveValues(data["kind"], data["first_day"], data["last_day"])


class EngagementForm(DirectoryForm):
    """Who employs a person, and when."""

    employer = Choice(queryset=None, label=_("Employer"))
    employee_number = text(_("Employee number"), required=False, max_length=40)
    first_day = day(_("First day"))
    last_day = day(_("Last day"), required=False, hint=_("Empty: no end is known."))

    def __init__(self, *args: Any, actor: Actor, keep: Engagement | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        employers = queries.employers_for(actor)
        fields: dict[str, Any] = self.fields
        fields["employer"].queryset = queries.with_held(employers, keep.employer_id if keep else None)

    @staticmethod
    def initial_from(row: Engagement) -> dict[str, Any]:
        """The engagement's values by field name."""
        return {
            "employer": row.employer_id,
            "employee_number": row.employee_number,
            "first_day": row.first_day,
            "last_day": row.last_day,
            "version": row.version,
        }

    def values(self) -> actions.EngagementValues:
        """What was typed."""
        data = self.cleaned_data
        return actions.EngagementValues(
            employer_id=data["employer"].pk,
            first_day=data["first_day"],
            last_day=data["last_day"],
            employee_number=data["employee_number"],
        )


class EndForm(DirectoryForm):
    """The last day of an engagement."""

    last_day = day(_("Last day"), hint=_("Placements end with it. Later ones are withdrawn."))
    at_once = forms.BooleanField(
        label=_("End access now"),
        required=False,
        help_text=_("Otherwise sessions and memberships end when that day is over at the site."),
    )

    @staticmethod
    def initial_from(row: Engagement) -> dict[str, Any]:
        """The engagement's values by field name."""
        return {"last_day": row.last_day, "version": row.version}


class ExternalIdForm(DirectoryForm):
    """How another system calls a person."""

    source = forms.SlugField(
        label=_("Source"), max_length=40, help_text=_("The system, for instance hr-bluewave, telephony or idp.")
    )
    value = text(_("Id in that system"))

    def values(self) -> dict[str, str]:
        """What was typed."""
        return {"source": self.cleaned_data["source"], "value": self.cleaned_data["value"]}
