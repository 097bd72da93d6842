"""Forms of series of meetings."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.accounts.forms import time_zones
from portal.accounts.rules import Actor
from portal.ui.forms import choose

from ..actions.series import Terms
from ..choices import EngagementKind
from ..models import Series
from ..queries import meetings as queries
from ..rules import recurrence
from ..wording.rhythms import RHYTHMS
from .meetings import AboutMixin, CommonForm


class SeriesForm(CommonForm):
    """What meetings of a series have in common."""

    last_day = forms.DateField(
        label=_("Last day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("At most two years after the first."),
        error_messages={"required": _("A series needs an end: choose a last day, at most two years after the first.")},
    )  # fmt: skip
    field_order: tuple[str, ...] = (
        "kind",
        "about",
        "title",
        "rhythm",
        "first_day",
        "last_day",
        "at",
        "minutes",
        "time_zone",
        "place",
        "attendees",
    )

    #: The first day of the series that is changed.
    begun: date | None = None

    @staticmethod
    def initial_from(row: Series) -> dict[str, Any]:
        """The series' values by field name."""
        names = ("version", "title", "last_day", "at", "minutes", "place")
        return {
            **{name: getattr(row, name) for name in names},
            "attendees": list(row.members.values_list("user_id", flat=True)),
            "rhythm": recurrence.rhythm_of(row.rule, row.first_day) or "", "next_day": queries.next_day(row),
        }  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """The end is after the beginning, and in sight."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        first, last = data.get("first_day") or self.begun, data.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", _("The last day is before the first."))
        elif first and last and (last - first).days > recurrence.LONGEST:
            self.add_error("last_day", _("A series ends at most two years after its first day."))
        return data

    def terms(self) -> Terms:
        """What was typed."""
        data = self.cleaned_data
        return Terms(
            title=data["title"], last_day=data["last_day"], at=data["at"], minutes=data["minutes"], place=data["place"],
            user_ids=data.get("attendees", ()),
        )  # fmt: skip


class NewSeriesForm(AboutMixin, SeriesForm):
    """A series that is not there yet: of which kind, about what, how often, from when."""

    kind = forms.ChoiceField(label=_("Kind of meeting"), choices=EngagementKind.choices)
    about = forms.ChoiceField(label=_("About"))
    rhythm = forms.ChoiceField(label=_("Repeats"), choices=list(RHYTHMS.items()))
    first_day = forms.DateField(label=_("First day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=time_zones, help_text=_("As a rule that of the site."))

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer_places(actor)

    def clean_first_day(self) -> date:
        """Not long gone, and not far off."""
        day: date = self.cleaned_data["first_day"]
        if not -timedelta(days=1) <= day - timezone.localdate() <= timedelta(days=366):
            raise forms.ValidationError(_("Choose a day from today on, within a year."))
        return day


class SeriesChangeForm(SeriesForm):
    """A series that is there: what its meetings have in common, and from which day on they come otherwise."""

    rhythm = forms.ChoiceField(label=_("Repeats"), choices=list(RHYTHMS.items()))
    next_day = forms.DateField(
        label=_("Next on"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("For another weekday or rhythm: the day of the first meeting in it. Those from that week or month on move; people are told."),
    )  # fmt: skip
    field_order = ("title", "rhythm", "next_day", "last_day", "at", "minutes", "place", "attendees")

    def __init__(self, *args: Any, row: Series, **kwargs: Any) -> None:
        super().__init__(*args, initial=self.initial_from(row), **kwargs)
        self.begun = row.first_day
        if not self.initial["rhythm"]:
            # A rule that no rhythm says stays unless another is chosen.
            self.fields["rhythm"].required = False
            choose(self, "rhythm", [("", _("As it is")), *RHYTHMS.items()])

    def clean(self) -> dict[str, Any]:
        """Another rhythm begins on some day."""
        data = super().clean()
        if data.get("rhythm") != self.initial["rhythm"] and not data.get("next_day") and "next_day" not in self.errors:
            self.add_error("next_day", _("Say on which day the new rhythm begins."))
        return data

    def terms(self) -> Terms:
        """What was typed."""
        data = self.cleaned_data
        return replace(super().terms(), rhythm=data["rhythm"], next_day=data["next_day"])
