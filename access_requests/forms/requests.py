"""What the steps of a new request ask, and what the list of requests is narrowed by."""

from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.accounts.rules import Actor

from .. import queries
from ..choices import RequestKind, RequestState
from .intake import MOST_TEXT

if TYPE_CHECKING:
    from partners.models import Site

_EARLIEST, _LATEST = date(2000, 1, 1), date(2199, 12, 31)
KIND_HINTS = {
    RequestKind.JOINER: _("New agents starting work"),
    RequestKind.MOVER: _("Change team, role or site"),
    RequestKind.LEAVER: _("Access ends, usually today"),
    RequestKind.AD_HOC: _("One thing more, perhaps for a while"),
}
KIND_LABELS = {
    RequestKind.JOINER: _("Joiners"),
    RequestKind.MOVER: _("Movers"),
    RequestKind.LEAVER: _("Leavers"),
    RequestKind.AD_HOC: _("Single access"),
}


class SiteField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A choice of sites with their partners."""

    def label_from_instance(self, obj: Any) -> str:
        """The site and its partner."""
        return f"{obj.label} · {obj.partner.label}"


class StartForm(forms.Form):
    """The first step: what kind, and at which site."""

    kind = forms.ChoiceField(
        label=_("What is it about?"), choices=[(kind, kind) for kind in KIND_LABELS], initial=RequestKind.JOINER
    )
    site = SiteField(queryset=None, label=_("Site"), to_field_name="code", empty_label=None)
    person = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["site"].queryset = queries.sites_to_request(actor)

    @property
    def kinds(self) -> list[dict[str, Any]]:
        """The kinds as the page offers them."""
        chosen = self["kind"].value()
        return [
            {"value": kind, "label": KIND_LABELS[kind], "hint": KIND_HINTS[kind], "chosen": kind == chosen}
            for kind in KIND_LABELS
        ]


class PeopleForm(forms.Form):
    """The second step: whom, and when they begin or end. Times are those of the site."""

    day = forms.DateField(required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
                          input_formats=["%Y-%m-%d"])  # fmt: skip
    hour = forms.TimeField(required=False, widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
                           input_formats=["%H:%M", "%H:%M:%S"])  # fmt: skip
    q = forms.CharField(
        label=_("Search people of this site"), required=False, max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "class": "input", "autocomplete": "off"}),
    )  # fmt: skip
    list = forms.CharField(
        label=_("Paste the list"), required=False, max_length=MOST_TEXT, strip=False,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "class": "mono"}),
    )  # fmt: skip
    file = forms.FileField(label=_("Or upload a file"), required=False, allow_empty_file=True,
                           help_text=_("CSV or Excel (.xlsx), up to 5 MB."))  # fmt: skip

    def __init__(self, *args: Any, site: "Site", kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.site, self.kind = site, kind
        leaving = kind == RequestKind.LEAVER
        self.fields["day"].label = _("Day of the last shift") if leaving else _("Day of the first shift")
        self.fields["hour"].label = _("It ends at") if leaving else _("It begins at")
        self.fields["list"].help_text = _(
            "Copy rows from your spreadsheet, heading included. Columns: employee_no, name, email, external_id, first_shift. Others are passed over."
        )
        if kind == RequestKind.AD_HOC:
            del self.fields["day"], self.fields["hour"]

    def clean_day(self) -> date | None:
        """A day within reach, not before today for those who begin."""
        day: date | None = self.cleaned_data["day"]
        if day is not None and not _EARLIEST <= day <= _LATEST:
            raise forms.ValidationError(_("Choose a day nearer to today."))
        return day

    @property
    def shift_at(self) -> datetime | None:
        """The instant of the shift; None where the form does not say."""
        data = getattr(self, "cleaned_data", {})
        day, hour = data.get("day"), data.get("hour")
        if day is None:
            return None
        return datetime.combine(day, hour or time(9), ZoneInfo(self.site.time_zone))


class AccessForm(forms.Form):
    """The third step: what of the job's access is asked for, and what on top."""

    keep = forms.TypedMultipleChoiceField(required=False, coerce=int)
    extra = forms.TypedMultipleChoiceField(required=False, coerce=int)
    add = forms.TypedChoiceField(label=_("Add access"), required=False, coerce=int, empty_value=None)
    ends_on = forms.DateField(
        label=_("Until"), required=False, input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=_("For what you add. Leave it empty where access goes on."),
    )  # fmt: skip

    def __init__(self, *args: Any, offered: list[int], grouped: list[Any], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        ids = [pk for _group, options in grouped for pk, _label in options]
        fields["keep"].choices = [(pk, pk) for pk in offered]
        fields["extra"].choices = [(pk, pk) for pk in ids]
        fields["add"].choices = [("", _("Choose access to add")), *grouped]
        self.today = today

    def clean_ends_on(self) -> date | None:
        """A day to come."""
        day: date | None = self.cleaned_data["ends_on"]
        if day is not None and not self.today <= day <= _LATEST:
            raise forms.ValidationError(_("Choose today or later."))
        return day


class ReviewForm(forms.Form):
    """The last step: anything that whoever decides should know."""

    reason = forms.CharField(
        label=_("Reason"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What others should know about it. No customer data."),
    )  # fmt: skip


class LeaverForm(forms.Form):
    """A last shift, for one person."""

    day = forms.DateField(label=_("Day of the last shift"), input_formats=["%Y-%m-%d"],
                          widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))  # fmt: skip
    hour = forms.TimeField(label=_("It ends at"), input_formats=["%H:%M", "%H:%M:%S"],
                           widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}))  # fmt: skip
    reason = forms.CharField(label=_("Reason"), required=False, max_length=500)

    def clean_day(self) -> date:
        """A day within reach."""
        day: date = self.cleaned_data["day"]
        if not _EARLIEST <= day <= _LATEST:
            raise forms.ValidationError(_("Choose a day nearer to today."))
        return day


class RequestFilter(forms.Form):
    """What the list of requests is narrowed by."""

    q = forms.CharField(
        label=_("Search people"), required=False, max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "class": "input", "placeholder": _("Name, number or reference")}),
    )  # fmt: skip
    site = SiteField(queryset=None, required=False, label=_("Site"), to_field_name="code", empty_label=_("All sites"),
                     widget=forms.Select(attrs={"class": "input"}))  # fmt: skip
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("All kinds")), *RequestKind.choices],
                             widget=forms.Select(attrs={"class": "input"}))  # fmt: skip
    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("All states")), *RequestState.choices],
                              widget=forms.Select(attrs={"class": "input"}))  # fmt: skip

    def __init__(self, *args: Any, sites: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["site"].queryset = sites

    def clean_q(self) -> str:
        """The text; what is not text finds nothing but says so."""
        return str(self.cleaned_data["q"]).strip()
