"""Forms of meetings, and of what is typed while one runs."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.accounts.forms import time_zones
from portal.accounts.rules import Actor
from portal.notifications.rules import zone_or_utc
from portal.ui.forms import choose

from ..actions.meetings import Plan
from ..choices import EngagementKind, Scope
from ..models import Engagement
from ..queries import meetings as queries
from ..rules import recurrence
from ..rules.standing import Place
from .base import VersionedForm

_MOST_GUESTS: Final = 50
_YEARS: Final = timedelta(days=5 * 366)


class CommonForm(VersionedForm):
    """What meetings and series are asked alike."""

    title = forms.CharField(label=_("Title"), max_length=120)
    at = forms.TimeField(
        label=_("Time"), initial="10:00", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    minutes = forms.IntegerField(label=_("Minutes"), min_value=5, max_value=1440, initial=60)
    place = forms.CharField(label=_("Place or link"), max_length=400, required=False)
    attendees = forms.TypedMultipleChoiceField(
        label=_("Who comes"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("Those who may see this meeting. They are sent an invitation."),
    )  # fmt: skip

    def __init__(
        self, *args: Any, about: Place | None = None, kept: Mapping[int, str] | None = None, **kwargs: Any
    ) -> None:
        """`about`: what it is about, None as long as that is not chosen. `kept`: people that may stay."""
        super().__init__(*args, **kwargs)
        if about is None:
            del self.fields["attendees"]
        else:
            offered = queries.invitable(about) | dict(kept or {})
            choose(self, "attendees", sorted(offered.items(), key=lambda one: one[1].lower()))


class MeetingForm(CommonForm):
    """A meeting: when, where, who comes."""

    kind = forms.ChoiceField(label=_("Kind of meeting"), choices=EngagementKind.choices)
    day = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=time_zones, help_text=_("As a rule that of the site."))
    guests = forms.CharField(
        label=_("Guests"), required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("People without an account, a name a line. They are sent nothing."),
    )  # fmt: skip
    field_order = ("kind", "about", "title", "day", "at", "minutes", "time_zone", "place", "attendees", "guests")

    @staticmethod
    def initial_from(row: Engagement) -> dict[str, Any]:
        """The meeting's values by field name."""
        begins = row.starts_at.astimezone(zone_or_utc(row.time_zone))
        asked = queries.attendees_of(row)
        return {
            "version": row.version, "kind": row.kind, "title": row.title, "day": begins.date(), "at": begins.time(),
            "minutes": int((row.ends_at - row.starts_at).total_seconds() // 60), "time_zone": row.time_zone, "place": row.place,
            "attendees": [one.user_id for one in asked if one.user_id], "guests": "\n".join(one.guest for one in asked if one.guest),
        }  # fmt: skip

    def clean_day(self) -> date:
        """A day that a calendar has."""
        day: date = self.cleaned_data["day"]
        if abs(day - timezone.localdate()) > _YEARS:
            raise forms.ValidationError(_("Choose a day within five years."))
        return day

    def clean_guests(self) -> list[str]:
        """Names, one a line."""
        names = [line.strip() for line in self.cleaned_data["guests"].splitlines() if line.strip()]
        if len(names) > _MOST_GUESTS or any(len(name) > 120 for name in names):
            raise forms.ValidationError(_("At most 50 guests, with names of up to 120 characters."))
        return names

    @property
    def chosen_zone(self) -> str:
        """In which the hour is meant."""
        return str(self.cleaned_data["time_zone"])

    def plan(self) -> Plan:
        """What was typed."""
        data = self.cleaned_data
        starts_at = recurrence.instant(data["day"], data["at"], zone_or_utc(self.chosen_zone))
        return Plan(
            kind=data["kind"], title=data["title"], starts_at=starts_at, ends_at=starts_at + timedelta(minutes=data["minutes"]),
            time_zone=self.chosen_zone, place=data["place"], user_ids=data.get("attendees", ()), guests=data["guests"],
        )  # fmt: skip


class AboutMixin(forms.BaseForm):
    """Chooses what a new meeting or series is about, among what the actor runs."""

    def offer_places(self, actor: Actor) -> None:
        """Fill in the places."""
        self._places: dict[str, Place] = {}
        found = queries.sites_to_run(actor)
        self._zones = {one.pk: one.time_zone for one in found}
        self.fields["time_zone"] = forms.ChoiceField(
            label=_("Time zone"), choices=[("", _("That of the site")), *time_zones()], required=False,
            help_text=_("About more than one site: yours, unless you choose one."),
        )  # fmt: skip
        sites = [self._add(f"site-{one.code}", Place(one.pk, one.partner_id), one.label) for one in found]
        partners = [
            self._add(f"partner-{one.code}", Place(None, one.pk), one.label) for one in queries.partners_to_run(actor)
        ]
        network = [self._add("network", Place(), str(Scope.NETWORK.label))] if queries.may_run_network(actor) else []
        groups = [(_("Sites"), sites), (_("Partners"), partners), (Scope.NETWORK.label, network)]
        choose(self, "about", [(label, rows) for label, rows in groups if rows])

    @property
    def chosen(self) -> Place:
        """What it is about."""
        return self._places[self.cleaned_data["about"]]

    @property
    def chosen_zone(self) -> str:
        """The one that was chosen, else that of the site, else the reader's."""
        own = self._zones.get(self.chosen.site_id or 0) or timezone.get_current_timezone_name()
        return self.cleaned_data["time_zone"] or own

    def _add(self, key: str, place: Place, label: str) -> tuple[str, str]:
        self._places[key] = place
        return key, label


class NewMeetingForm(AboutMixin, MeetingForm):
    """A meeting that is not there yet. Who comes is chosen once it stands."""

    about = forms.ChoiceField(label=_("About"))

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer_places(actor)


class CancelForm(forms.Form):
    """Why a meeting is called off."""

    reason = forms.CharField(label=_("Reason"), max_length=400, help_text=_("Those invited read it."))


class TopicForm(forms.Form):
    """A point of the agenda."""

    title = forms.CharField(label=_("Topic"), max_length=200)


class DecisionForm(forms.Form):
    """What was decided."""

    text = forms.CharField(label=_("What was decided"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))


class NotesForm(forms.Form):
    """The notes on a point as somebody has them, and the version they began from."""

    base = forms.IntegerField(min_value=0, max_value=2**31 - 1)
    text = forms.CharField(max_length=20000, required=False, strip=False)


class ListForm(forms.Form):
    """What a list of meetings is narrowed to."""

    when = forms.ChoiceField(choices=[("upcoming", _("Upcoming")), ("past", _("Past"))], required=False)
    kind = forms.ChoiceField(
        label=_("Kind of meeting"), choices=[("", _("All kinds")), *EngagementKind.choices], required=False
    )
    site = forms.ChoiceField(label=_("Site"), required=False)

    def __init__(self, *args: Any, sites: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose(self, "site", [("", _("All sites")), *sites])

    def chosen(self) -> dict[str, str]:
        """What was chosen, but for what is no choice."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}
